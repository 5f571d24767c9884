/** What a transaction holds as operations (RFC 7047 §5.2): first what must be so (assert, wait), then what becomes so. */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { type AnyColumnInput, type AnyColumnValue, encodeColumn, sameValue } from '../../../proto/ovsdb/column.ts';
import type { ColumnType } from '../../../proto/ovsdb/column-type.ts';
import { type Condition, uuidIs } from '../../../proto/ovsdb/condition.ts';
import type { Json, JsonObject } from '../../../proto/ovsdb/json.ts';
import type { Mutation } from '../../../proto/ovsdb/mutation.ts';
import type { Operation } from '../../../proto/ovsdb/operation.ts';
import type { TableColumns } from '../../../proto/ovsdb/row.ts';
import { encodeSet } from '../../../proto/ovsdb/set.ts';
import { encodeUuid, namedUuid, type UuidReference } from '../../../proto/ovsdb/uuid.ts';
import { changesRow, type TransactionRow } from './transaction-row.ts';

/** No row had these values when it was looked for. */
export interface Absence {
  table: string;
  columns: TableColumns;
  values: Readonly<Record<string, AnyColumnValue>>;
}

export interface TransactionContents {
  rows: readonly TransactionRow[];
  absences: readonly Absence[];
  comments: readonly string[];
  locks: readonly string[];
}

/** What a `wait` stands for. */
export type Expectation = { row: TransactionRow; columns: string[] } | { absence: Absence };

export interface TransactionOperations {
  operations: Operation[];
  /** By the index of their `wait`. */
  expectations: Map<number, Expectation>;
  /** By the index of their `insert`. */
  inserted: Map<number, TransactionRow>;
}

/**
 * How rows to be inserted are referred to: by a UUID of our choice (Open vSwitch 2.13 and later), which tells after a lost
 * connection whether they are there, or by a name, as RFC 7047 has it.
 */
export type Naming = 'uuid' | 'uuid-name';

/** Nothing where nothing would change. Otherwise all that was written is sent, even what the replica shows already: it may have changed since. */
export function transactionOperations(contents: TransactionContents, naming: Naming): TransactionOperations {
  const result: TransactionOperations = { operations: [], expectations: new Map(), inserted: new Map() };
  const { rows, absences, comments, locks } = contents;
  if (!rows.some(changesRow)) return result;
  const { operations, expectations, inserted } = result;
  const names = new Map<string, UuidReference>();
  if (naming === 'uuid-name') {
    for (const { base, uuid } of rows) {
      if (base === undefined) names.set(uuid, namedUuid(`row${names.size + 1}`));
    }
  }
  const refer: Refer = (uuid) => names.get(uuid) ?? uuid;

  for (const lock of locks) operations.push({ op: 'assert', lock });
  for (const row of rows) {
    const columns = expectedColumns(row);
    if (columns.length === 0) continue;
    expectations.set(operations.length, { row, columns });
    operations.push(waitForRow(row, columns));
  }
  const growing = new Set(rows.flatMap((row) => (row.base === undefined && !row.deleted ? [row.table] : [])));
  for (const absence of absences) {
    if (!growing.has(absence.table)) continue;
    expectations.set(operations.length, { absence });
    operations.push({ ...waitUntil, table: absence.table, where: absenceWhere(absence), columns: ['_uuid'], rows: [] });
  }
  for (const row of rows) {
    if (row.base === undefined && !row.deleted) inserted.set(operations.length, row);
    operations.push(...rowOperations(row, refer));
  }
  for (const comment of comments) operations.push({ op: 'comment', comment });
  return result;
}

type Refer = (uuid: string) => UuidReference;
const waitUntil = { op: 'wait', until: '==', timeout: 0 } as const;

/** A row that is changed must at least be there: an update that matches no row is no error to the server. */
function expectedColumns(row: TransactionRow): string[] {
  if (row.base === undefined) return [];
  if (row.verified.size > 0) return [...row.verified];
  return row.edits.size > 0 && !row.deleted ? ['_uuid'] : [];
}

function waitForRow({ table, columns, uuid, base }: TransactionRow, names: string[]): Operation {
  const row: JsonObject = {};
  for (const name of names) {
    row[name] = name === '_uuid' ? encodeUuid(uuid) : encodeColumn(columns[name]!, base![name] as AnyColumnInput);
  }
  return { ...waitUntil, table, where: uuidIs(uuid), columns: names, rows: [row] };
}

export function absenceWhere({ columns, values }: Absence): Condition[] {
  return Object.entries(values).map(([name, value]) => [
    name,
    '==',
    encodeColumn(columns[name]!, value as AnyColumnInput),
  ]);
}

function rowOperations(row: TransactionRow, refer: Refer): Operation[] {
  const { table, columns, uuid, base, edits, deleted, value } = row;
  if (deleted) return base === undefined ? [] : [{ op: 'delete', table, where: uuidIs(uuid) }];
  const written: JsonObject = {};
  const mutations: Mutation[] = [];
  for (const [name, edit] of edits) {
    const type = columns[name]!;
    if (edit.kind === 'value') written[name] = encodeValue(type, value(name), refer);
    else if (edit.kind === 'increment') mutations.push([name, '+=', edit.by]);
    else mutations.push(...elementMutations(name, type, edit.elements, refer));
  }
  if (base === undefined) {
    const reference = refer(uuid);
    const name = typeof reference === 'string' ? { uuid } : { 'uuid-name': reference.named };
    return [{ op: 'insert', table, row: written, ...name }];
  }
  const operations: Operation[] = [];
  if (Object.keys(written).length > 0) operations.push({ op: 'update', table, where: uuidIs(uuid), row: written });
  if (mutations.length > 0) operations.push({ op: 'mutate', table, where: uuidIs(uuid), mutations });
  return operations;
}

function encodeValue(type: ColumnType, value: AnyColumnValue, refer: Refer): Json {
  const key = (atom: Atom) => (type.key === 'uuid' ? refer(String(atom)) : atom);
  const to = (atom: Atom) => (type.kind === 'map' && type.value === 'uuid' ? refer(String(atom)) : atom);
  let input: unknown = value;
  if (value instanceof Map) input = new Map(Array.from(value, ([left, right]) => [key(left), to(right)]));
  else if (Array.isArray(value)) input = value.map(key);
  else if (value !== undefined) input = key(value as Atom);
  return encodeColumn(type, input as AnyColumnInput);
}

function elementMutations(
  name: string,
  type: ColumnType,
  elements: ReadonlyMap<Atom, Atom | undefined>,
  refer: Refer,
): Mutation[] {
  const there = [...elements].filter((element): element is [Atom, Atom] => element[1] !== undefined);
  const gone = [...elements.keys()].filter((element) => elements.get(element) === undefined);
  const mutations: Mutation[] = [];
  if (type.kind === 'map') {
    // An insert does not overwrite, so every key goes first, whoever may have set it since.
    mutations.push([name, 'delete', encodeSet(type.key, [...elements.keys()])]);
    if (there.length > 0) mutations.push([name, 'insert', encodeValue(type, new Map(there), refer)]);
    return mutations;
  }
  const keys = (list: readonly Atom[]) => encodeValue(type, list, refer);
  // The new come first: some sets must never be empty.
  if (there.length > 0) mutations.push([name, 'insert', keys(there.map(([key]) => key))]);
  if (gone.length > 0) mutations.push([name, 'delete', keys(gone)]);
  return mutations;
}

/** Columns that a wait expects as they were and that are not so in this row; of a row that is gone all. */
export function movedColumns(
  { row, columns }: { row: TransactionRow; columns: readonly string[] },
  now: Readonly<Record<string, AnyColumnValue>> | undefined,
): string[] {
  return columns.filter((name) => now === undefined || !sameValue(row.base?.[name], now[name]));
}
