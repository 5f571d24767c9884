/** A database as a program knows it: tables, columns and what the schema says of them (RFC 7047 §3.2). */
import type { TableColumns } from './row.ts';

/** What a <table-schema> says beside its columns. */
export interface TableRules {
  /** Rows of other tables vanish when nothing refers to them any more. */
  readonly isRoot?: boolean;
  readonly maxRows?: number;
  /** Each a list of columns whose values together are of one row only. */
  readonly indexes?: readonly (readonly string[])[];
}

export type AnyTables = Readonly<Record<string, TableColumns>>;

export interface DatabaseDefinition<T extends AnyTables = AnyTables> {
  readonly name: string;
  /** Of the schema that it was made from. */
  readonly version?: string;
  readonly tables: T;
  /** By table; one that is not here has no rules. */
  readonly rules?: { readonly [N in keyof T]?: TableRules };
}

/** Freezes a definition; `scripts/ovsdb-schema.ts` writes them from schema files. */
export function defineDatabase<const T extends AnyTables>(
  definition: DatabaseDefinition<T>,
): Required<DatabaseDefinition<T>> {
  const { name, version = '', tables, rules = {} } = definition;
  for (const columns of Object.values(tables)) Object.freeze(columns);
  for (const rule of Object.values<TableRules | undefined>(rules)) {
    for (const columns of rule?.indexes ?? []) Object.freeze(columns);
    Object.freeze(rule?.indexes);
    Object.freeze(rule);
  }
  return Object.freeze({ name, version, tables: Object.freeze(tables), rules: Object.freeze(rules) });
}
