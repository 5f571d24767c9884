/** The values of match fields on the wire (OpenFlow 1.4, 7.2.2): bytes of the field's width ⇄ what its kind says. */

import { hexBytes, prefixedHex } from '../wire/address.ts';
import { EncodeError, shown } from '../wire/encode-error.ts';
import type { Reader } from '../wire/reader.ts';
import { bigintOf, ipv4, ipv6, mac } from '../wire/scalars.ts';
import type { Writer } from '../wire/writer.ts';
import type { FieldRow, FieldValue } from './oxm-fields.ts';
import { hexAt } from './oxm-hex.ts';

const MAX_OCTETS = 124;

/** Whether a value of varying width can have so many bytes. */
export function isOctets(width: number): boolean {
  return Number.isInteger(width) && width >= 1 && width <= MAX_OCTETS;
}

/** How many bytes a value of varying width has. */
export function octetsIn(value: FieldValue): number {
  const digits = typeof value === 'string' && value.startsWith('0x') ? value.length - 2 : 0;
  if (digits === 0 || digits % 2 !== 0 || digits > 2 * MAX_OCTETS) {
    throw new EncodeError(`${shown(value)} is not 0x and two hex digits for each of 1 to ${MAX_OCTETS} bytes`);
  }
  return digits / 2;
}

/** The value alone, in the field's width. */
export function encodeValue(writer: Writer, row: FieldRow, value: FieldValue, width: number): void {
  switch (row.kind) {
    case 'number': {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** row.bits) {
        throw new EncodeError(`${shown(value)} is not a whole number of ${row.bits} bits`);
      }
      if (row.bytes === 1) writer.u8(value);
      else if (row.bytes === 2) writer.u16(value);
      else if (row.bytes === 4) writer.u32(value);
      else {
        writer.u8(value >>> 16);
        writer.u16(value & 0xffff);
      }
      return;
    }
    case 'bigint':
      writer.u64(bigintOf(value, 64));
      return;
    case 'mac':
      mac.encode(writer, value as string);
      return;
    case 'ipv4':
      ipv4.encode(writer, value as string);
      return;
    case 'ipv6':
      ipv6.encode(writer, value as string);
      return;
    case 'hex':
    case 'octets': {
      const digits = typeof value === 'string' && /^0x./.test(value) ? value.slice(2) : '?';
      const bytes = hexBytes(row.kind === 'hex' ? digits.padStart(2 * width, '0') : digits);
      if (bytes === undefined || bytes.length !== width) {
        const many = row.kind === 'hex' ? 'up to ' : '';
        throw new EncodeError(`${shown(value)} is not 0x and ${many}${2 * width} hex digits`);
      }
      writer.bytes(bytes);
    }
  }
}

export function decodeValue(reader: Reader, row: FieldRow, width: number): FieldValue {
  switch (row.kind) {
    case 'number':
      if (row.bytes === 1) return reader.u8();
      if (row.bytes === 2) return reader.u16();
      if (row.bytes === 4) return reader.u32();
      return reader.u8() * 0x10000 + reader.u16();
    case 'bigint':
      return reader.u64();
    case 'mac':
      return mac.decode(reader);
    case 'ipv4':
      return ipv4.decode(reader);
    case 'ipv6':
      return ipv6.decode(reader);
    case 'hex':
      return hexAt(reader.bytes, reader.take(width), width);
    case 'octets':
      return octetsAt(reader, reader.take(width), width);
  }
}

/** All digits, whose number says the width; the view lives no longer than the call, so the reader does not count it. */
function octetsAt({ bytes }: Reader, at: number, width: number): string {
  return prefixedHex(bytes, at, width);
}

/** Whether a value read has no bits beyond the field's: on the wire 13 bits take 16. */
export function fits({ bits }: FieldRow, value: FieldValue): boolean {
  return typeof value !== 'number' || value < 2 ** bits;
}
