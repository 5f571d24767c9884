/** Numbers that follow from names, so that they are the same on every run: apps in cookies, conntrack zones. */

import { createHash } from 'node:crypto';

export interface Numbering {
  (name: string): number;
  /** One that goes on by itself from the same names. */
  copy(): Numbering;
}

/** Hands out 1 to `size` by name; a number that is taken goes to the next free one. */
export function createNumbering(size: number, known: Iterable<[string, number]> = []): Numbering {
  const numbers = new Map(known);
  const taken = new Set(numbers.values());
  const numberOf = (name: string) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    if (taken.size >= size) throw new Error(`no number is left for "${name}": all ${size} are taken`);
    let number = 1 + (createHash('sha256').update(name).digest().readUInt32BE() % size);
    while (taken.has(number)) number = (number % size) + 1;
    taken.add(number);
    numbers.set(name, number);
    return number;
  };
  return Object.assign(numberOf, { copy: () => createNumbering(size, numbers) });
}
