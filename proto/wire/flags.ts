/** Sets of bits that have names: a list of names in bit order, and numbers for bits without one. */

import type { Codec } from './codec.ts';
import { EncodeError } from './encode-error.ts';

export function flags<const N extends string>(
  base: Codec<number>,
  bits: Readonly<Record<N, number>>,
): Codec<(N | number)[]> {
  const entries = Object.entries(bits) as [N, number][];
  return {
    encode(writer, value) {
      let sum = 0;
      for (const flag of value) {
        const bit = typeof flag === 'number' ? flag : bits[flag];
        if (bit === undefined) throw new EncodeError(`"${String(flag)}" is none of ${Object.keys(bits).join(', ')}`);
        sum = (sum | bit) >>> 0;
      }
      base.encode(writer, sum);
    },
    decode(reader) {
      let left = base.decode(reader);
      const value: (N | number)[] = [];
      for (const [name, bit] of entries) {
        if ((left & bit) >>> 0 === bit) {
          value.push(name);
          left = (left & ~bit) >>> 0;
        }
      }
      if (left !== 0) value.push(left);
      return value;
    },
  };
}
