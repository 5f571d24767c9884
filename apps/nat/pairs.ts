/** The addresses of a one-to-one rule, side by side: of one that goes by them. */

import { addressBits, addressOf, addressOfBits, familyOf, type OneToOne, prefixLengthOf } from '../../src/index.ts';
import { isByPrefix } from './prefix-translation.ts';

export interface Pair {
  outside: string;
  inside: string;
}

export function pairsOf(rule: OneToOne): Pair[] {
  if (isByPrefix(rule)) return [];
  const { outside, inside } = rule;
  const family = familyOf(outside);
  const count = 2 ** ((family === 4 ? 32 : 128) - prefixLengthOf(outside));
  const [out, within] = [addressBits(addressOf(outside)), addressBits(addressOf(inside))];
  return Array.from({ length: count }, (_, i) => ({
    outside: addressOfBits(family, out + BigInt(i)),
    inside: addressOfBits(family, within + BigInt(i)),
  }));
}
