/** Numbers that follow from names, so that they are the same on every run: apps in cookies, conntrack zones. */

import { createHash } from 'node:crypto';

/** Hands out 1 to `size` by name; a number that is taken goes to the next free one. */
export function createNumbering(size: number): (name: string) => number {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  return (name) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    if (taken.size >= size) throw new Error(`no number is left for "${name}": all ${size} are taken`);
    let number = 1 + (createHash('sha256').update(name).digest().readUInt32BE() % size);
    while (taken.has(number)) number = (number % size) + 1;
    taken.add(number);
    numbers.set(name, number);
    return number;
  };
}
