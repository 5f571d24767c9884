/**
 * ofp_match as generated code: a switch on each OXM header that the table of fields has, with its value's code in the
 * case. Fields with an experimenter's header or of varying width, and values that have more bits than the field, go
 * through the interpreted codec of one field.
 */

import { ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macText, putMac } from '../wire/address.ts';
import type { Replacement } from '../wire/compile.ts';
import { type Decode, numberAt, prologue } from '../wire/compile-decode.ts';
import type { Encode } from '../wire/compile-encode.ts';
import { createFunctionSource, type FunctionSource } from '../wire/generate.ts';
import { GIVE_UP } from '../wire/give-up.ts';
import { type Reader, u64At } from '../wire/reader.ts';
import { bigintOf } from '../wire/scalars.ts';
import type { Writer } from '../wire/writer.ts';
import { match } from './match.ts';
import { decodeOxm, encodeOxm } from './oxm.ts';
import { FIELD_NAMES, type FieldName, type FieldRow, type FieldValue, fieldOf, fieldRow } from './oxm-fields.ts';
import { hexAt, putHex } from './oxm-hex.ts';

const GIVE = 'throw G;';

/** Fields with code of their own here. */
const FAST: ReadonlySet<string> = new Set(
  FIELD_NAMES.filter((name) => {
    const { kind, header } = fieldRow(name);
    if (header.experimenter !== undefined || fieldOf(header.oxmClass, header.field) !== name) return false;
    return kind !== 'octets';
  }),
);

export const compiledMatch = (): Replacement => ({ codec: match, encode: matchEncoder(), decode: matchDecoder() });

/** One field by the interpreted codec. A field with code of its own comes here with a strange value only. */
function decodeOther(reader: Reader, at: number, end: number, value: Record<string, unknown>): void {
  reader.position = at;
  reader.end = end;
  reader.depth++;
  const tlv = decodeOxm(reader);
  reader.depth--;
  if (Object.hasOwn(value, tlv.name) || FAST.has(tlv.name)) throw GIVE_UP;
  value[tlv.name] = tlv.value;
}

function matchDecoder(): Decode {
  const source = createFunctionSource();
  const { lines } = source;
  const fast = [...FAST] as FieldName[];
  const words = Array.from({ length: Math.ceil(fast.length / 32) }, (_, i) => `s${i}`);
  lines.push(
    ...prologue(source),
    `if (e - p < 4 || ${numberAt('p', 16)} !== 1) ${GIVE}`,
    `const length = ${numberAt('p + 2', 16)}, end = p + length, after = p + (length + 7 & -8);`,
    `if (length < 4 || after > e) ${GIVE}`,
    `const m = {}; let ${words.map((word) => `${word} = 0`).join(', ')};`,
    'p += 4;',
    'while (p < end) {',
    `if (end - p < 4) ${GIVE}`,
    'const size = b[p + 3], next = p + 4 + size;',
    `if (next > end) ${GIVE}`,
    'known: {',
    `switch (${numberAt('p', 16)}) {`,
  );
  for (const [oxmClass, names] of byClass(fast)) {
    lines.push(`case ${oxmClass}: switch (b[p + 2]) {`);
    for (const name of names) {
      const row = fieldRow(name);
      const index = fast.indexOf(name);
      const word = words[index >> 5]!;
      const bit = `${1 << (index & 31)}`;
      const once = `if ((${word} & ${bit}) !== 0) ${GIVE} ${word} |= ${bit};`;
      lines.push(
        `case ${row.header.field << 1}: {`,
        `if (size !== ${row.bytes}) break;`,
        `const v = ${valueAt(source, row, 'p + 4')};`,
        outside(row, 'v'),
        once,
        `m.${name} = v; break known;`,
        '}',
      );
      if (!row.maskable) continue;
      lines.push(
        `case ${(row.header.field << 1) | 1}: {`,
        `if (size !== ${2 * row.bytes}) break;`,
        `const v = ${valueAt(source, row, 'p + 4')}, k = ${valueAt(source, row, `p + ${4 + row.bytes}`)};`,
        outside(row, 'v', 'k'),
        once,
        `m.${name} = { value: v, mask: k }; break known;`,
        '}',
      );
    }
    lines.push('} break;');
  }
  lines.push('}', `${source.constant(decodeOther)}(r, p, end, m);`, '}', 'p = next;', '}');
  lines.push('r.position = after; r.end = e;', 'return m;');
  return source.build('decodeMatch', ['r']) as Decode;
}

function byClass(names: readonly FieldName[]): Map<number, FieldName[]> {
  const classes = new Map<number, FieldName[]>();
  for (const name of names) {
    const { oxmClass } = fieldRow(name).header;
    classes.set(oxmClass, [...(classes.get(oxmClass) ?? []), name]);
  }
  return classes;
}

/** Leaves the case where numbers have bits that the field has not. */
function outside({ kind, bits, bytes }: FieldRow, ...values: string[]): string {
  if (kind !== 'number' || bits === 8 * bytes) return '';
  return `if (${values.map((value) => `${value} > ${2 ** bits - 1}`).join(' || ')}) break;`;
}

function valueAt(source: FunctionSource, { kind, bytes }: FieldRow, at: string): string {
  const helper = (call: unknown, ...values: string[]) => `${source.constant(call)}(${values.join(', ')})`;
  switch (kind) {
    case 'number':
      if (bytes === 3) return `b[${at}] << 16 | ${numberAt(`${at} + 1`, 16)}`;
      return numberAt(at, (8 * bytes) as 8 | 16 | 32);
    case 'bigint':
      return helper(u64At, 'b', at);
    case 'mac':
      return helper(macText, 'b', at);
    case 'ipv4':
      return helper(ipv4Text, numberAt(at, 32));
    case 'ipv6':
      return helper(ipv6Text, 'b', at);
    default:
      return helper(hexAt, 'b', at, `${bytes}`);
  }
}

/** Longest field: 4 bytes of header, value and mask of 16. */
const LONGEST = 36;

function encodeOther(writer: Writer, name: string, value: FieldValue): void {
  encodeOxm(writer, name, value);
}

function matchEncoder(): Encode {
  const source = createFunctionSource();
  const { lines } = source;
  const fast = [...FAST] as FieldName[];
  const index = source.constant(new Map(fast.map((name, i) => [name, i])));
  const room = (size: number) =>
    `if (b.length - p < ${size}) { w.position = p; w.room(${size}); b = w.buffer; v = w.view; }`;
  lines.push(
    `const G = ${source.constant(GIVE_UP)}; let b = w.buffer, v = w.view, p = w.position;`,
    `if (typeof o !== 'object' || o === null) ${GIVE}`,
    'const start = p;',
    room(12),
    'p += 4;',
    'for (const name in o) {',
    'const x = o[name];',
    'if (x === undefined) continue;',
    room(LONGEST),
    `switch (${index}.get(name)) {`,
  );
  for (const [i, name] of fast.entries()) {
    const row = fieldRow(name);
    const { oxmClass, field } = row.header;
    const head = (masked: 0 | 1) =>
      `v.setUint32(p, ${((oxmClass << 16) | (field << 9) | (masked << 8) | (row.bytes << masked)) >>> 0});`;
    const type = row.kind === 'number' || row.kind === 'bigint' ? row.kind : 'string';
    lines.push(`case ${i}: if (typeof x === '${type}') {`, head(0), ...put(source, row, 'x', 'p + 4'));
    lines.push(`p += ${4 + row.bytes}; continue;`, '}');
    if (row.maskable) {
      lines.push(`if (typeof x === 'object') { const k = x.value, m = x.mask;`, head(1));
      lines.push(...put(source, row, 'k', 'p + 4'), ...put(source, row, 'm', `p + ${4 + row.bytes}`));
      lines.push(`p += ${4 + 2 * row.bytes}; continue;`, '}');
    }
    lines.push('break;');
  }
  lines.push(
    '}',
    `w.position = p; ${source.constant(encodeOther)}(w, name, x);`,
    'p = w.position; b = w.buffer; v = w.view;',
    '}',
    `if (p - start > 65535) ${GIVE}`,
    'v.setUint32(start, 65536 + p - start);',
    room(8),
    'while ((p - start & 7) !== 0) b[p++] = 0;',
    'w.position = p;',
  );
  return source.build('encodeMatch', ['w', 'o']) as Encode;
}

function putIpv6(bytes: Uint8Array, at: number, text: string): boolean {
  const address = ipv6Bytes(text);
  if (address !== undefined) bytes.set(address, at);
  return address !== undefined;
}

/** Writes the value of the variable `x` at `at`, or gives up. */
function put(source: FunctionSource, { kind, bits, bytes }: FieldRow, x: string, at: string): string[] {
  const unless = (call: unknown, ...values: (string | number)[]) =>
    `if (typeof ${x} !== 'string' || !${source.constant(call)}(${values.join(', ')})) ${GIVE}`;
  switch (kind) {
    case 'number':
      return [
        bits === 32 ? `if ((${x} >>> 0) !== ${x}) ${GIVE}` : `if ((${x} & ${2 ** bits - 1}) !== ${x}) ${GIVE}`,
        bytes === 3
          ? `b[${at}] = ${x} >>> 16; v.setUint16(${at} + 1, ${x} & 65535);`
          : `v.setUint${8 * bytes}(${at}, ${x});`,
      ];
    case 'bigint':
      return [
        `const ${x}q = typeof ${x} === 'bigint' ? ${x} : ${source.constant(bigintOf)}(${x}, 64);`,
        `if (BigInt.asUintN(64, ${x}q) !== ${x}q) ${GIVE}`,
        `v.setBigUint64(${at}, ${x}q);`,
      ];
    case 'mac':
      return [unless(putMac, 'b', at, x)];
    case 'ipv4':
      return [
        `const ${x}n = typeof ${x} === 'string' ? ${source.constant(ipv4Number)}(${x}) : undefined;`,
        `if (${x}n === undefined) ${GIVE}`,
        `v.setUint32(${at}, ${x}n);`,
      ];
    case 'ipv6':
      return [unless(putIpv6, 'b', at, x)];
    default:
      return [unless(putHex, 'b', at, bytes, x)];
  }
}
