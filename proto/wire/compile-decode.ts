/**
 * Decoders generated from what schemas say of themselves (`Codec.form`). They throw GIVE_UP at anything unusual and
 * may then leave the reader anywhere. A structure's window is a local variable; the reader's own end and depth are
 * set only around calls of other functions, and are as they were when a function returns.
 */

import { ipv4Text, ipv6Text, macText } from './address.ts';
import type { AnyCodec, Form, Variants } from './codec.ts';
import { createFunctionSource, createRun, type FunctionSource, literal, type Run } from './generate.ts';
import { GIVE_UP } from './give-up.ts';
import { MAX_DEPTH, type Reader } from './reader.ts';

export type Decode = (reader: Reader) => unknown;
/** Decodes, and puts `last` at the end of the value under a name of the caller's. */
export type DecodeWith = (reader: Reader, last: unknown) => unknown;

/** Gives the function for a schema that is not written in place. */
export type DecoderOf = (codec: AnyCodec) => Decode;

interface Context {
  source: FunctionSource;
  run: Run;
  decoderOf: DecoderOf;
  /** Variable that holds where the window ends. */
  end: string;
  /** How many windows deeper this is than the function's own. */
  depth: number;
}

const GIVE = 'throw G;';
const EXPERIMENTER = 0xffff;

/** Windows inside one another in one function are fewer; nearer to the limit than this only the interpreted codec goes. */
export const DEPTH_MARGIN = 8;

/**
 * What every decoder starts with. `v` is of the whole buffer, in which the message starts at `o`, so places in the code
 * count from the buffer's start and places in the reader from the message's.
 */
export function prologue(source: FunctionSource): string[] {
  return [
    `const G = ${source.constant(GIVE_UP)}, v = r.view, o = r.origin, e = r.end + o; let p = r.position + o;`,
    `if (r.depth > ${MAX_DEPTH - DEPTH_MARGIN}) ${GIVE}`,
  ];
}

/** `last`: the name of a member that the struct's value gets beside its fields. */
export function generateDecoder(codec: AnyCodec, decoderOf: DecoderOf, last?: string): DecodeWith {
  const source = createFunctionSource();
  const context: Context = {
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
function decoded(context: Context, codec: AnyCodec): string {
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
      if (form.size !== undefined) {
        const at = run.take(form.size);
        return keep('y', `r.viewAt(${at} - o, ${at} - o + ${form.size})`);
      }
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

export function numberAt(at: string, bits: 8 | 16 | 32, signed?: true): string {
  return `v.get${signed ? 'Int' : 'Uint'}${bits}(${at})`;
}

export function textAt(bytes: Uint8Array, at: number, size: number): string {
  let text = '';
  for (let i = at; i < at + size && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The name of a number, or the number: a table where the codes lie close together. */
function named(source: FunctionSource, number: string, codes: Readonly<Record<string, number>>): string {
  const entries = Object.entries(codes);
  if (entries.length === 0) return number;
  const lowest = Math.min(...entries.map(([, code]) => code));
  const highest = Math.max(...entries.map(([, code]) => code));
  if (highest - lowest > 255) {
    const byCode = new Map(entries.map(([name, code]) => [code, name]));
    return `${source.constant(byCode)}.get(${number}) ?? ${number}`;
  }
  const table: (string | undefined)[] = Array.from({ length: highest - lowest + 1 }, () => undefined);
  for (const [name, code] of entries) table[code - lowest] = name;
  const bounds = [];
  if (lowest > 0) bounds.push(`${number} < ${lowest}`);
  bounds.push(`${number} > ${highest}`);
  return `${bounds.join(' || ')} ? ${number} : ${source.constant(table)}[${number} - ${lowest}] ?? ${number}`;
}

/** Small numbers, which most flags are, from a table of lists: each value gets one of its own. */
const LISTED = 256;

function flagged(source: FunctionSource, number: string, bits: Readonly<Record<string, number>>): string {
  const entries = Object.entries(bits);
  const lists: (string | number)[][] = [];
  const listOf = (value: number): (string | number)[] => {
    let left = value;
    const found: (string | number)[] = [];
    for (const [name, bit] of entries) {
      if ((left & bit) >>> 0 === bit) {
        found.push(name);
        left = (left & ~bit) >>> 0;
      }
    }
    if (left !== 0) found.push(left);
    return found;
  };
  for (let value = 0; value < LISTED; value++) lists.push(listOf(value));
  const names = (value: number) => (value < LISTED ? lists[value]!.slice() : listOf(value));
  const call = `${source.constant(names)}(${number})`;
  return lists[0]!.length === 0 ? `${number} === 0 ? [] : ${call}` : call;
}

function list(context: Context, item: AnyCodec): string {
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
  if (isInline(item)) {
    lines.push(`const ${items} = [];`, `while (${more}) {`);
    one((value) => `${items}.push(${value});`);
    lines.push('}');
    return items;
  }
  // Most lists of structures have one or two: made at once they take no room for items that never come.
  lines.push(`let ${items};`, `if (${more}) {`);
  one((first) => {
    lines.push(`if (${more}) {`);
    one((second) => `${items} = [${first}, ${second}];`);
    return `} else ${items} = [${first}];`;
  });
  lines.push(`while (${more}) {`);
  one((value) => `${items}.push(${value});`);
  lines.push('}', `} else ${items} = [];`);
  return items;
}

/** A function's value: it reads from the reader's position up to the reader's end. */
function called(context: Context, codec: AnyCodec): string {
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

function structure(context: Context, form: Form & { kind: 'struct' }, last?: string): string {
  const { source, run } = context;
  const { lines } = source;
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
  const value = source.fresh('o');
  lines.push(`const ${value} = { ${members.join(', ')} };`);
  return value;
}

/** A value that must fill a window of `length` bytes. */
function exactly(context: Context, codec: AnyCodec, length: string): string {
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

/** A tagged union: a switch on the type, each variant written out in its case. */
export function generateTaggedDecoder(form: Form & { kind: 'tagged' }, decoderOf: DecoderOf): Decode {
  const source = createFunctionSource();
  const { lines } = source;
  const context: Context = {
    source,
    run: createRun(lines, (size) => `if (end - p < ${size}) ${GIVE}`),
    decoderOf,
    end: 'end',
    depth: 1,
  };
  const included = form.padding === 'included';
  lines.push(
    ...prologue(source),
    `let x; if (e - p < 4) ${GIVE}`,
    `const ${form.lengthFirst ? 'length' : 'code'} = ${numberAt('p', 16)};`,
    `const ${form.lengthFirst ? 'code' : 'length'} = ${numberAt('p + 2', 16)};`,
    'const end = p + length;',
    `if (length < 4 || end > e${included ? ' || (length & 7) !== 0' : ''}) ${GIVE}`,
    'p += 4;',
    'done: {',
  );
  if (form.extensions.length > 0) {
    lines.push(`if (code === ${EXPERIMENTER} && end - p >= 6) switch (${numberAt('p', 32)}) {`);
    for (const [experimenter, variants] of byExperimenter(form.extensions)) {
      lines.push(`case ${experimenter}: switch (${numberAt('p + 4', 16)}) {`);
      cases(context, variants, 'p += 6;');
      lines.push('} break;');
    }
    lines.push('}');
  }
  lines.push('switch (code) {');
  cases(context, form.variants, '');
  lines.push(
    "default: x = { type: 'unknown', code, body: r.viewAt(p - o, end - o) };",
    '}',
    '}',
    form.padding === 'excluded' ? 'r.position = end - o + Math.min(-length & 7, e - end);' : 'r.position = end - o;',
    'r.end = e - o;',
    'return x;',
  );
  return source.build('decodeTagged', ['r']) as Decode;
}

function cases(context: Context, variants: Variants, head: string): void {
  const { lines } = context.source;
  // Where two variants have one code, the last is it.
  const byCode = new Map(Object.values(variants));
  for (const [code, codec] of byCode) {
    lines.push(`case ${code}: {`, head);
    const value = decoded(context, codec);
    context.run.flush();
    lines.push(`if (p !== end) ${GIVE}`, `x = ${value}; break done;`, '}');
  }
}

/** The interpreted codec looks in the first extension of a number only. */
function byExperimenter(extensions: (Form & { kind: 'tagged' })['extensions']): Map<number, Variants> {
  const found = new Map<number, Variants>();
  for (const { experimenter, variants } of extensions) {
    if (!found.has(experimenter)) found.set(experimenter, variants);
  }
  return found;
}
