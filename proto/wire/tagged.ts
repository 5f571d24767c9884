/**
 * Tagged unions with a 16-bit type and a 16-bit length in front: actions, instructions, properties, bands.
 * A type that no schema names is kept as `{ type: 'unknown', code, body }` and written back byte for byte.
 */

import type { AnyCodec, Codec, Extension, Infer, TagPadding, Variants } from './codec.ts';
import { DecodeError, Unrecognized, within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import { isIrregular, UNKNOWN, weight } from './memory.ts';
import { encodePart } from './part.ts';
import type { Reader } from './reader.ts';
import { rest, u16 } from './scalars.ts';
import { patchLength } from './struct.ts';

export interface Unknown {
  type: 'unknown';
  code: number;
  body: Uint8Array;
}

const EXPERIMENTER = 0xffff;

type ValueOf<V extends Variants> = { [K in keyof V]: Infer<V[K][1]> }[keyof V] | Unknown;

export interface TaggedOptions {
  padding: TagPadding;
  /** What their tables do not name is the variant with the code 0xffff. */
  extensions?: readonly Extension[];
  /** The length stands before the type: updates of flows. */
  lengthFirst?: true;
}

interface Variant {
  name: string;
  code: number;
  codec: AnyCodec;
  /** Of an extension's variant. */
  experimenter?: number;
}

export function tagged<const V extends Variants>(variants: V, options: TaggedOptions): Codec<ValueOf<V>> {
  const extensions = options.extensions ?? [];
  const byName = new Map<string, Variant>();
  const byCode = new Map<number, Variant>();
  const bySubtype = extensions.map(({ experimenter }) => ({ experimenter, variants: new Map<number, Variant>() }));
  for (const [name, [code, codec]] of Object.entries(variants)) {
    const variant = { name, code, codec };
    byName.set(name, variant);
    byCode.set(code, variant);
  }
  for (const [i, { experimenter, variants: own }] of extensions.entries()) {
    for (const [name, [code, codec]] of Object.entries(own)) {
      const variant = { name, code, codec, experimenter };
      byName.set(name, variant);
      bySubtype[i]!.variants.set(code, variant);
    }
  }
  const included = options.padding === 'included';
  const excluded = options.padding === 'excluded';
  const lengthFirst = options.lengthFirst === true;
  const lengthAt = lengthFirst ? 0 : 2;

  /** The extension's variant that starts behind the length, where it is one that we know. */
  function extended(body: Reader): Variant | undefined {
    if (body.remaining < 6) return undefined;
    const experimenter = body.u32At(body.position);
    const extension = bySubtype.find((each) => each.experimenter === experimenter);
    return extension?.variants.get(body.u16At(body.position + 4));
  }

  function decodeBody(variant: Variant | undefined, code: number, body: Reader): unknown {
    if (variant === undefined) {
      body.spend(UNKNOWN);
      return { type: 'unknown', code, body: body.rest() };
    }
    if (variant.experimenter !== undefined) body.take(6);
    try {
      const value: unknown = variant.codec.decode(body);
      if (isIrregular(variant.codec)) body.spend(weight(value));
      body.expectEnd();
      return value;
    } catch (error) {
      throw within(error, variant.name);
    }
  }

  return {
    form: {
      kind: 'tagged',
      variants,
      padding: options.padding,
      extensions,
      ...(lengthFirst ? { lengthFirst } : {}),
    },
    encode(writer, value) {
      const type = typeOf(value);
      const variant = byName.get(type);
      if (variant === undefined && type !== 'unknown') throw new EncodeError(`has no type "${type}"`);
      const start = writer.position;
      try {
        if (lengthFirst) writer.u16(0);
        if (variant === undefined) encodePart(writer, value as Unknown, 'code', u16);
        else writer.u16(extendedCode(variant));
        if (!lengthFirst) writer.u16(0);
        if (variant?.experimenter !== undefined) {
          writer.u32(variant.experimenter);
          writer.u16(variant.code);
        }
        if (variant === undefined) encodePart(writer, value as Unknown, 'body', rest);
        else variant.codec.encode(writer, value);
        if (included) writer.align(start, 8);
        patchLength(writer, start + lengthAt, start);
      } catch (error) {
        throw inside(error, type);
      }
      if (excluded) writer.align(start, 8);
    },
    decode(reader) {
      const start = reader.position;
      const first = reader.u16();
      const second = reader.u16();
      const [code, length] = lengthFirst ? [second, first] : [first, second];
      if (length < 4) {
        throw new DecodeError(`a length of ${length} does not even hold its header`, start + lengthAt, 'length');
      }
      if (included && length % 8 !== 0) {
        throw new DecodeError(`a length of ${length} is no multiple of 8`, start + lengthAt, 'length');
      }
      const body = reader.sub(length - 4);
      const plain = byCode.get(code);
      const extension = code === EXPERIMENTER ? extended(body) : undefined;
      let value: unknown;
      try {
        value = decodeBody(extension ?? plain, code, body);
      } catch (error) {
        if (!(error instanceof Unrecognized)) throw error;
        body.position = start + 4;
        value = decodeBody(extension === undefined ? undefined : plain, code, body);
      }
      if (excluded) reader.take(Math.min((8 - (length % 8)) % 8, reader.remaining));
      return value as ValueOf<V>;
    },
  };
}

function extendedCode(variant: Variant): number {
  return variant.experimenter === undefined ? variant.code : EXPERIMENTER;
}

/** The tag of a value that may come from a stranger's JSON. */
export function typeOf(value: unknown): string {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
  if (typeof type !== 'string') throw new EncodeError('is no object with a "type"');
  return type;
}
