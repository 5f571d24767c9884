/** A transaction in the making: reads see its own writes, rows are referred to by themselves (RFC 7047 §5.2). Nothing is sent here. */
import { randomUUID } from 'node:crypto';
import type { AnyColumnValue } from '../../../proto/ovsdb/column.ts';
import { type ColumnType, formatColumnType } from '../../../proto/ovsdb/column-type.ts';
import type { AnyTables, DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import type { RowOf, RowReference, TableColumns } from '../../../proto/ovsdb/row.ts';
import type { Snapshot } from '../replica/replica.ts';
import type { TransactionContents } from './transaction-operations.ts';
import { createTransactionRow, type TransactionRow } from './transaction-row.ts';
import { columnType, createTransactionRows, type Lookup, type Where } from './transaction-rows.ts';
import {
  type KeyWritten,
  type MapValueWritten,
  type RowWritten,
  readColumn,
  readKey,
  readMapValue,
} from './transaction-value.ts';

type ColumnsOf<C, Kind extends ColumnType['kind']> = {
  [N in keyof C]: C[N] extends { kind: Kind } ? N : never;
}[keyof C] &
  string;
type NumberColumns<C> = {
  [N in keyof C]: C[N] extends { kind: 'scalar'; key: 'integer' | 'real' } ? N : never;
}[keyof C] &
  string;

/**
 * Reads show the replica with what was written here before. A row stays the same object and shows later writes, too.
 * Where a reading was decided on, `verify` it: the transaction is then only carried out if it is still so. A column that was
 * read and is then given a new value by `update` is verified without asking, as is that `find` by values found nothing
 * where a row of that table is inserted.
 */
export interface Transaction<T extends AnyTables> {
  get<N extends keyof T & string>(table: N, uuid: string): RowOf<T[N]> | undefined;
  find<N extends keyof T & string>(table: N, where: Where<T[N]>): RowOf<T[N]> | undefined;
  findAll<N extends keyof T & string>(table: N, where?: Where<T[N]>): RowOf<T[N]>[];
  /** The new row. Where its table is no root, it is kept only if another row refers to it. */
  insert<N extends keyof T & string>(table: N, columns: RowWritten<T, T[N]>): RowOf<T[N]>;
  update<C extends TableColumns>(row: RowReference<C>, columns: RowWritten<T, C>): void;
  /** Adds elements to a set, whatever else is in it by then. */
  add<C extends TableColumns, N extends ColumnsOf<C, 'set'>>(
    row: RowReference<C>,
    column: N,
    ...elements: KeyWritten<T, C[N]>[]
  ): void;
  remove<C extends TableColumns, N extends ColumnsOf<C, 'set'>>(
    row: RowReference<C>,
    column: N,
    ...elements: KeyWritten<T, C[N]>[]
  ): void;
  /** Sets one key of a map, whatever else is in it by then. */
  set<C extends TableColumns, N extends ColumnsOf<C, 'map'>>(
    row: RowReference<C>,
    column: N,
    key: KeyWritten<T, C[N]>,
    value: MapValueWritten<T, C[N]>,
  ): void;
  unset<C extends TableColumns, N extends ColumnsOf<C, 'map'>>(
    row: RowReference<C>,
    column: N,
    ...keys: KeyWritten<T, C[N]>[]
  ): void;
  /** Adds to a number, whatever it is by then. */
  increment<C extends TableColumns, N extends NumberColumns<C>>(row: RowReference<C>, column: N, by?: number): void;
  /** The server refuses to delete a row that others refer to: remove it from those, and rows of most tables go by themselves. */
  delete(row: RowReference): void;
  /** These columns must be as they were read; without any: the row must still be there. */
  verify<C extends TableColumns>(row: RowReference<C>, ...columns: (keyof C & string)[]): void;
  /** Goes into the database's log (`ovsdb-tool show-log`). */
  comment(text: string): void;
  /** This connection must hold the lock (RFC 7047 §5.2.10). */
  assert(lock: string): void;
}

type ColumnKinds = 'set' | 'map' | 'number';

export interface OpenTransaction<T extends AnyTables> {
  transaction: Transaction<T>;
  contents: TransactionContents;
  /** No more writes: what is decided now is what is sent. */
  close(): void;
}

/** With `lookup`, rows are found by the columns of the schema's indexes without looking at all of them. */
export function openTransaction<T extends AnyTables>(
  definition: DatabaseDefinition<T>,
  snapshot: Snapshot<T>,
  lookup?: Lookup,
): OpenTransaction<T> {
  const rows = createTransactionRows(definition, snapshot, lookup);
  const comments: string[] = [];
  const locks: string[] = [];
  let open = true;

  /** The row that an object stands for, to be referred to. */
  function refer(object: object, table: string | undefined, path: string): string {
    const row = existing(object as RowReference, path);
    if (table !== undefined && row.table !== table) {
      throw new TypeError(`${path}: a row of ${table} was expected, found one of ${row.table}`);
    }
    return row.uuid;
  }

  function existing({ _uuid }: RowReference, path: string): TransactionRow {
    const row = rows.locate(_uuid);
    if (row === undefined || row.deleted) {
      const why = row === undefined ? 'is not in the replica' : 'was deleted by this transaction';
      throw new TypeError(`${path}: row ${_uuid} ${why}`);
    }
    return row;
  }

  function writable(reference: RowReference, what: string): TransactionRow {
    if (!open) throw new TypeError(`${what}: this transaction is over; transact calls the function again for the next`);
    return existing(reference, what);
  }

  function column(row: TransactionRow, name: string, kinds?: ColumnKinds): [type: ColumnType, path: string] {
    const type = columnType(row.table, row.columns, name);
    const path = `${row.table}.${name}`;
    const numeric = type.kind === 'scalar' && (type.key === 'integer' || type.key === 'real');
    if (kinds !== undefined && type.kind !== kinds && !(kinds === 'number' && numeric)) {
      throw new TypeError(`${path} is no ${kinds} but ${formatColumnType(type)}`);
    }
    if (!type.mutable && row.base !== undefined) throw new TypeError(`${path} is only set when a row is inserted`);
    return [type, path];
  }

  function editElements(
    reference: RowReference,
    kind: 'set' | 'map',
    name: string,
    keys: readonly unknown[],
    value: true | undefined,
  ): void {
    const row = writable(reference, name);
    const [type, path] = column(row, name, kind);
    row.edit(name, new Map(keys.map((key) => [readKey(type, key, path, refer), value])));
  }

  const transaction: Transaction<AnyTables> = {
    get(table, uuid) {
      rows.columnsOf(table);
      const row = rows.locate(uuid);
      return row === undefined || row.deleted || row.table !== table ? undefined : row.row;
    },
    find(table, where) {
      for (const row of rows.search(table, where as Where<TableColumns>)) return row.row;
      return undefined;
    },
    findAll: (table, where) => Array.from(rows.search(table, where as Where<TableColumns>), (found) => found.row),
    insert(table, columns) {
      if (!open) throw new TypeError(`insert ${table}: this transaction is over`);
      const row = createTransactionRow(table, rows.columnsOf(table), randomUUID(), undefined);
      for (const [name, value] of Object.entries(columns)) {
        const [type, path] = column(row, name);
        row.write(name, readColumn(type, value, path, refer));
      }
      rows.add(row);
      return row.row;
    },
    update(reference, columns) {
      const row = writable(reference, 'update');
      const read = Object.entries(columns).map(([name, value]): [string, AnyColumnValue] => {
        const [type, path] = column(row, name);
        return [name, readColumn(type, value, path, refer)];
      });
      for (const [name, value] of read) row.write(name, value);
      if (row.base === undefined) rows.index(row);
    },
    add: (row, name, ...elements) => editElements(row, 'set', name, elements, true),
    remove: (row, name, ...elements) => editElements(row, 'set', name, elements, undefined),
    set(reference, name, key, value) {
      const row = writable(reference, name);
      const [type, path] = column(row, name, 'map');
      row.edit(name, new Map([[readKey(type, key, path, refer), readMapValue(type, value, path, refer)]]));
    },
    unset: (row, name, ...keys) => editElements(row, 'map', name, keys, undefined),
    increment(reference, name, by = 1) {
      const row = writable(reference, name);
      const [type, path] = column(row, name, 'number');
      if (!(type.key === 'integer' ? Number.isSafeInteger(by) : Number.isFinite(by))) {
        throw new TypeError(`${path}: ${type.key} expected, found ${by}`);
      }
      row.increment(name, by);
    },
    delete: (reference) => writable(reference, 'delete').delete(),
    verify(reference, ...columns) {
      const row = writable(reference, 'verify');
      for (const name of columns) columnType(row.table, row.columns, name);
      row.verify(columns.length === 0 ? ['_uuid'] : columns);
    },
    comment(text) {
      comments.push(text);
    },
    assert(lock) {
      if (!locks.includes(lock)) locks.push(lock);
    },
  };

  return {
    // Every method takes its tables' names and rows as the types say; inside they are plain.
    transaction: transaction as unknown as Transaction<T>,
    contents: {
      get rows() {
        return rows.all();
      },
      absences: rows.absences,
      comments,
      locks,
    },
    close() {
      open = false;
    },
  };
}
