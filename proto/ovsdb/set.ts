/** <set> (RFC 7047 §5.1): `["set", [atoms]]`, or a lone atom for a set of one. */
import { type Atom, type AtomInput, type AtomType, decodeAtom, encodeAtom } from './atom.ts';
import { expectArray, type Json } from './json.ts';

export function decodeSet(type: AtomType, json: Json | undefined, path: string): Atom[] {
  if (Array.isArray(json) && json.length === 2 && json[0] === 'set') {
    const items = expectArray(json[1], path);
    const result: Atom[] = [];
    for (let index = 0; index < items.length; index++) result.push(decodeAtom(type, items[index], path, index));
    return result;
  }
  return [decodeAtom(type, json, path)];
}

export function encodeSet(type: AtomType, values: readonly AtomInput[]): Json {
  return ['set', values.map((value) => encodeAtom(type, value))];
}

/** What `update2` sends for a changed set is the elements in only one of old and new; this gives new. */
export function applySetDifference(old: readonly Atom[], difference: readonly Atom[]): Atom[] {
  const result = new Set(old);
  for (const value of difference) if (!result.delete(value)) result.add(value);
  return [...result];
}

export function sameSet(a: readonly Atom[], b: readonly Atom[]): boolean {
  if (a.length !== b.length) return false;
  const members = new Set(a);
  return b.every((value) => members.has(value));
}
