/** Finds the rows of a table by what is in a column, or by anything else that a row tells of itself. */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import type { AnyColumnValue } from '../../../proto/ovsdb/column.ts';
import type { AnyRow } from '../../../proto/ovsdb/row.ts';

export interface RowIndex<R> {
  /** Every row with this value. */
  get(value: Atom): readonly R[];
  /** The one row with this value; throws where there are several. */
  one(value: Atom): R | undefined;
}

/** What a row is found by: none, one or several values. */
export type KeysOf<R> = (row: R) => Atom | undefined | Iterable<Atom>;

export interface KeptIndex extends RowIndex<AnyRow> {
  change(old: AnyRow | undefined, row: AnyRow | undefined): void;
}

/** By a column: an atom's value, each element of a set, each key of a map; of a map also by the value under one key. */
export function columnKeys(column: string, key: Atom | undefined): KeysOf<AnyRow> {
  return (row) => {
    const value: AnyColumnValue = row[column];
    if (value instanceof Map) return key === undefined ? value.keys() : value.get(key);
    return value as Atom | undefined | readonly Atom[];
  };
}

/** `what` names it in errors: `Port.name`. */
export function createRowIndex(what: string, keysOf: KeysOf<AnyRow>): KeptIndex {
  /** Mostly one row has a value: that is kept without a map around it. */
  const found = new Map<Atom, AnyRow | Map<string, AnyRow>>();

  function add(key: Atom, row: AnyRow): void {
    const there = found.get(key);
    if (there === undefined) found.set(key, row);
    else if (there instanceof Map) there.set(row._uuid, row);
    else if (there._uuid === row._uuid) found.set(key, row);
    else {
      found.set(
        key,
        new Map([
          [there._uuid, there],
          [row._uuid, row],
        ]),
      );
    }
  }

  function remove(key: Atom, row: AnyRow): void {
    const there = found.get(key);
    if (there instanceof Map) {
      there.delete(row._uuid);
      const [last] = there.values();
      if (there.size === 1 && last !== undefined) found.set(key, last);
    } else if (there?._uuid === row._uuid) found.delete(key);
  }

  return {
    change(old, row) {
      const before = old === undefined ? new Set<Atom>() : keySet(keysOf(old));
      const after = row === undefined ? new Set<Atom>() : keySet(keysOf(row));
      if (old !== undefined) for (const key of before) if (!after.has(key)) remove(key, old);
      if (row !== undefined) for (const key of after) add(key, row);
    },
    get(value) {
      const there = found.get(value);
      if (there === undefined) return [];
      return there instanceof Map ? [...there.values()] : [there];
    },
    one(value) {
      const there = found.get(value);
      if (there instanceof Map) throw new Error(`${what} "${value}": ${there.size} rows, not one`);
      return there;
    },
  };
}

function keySet(keys: Atom | undefined | Iterable<Atom>): Set<Atom> {
  if (keys === undefined) return new Set();
  return new Set(typeof keys === 'object' ? keys : [keys]);
}
