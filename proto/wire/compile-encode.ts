/**
 * Encoders generated from what schemas say of themselves (`Codec.form`). They throw GIVE_UP, or another error, at
 * any value that is not the plain one, and may then have written anything behind where they began.
 */

import { hexBytes, ipv4Number, ipv6Bytes, putMac } from './address.ts';
import type { AnyCodec, Form } from './codec.ts';
import { isInline } from './compile-decode.ts';
import { createFunctionSource, createRun, type FunctionSource, type Run } from './generate.ts';
import { GIVE, GIVE_UP } from './give-up.ts';
import { bigintOf } from './scalars.ts';
import { isSilent } from './silent.ts';
import type { Writer } from './writer.ts';

export type Encode = (writer: Writer, value: unknown) => void;

/** Gives the function for a schema that is not written in place. */
export type EncoderOf = (codec: AnyCodec) => Encode;

/** Where in a function its generator is. */
export interface EncodeContext {
  source: FunctionSource;
  run: Run;
  encoderOf: EncoderOf;
}

/** Makes room for so many bytes. */
export const roomFor = (size: number | string) =>
  `if (b.length - p < ${size}) { w.position = p; w.room(${size}); b = w.buffer; v = w.view; }`;
const OPEN = 'let b = w.buffer, v = w.view, p = w.position;';

export function createEncodeContext(encoderOf: EncoderOf): EncodeContext {
  const source = createFunctionSource();
  source.lines.push(`const G = ${source.constant(GIVE_UP)};`, OPEN);
  return { source, run: createRun(source.lines, roomFor), encoderOf };
}

export function generateEncoder(codec: AnyCodec, encoderOf: EncoderOf): Encode {
  const context = createEncodeContext(encoderOf);
  encoded(context, codec, 'value');
  context.run.flush();
  context.source.lines.push('w.position = p;');
  return context.source.build('encode', ['w', 'value']) as Encode;
}

/** Writes what encodes the value that the variable `value` holds. */
export function encoded(context: EncodeContext, codec: AnyCodec, value: string): void {
  const { source, run } = context;
  const { lines } = source;
  if (!isInline(codec) || codec.form === undefined) {
    called(context, codec, value);
    return;
  }
  const { form } = codec;
  const helper = (call: (...values: never[]) => unknown, ...values: (string | number)[]) =>
    `${source.constant(call)}(${values.join(', ')})`;
  switch (form.kind) {
    case 'number':
      number(context, value, form.bits, form.signed);
      return;
    case 'bigint': {
      const whole = source.fresh('q');
      lines.push(`const ${whole} = typeof ${value} === 'bigint' ? ${value} : ${helper(bigintOf, value, 64)};`);
      lines.push(`if (BigInt.asUintN(64, ${whole}) !== ${whole}) ${GIVE}`);
      lines.push(`v.setBigUint64(${run.take(8)}, ${whole});`);
      return;
    }
    case 'mac':
      lines.push(`if (typeof ${value} !== 'string' || !${helper(putMac, 'b', run.take(6), value)}) ${GIVE}`);
      return;
    case 'ipv4': {
      const address = source.fresh('n');
      lines.push(`const ${address} = ${helper(ipv4Number, textual(value))};`);
      number(context, address, 32);
      return;
    }
    case 'ipv6':
      lines.push(`b.set(${helper(ipv6Bytes, textual(value))} ?? ${helper(giveUp)}, ${run.take(16)});`);
      return;
    case 'text':
      lines.push(`${helper(putText, 'b', run.take(form.size), form.size, value)};`);
      return;
    case 'bytes': {
      const bytes = source.fresh('y');
      lines.push(`const ${bytes} = ${helper(bytesOf, value)};`);
      run.flush();
      lines.push(roomFor(`${bytes}.length`), `b.set(${bytes}, p); p += ${bytes}.length;`);
      return;
    }
    case 'enumeration': {
      const code = source.fresh('n');
      const codes = source.constant(new Map(Object.entries(form.codes)));
      lines.push(`const ${code} = typeof ${value} === 'number' ? ${value} : ${codes}.get(${value});`);
      encoded(context, form.base, code);
      return;
    }
    case 'flags': {
      const sum = source.fresh('n');
      const bits = source.constant(new Map(Object.entries(form.bits)));
      const empty = `Array.isArray(${value}) && ${value}.length === 0`;
      lines.push(`const ${sum} = ${empty} ? 0 : ${helper(flagSum, bits, value)};`);
      encoded(context, form.base, sum);
      return;
    }
    case 'list': {
      run.flush();
      const i = source.fresh('i');
      const item = source.fresh('x');
      lines.push(`if (!Array.isArray(${value})) ${GIVE}`, `for (let ${i} = 0; ${i} < ${value}.length; ${i}++) {`);
      lines.push(`const ${item} = ${value}[${i}];`);
      encoded(context, form.item, item);
      run.flush();
      lines.push('}');
      return;
    }
    default:
      structure(context, form as Form & { kind: 'struct' }, value);
  }
}

/** Helpers for text take text only. */
const textual = (value: string) => `typeof ${value} === 'string' ? ${value} : ''`;

function giveUp(): never {
  throw GIVE_UP;
}

export function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? hexBytes(value) : value;
  return bytes instanceof Uint8Array ? bytes : giveUp();
}

function putText(bytes: Uint8Array, at: number, size: number, value: unknown): void {
  if (typeof value !== 'string' || value.length > size) giveUp();
  const { length } = value;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0 || code > 0xff) giveUp();
    bytes[at + i] = code;
  }
  bytes.fill(0, at + length, at + size);
}

function flagSum(bits: Map<string, number>, value: unknown): number {
  if (!Array.isArray(value)) giveUp();
  let sum = 0;
  for (let i = 0; i < value.length; i++) {
    const flag: unknown = value[i];
    const bit = typeof flag === 'number' ? flag : bits.get(flag as string);
    if (bit === undefined || bit >>> 0 !== bit) giveUp();
    sum = (sum | bit) >>> 0;
  }
  return sum;
}

function number({ source, run }: EncodeContext, value: string, bits: 8 | 16 | 32, signed?: true): void {
  const same = bits === 32 ? (signed ? `(${value} | 0)` : `(${value} >>> 0)`) : `(${value} & ${2 ** bits - 1})`;
  source.lines.push(`if (${same} !== ${value}) ${GIVE}`);
  const at = run.take(bits / 8);
  source.lines.push(bits === 8 ? `b[${at}] = ${value};` : `v.setUint${bits}(${at}, ${value});`);
}

export function zeros({ source, run }: EncodeContext, size: number): void {
  for (let left = size; left > 0; ) {
    const bytes = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    source.lines.push(`v.setUint${8 * bytes}(${run.take(bytes)}, 0);`);
    left -= bytes;
  }
}

/** Zeros until there is a multiple of `size` bytes since `start`. */
export function aligned({ source, run }: EncodeContext, start: string, size: number): void {
  run.flush();
  source.lines.push(`if ((p - ${start} & ${size - 1}) !== 0) {`, roomFor(size));
  source.lines.push('do b[p++] = 0;', `while ((p - ${start} & ${size - 1}) !== 0);`, '}');
}

/** How many bytes there are since `start`, into 16 bits at `at`. */
function length({ source, run }: EncodeContext, at: string, start: string): void {
  run.flush();
  source.lines.push(`if (p - ${start} > 65535) ${GIVE}`, `v.setUint16(${at}, p - ${start});`);
}

function called(context: EncodeContext, codec: AnyCodec, value: string): void {
  const { source, run, encoderOf } = context;
  run.flush();
  source.lines.push(`w.position = p; ${source.constant(encoderOf(codec))}(w, ${value});`);
  source.lines.push('p = w.position; b = w.buffer; v = w.view;');
}

/** A variable with the place that the next byte has. */
function mark({ source, run }: EncodeContext): string {
  run.flush();
  const name = source.fresh('p');
  source.lines.push(`const ${name} = p;`);
  return name;
}

function structure(context: EncodeContext, form: Form & { kind: 'struct' }, value: string): void {
  const { source } = context;
  const { lines } = source;
  // A list lacks the first field, where there is one.
  const silent = form.fields.every(({ codec }) => isSilent(codec));
  const nothing = silent ? `${value} === null || Array.isArray(${value})` : `${value} === null`;
  lines.push(`if (typeof ${value} !== 'object' || ${nothing}) ${GIVE}`);
  const measured = form.fields.some(({ codec }) => codec.form?.kind === 'alignment' || codec.form?.kind === 'length');
  const start = measured ? mark(context) : '';
  const lengths = new Map<string, string>();
  let ownLength: string | undefined;
  let padded: [from: string, to: string] | undefined;
  for (const { name, codec } of form.fields) {
    const silent = codec.form;
    switch (silent?.kind) {
      case 'padding':
        zeros(context, silent.size);
        continue;
      case 'alignment': {
        const from = silent.beforeMore ? mark(context) : '';
        aligned(context, start, silent.size);
        if (silent.beforeMore) padded = [from, mark(context)];
        continue;
      }
      case 'length':
        ownLength = mark(context);
        zeros(context, 2);
        continue;
      case 'lengthOf':
        lengths.set(silent.field, mark(context));
        zeros(context, 2);
        continue;
    }
    const field = source.fresh('x');
    lines.push(`const ${field} = ${value}.${name};`);
    if (!isInline(codec)) lines.push(`if (${field} === undefined) ${GIVE}`);
    const lengthAt = lengths.get(name);
    const fieldStart = lengthAt === undefined ? '' : mark(context);
    encoded(context, codec, field);
    if (lengthAt !== undefined) length(context, lengthAt, fieldStart);
  }
  if (padded !== undefined) {
    context.run.flush();
    lines.push(`if (p === ${padded[1]}) p = ${padded[0]};`);
  }
  if (ownLength !== undefined) length(context, ownLength, start);
}
