/** Multipart messages for generated code: the standard's kinds, each part made fast when first used; the rest as interpreted. */

import type { Compiler, Replacement } from '../wire/compile.ts';
import type { Decode } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import { EMPTY } from '../wire/list.ts';
import type { Writer } from '../wire/writer.ts';
import { multipartReply, multipartRequest, PARTS } from './multipart.ts';

interface Part {
  kind: string;
  code: number;
  decode: Decode | undefined;
  encode: Encode | undefined;
}

const HEAD_LENGTH = 8;
const MORE = 1;
const MORE_FLAGS = Object.freeze(['more']);

export function compiledMultipart(compiler: () => Compiler): Replacement[] {
  return [replacement(compiler, 'multipartRequest', 'request', 1), replacement(compiler, 'multipartReply', 'reply', 2)];
}

function replacement(
  compiler: () => Compiler,
  type: 'multipartRequest' | 'multipartReply',
  field: 'request' | 'reply',
  column: 1 | 2,
): Replacement {
  const codec = type === 'multipartRequest' ? multipartRequest : multipartReply;
  const byCode = new Map<number, Part>();
  const byKind = new Map<unknown, Part>();
  for (const [kind, [code]] of Object.entries(PARTS)) {
    if (code === PARTS.experimenter[0]) continue;
    const part = { kind, code, decode: undefined, encode: undefined };
    byCode.set(code, part);
    byKind.set(kind, part);
  }
  const codecOf = (part: Part) => PARTS[part.kind as keyof typeof PARTS][column];

  const decode: Decode = (reader) => {
    const start = reader.position;
    const part = reader.remaining < HEAD_LENGTH ? undefined : byCode.get(reader.u16At(start));
    const bits = part === undefined ? 0 : reader.u16At(start + 2);
    if (part === undefined || bits > MORE) return codec.decode(reader);
    const flags = bits === 0 ? EMPTY : MORE_FLAGS;
    part.decode ??= compiler().decoder(codecOf(part));
    reader.position = start + HEAD_LENGTH;
    const body = part.decode(reader);
    if (reader.position !== reader.end) throw GIVE_UP;
    return { type, flags, kind: part.kind, [field]: body };
  };

  const encode = (writer: Writer, value: Record<string, unknown>): void => {
    const part = byKind.get(value.kind);
    const { flags } = value;
    const body = value[field];
    if (part === undefined || !Array.isArray(flags) || flags.length > 0 || body === undefined) {
      (codec.encode as Encode)(writer, value);
      return;
    }
    part.encode ??= compiler().encoder(codecOf(part));
    writer.room(HEAD_LENGTH);
    writer.view.setUint32(writer.position, part.code * 0x10000);
    writer.view.setUint32(writer.position + 4, 0);
    writer.position += HEAD_LENGTH;
    part.encode(writer, body);
  };

  return { codec, decode, encode: encode as Encode };
}
