/** What generated code for match fields is made of: which fields have some, and the lines that read or write a value. */

import { ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macText, putMac } from '../wire/address.ts';
import { numberAt } from '../wire/compile-decode.ts';
import type { FunctionSource } from '../wire/generate.ts';
import { JOIN, NUMBER, OBJECT, SLOT, scalarMemory, textMemory } from '../wire/memory.ts';
import { bigintOf } from '../wire/scalars.ts';
import { FIELD_NAMES, type FieldKind, type FieldName, type FieldRow, fieldOf, fieldRow } from './oxm-fields.ts';
import { hexAt, putHex } from './oxm-hex.ts';

/** Fields of one width whose header is four bytes; the others go through the interpreted codec. */
export const PLAIN_FIELDS: readonly FieldName[] = FIELD_NAMES.filter((name) => {
  const { kind, header } = fieldRow(name);
  if (header.experimenter !== undefined || fieldOf(header.oxmClass, header.field) !== name) return false;
  return kind !== 'octets';
});

/** The header's four bytes. */
export function headerOf(name: FieldName, masked: boolean): number {
  const { header, bytes } = fieldRow(name);
  const length = masked ? 0x100 | (2 * bytes) : bytes;
  return ((header.oxmClass << 16) | (header.field << 9) | length) >>> 0;
}

/** The expression of the value at `at`, in the words of a decoder: `v`, `r` and `o`. */
export function valueAt(source: FunctionSource, { kind, bytes }: FieldRow, at: string): string {
  const helper = (call: unknown, ...values: string[]) => `${source.constant(call)}(${values.join(', ')})`;
  switch (kind) {
    case 'number':
      if (bytes === 3) return `v.getUint8(${at}) << 16 | v.getUint16(${at} + 1)`;
      return numberAt(at, (8 * bytes) as 8 | 16 | 32);
    case 'bigint':
      return `v.getBigUint64(${at})`;
    case 'mac':
      return helper(macText, 'r.bytes', `${at} - o`);
    case 'ipv4':
      return helper(ipv4Text, numberAt(at, 32));
    case 'ipv6':
      return helper(ipv6Text, 'r.bytes', `${at} - o`);
    default:
      return helper(hexAt, 'r.bytes', `${at} - o`, `${bytes}`);
  }
}

/** What a value, and its mask if it has one, take in a match. */
export function plainMemory({ kind, bytes }: FieldRow, masked: boolean): number {
  const each = valueMemory(kind, bytes);
  return masked ? 2 * SLOT + OBJECT + 2 * each : SLOT + each;
}

function valueMemory(kind: FieldKind, bytes: number): number {
  switch (kind) {
    case 'number':
      return bytes === 4 ? NUMBER : 0;
    case 'hex':
    case 'octets':
      return textMemory(2 + 2 * bytes) + JOIN;
    default:
      return scalarMemory({ kind });
  }
}

/** The condition that a number has bits that the field has not; undefined where it can't. */
export function tooLarge({ kind, bits, bytes }: FieldRow, x: string): string | undefined {
  return kind === 'number' && bits < 8 * bytes ? `${x} > ${2 ** bits - 1}` : undefined;
}

function putIpv6(bytes: Uint8Array, at: number, text: string): boolean {
  const address = ipv6Bytes(text);
  if (address !== undefined) bytes.set(address, at);
  return address !== undefined;
}

/** Writes the value of the variable `x` at `at`, or gives up; in the words of an encoder: `b`, `v` and `G`. */
export function put(source: FunctionSource, { kind, bits, bytes }: FieldRow, x: string, at: string): string[] {
  const unless = (call: unknown, ...values: (string | number)[]) =>
    `if (typeof ${x} !== 'string' || !${source.constant(call)}(${values.join(', ')})) throw G;`;
  switch (kind) {
    case 'number':
      return [
        bits === 32 ? `if ((${x} >>> 0) !== ${x}) throw G;` : `if ((${x} & ${2 ** bits - 1}) !== ${x}) throw G;`,
        bytes === 3
          ? `b[${at}] = ${x} >>> 16; v.setUint16(${at} + 1, ${x} & 65535);`
          : `v.setUint${8 * bytes}(${at}, ${x});`,
      ];
    case 'bigint':
      return [
        `const ${x}q = typeof ${x} === 'bigint' ? ${x} : ${source.constant(bigintOf)}(${x}, 64);`,
        `if (BigInt.asUintN(64, ${x}q) !== ${x}q) throw G;`,
        `v.setBigUint64(${at}, ${x}q);`,
      ];
    case 'mac':
      return [unless(putMac, 'b', at, x)];
    case 'ipv4':
      return [
        `const ${x}n = typeof ${x} === 'string' ? ${source.constant(ipv4Number)}(${x}) : undefined;`,
        `if (${x}n === undefined) throw G;`,
        `v.setUint32(${at}, ${x}n);`,
      ];
    case 'ipv6':
      return [unless(putIpv6, 'b', at, x)];
    default:
      return [unless(putHex, 'b', at, bytes, x)];
  }
}
