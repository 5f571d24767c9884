/**
 * Makes fast functions from schemas: the interpreted codec stays what a schema means; these give the same values and
 * bytes, or throw GIVE_UP. Their caller then runs the interpreted codec, from the start of the message.
 */

import type { AnyCodec } from './codec.ts';
import { type Decode, type DecodeWith, generateDecoder, isInline } from './compile-decode.ts';
import { generateTaggedDecoder } from './compile-decode-tagged.ts';
import { type Encode, generateEncoder } from './compile-encode.ts';
import { generateTaggedEncoder } from './compile-encode-tagged.ts';
import { GIVE_UP } from './give-up.ts';
import { MAX_DEPTH } from './reader.ts';

export interface Compiler {
  decoder(codec: AnyCodec): Decode;
  encoder(codec: AnyCodec): Encode;
  /** Of a struct whose value gets one more member at its end. */
  decoderWith(codec: AnyCodec, last: string): DecodeWith;
}

/** A codec with code of its own, and functions that do the same faster under the rules of generated ones. */
export interface Replacement {
  codec: AnyCodec;
  encode: Encode;
  decode: Decode;
}

/** Whether this process may make functions from text (`node --disallow-code-generation-from-strings`). */
export function canCompile(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** A codec is known by its functions: `structure` makes another object of the same ones. */
export function createCompiler(replacements: readonly Replacement[]): Compiler {
  const decoders = new Map<unknown, Decode>(replacements.map(({ codec, decode }) => [codec.decode, decode]));
  const encoders = new Map<unknown, Encode>(replacements.map(({ codec, encode }) => [codec.encode, encode]));

  function decoder(codec: AnyCodec): Decode {
    const { form } = codec;
    if (form?.kind === 'lazy') return decoder(form.get());
    return remembered(decoders, codec.decode, () => {
      if (form?.kind === 'tagged') return generateTaggedDecoder(form, decoder);
      return isInline(codec) ? (generateDecoder(codec, decoder) as Decode) : codec.decode;
    });
  }

  function encoder(codec: AnyCodec): Encode {
    const { form } = codec;
    if (form?.kind === 'lazy') return counted(encoder(form.get()));
    return remembered(encoders, codec.encode, () => {
      if (form?.kind === 'tagged') return generateTaggedEncoder(form, encoder);
      return isInline(codec) ? generateEncoder(codec, encoder) : codec.encode;
    });
  }

  return { decoder, encoder, decoderWith: (codec, last) => generateDecoder(codec, decoder, last) };
}

/** As `lazy` does; who gives up leaves the count to whoever begins again. */
function counted(encode: Encode): Encode {
  return (writer, value) => {
    if (writer.depth === MAX_DEPTH) throw GIVE_UP;
    writer.depth++;
    encode(writer, value);
    writer.depth--;
  };
}

/** A schema inside itself finds, while it is being made, a function that calls what will be made. */
function remembered<F extends (first: never, second: never) => unknown>(
  known: Map<unknown, F>,
  key: unknown,
  make: () => F,
): F {
  const found = known.get(key);
  if (found !== undefined) return found;
  let made: F | undefined;
  known.set(key, ((first, second) => made?.(first, second)) as F);
  made = make();
  known.set(key, made);
  return made;
}
