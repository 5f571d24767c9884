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
      const code =
        typeof value === 'number'
          ? value
          : typeof value === 'string' && Object.hasOwn(codes, value)
            ? codes[value]
            : undefined;
      if (code === undefined) {
        throw new EncodeError(`${shown(value)} is none of ${Object.keys(codes).join(', ')}`);
      }
      base.encode(writer, code);
    },
    decode(reader) {
      const code = base.decode(reader);
      return byCode.get(code) ?? code;
    },
  };
}
