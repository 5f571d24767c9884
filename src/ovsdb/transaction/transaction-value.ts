/** What a caller writes into a column, checked and in the form in which it is read: rows become their UUIDs (RFC 7047 §5.1). */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import { columnProblem } from '../../../proto/ovsdb/check.ts';
import type { AnyColumnInput, AnyColumnValue, ColumnInput } from '../../../proto/ovsdb/column.ts';
import type { AtomRules, ColumnType } from '../../../proto/ovsdb/column-type.ts';
import type { RowReference } from '../../../proto/ovsdb/row.ts';

type Reference<T, Rules> = Rules extends { readonly refTable: infer N extends keyof T }
  ? RowReference<T[N]>
  : RowReference;
type SetOf<K, R> = ColumnInput<{ kind: 'scalar'; key: K; keyRules: R }>;
type Written<T, K, R> = K extends 'uuid' ? Reference<T, R> : SetOf<K, R>;

/** An element of a set, a key of a map, or the only value. */
export type KeyWritten<T, C> = C extends { key: infer K; keyRules: infer R } ? Written<T, K, R> : never;
export type MapValueWritten<T, C> = C extends { value: infer V; valueRules: infer R } ? Written<T, V, R> : never;

/** How a transaction is told a column's value: where OVSDB has a UUID, the row. */
export type ColumnWritten<T, C> = C extends { kind: 'map' }
  ? ReadonlyMap<KeyWritten<T, C>, MapValueWritten<T, C>>
  : C extends { kind: 'set' }
    ? readonly KeyWritten<T, C>[]
    : C extends { kind: 'optional' }
      ? KeyWritten<T, C> | undefined
      : KeyWritten<T, C>;
/** A row, or the part of one, as a transaction is told it. */
export type RowWritten<T, C> = { readonly [N in keyof C]?: ColumnWritten<T, C[N]> };

/** From a row object to its UUID; throws where it is not there or of another table. */
export type Refer = (row: object, table: string | undefined, path: string) => string;

export function readColumn(type: ColumnType, input: unknown, path: string, refer: Refer): AnyColumnValue {
  const key = (item: unknown): unknown => (type.key === 'uuid' ? reference(type.keyRules, item, path, refer) : item);
  const to = (item: unknown): unknown =>
    type.kind === 'map' && type.value === 'uuid' ? reference(type.valueRules, item, path, refer) : item;
  let value = input;
  if (type.kind === 'map') {
    if (input instanceof Map) value = new Map(Array.from(input, ([left, right]) => [key(left), to(right)]));
  } else if (type.kind === 'set') {
    if (Array.isArray(input)) value = [...new Set(input.map(key))];
  } else if (input !== undefined) value = key(input);
  return checked(type, value, path) as AnyColumnValue;
}

/** One element of a set or one key of a map. */
export function readKey(type: ColumnType, input: unknown, path: string, refer: Refer): Atom {
  if (type.key === 'uuid') return reference(type.keyRules, input, path, refer);
  return checked({ ...type, kind: 'scalar' }, input, path) as Atom;
}

export function readMapValue(type: ColumnType, input: unknown, path: string, refer: Refer): Atom {
  if (type.kind !== 'map') throw new TypeError(`${path} is no map`);
  const { value: key, valueRules: keyRules } = type;
  if (key === 'uuid') return reference(keyRules, input, path, refer);
  return checked({ ...type, kind: 'scalar', key, keyRules }, input, path) as Atom;
}

function reference({ refTable }: AtomRules, input: unknown, path: string, refer: Refer): string {
  if (typeof input === 'object' && input !== null) return refer(input, refTable, path);
  const kind = refTable === undefined ? 'a row' : `a row of ${refTable}`;
  throw new TypeError(`${path}: ${kind} was expected, found ${String(input)}; get(table, uuid) gives the row`);
}

function checked(type: ColumnType, value: unknown, path: string): unknown {
  const problem = columnProblem(type, value as AnyColumnInput);
  if (problem !== undefined) throw new TypeError(`${path}: ${problem}`);
  return value;
}
