/**
 * Decoders generated from what schemas say of themselves (`Codec.form`). They throw GIVE_UP at anything unusual and
 * may then leave the reader anywhere. A structure's window is a local variable; the reader's own end and depth are
 * set only around calls of other functions, and are as they were when a function returns.
 */

import { ipv4Text, ipv6Text, macText } from './address.ts';
import type { AnyCodec, Form } from './codec.ts';
import { flagged, named } from './compile-names.ts';
import { createFunctionSource, createRun, type FunctionSource, literal, type Run } from './generate.ts';
import { GIVE, GIVE_UP } from './give-up.ts';
import { EMPTY } from './list.ts';
import { LIST, NUMBER, SLOT } from './memory.ts';
import { MAX_DEPTH, type Reader } from './reader.ts';
import { textAt } from './scalars.ts';
import { constantValue, structMemory } from './struct.ts';

export type Decode = (reader: Reader) => unknown;
/** Decodes, and puts `last` at the end of the value under a name of the caller's. */
export type DecodeWith = (reader: Reader, last: unknown) => unknown;

/** Gives the function for a schema that is not written in place. */
export type DecoderOf = (codec: AnyCodec) => Decode;

/** Where in a function its generator is. */
export interface DecodeContext {
  source: FunctionSource;
  run: Run;
  decoderOf: DecoderOf;
  /** Variable that holds where the window ends. */
  end: string;
  /** How many windows deeper this is than the function's own. */
  depth: number;
}

/** Windows inside one another in one function are fewer; nearer to the limit than this only the interpreted codec goes. */
export const DEPTH_MARGIN = 8;

/**
 * What every decoder starts with. `v` is of the whole buffer, in which the message starts at `o`, so places in the code
 * count from the buffer's start and places in the reader from the message's.
 */
export function prologue(source: FunctionSource): string[] {
  return [
    `const G = ${source.constant(GIVE_UP)}, v = r.view, o = r.origin, e = r.end + o, R = r.root; let p = r.position + o;`,
    `if (r.depth > ${MAX_DEPTH - DEPTH_MARGIN}) ${GIVE}`,
  ];
}

/** `last`: the name of a member that the struct's value gets beside its fields. */
export function generateDecoder(codec: AnyCodec, decoderOf: DecoderOf, last?: string): DecodeWith {
  const source = createFunctionSource();
  const context: DecodeContext = {
    source,
    run: createRun(source.lines, (size) => `if (${context.end} - p < ${size}) ${GIVE}`),
    decoderOf,
    end: 'e',
    depth: 0,
  };
  const { form } = codec;
  source.lines.push(...prologue(source));
  const value = form?.kind === 'struct' ? structure(context, form, last) : decoded(context, codec);
  context.run.flush();
  source.lines.push('r.position = p - o; r.end = e - o;', `return ${value};`);
  return source.build('decode', ['r', 'last']) as DecodeWith;
}

/** Whether a schema is written out where it stands; else it is a function of its own. */
export function isInline({ form }: AnyCodec): boolean {
  if (form === undefined) return false;
  switch (form.kind) {
    case 'number':
      return form.signed === undefined || form.bits === 32;
    case 'bigint':
    case 'mac':
    case 'ipv4':
    case 'ipv6':
    case 'text':
    case 'bytes':
    case 'list':
      return true;
    case 'enumeration':
    case 'flags':
      return form.base.form?.kind === 'number' && form.base.form.signed === undefined;
    case 'struct':
      return form.fields.every(({ name, codec }) => /^[A-Za-z]\w*$/.test(name) && !isStrange(codec.form));
    default:
      return false;
  }
}

/** Silent fields that this file has no code for. */
function isStrange(form: Form | undefined): boolean {
  return form?.kind === 'alignment' && ![2, 4, 8].includes(form.size);
}

/** Writes what decodes `codec` and returns the expression of its value. */
export function decoded(context: DecodeContext, codec: AnyCodec): string {
  const { source, run } = context;
  if (!isInline(codec) || codec.form === undefined) return called(context, codec);
  const { form } = codec;
  const keep = (letter: string, expression: string) => {
    const name = source.fresh(letter);
    source.lines.push(`const ${name} = ${expression};`);
    return name;
  };
  switch (form.kind) {
    case 'number':
      return keep('n', numberAt(run.take(form.bits / 8), form.bits, form.signed));
    case 'bigint':
      return keep('q', `v.getBigUint64(${run.take(8)})`);
    case 'mac':
      return keep('t', `${source.constant(macText)}(r.bytes, ${run.take(6)} - o)`);
    case 'ipv4':
      return keep('t', `${source.constant(ipv4Text)}(${numberAt(run.take(4), 32)})`);
    case 'ipv6':
      return keep('t', `${source.constant(ipv6Text)}(r.bytes, ${run.take(16)} - o)`);
    case 'text':
      return keep('t', `${source.constant(textAt)}(r.bytes, ${run.take(form.size)} - o, ${form.size})`);
    case 'bytes': {
      run.flush();
      const name = keep('y', `r.viewAt(p - o, ${context.end} - o)`);
      source.lines.push(`p = ${context.end};`);
      return name;
    }
    case 'enumeration':
      return keep('s', named(source, decoded(context, form.base), form.codes));
    case 'flags':
      return keep('f', flagged(source, decoded(context, form.base), form.bits));
    case 'list':
      return list(context, form.item);
    default:
      return structure(context, form as Form & { kind: 'struct' });
  }
}

/** The line that keeps account of the value's memory. */
export function spent(memory: number | string): string {
  return `if ((R.memory -= ${memory}) < 0) ${GIVE}`;
}

export function numberAt(at: string, bits: 8 | 16 | 32, signed?: true): string {
  return `v.get${signed ? 'Int' : 'Uint'}${bits}(${at})`;
}

function list(context: DecodeContext, item: AnyCodec): string {
  const { source, run } = context;
  const { lines } = source;
  run.flush();
  const items = source.fresh('a');
  const one = (keep: (value: string) => string) => {
    const before = source.fresh('p');
    lines.push(`const ${before} = p;`);
    const value = decoded(context, item);
    run.flush();
    lines.push(`if (p === ${before}) ${GIVE}`, keep(value));
  };
  const more = `p < ${context.end}`;
  lines.push(`let ${items} = ${source.constant(EMPTY)};`, `if (${more}) {`);
  if (isInline(item)) lines.push(`${items} = [];`);
  else {
    // Most lists of structures have one or two, and are made at once.
    one((first) => {
      lines.push(`if (${more}) {`);
      one((second) => `${items} = [${first}, ${second}];`);
      return `} else ${items} = [${first}];`;
    });
  }
  lines.push(`if (${more}) {`, 'do {');
  one((value) => `${items}.push(${value});`);
  // A list that grew has room for more.
  lines.push(`} while (${more});`, `${items} = ${items}.slice();`, '}');
  lines.push(spent(`${LIST} + ${SLOT} * ${items}.length`), '}');
  return items;
}

/** A function's value: it reads from the reader's position up to the reader's end. */
function called(context: DecodeContext, codec: AnyCodec): string {
  const { source, run, depth, end } = context;
  run.flush();
  const value = source.fresh('x');
  const { lines } = source;
  lines.push(`r.position = p - o; r.end = ${end} - o;`);
  if (depth > 0) lines.push(`r.depth += ${depth};`);
  lines.push(`const ${value} = ${source.constant(context.decoderOf(codec))}(r); p = r.position + o;`);
  if (depth > 0) lines.push(`r.depth -= ${depth};`);
  return value;
}

function structure(context: DecodeContext, form: Form & { kind: 'struct' }, last?: string): string {
  const { source, run } = context;
  const { lines } = source;
  const constant = constantValue(form.fields, form.type);
  const members = form.type === undefined ? [] : [`type: ${literal(form.type)}`];
  const outer = { end: context.end, depth: context.depth };
  let start = '';
  if (form.fields.some(({ codec }) => codec.form?.kind === 'alignment' || codec.form?.kind === 'length')) {
    run.flush();
    start = source.fresh('p');
    lines.push(`const ${start} = p;`);
  }
  const lengths = new Map<string, string>();
  for (const { name, codec } of form.fields) {
    const silent = codec.form;
    switch (silent?.kind) {
      case 'padding':
        run.take(silent.size);
        continue;
      case 'alignment':
        run.flush();
        lines.push(`${silent.beforeMore ? `if (p < ${context.end}) ` : ''}p += -(p - ${start}) & ${silent.size - 1};`);
        lines.push(`if (p > ${context.end}) ${GIVE}`);
        continue;
      case 'length': {
        const length = source.fresh('n');
        const end = source.fresh('e');
        lines.push(`const ${length} = ${numberAt(run.take(2), 16)};`);
        run.flush();
        lines.push(`const ${end} = ${start} + ${length};`, `if (${end} < p || ${end} > ${context.end}) ${GIVE}`);
        context.end = end;
        context.depth++;
        continue;
      }
      case 'lengthOf': {
        const length = source.fresh('n');
        lines.push(`const ${length} = ${numberAt(run.take(2), 16)};`);
        lengths.set(silent.field, length);
        continue;
      }
    }
    const length = lengths.get(name);
    if (length === undefined) members.push(`${name}: ${decoded(context, codec)}`);
    else members.push(`${name}: ${exactly(context, codec, length)}`);
  }
  if (context.end !== outer.end) {
    run.flush();
    lines.push(`if (p !== ${context.end}) ${GIVE}`);
    context.end = outer.end;
    context.depth = outer.depth;
  }
  if (last !== undefined) members.push(`${last}: last`);
  else if (constant !== undefined) return source.constant(constant);
  lines.push(spent(structMemory(form.fields, form.type) + (last === undefined ? 0 : SLOT + NUMBER)));
  const value = source.fresh('o');
  lines.push(`const ${value} = { ${members.join(', ')} };`);
  return value;
}

/** A value that must fill a window of `length` bytes. */
function exactly(context: DecodeContext, codec: AnyCodec, length: string): string {
  const { source, run } = context;
  run.flush();
  const outer = { end: context.end, depth: context.depth };
  context.end = source.fresh('e');
  context.depth++;
  source.lines.push(`const ${context.end} = p + ${length};`, `if (${context.end} > ${outer.end}) ${GIVE}`);
  const value = decoded(context, codec);
  run.flush();
  source.lines.push(`if (p !== ${context.end}) ${GIVE}`);
  Object.assign(context, outer);
  return value;
}
