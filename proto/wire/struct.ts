/** A structure: named fields in wire order. One description gives the type, the encoder and the decoder. */

import type { Codec, Infer } from './codec.ts';
import { within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import type { Padding } from './scalars.ts';

type Shape = Record<string, Codec<never> | Padding>;

/** Fields of padding have names for the reader of the schema, but no place in the value. */
export type StructValue<S> = { -readonly [K in keyof S as S[K] extends Padding ? never : K]: Infer<S[K]> };

// biome-ignore lint/suspicious/noExplicitAny: a shape holds codecs of any type; StructValue recovers each.
type AnyShape = Record<string, Codec<any>>;

export interface Struct<T> extends Codec<T> {
  readonly shape: Shape;
}

export function struct<const S extends AnyShape>(shape: S): Struct<StructValue<S>>;
/** With a tag that the value carries and the wire does not: `{ type: 'output', … }`. */
export function struct<const S extends AnyShape, const G extends string>(
  shape: S,
  type: G,
): Struct<{ type: G } & StructValue<S>>;
export function struct(shape: AnyShape, type?: string): Struct<unknown> {
  const names = Object.keys(shape);
  const codecs = Object.values(shape);
  const isPadding = codecs.map((codec) => 'padding' in codec);
  const count = names.length;
  return {
    shape: shape as Shape,
    encode(writer, value) {
      const fields = value as Record<string, unknown>;
      let i = 0;
      try {
        for (; i < count; i++) {
          const field = fields[names[i]!];
          if (field === undefined && !isPadding[i]) throw new EncodeError('is missing');
          codecs[i]!.encode(writer, field);
        }
      } catch (error) {
        throw inside(error, names[i]!);
      }
    },
    decode(reader) {
      const value: Record<string, unknown> = type === undefined ? {} : { type };
      let i = 0;
      try {
        for (; i < count; i++) {
          const field = codecs[i]!.decode(reader);
          if (!isPadding[i]) value[names[i]!] = field;
        }
      } catch (error) {
        throw within(error, names[i]!);
      }
      return value;
    },
  };
}
