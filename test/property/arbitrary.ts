// Arbitrary values of any schema, made from what the schema says that it is made of: nobody lists its fields again.
import fc from 'fast-check';
import { hexText, ipv4Text, ipv6Text, macText } from '../../proto/wire/address.ts';
import type { AnyCodec, Form } from '../../proto/wire/codec.ts';
import { isSilent } from '../../proto/wire/silent.ts';
import { Writer } from '../../proto/wire/writer.ts';

export type AnyArbitrary = fc.Arbitrary<unknown>;

/** Makes the arbitrary of a codec that has no form; `inner` makes those of the schemas inside it. */
export type Custom = (inner: (codec: AnyCodec) => AnyArbitrary | undefined) => AnyArbitrary | undefined;

export interface Generator {
  /** Values of the schema, with structures inside themselves at most `depth` times. */
  of(codec: AnyCodec, depth?: number): AnyArbitrary;
}

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
export const mac = exactly(6).map((value) => macText(value));
export const ipv4 = u32.map(ipv4Text);
export const ipv6 = exactly(16).map((value) => ipv6Text(value));
export const hexBytes = (length: number) => exactly(length).map(hexText);
export const below = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });

export function record(shape: Record<string, AnyArbitrary>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(shape, { noNullPrototype: true });
}

const few = (item: AnyArbitrary | undefined) =>
  item === undefined ? fc.constant([]) : fc.array(item, { maxLength: 3 });

/** `customs`: codecs without form, and how to make values of each. */
export function createGenerator(customs: ReadonlyMap<AnyCodec, Custom>): Generator {
  const made = new Map<AnyCodec, (AnyArbitrary | undefined)[]>();

  /** undefined where there is no value that is not too deep. */
  function build(codec: AnyCodec, depth: number): AnyArbitrary | undefined {
    const known = made.get(codec) ?? [];
    made.set(codec, known);
    if (!(depth in known)) known[depth] = make(codec, depth);
    return known[depth];
  }

  function make(codec: AnyCodec, depth: number): AnyArbitrary | undefined {
    const custom = customs.get(codec);
    if (custom !== undefined) return custom((inner) => build(inner, depth));
    const { form } = codec;
    if (form === undefined || form.kind === 'custom') {
      throw new Error(`test/property has no arbitrary of ${codec.structure ?? 'a codec'} with code of its own`);
    }
    switch (form.kind) {
      case 'struct':
        return structOf(form, depth);
      case 'list':
        return few(build(form.item, depth));
      case 'tagged':
        return taggedOf(form, depth);
      case 'choice':
        return choiceOf(form, depth);
      case 'lazy':
        return depth === 0 ? undefined : build(form.get(), depth - 1);
      default:
        return scalarOf(form);
    }
  }

  function structOf(form: Form & { kind: 'struct' }, depth: number): AnyArbitrary | undefined {
    const shape: Record<string, AnyArbitrary> = {};
    if (form.type !== undefined) shape.type = fc.constant(form.type);
    for (const { name, codec } of form.fields) {
      if (isSilent(codec)) continue;
      const field = build(codec, depth);
      if (field === undefined) return undefined;
      shape[name] = field;
    }
    return record(shape);
  }

  function choiceOf(form: Form & { kind: 'choice' }, depth: number): AnyArbitrary {
    const numbers = new Set(Object.values(form.variants).map(([code]) => code));
    const others = (scalarOf(form.base.form!) as fc.Arbitrary<number>).filter((code) => !numbers.has(code));
    const cases: [number: AnyArbitrary, codec: AnyCodec][] = [[others, form.otherwise]];
    for (const [name, [, codec]] of Object.entries(form.variants)) cases.push([fc.constant(name), codec]);
    return fc.oneof(
      ...cases.flatMap(([number, codec]) => {
        const rest = build(codec, depth) as fc.Arbitrary<object> | undefined;
        if (rest === undefined) return [];
        return [fc.tuple(number, rest).map(([value, more]) => ({ type: form.type, [form.field]: value, ...more }))];
      }),
    );
  }

  function taggedOf(form: Form & { kind: 'tagged' }, depth: number): AnyArbitrary {
    const codes = new Set(Object.values(form.variants).map(([code]) => code));
    const included = form.padding === 'included';
    const unknown = record({
      type: fc.constant('unknown'),
      code: u16.filter((code) => !codes.has(code) && code !== 0xffff),
      body: included ? fc.constantFrom(4, 12, 20).chain(exactly) : fc.uint8Array({ maxLength: 20 }),
    });
    const choices = [unknown];
    const tables: [head: number, variants: (typeof form)['variants']][] = [[4, form.variants]];
    for (const { variants } of form.extensions) tables.push([10, variants]);
    for (const [head, variants] of tables) {
      for (const [, codec] of Object.values(variants)) {
        const value = build(codec, depth) as fc.Arbitrary<Record<string, unknown>> | undefined;
        if (value === undefined) continue;
        choices.push(included ? value.map((each) => withoutPadding(codec, head, each)) : value);
      }
    }
    return fc.oneof(...choices);
  }

  return {
    of(codec, depth = 2) {
      const arbitrary = build(codec, depth);
      if (arbitrary === undefined) throw new Error(`${codec.structure ?? 'the codec'} has no value of depth ${depth}`);
      return arbitrary;
    },
  };
}

/** Where a variant ends with bytes up to its end, padding to 8 would be read as some of them: takes bytes off instead. */
function withoutPadding(codec: AnyCodec, head: number, value: Record<string, unknown>): Record<string, unknown> {
  const last = codec.form?.kind === 'struct' ? codec.form.fields.at(-1) : undefined;
  const form = last?.codec.form;
  if (last === undefined || form?.kind !== 'bytes') return value;
  const writer = new Writer();
  codec.encode(writer, value);
  const over = (head + writer.position) % 8;
  const bytes = value[last.name] as Uint8Array;
  const cut =
    bytes.length < over ? new Uint8Array(bytes.length + 8 - over).fill(7) : bytes.slice(0, bytes.length - over);
  return { ...value, [last.name]: cut };
}

function scalarOf(form: Form): AnyArbitrary {
  switch (form.kind) {
    case 'number':
      return form.signed ? fc.integer() : fc.integer({ min: 0, max: 2 ** form.bits - 1 });
    case 'bigint':
      return u64;
    case 'mac':
      return mac;
    case 'ipv4':
      return ipv4;
    case 'ipv6':
      return ipv6;
    case 'text':
      return fc
        .string({ unit: 'binary-ascii', maxLength: form.size })
        .map((value) => value.replaceAll('\0', '').slice(0, form.size));
    case 'bytes':
      return fc.uint8Array({ maxLength: 24 });
    case 'enumeration': {
      const taken = new Set(Object.values(form.codes));
      const other = scalarOf(form.base.form!) as fc.Arbitrary<number>;
      return fc.oneof(
        fc.constantFrom(...Object.keys(form.codes)),
        other.filter((code) => !taken.has(code)),
      );
    }
    case 'flags':
      return flagsOf(form.bits, form.base.form);
    default:
      throw new Error(`${form.kind} is no scalar`);
  }
}

/** Names in the order of the table, and at the end a number of bits without a name. */
function flagsOf(bits: Readonly<Record<string, number>>, base: Form | undefined): AnyArbitrary {
  const width = base?.kind === 'number' ? base.bits : 32;
  const named = Object.values(bits).reduce((sum, bit) => (sum | bit) >>> 0, 0);
  const others = (~named & (width === 32 ? 0xffff_ffff : 2 ** width - 1)) >>> 0;
  const names = fc.subarray(Object.keys(bits));
  return fc.tuple(names, u32).map(([some, rest]) => {
    const left = (rest & others) >>> 0;
    return left === 0 || rest % 3 !== 0 ? some : [...some, left];
  });
}
