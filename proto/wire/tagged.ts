/**
 * Tagged unions with a 16-bit type and a 16-bit length in front: actions, instructions, properties.
 * A type that no schema names is kept as `{ type: 'unknown', code, body }` and written back byte for byte.
 */

import type { Codec, Infer } from './codec.ts';
import { DecodeError, within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface Unknown {
  type: 'unknown';
  code: number;
  body: Uint8Array;
}

// biome-ignore lint/suspicious/noExplicitAny: a variant's codec is of any type; ValueOf recovers each.
type AnyCodec = Codec<any>;

/** name → [code, codec of what follows the length]. */
export type Variants = Readonly<Record<string, readonly [code: number, codec: AnyCodec]>>;

type ValueOf<V extends Variants> = { [K in keyof V]: Infer<V[K][1]> }[keyof V] | Unknown;

export interface TaggedOptions {
  /** `included`: the length covers the padding to 8 (actions, instructions). `excluded`: padding follows it (properties). */
  padding: 'included' | 'excluded';
}

export function tagged<const V extends Variants>(variants: V, options: TaggedOptions): Codec<ValueOf<V>> {
  const byCode = new Map<number, [string, AnyCodec]>();
  for (const [name, [code, codec]] of Object.entries(variants)) byCode.set(code, [name, codec]);
  return {
    encode(writer: Writer, value: ValueOf<V>) {
      const { type } = value as { type: string };
      const variant = variants[type];
      if (variant === undefined && type !== 'unknown') throw new EncodeError(`has no type "${type}"`);
      const start = writer.position;
      writer.u16(variant?.[0] ?? (value as Unknown).code);
      writer.u16(0);
      try {
        if (variant === undefined) writer.bytes((value as Unknown).body);
        else variant[1].encode(writer, value);
      } catch (error) {
        throw inside(error, type);
      }
      if (options.padding === 'included') writer.align(start, 8);
      writer.patchU16(start + 2, writer.position - start);
      if (options.padding === 'excluded') writer.align(start, 8);
    },
    decode(reader: Reader) {
      const start = reader.position;
      const code = reader.u16();
      const length = reader.u16();
      if (length < 4) throw new DecodeError(`a length of ${length} does not even hold its header`, start + 2, 'length');
      if (options.padding === 'included' && length % 8 !== 0) {
        throw new DecodeError(`a length of ${length} is no multiple of 8`, start + 2, 'length');
      }
      const body = reader.sub(length - 4);
      const variant = byCode.get(code);
      let value: unknown;
      if (variant === undefined) value = { type: 'unknown', code, body: body.rest() };
      else {
        try {
          value = variant[1].decode(body);
          body.expectEnd();
        } catch (error) {
          throw within(error, variant[0]);
        }
      }
      if (options.padding === 'excluded') reader.take(Math.min((8 - (length % 8)) % 8, reader.remaining));
      return value as ValueOf<V>;
    },
  };
}
