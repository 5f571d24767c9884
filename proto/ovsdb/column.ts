/** A column's values: one atom, perhaps one, a set or a map (RFC 7047 §5.1 <value>). */
import { type Atom, type AtomInputOf, type AtomOf, type AtomType, decodeAtom, encodeAtom } from './atom.ts';
import type { ColumnType } from './column-type.ts';
import { OvsdbDecodeError } from './error.ts';
import { type Json, shown } from './json.ts';
import { applyMapDifference, decodeMap, encodeMap, sameMap } from './map.ts';
import { applySetDifference, decodeSet, encodeSet, sameSet } from './set.ts';
import { zeroUuid } from './uuid.ts';

/**
 * How a column's value is read. Words of an enum are strings here: a newer server may know more of them. An integer
 * that the schema holds within bounds is a number, any other may be a bigint.
 */
export type ColumnValue<C> = C extends { kind: 'scalar'; key: infer K extends AtomType; keyRules: infer R }
  ? ValueOf<K, R>
  : C extends { kind: 'optional'; key: infer K extends AtomType; keyRules: infer R }
    ? ValueOf<K, R> | undefined
    : C extends { kind: 'set'; key: infer K extends AtomType; keyRules: infer R }
      ? readonly ValueOf<K, R>[]
      : C extends { kind: 'map'; key: infer K; keyRules: infer R; value: infer V; valueRules: infer S }
        ? ReadonlyMap<ValueOf<K, R>, ValueOf<V, S>>
        : never;
type ValueOf<K, R> = K extends 'integer'
  ? R extends { minInteger: number; maxInteger: number }
    ? number
    : AtomOf<'integer'>
  : K extends AtomType
    ? AtomOf<K>
    : never;

/** How a column's value is written: of an enum only its words, and references may be to rows of the same transaction. */
export type ColumnInput<C> = C extends { kind: 'scalar'; key: infer K extends AtomType; keyRules: infer R }
  ? InputOf<K, R>
  : C extends { kind: 'optional'; key: infer K extends AtomType; keyRules: infer R }
    ? InputOf<K, R> | undefined
    : C extends { kind: 'set'; key: infer K extends AtomType; keyRules: infer R }
      ? readonly InputOf<K, R>[]
      : C extends { kind: 'map'; key: infer K extends AtomType; keyRules: infer R; value: infer V; valueRules: infer S }
        ? ReadonlyMap<KeyOf<K, R>, InputOf<V, S>>
        : never;
type InputOf<K, R> = R extends { enum: readonly (infer E)[] } ? E : K extends AtomType ? AtomInputOf<K> : never;
type KeyOf<K extends AtomType, R> = R extends { enum: readonly (infer E)[] } ? E : AtomOf<K>;

export type AnyColumnValue = Atom | undefined | readonly Atom[] | ReadonlyMap<Atom, Atom>;
export type AnyColumnInput = ColumnInput<ColumnType>;

const atomDefaults: Record<AtomType, Atom> = { integer: 0, real: 0, boolean: false, string: '', uuid: zeroUuid };

/** One for all columns that are empty: most are. Nobody can put anything into them. */
const emptySet: readonly Atom[] = Object.freeze([]);
const emptyMap: ReadonlyMap<Atom, Atom> = locked(new Map());

/** The value of a column that an insert does not name (RFC 7047 §5.2.1): as few elements as may be, of the atom's default. */
export function defaultValue(type: ColumnType): AnyColumnValue {
  const atom = atomDefaults[type.key];
  switch (type.kind) {
    case 'scalar':
      return atom;
    case 'optional':
      return undefined;
    case 'set':
      return type.min === 0 ? emptySet : Object.freeze([atom]);
    case 'map':
      return type.min === 0 ? emptyMap : locked(new Map([[atom, atomDefaults[type.value]]]));
  }
}

function locked(map: Map<Atom, Atom>): Map<Atom, Atom> {
  const value = () => {
    throw new TypeError('a row of the database is read only: changes go through a transaction');
  };
  for (const name of ['set', 'delete', 'clear']) Object.defineProperty(map, name, { value });
  return Object.freeze(map);
}

export function decodeColumn(type: ColumnType, json: Json | undefined, path: string): AnyColumnValue {
  switch (type.kind) {
    case 'scalar':
      return decodeAtom(type.key, json, path);
    case 'optional': {
      const values = decodeSet(type.key, json, path);
      if (values.length > 1) throw new OvsdbDecodeError(path, `at most one value was expected, found ${shown(json)}`);
      return values[0];
    }
    case 'set':
      return decodeSet(type.key, json, path);
    case 'map':
      return decodeMap(type.key, type.value, json, path);
  }
}

export function encodeColumn(type: ColumnType, input: AnyColumnInput): Json {
  if (type.kind === 'map' && input instanceof Map) return encodeMap(type.key, type.value, input);
  if (type.kind === 'set' && Array.isArray(input)) return encodeSet(type.key, input);
  if (type.kind === 'optional' && input === undefined) return encodeSet(type.key, []);
  if ((type.kind === 'optional' || type.kind === 'scalar') && isAtomInput(input)) return encodeAtom(type.key, input);
  throw new TypeError(`a column of kind ${type.kind} was given ${typeof input}`);
}

function isAtomInput(input: AnyColumnInput): input is AtomInputOf<AtomType> {
  return input !== undefined && !Array.isArray(input) && !(input instanceof Map);
}

/** The new value from the old one and what `update2` says of it: a difference where many elements may be, else the value itself. */
export function applyDifference(type: ColumnType, old: AnyColumnValue, json: Json, path: string): AnyColumnValue {
  const difference = decodeColumn(type, json, path);
  if (type.max === 1) return difference;
  if (Array.isArray(old) && Array.isArray(difference)) return applySetDifference(old, difference);
  if (old instanceof Map && difference instanceof Map) return applyMapDifference(old, difference);
  return difference;
}

export function sameValue(a: AnyColumnValue, b: AnyColumnValue): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && sameSet(a, b);
  if (a instanceof Map) return b instanceof Map && sameMap(a, b);
  return a === b;
}
