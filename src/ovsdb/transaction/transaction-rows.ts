/** The rows of a transaction: of the replica's snapshot and inserted, found by UUID, by values or by a function. */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { type AnyColumnValue, type ColumnValue, sameValue } from '../../../proto/ovsdb/column.ts';
import type { ColumnType } from '../../../proto/ovsdb/column-type.ts';
import type { AnyTables, DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import type { AnyRow, RowOf, TableColumns } from '../../../proto/ovsdb/row.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { Absence } from './transaction-operations.ts';
import { createTransactionRow, type TransactionRow } from './transaction-row.ts';

/** Which rows: those with these values, or those that a function accepts. */
export type Where<C> = { readonly [N in keyof C]?: ColumnValue<C[N]> } | ((row: RowOf<C>) => boolean);

/** Rows of the snapshot by what is in a column. */
export type Lookup = (table: string, column: string, value: Atom) => readonly AnyRow[];

export interface TransactionRows {
  /** Every row that was read or written. */
  all(): TransactionRow[];
  /** Values that were looked for and that no row of the snapshot has. */
  readonly absences: readonly Absence[];
  /** Throws where the program knows no such table. */
  columnsOf(table: string): TableColumns;
  locate(uuid: string): TransactionRow | undefined;
  search(table: string, where: Where<TableColumns> | undefined): Generator<TransactionRow>;
  /** A row that is inserted. */
  add(row: TransactionRow): void;
  /** A row that is inserted has other values now. */
  index(row: TransactionRow): void;
}

/** With `lookup`, rows are found by the columns of the schema's indexes without looking at all of them. */
export function createTransactionRows<T extends AnyTables>(
  definition: DatabaseDefinition<T>,
  snapshot: Snapshot<T>,
  lookup: Lookup | undefined,
): TransactionRows {
  const tables: AnyTables = definition.tables;
  const shown: Readonly<Record<string, ReadonlyMap<string, AnyRow> | undefined>> = snapshot;
  const rows = new Map<string, TransactionRow>();
  const inserted = new Map<string, TransactionRow[]>();
  /** The same by the values that an index is of; those that a row no longer has included. */
  const byValue = new Map<string, Set<TransactionRow>>();
  /** By table: rows of the snapshot that were read or written here. */
  const touched = new Map<string, TransactionRow[]>();
  const absences: Absence[] = [];

  function columnsOf(table: string): TableColumns {
    const columns = Object.hasOwn(tables, table) ? tables[table] : undefined;
    if (columns === undefined) throw new TypeError(`${definition.name} has no table ${table} that this program knows`);
    return columns;
  }

  function touch(table: string, base: AnyRow): TransactionRow {
    const known = rows.get(base._uuid);
    if (known !== undefined) return known;
    const row = createTransactionRow(table, columnsOf(table), base._uuid, base);
    rows.set(base._uuid, row);
    const others = touched.get(table);
    if (others === undefined) touched.set(table, [row]);
    else others.push(row);
    return row;
  }

  /** Columns of a table that rows are found by. */
  function indexed(table: string): string[] {
    const indexes = definition.rules?.[table]?.indexes ?? [];
    return indexes.flatMap(([column, ...more]) => (column === undefined || more.length > 0 ? [] : [column]));
  }

  /** Rows that may be what is looked for: of the snapshot, and inserted here. */
  function candidates(
    table: string,
    where: Where<TableColumns> | undefined,
  ): [Iterable<AnyRow>, Iterable<TransactionRow>] {
    for (const column of typeof where === 'object' && lookup !== undefined ? indexed(table) : []) {
      const value = (where as AnyValues)[column];
      if (value === undefined || typeof value === 'object') continue;
      const found = new Set(lookup?.(table, column, value));
      // A row that was written to may have got the value here.
      for (const row of touched.get(table) ?? [])
        if (row.base !== undefined && row.edits.has(column)) found.add(row.base);
      return [found, byValue.get(keyOf(table, column, value)) ?? []];
    }
    return [shown[table]?.values() ?? [], inserted.get(table) ?? []];
  }

  function index(row: TransactionRow): void {
    for (const column of indexed(row.table)) {
      const key = keyOf(row.table, column, row.value(column));
      const others = byValue.get(key);
      if (others === undefined) byValue.set(key, new Set([row]));
      else others.add(row);
    }
  }

  function locate(uuid: string): TransactionRow | undefined {
    const known = rows.get(uuid);
    if (known !== undefined) return known;
    for (const table of Object.keys(tables)) {
      const base = shown[table]?.get(uuid);
      if (base !== undefined) return touch(table, base);
    }
    return undefined;
  }

  function* search(table: string, where: Where<TableColumns> | undefined): Generator<TransactionRow> {
    const columns = columnsOf(table);
    if (typeof where === 'object') for (const name of Object.keys(where)) columnType(table, columns, name);
    const accept = matcher(where);
    const byValues = typeof where !== 'function';
    let there = false;
    const [bases, added] = candidates(table, where);
    for (const base of bases) {
      const row = rows.get(base._uuid);
      there ||= byValues && accept(base) !== undefined;
      const read = row?.deleted === true ? undefined : accept(row?.row ?? base, row);
      if (read === undefined) continue;
      const found = row ?? touch(table, base);
      found.read(read);
      yield found;
    }
    for (const row of added) {
      if (!row.deleted && accept(row.row, row) !== undefined) yield row;
    }
    if (byValues && !there) absences.push({ table, columns, values: where ?? {} });
  }

  return {
    absences,
    columnsOf,
    locate,
    search,
    index,
    all: () => [...rows.values()],
    add(row) {
      rows.set(row.uuid, row);
      const others = inserted.get(row.table);
      if (others === undefined) inserted.set(row.table, [row]);
      else others.push(row);
      index(row);
    },
  };
}

const keyOf = (table: string, column: string, value: AnyColumnValue) => `${table} ${column} ${String(value)}`;
type AnyValues = Readonly<Record<string, AnyColumnValue>>;

/** Throws where a table has no such column. */
export function columnType(table: string, columns: TableColumns, name: string): ColumnType {
  const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (type === undefined) throw new TypeError(`${table} has no column ${name} that this program knows`);
  return type;
}

/** Says of a row that is looked for which of its columns were looked at. */
type Matcher = (row: AnyRow, of?: TransactionRow) => Iterable<string> | undefined;

function matcher(where: Where<TableColumns> | undefined): Matcher {
  if (where === undefined) return () => [];
  if (typeof where === 'object') {
    const wanted = Object.entries(where);
    const names = Object.keys(where);
    const fits: Matcher = (row, of) =>
      wanted.every(([name, value]) => sameValue(of === undefined ? row[name] : of.value(name), value))
        ? names
        : undefined;
    return fits;
  }
  return (row) => {
    const read = new Set<string>();
    const watched = new Proxy(row, {
      get(target, name) {
        if (typeof name === 'string') read.add(name);
        return Reflect.get(target, name);
      },
    });
    return where(watched as RowOf<TableColumns>) ? read : undefined;
  };
}
