/** A structure: named fields in wire order. One description gives the type, the encoder and the decoder. */

import type { AnyCodec, Codec, Field, Form, Infer } from './codec.ts';
import { DecodeError, within } from './decode-error.ts';
import { EncodeError, inside } from './encode-error.ts';
import { OBJECT, SLOT, scalarMemory } from './memory.ts';
import type { Reader } from './reader.ts';
import { isSilent, type SilentCodec } from './silent.ts';
import type { Writer } from './writer.ts';

/** Silent fields have names for the reader of the schema, but no place in the value. */
export type StructValue<S> = {
  -readonly [K in keyof S as S[K] extends SilentCodec ? never : K]: Infer<S[K]>;
};

type Shape = Record<string, AnyCodec>;

export function struct<const S extends Shape>(shape: S): Codec<StructValue<S>>;
/** With a tag that the value carries and the wire does not: `{ type: 'output', … }`. */
export function struct<const S extends Shape, const G extends string>(
  shape: S,
  type: G,
): Codec<{ type: G } & StructValue<S>>;
export function struct(shape: Shape, type?: string): Codec<unknown> {
  const fields: readonly Field[] = Object.entries(shape).map(([name, codec]) => ({ name, codec }));
  checkShape(fields);
  const constant = constantValue(fields, type);
  const template = createTemplate(fields, type);
  const memory = structMemory(fields, type);
  return {
    form: { kind: 'struct', type, fields },
    encode: (writer, value) => encodeFields(fields, writer, objectOf(value)),
    decode(reader) {
      if (constant === undefined) reader.spend(memory);
      const value = decodeFields(fields, reader, { ...template });
      return constant ?? value;
    },
  };
}

/** An object with all members: a copy of it has no room for more, as one that grows has. */
function createTemplate(fields: readonly Field[], type: string | undefined): Record<string, unknown> {
  const members: Record<string, unknown> = type === undefined ? {} : { type };
  for (const { name, codec } of fields) if (!isSilent(codec)) members[name] = null;
  return JSON.parse(JSON.stringify(members)) as Record<string, unknown>;
}

/** The value of every struct that has nothing to say but its type, or not even that. */
export function constantValue(fields: readonly Field[], type: string | undefined): object | undefined {
  if (!fields.every(({ codec }) => isSilent(codec))) return undefined;
  return Object.freeze(type === undefined ? {} : { type });
}

/** What the value takes, without what its members say for themselves. */
export function structMemory(fields: readonly Field[], type: string | undefined): number {
  let memory = type === undefined ? OBJECT : OBJECT + SLOT;
  for (const { codec } of fields) if (!isSilent(codec)) memory += SLOT + scalarMemory(codec.form);
  return memory;
}

/** The value may come from a stranger's JSON. */
function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new EncodeError('is no object');
  return value as Record<string, unknown>;
}

function checkShape(fields: readonly Field[]): void {
  for (const [i, { name, codec }] of fields.entries()) {
    const { form } = codec;
    if (form?.kind !== 'lengthOf') continue;
    if (!fields.slice(i + 1).some((later) => later.name === form.field)) {
      throw new TypeError(`${name} is the length of ${form.field}, which does not follow it`);
    }
  }
}

function encodeFields(fields: readonly Field[], writer: Writer, value: Record<string, unknown>): void {
  const start = writer.position;
  let lengthAt = -1;
  let paddedFrom = -1;
  let paddedTo = -1;
  let lengthsOf: Record<string, number> | undefined;
  for (const { name, codec } of fields) {
    const form: Form | undefined = codec.form;
    try {
      switch (form?.kind) {
        case 'padding':
          writer.zeros(form.size);
          continue;
        case 'alignment':
          if (form.beforeMore) paddedFrom = writer.position;
          writer.align(start, form.size);
          if (form.beforeMore) paddedTo = writer.position;
          continue;
        case 'length':
          lengthAt = writer.position;
          writer.u16(0);
          continue;
        case 'lengthOf':
          lengthsOf ??= {};
          lengthsOf[form.field] = writer.position;
          writer.u16(0);
          continue;
      }
      const field = value[name];
      if (field === undefined) throw new EncodeError('is missing');
      const fieldStart = writer.position;
      codec.encode(writer, field);
      const itsLengthAt = lengthsOf?.[name];
      if (itsLengthAt !== undefined) patchLength(writer, itsLengthAt, fieldStart);
    } catch (error) {
      throw inside(error, name);
    }
  }
  if (writer.position === paddedTo) writer.position = paddedFrom;
  if (lengthAt >= 0) patchLength(writer, lengthAt, start);
}

/** Writes at `at` how many bytes there are since `start`; refuses what 16 bits can't say. */
export function patchLength(writer: Writer, at: number, start: number): void {
  const length = writer.position - start;
  if (length > 0xffff) throw new EncodeError(`is ${length} bytes long; its length field holds at most 65535`);
  writer.patchU16(at, length);
}

function decodeFields(fields: readonly Field[], reader: Reader, value: Record<string, unknown>): unknown {
  const start = reader.position;
  let window = reader;
  let lengthsOf: Record<string, number> | undefined;
  for (const { name, codec } of fields) {
    const form: Form | undefined = codec.form;
    try {
      switch (form?.kind) {
        case 'padding':
          window.take(form.size);
          continue;
        case 'alignment':
          if (form.beforeMore && window.remaining === 0) continue;
          window.take((form.size - ((window.position - start) % form.size)) % form.size);
          continue;
        case 'length': {
          const length = reader.u16();
          const head = reader.position - start;
          if (length < head) {
            throw new DecodeError(`a length of ${length} does not even hold itself`, reader.position - 2);
          }
          window = reader.sub(length - head);
          continue;
        }
        case 'lengthOf':
          lengthsOf ??= {};
          lengthsOf[form.field] = window.u16();
          continue;
      }
      const length = lengthsOf?.[name];
      value[name] = length === undefined ? codec.decode(window) : decodeExactly(codec, window.sub(length));
    } catch (error) {
      throw within(error, name);
    }
  }
  if (window !== reader) window.expectEnd();
  return value;
}

function decodeExactly(codec: AnyCodec, window: Reader): unknown {
  const value: unknown = codec.decode(window);
  window.expectEnd();
  return value;
}
