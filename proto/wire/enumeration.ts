/** Numbers that have names. A number without a name stays a number, so that nothing is lost. */

import type { Codec } from './codec.ts';
import { EncodeError, shown } from './encode-error.ts';

export function enumeration<const N extends string>(
  base: Codec<number>,
  codes: Readonly<Record<N, number>>,
): Codec<N | number> {
  const byCode = new Map<number, N>();
  for (const [name, code] of Object.entries(codes) as [N, number][]) byCode.set(code, name);
  return {
    form: { kind: 'enumeration', base, codes },
    encode(writer, value) {
      base.encode(writer, numberOf(value, codes));
    },
    decode(reader) {
      const code = base.decode(reader);
      return byCode.get(code) ?? code;
    },
  };
}

/** The number that a value is or has the name of. It may come from a stranger's JSON. */
export function numberOf(value: unknown, names: Readonly<Record<string, number>>): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(names, value)) return names[value]!;
  throw new EncodeError(`${shown(value)} is none of ${Object.keys(names).join(', ')}`);
}
