/** <map> (RFC 7047 §5.1): `["map", [[key, value], …]]`. */
import { type Atom, type AtomInput, type AtomType, decodeAtom, encodeAtom } from './atom.ts';
import { OvsdbDecodeError } from './error.ts';
import { expectArray, type Json, shown } from './json.ts';

export function decodeMap(key: AtomType, value: AtomType, json: Json | undefined, path: string): Map<Atom, Atom> {
  if (!Array.isArray(json) || json.length !== 2 || json[0] !== 'map') {
    throw new OvsdbDecodeError(path, `a map was expected, found ${shown(json)}`);
  }
  const result = new Map<Atom, Atom>();
  for (const item of expectArray(json[1], path)) {
    const pair = expectArray(item, path);
    if (pair.length > 2) throw new OvsdbDecodeError(path, `a pair was expected, found ${shown(pair)}`);
    result.set(decodeAtom(key, pair[0], path), decodeAtom(value, pair[1], path));
  }
  return result;
}

export function encodeMap(key: AtomType, value: AtomType, map: ReadonlyMap<AtomInput, AtomInput>): Json {
  return ['map', Array.from(map, ([left, right]) => [encodeAtom(key, left), encodeAtom(value, right)])];
}

/** What `update2` sends for a changed map: a pair as it was is gone, another value is the new one, a new key is added. */
export function applyMapDifference(old: ReadonlyMap<Atom, Atom>, difference: ReadonlyMap<Atom, Atom>): Map<Atom, Atom> {
  const result = new Map(old);
  for (const [key, value] of difference) {
    if (old.has(key) && old.get(key) === value) result.delete(key);
    else result.set(key, value);
  }
  return result;
}

export function sameMap(a: ReadonlyMap<Atom, Atom>, b: ReadonlyMap<Atom, Atom>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || b.get(key) !== value) return false;
  return true;
}
