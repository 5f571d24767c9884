/** Numbers that follow from names, so that they are the same on every run: apps in cookies, ct zones, groups, meters. */

import { createHash } from 'node:crypto';
import { FlowError } from '../flow-error.ts';

export interface Numbering {
  (name: string): number;
  /** Whose the number is now. */
  nameOf(number: number): string | undefined;
  /** The name is used no more: another may have its number. */
  release(name: string): void;
  /** One that goes on by itself from the same names. */
  copy(): Numbering;
}

/** Keeps the numbers that do not follow from their names alone, because another had the name's own. */
export interface NumberMemory {
  entries(): Iterable<[name: string, number: number]>;
  set(name: string, number: number): void;
  delete(name: string): void;
}

const NO_MEMORY: NumberMemory = { entries: () => [], set: () => undefined, delete: () => undefined };

/**
 * Hands out 1 to `size` by name; where a number is taken the name gets the next free one. With another `salt` the same
 * names have other numbers.
 */
export function createNumbering(
  size: number,
  memory = NO_MEMORY,
  known: Iterable<[string, number]> = [],
  salt = '',
): Numbering {
  const numbers = new Map(known);
  const names = new Map(Array.from(numbers, ([name, number]) => [number, name]));
  for (const [name, number] of memory.entries()) {
    if (number > size || names.has(number) || numbers.has(name)) continue;
    numbers.set(name, number);
    names.set(number, name);
  }

  function numberOf(name: string): number {
    const standing = numbers.get(name);
    if (standing !== undefined) return standing;
    if (names.size >= size) {
      throw new FlowError(
        `no number is left for "${name.replace('\n', '/')}": all ${size} are taken; what is no longer used must go first`,
      );
    }
    const own = ownNumber(salt + name, size);
    let number = own;
    while (names.has(number)) number = (number % size) + 1;
    names.set(number, name);
    numbers.set(name, number);
    if (number !== own) memory.set(name, number);
    return number;
  }

  return Object.assign(numberOf, {
    nameOf: (number: number) => names.get(number),
    release(name: string) {
      const number = numbers.get(name);
      if (number === undefined) return;
      numbers.delete(name);
      names.delete(number);
      if (number !== ownNumber(salt + name, size)) memory.delete(name);
    },
    copy: () => createNumbering(size, NO_MEMORY, numbers, salt),
  });
}

function ownNumber(name: string, size: number): number {
  return 1 + (createHash('sha256').update(name).digest().readUInt32BE() % size);
}
