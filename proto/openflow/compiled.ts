/**
 * Messages by generated code (proto/wire/compile.ts), made for each type when the first of it comes. What that code gives
 * up, every error, and every message of another version is the interpreted codec's: it starts again at the message's
 * first byte.
 */

import type { AnyCodec, Codec } from '../wire/codec.ts';
import { type Compiler, canCompile, createCompiler, type Replacement } from '../wire/compile.ts';
import type { DecodeWith } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { compiledActions } from './action-compiled.ts';
import { NICIRA } from './experimenter.ts';
import { match } from './match.ts';
import { matchDecoder } from './match-decoder.ts';
import { matchEncoder } from './match-encoder.ts';
import { compiledMultipart } from './multipart-compiled.ts';

/** A message's place in the tables: `niciraType` where it is one inside OFPT_EXPERIMENTER. */
export interface MessageVariant {
  name: string;
  code: number;
  codec: AnyCodec;
  niciraType?: number;
}

export interface MessageSchema<M> {
  interpreted: Codec<M>;
  variants: readonly MessageVariant[];
  version: number;
}

interface AnyMessage {
  type: string;
  version?: number;
  xid: number;
}

const HEADER_LENGTH = 8;
const EXPERIMENTER = 4;

/** The codec that only knows generated code: it throws GIVE_UP, or anything, where that has no answer. */
export function compileMessages<M>({ interpreted, variants, version }: MessageSchema<M>): Codec<M> {
  const byName = new Map<string, { variant: MessageVariant; encode: Encode | undefined }>();
  const byCode: (DecodeWith | undefined)[] = [];
  const byNiciraType = new Map<number, DecodeWith>();
  const self: Replacement = { codec: interpreted, encode: encode as Encode, decode };
  let compiler: Compiler | undefined;

  /** Made with the first message, when every schema has been loaded. */
  function compiled(): Compiler {
    if (compiler === undefined) {
      compiler = createCompiler([
        self,
        { codec: match, encode: matchEncoder(), decode: matchDecoder() },
        ...compiledActions(compiled),
        ...compiledMultipart(compiled),
      ]);
    }
    return compiler;
  }

  for (const variant of variants) {
    byName.set(variant.name, { variant, encode: undefined });
    if (variant.niciraType === undefined)
      byCode[variant.code] = firstUse(variant.codec, (made) => (byCode[variant.code] = made));
    else {
      const type = variant.niciraType;
      byNiciraType.set(
        type,
        firstUse(variant.codec, (made) => byNiciraType.set(type, made)),
      );
    }
  }

  function firstUse(codec: AnyCodec, keep: (made: DecodeWith) => void): DecodeWith {
    return (reader, xid) => {
      const made = withXid(codec, compiled());
      keep(made);
      return made(reader, xid);
    };
  }

  function decode(reader: Reader): AnyMessage {
    const { bytes, position: start, end: outer } = reader;
    if (outer - start < HEADER_LENGTH || bytes[start] !== version) throw GIVE_UP;
    const end = start + ((bytes[start + 2]! << 8) | bytes[start + 3]!);
    if (end < start + HEADER_LENGTH || end > outer) throw GIVE_UP;
    const code = bytes[start + 1]!;
    reader.position = start + HEADER_LENGTH;
    reader.end = end;
    reader.depth++;
    const decoder = code === EXPERIMENTER ? extension(reader) : byCode[code];
    if (decoder === undefined) throw GIVE_UP;
    const value = decoder(reader, reader.view.getUint32(start + 4 + reader.origin)) as AnyMessage;
    if (reader.position !== end) throw GIVE_UP;
    reader.end = outer;
    reader.depth--;
    return value;
  }

  /** Nicira's message behind the header. */
  function extension(reader: Reader): DecodeWith | undefined {
    if (reader.remaining < 8 || reader.u32At(reader.position) !== NICIRA) return undefined;
    reader.position += 8;
    return byNiciraType.get(reader.u32At(reader.position - 4));
  }

  function encode(writer: Writer, value: AnyMessage): void {
    const entry = byName.get(value.type);
    if (entry === undefined) throw GIVE_UP;
    const { xid } = value;
    if (xid >>> 0 !== xid || value.version !== undefined) throw GIVE_UP;
    const { variant } = entry;
    entry.encode ??= compiled().encoder(variant.codec);
    const start = writer.position;
    writer.room(16);
    writer.view.setUint16(start, (version << 8) | variant.code);
    writer.view.setUint32(start + 4, xid);
    writer.position = start + HEADER_LENGTH;
    if (variant.niciraType !== undefined) {
      writer.u32(NICIRA);
      writer.u32(variant.niciraType);
    }
    entry.encode(writer, value);
    const length = writer.position - start;
    if (length > 0xffff) throw GIVE_UP;
    writer.patchU16(start + 2, length);
  }

  return self as unknown as Codec<M>;
}

/** Structs get the xid with their fields, in one object; other values get it afterwards. */
function withXid(codec: AnyCodec, compiler: Compiler): DecodeWith {
  if (codec.form?.kind === 'struct') return compiler.decoderWith(codec, 'xid');
  const decode = compiler.decoder(codec);
  return (reader, xid) => {
    const value = decode(reader) as AnyMessage;
    value.xid = xid as number;
    return value;
  };
}

/** Generated code where it has an answer, else the interpreted codec. */
export function withInterpreted<M>(compiled: Codec<M>, interpreted: Codec<M>): Codec<M> {
  if (!canCompile()) return interpreted;
  return {
    ...interpreted,
    encode(writer, value) {
      const { position, depth } = writer;
      try {
        compiled.encode(writer, value);
      } catch {
        writer.position = position;
        writer.depth = depth;
        interpreted.encode(writer, value);
      }
    },
    decode(reader) {
      const { position, end, depth } = reader;
      const { memory } = reader.root;
      try {
        return compiled.decode(reader);
      } catch {
        reader.position = position;
        reader.end = end;
        reader.depth = depth;
        reader.restoreMemory(memory);
        return interpreted.decode(reader);
      }
    },
  };
}
