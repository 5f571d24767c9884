/**
 * A structure that starts with a number, by which the fields after it differ: errors by their type. The number has a
 * name in the value, `{ type: 'error', errorType: 'badAction', … }`; one that no schema names stays a number.
 */

import type { AnyCodec, Codec, Infer, Variants } from './codec.ts';
import { within } from './decode-error.ts';
import { EncodeError, inside, shown } from './encode-error.ts';

type ChoiceValue<G extends string, F extends string, V extends Variants, O extends AnyCodec> = { type: G } & (
  | { [K in keyof V]: { [P in F]: K } & Infer<V[K][1]> }[keyof V]
  | ({ [P in F]: number } & Infer<O>)
);

export interface Choice<G extends string, F extends string, V extends Variants, O extends AnyCodec> {
  /** The tag of the whole value. */
  type: G;
  /** The name of the number. */
  field: F;
  base: Codec<number>;
  /** name → [number, structure of what follows it] */
  variants: V;
  /** What follows any other number. */
  otherwise: O;
}

export function choice<const G extends string, const F extends string, const V extends Variants, O extends AnyCodec>(
  parts: Choice<G, F, V, O>,
): Codec<ChoiceValue<G, F, V, O>> {
  const { type, field, base, variants, otherwise } = parts;
  const names = new Map<number, string>();
  for (const [name, [code]] of Object.entries(variants)) names.set(code, name);
  return {
    form: { kind: 'choice', type, field, base, variants, otherwise },
    encode(writer, value) {
      if (typeof value !== 'object' || value === null) throw new EncodeError('is no object');
      const given: unknown = (value as Record<string, unknown>)[field];
      const name = typeof given === 'number' ? names.get(given) : given;
      const variant = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined;
      if (variant === undefined && typeof given !== 'number') {
        throw new EncodeError(`${shown(given)} is none of ${Object.keys(variants).join(', ')}`, field);
      }
      try {
        base.encode(writer, variant?.[0] ?? (given as number));
      } catch (error) {
        throw inside(error, field);
      }
      (variant?.[1] ?? otherwise).encode(writer, value);
    },
    decode(reader) {
      let code: number;
      try {
        code = base.decode(reader);
      } catch (error) {
        throw within(error, field);
      }
      const name = names.get(code);
      const rest: unknown = (name === undefined ? otherwise : variants[name]![1]).decode(reader);
      return Object.assign({ type, [field]: name ?? code }, rest) as ChoiceValue<G, F, V, O>;
    },
  };
}
