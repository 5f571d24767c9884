/** Sets of bits that have names: a list of names in bit order, and numbers for bits without one. */

import type { Codec } from './codec.ts';
import { EncodeError, shown } from './encode-error.ts';

export function flags<const N extends string>(
  base: Codec<number>,
  bits: Readonly<Record<N, number>>,
): Codec<(N | number)[]> {
  const entries = Object.entries(bits) as [N, number][];
  return {
    form: { kind: 'flags', base, bits },
    encode(writer, value) {
      if (!Array.isArray(value)) throw new EncodeError('is not a list of flags');
      let sum = 0;
      for (const flag of value) {
        const bit =
          typeof flag === 'number'
            ? flag
            : typeof flag === 'string' && Object.hasOwn(bits, flag)
              ? bits[flag]
              : undefined;
        if (bit === undefined || bit >>> 0 !== bit)
          throw new EncodeError(`${shown(flag)} is none of ${Object.keys(bits).join(', ')}`);
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
