/** One row within a transaction: as the replica had it, what is written to it, and how it reads with that (RFC 7047 §5.2). */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { type AnyColumnValue, defaultValue, sameValue } from '../../../proto/ovsdb/column.ts';
import type { ColumnType } from '../../../proto/ovsdb/column-type.ts';
import type { AnyRow, TableColumns } from '../../../proto/ovsdb/row.ts';

/** An element of a set (then the value is true) or a key of a map; undefined: it is taken out. */
export type Elements = ReadonlyMap<Atom, Atom | undefined>;

/** What is written to a column: all of it, only the elements that are named, or so much more than there is. */
export type Edit =
  | { kind: 'value' }
  | { kind: 'elements'; elements: Map<Atom, Atom | undefined> }
  | { kind: 'increment'; by: number };

export interface TransactionRow {
  readonly table: string;
  readonly columns: TableColumns;
  /** Of a row that is inserted the one that it is to have. */
  readonly uuid: string;
  /** As the replica had it when this row was first touched; undefined: inserted by this transaction. */
  readonly base: AnyRow | undefined;
  /** What the caller holds: reads with the writes made, notes what was read, cannot be assigned to. */
  readonly row: AnyRow;
  readonly edits: ReadonlyMap<string, Edit>;
  /** Columns that must be as in `base` for the transaction to be carried out. */
  readonly verified: ReadonlySet<string>;
  readonly deleted: boolean;
  /** A column with the writes made. */
  value(column: string): AnyColumnValue;
  write(column: string, value: AnyColumnValue): void;
  edit(column: string, elements: Elements): void;
  increment(column: string, by: number): void;
  verify(columns: Iterable<string>): void;
  /** The columns were read, and may have been decided on. */
  read(columns: Iterable<string>): void;
  delete(): void;
  /** The server gave the rows that were inserted other UUIDs than they were to have. */
  rename(uuids: ReadonlyMap<string, string>): void;
}

export function createTransactionRow(
  table: string,
  columns: TableColumns,
  uuid: string,
  base: AnyRow | undefined,
): TransactionRow {
  const values: Record<string, AnyColumnValue> & { _uuid: string } = { ...(base ?? defaults(columns)), _uuid: uuid };
  /** Elements that are in `edits` and not yet in `values`: a thousand ports are added without a thousand copies. */
  const pending = new Map<string, Map<Atom, Atom | undefined>>();
  const edits = new Map<string, Edit>();
  const verified = new Set<string>();
  const seen = new Set<string>();
  let deleted = false;

  function value(column: string): AnyColumnValue {
    const elements = pending.get(column);
    if (elements !== undefined) {
      pending.delete(column);
      values[column] = withElements(values[column], elements);
    }
    return values[column];
  }

  const row = new Proxy<AnyRow>(values, {
    get(_, column) {
      if (typeof column === 'symbol') return Reflect.get(values, column);
      // A value that this transaction gave says nothing about the database.
      if (edits.get(column)?.kind !== 'value') seen.add(column);
      return value(column);
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });

  function refuse(_: AnyRow, column: string | symbol): never {
    throw new TypeError(
      `${table}.${String(column)}: a row is not assigned to; use the transaction's update, add, remove, set or unset`,
    );
  }

  function verify(names: Iterable<string>): void {
    if (base === undefined) return;
    for (const name of names) verified.add(name);
  }

  return {
    table,
    columns,
    uuid,
    base,
    row,
    edits,
    verified,
    get deleted() {
      return deleted;
    },
    value,
    verify,
    read(names) {
      for (const name of names) seen.add(name);
    },
    write(column, next) {
      // Read, then written: the new value may come from the old one.
      if (seen.has(column)) verify([column]);
      pending.delete(column);
      values[column] = next;
      edits.set(column, { kind: 'value' });
    },
    edit(column, elements) {
      const known = edits.get(column);
      if (base !== undefined && known?.kind !== 'value') {
        const touched = known?.kind === 'elements' ? known.elements : new Map();
        for (const [element, to] of elements) touched.set(element, to);
        edits.set(column, { kind: 'elements', elements: touched });
      } else edits.set(column, { kind: 'value' });
      const waiting = pending.get(column) ?? new Map<Atom, Atom | undefined>();
      for (const [element, to] of elements) waiting.set(element, to);
      pending.set(column, waiting);
    },
    increment(column, by) {
      const known = edits.get(column);
      values[column] = sum(value(column), by);
      if (base === undefined || known?.kind === 'value') edits.set(column, { kind: 'value' });
      else edits.set(column, { kind: 'increment', by: by + (known?.kind === 'increment' ? known.by : 0) });
    },
    delete() {
      deleted = true;
    },
    rename(uuids) {
      values._uuid = uuids.get(uuid) ?? uuid;
      for (const [column, type] of Object.entries(columns)) {
        if (type.key === 'uuid' || (type.kind === 'map' && type.value === 'uuid')) {
          values[column] = renamed(value(column), uuids);
          const edit = edits.get(column);
          if (edit?.kind === 'elements') edit.elements = renamed(edit.elements, uuids);
        }
      }
    },
  };
}

function withElements(before: AnyColumnValue, elements: Elements): AnyColumnValue {
  if (before instanceof Map) {
    const after = new Map<Atom, Atom>(before);
    for (const [key, to] of elements) {
      if (to === undefined) after.delete(key);
      else after.set(key, to);
    }
    return after;
  }
  const after = new Set<Atom>(Array.isArray(before) ? before : []);
  for (const [element, to] of elements) {
    if (to === undefined) after.delete(element);
    else after.add(element);
  }
  return [...after];
}

function sum(before: unknown, by: number): AnyColumnValue {
  return (typeof before === 'bigint' ? before + BigInt(by) : Number(before) + by) as AnyColumnValue;
}

function renamed<V>(value: V, uuids: ReadonlyMap<string, string>): V {
  const name = (atom: unknown): unknown => uuids.get(String(atom)) ?? atom;
  if (value instanceof Map) return new Map(Array.from(value, ([key, to]) => [name(key), name(to)])) as V;
  return (Array.isArray(value) ? value.map(name) : name(value)) as V;
}

const knownDefaults = new WeakMap<TableColumns, Record<string, AnyColumnValue>>();

function defaults(columns: TableColumns): Record<string, AnyColumnValue> {
  const known = knownDefaults.get(columns);
  if (known !== undefined) return known;
  // The default of a reference is a row that is not there.
  const value = (type: ColumnType) => (type.kind === 'set' && type.key === 'uuid' ? [] : defaultValue(type));
  const made = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, value(type)]));
  knownDefaults.set(columns, made);
  return made;
}

/** Whether carrying this out changes the row as the replica has it. */
export function changesRow({ base, edits, deleted, value }: TransactionRow): boolean {
  if (base === undefined) return !deleted;
  return deleted || [...edits.keys()].some((column) => !sameValue(base[column], value(column)));
}
