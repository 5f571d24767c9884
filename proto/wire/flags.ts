/** Sets of bits that have names: a list of names in bit order, and numbers for bits without one. */

import type { Codec } from './codec.ts';
import { EncodeError } from './encode-error.ts';
import { numberOf } from './enumeration.ts';
import { listMemory, NUMBER } from './memory.ts';
import type { Reader } from './reader.ts';
import { createShared } from './shared.ts';

export function flags<const N extends string>(
  base: Codec<number>,
  bits: Readonly<Record<N, number>>,
): Codec<readonly (N | number)[]> {
  const listOf = flagLists(bits);
  return {
    form: { kind: 'flags', base, bits },
    encode(writer, value) {
      if (!Array.isArray(value)) throw new EncodeError('is not a list of flags');
      let sum = 0;
      for (const flag of value) {
        const bit = numberOf(flag, bits);
        if (bit >>> 0 !== bit) throw new EncodeError(`${bit} is not a whole number from 0 to 4294967295`);
        sum = (sum | bit) >>> 0;
      }
      base.encode(writer, sum);
    },
    decode: (reader) => listOf(base.decode(reader), reader),
  };
}

/** Lists that are kept for the next value with the same bits: few sets have more combinations, and fewer come. */
const KEPT = 256;

/**
 * Makes the list of a number: the names of its bits in the table's order, and what is left of it. Equal numbers have
 * one list.
 */
export function flagLists<N extends string>(
  bits: Readonly<Record<N, number>>,
): (number: number, reader: Reader) => readonly (N | number)[] {
  const entries = Object.entries(bits) as [N, number][];
  const shared = createShared<number, readonly (N | number)[]>(KEPT, ({ length }) => listMemory(length) + NUMBER);
  const make = (number: number) => flagsIn(number, entries);
  return (number, reader) => shared(reader, number, make);
}

function flagsIn<N extends string>(number: number, entries: readonly [name: N, bit: number][]): (N | number)[] {
  let left = number;
  const found: (N | number)[] = [];
  for (const [name, bit] of entries) {
    if ((left & bit) >>> 0 === bit) {
      found.push(name);
      left = (left & ~bit) >>> 0;
    }
  }
  if (left !== 0) found.push(left);
  // A list that grew has room for sixteen more.
  return found.slice();
}
