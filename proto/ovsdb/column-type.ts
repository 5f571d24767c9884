/** A column as a schema describes it (RFC 7047 §3.2 <column-schema>, <type>, <base-type>): frozen data, types derive from it. */
import type { Atom, AtomType } from './atom.ts';

/** What a <base-type> says beside the atom's type, in the schema's own words. */
export interface AtomRules {
  readonly enum?: readonly Atom[];
  readonly minInteger?: number;
  readonly maxInteger?: number;
  readonly minReal?: number;
  readonly maxReal?: number;
  /** Of a string, in characters. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A UUID is of a row of this table. */
  readonly refTable?: string;
  /** strong (where not given): the row lives as long as something refers to it. weak: the reference goes with the row. */
  readonly refType?: 'strong' | 'weak';
}

interface ColumnFlags {
  /** true: not kept when the server restarts. */
  readonly ephemeral?: boolean;
  /** false: set when the row is inserted and never after. */
  readonly mutable?: boolean;
}
interface Bounds {
  readonly min?: 0 | 1;
  /** Most elements; not given: any number. */
  readonly max?: number;
}
export interface AtomColumnRules extends AtomRules, ColumnFlags {}
export interface SetColumnRules extends AtomRules, ColumnFlags, Bounds {}
export interface MapColumnRules extends ColumnFlags, Bounds {
  readonly key?: AtomRules;
  readonly value?: AtomRules;
}

type None = Record<never, never>;
type AtomRulesOf<R> = Readonly<Pick<R, keyof R & keyof AtomRules>>;

interface Described<Kind extends string, K extends AtomType, R> {
  readonly kind: Kind;
  readonly key: K;
  readonly keyRules: AtomRulesOf<R>;
  /** Fewest and most elements; most is Infinity where the schema says unlimited. */
  readonly min: number;
  readonly max: number;
  readonly ephemeral: boolean;
  readonly mutable: boolean;
}

export type ScalarColumn<K extends AtomType = AtomType, R = AtomRules> = Described<'scalar', K, R>;
/** None or one: `min` 0, `max` 1. */
export type OptionalColumn<K extends AtomType = AtomType, R = AtomRules> = Described<'optional', K, R>;
export type SetColumn<K extends AtomType = AtomType, R = AtomRules> = Described<'set', K, R>;
export interface MapColumn<K extends AtomType = AtomType, V extends AtomType = AtomType, R = AtomRules, S = AtomRules>
  extends Described<'map', K, R> {
  readonly value: V;
  readonly valueRules: AtomRulesOf<S>;
}
export type ColumnType = ScalarColumn | OptionalColumn | SetColumn | MapColumn;

export const scalar = <const K extends AtomType, const R extends AtomColumnRules = None>(
  key: K,
  rules?: R,
): ScalarColumn<K, R> => describe('scalar', key, rules, rules, 1, 1);

export const optional = <const K extends AtomType, const R extends AtomColumnRules = None>(
  key: K,
  rules?: R,
): OptionalColumn<K, R> => describe('optional', key, rules, rules, 0, 1);

export const set = <const K extends AtomType, const R extends SetColumnRules = None>(
  key: K,
  rules?: R,
): SetColumn<K, R> => describe('set', key, rules, rules, rules?.min, rules?.max);

export const map = <const K extends AtomType, const V extends AtomType, const R extends MapColumnRules = None>(
  key: K,
  value: V,
  rules?: R,
): MapColumn<K, V, RulesOf<R, 'key'>, RulesOf<R, 'value'>> =>
  Object.freeze({
    ...describe('map', key, rules?.key as RulesOf<R, 'key'>, rules, rules?.min, rules?.max),
    value,
    valueRules: atomRules(rules?.value as RulesOf<R, 'value'>),
  });

type RulesOf<R, N extends 'key' | 'value'> = R extends { readonly [_ in N]: infer A } ? A : None;

function describe<Kind extends string, K extends AtomType, R>(
  kind: Kind,
  key: K,
  rules: R | undefined,
  flags: ColumnFlags = {},
  min = 0,
  max = Number.POSITIVE_INFINITY,
): Described<Kind, K, R> {
  const { ephemeral = false, mutable = true } = flags;
  return Object.freeze({ kind, key, keyRules: atomRules(rules), min, max, ephemeral, mutable });
}

const names = [
  'enum',
  'minInteger',
  'maxInteger',
  'minReal',
  'maxReal',
  'minLength',
  'maxLength',
  'refTable',
  'refType',
] as const satisfies (keyof AtomRules)[];

function atomRules<R>(rules: R | undefined): AtomRulesOf<R> {
  const given = (rules ?? {}) as AtomRules;
  const kept = Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  if (given.enum !== undefined) kept.enum = Object.freeze([...given.enum]);
  return Object.freeze(kept) as AtomRulesOf<R>;
}

/** A column's type in words: `set of uuid`. */
export function formatColumnType(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return type.key;
    case 'optional':
      return `optional ${type.key}`;
    case 'set':
      return `set of ${type.key}`;
    case 'map':
      return `map of ${type.key} to ${type.value}`;
  }
}
