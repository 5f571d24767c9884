/** Part of a database: the tables and columns that a program wants to hold, their types following. */
import type { AnyTables, DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import type { TableColumns } from '../../../proto/ovsdb/row.ts';

/** By table: the columns, or true for all of them. A table that is not named is left out. */
export type Selection<T> = { readonly [N in keyof T]?: true | readonly (keyof T[N] & string)[] };
export type Selected<T, S> = {
  readonly [N in keyof T & keyof S]: S[N] extends readonly (infer C)[] ? Pick<T[N], C & keyof T[N]> : T[N];
};

/** By table: the columns to leave out, or true for the whole table. */
export type Omission<T> = { readonly [N in keyof T]?: true | readonly (keyof T[N] & string)[] };
export type Omitted<T, O> = {
  readonly [N in keyof T as N extends keyof O ? (O[N] extends true ? never : N) : N]: N extends keyof O
    ? O[N] extends readonly (infer C)[]
      ? Omit<T[N], C & string>
      : T[N]
    : T[N];
};

/** Only these tables and columns: `selectColumns(vswitch, { Interface: ['name', 'ofport'] })`. */
export function selectColumns<T extends AnyTables, const S extends Selection<T>>(
  definition: DatabaseDefinition<T>,
  selection: S,
): DatabaseDefinition<Selected<T, S>> {
  return part(definition, selection, (table) => {
    const wanted = selection[table];
    return wanted === undefined ? [] : wanted === true ? Object.keys(definition.tables[table] ?? {}) : wanted;
  });
}

/** All but these: `omitColumns(vswitch, { Interface: ['statistics'], Mirror: true })`. */
export function omitColumns<T extends AnyTables, const O extends Omission<T>>(
  definition: DatabaseDefinition<T>,
  omission: O,
): DatabaseDefinition<Omitted<T, O>> {
  return part(definition, omission, (table) => {
    const unwanted = omission[table];
    if (unwanted === true) return [];
    return Object.keys(definition.tables[table] ?? {}).filter((name) => unwanted?.includes(name) !== true);
  });
}

function part<T extends AnyTables, P extends AnyTables>(
  definition: DatabaseDefinition<T>,
  named: Selection<T>,
  columnsOf: (table: string) => readonly string[],
): DatabaseDefinition<P> {
  const whole: AnyTables = definition.tables;
  for (const [table, names] of Object.entries<true | readonly string[] | undefined>(named)) {
    const columns = Object.hasOwn(whole, table) ? whole[table] : undefined;
    if (columns === undefined) throw new TypeError(`${definition.name} has no table "${table}"`);
    for (const name of names === true ? [] : (names ?? [])) {
      if (!Object.hasOwn(columns, name)) throw new TypeError(`table ${table} has no column "${name}"`);
    }
  }
  const tables: Record<string, TableColumns> = {};
  for (const [table, columns] of Object.entries(whole)) {
    const names = columnsOf(table);
    if (names.length > 0) tables[table] = Object.fromEntries(names.map((name) => [name, columns[name]!]));
  }
  return { ...definition, tables: tables as P } as unknown as DatabaseDefinition<P>;
}
