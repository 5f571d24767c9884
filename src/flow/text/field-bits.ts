/** A field's value as bits, and back: text reads and joins bits, the codec has numbers and addresses. */

import type { UnknownFieldName } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import {
  hexBytes,
  hexText,
  ipv4Number,
  ipv4Text,
  ipv6Bytes,
  ipv6Text,
  macBytes,
  macText,
} from '../../../proto/wire/address.ts';

/** Undefined where the value is none of the field's kind. */
export function toBits(name: FieldName, value: FieldValue): bigint | undefined {
  switch (fieldRow(name).kind) {
    case 'number':
      return typeof value === 'number' ? BigInt(value) : undefined;
    case 'bigint':
      return typeof value === 'bigint'
        ? value
        : /^0x[0-9a-fA-F]+$/.test(String(value))
          ? BigInt(String(value))
          : undefined;
    case 'mac':
      return ofBytes(macBytes(String(value)));
    case 'ipv4': {
      const number = ipv4Number(String(value));
      return number === undefined ? undefined : BigInt(number);
    }
    case 'ipv6':
      return ofBytes(ipv6Bytes(String(value)));
    case 'hex':
    case 'octets':
      return /^0x[0-9a-fA-F]+$/.test(String(value)) ? BigInt(String(value)) : undefined;
  }
}

/** Octets have as many bytes as their bits need, or `width`. */
export function fromBits(name: FieldName, bits: bigint, width?: number): FieldValue {
  switch (fieldRow(name).kind) {
    case 'number':
      return Number(bits);
    case 'bigint':
      return bits;
    case 'mac':
      return macText(bytesOf(bits, 6));
    case 'ipv4':
      return ipv4Text(Number(bits));
    case 'ipv6':
      return ipv6Text(bytesOf(bits, 16));
    case 'hex':
      return `0x${bits.toString(16)}`;
    case 'octets':
      return `0x${hexText(bytesOf(bits, width ?? bytesIn(bits)))}`;
  }
}

/** At least one. */
function bytesIn(bits: bigint): number {
  return Math.max(1, Math.ceil(bits.toString(16).length / 2));
}

/** Every bit that a value can have. */
export function allBits(name: FieldName): bigint {
  return (1n << BigInt(fieldRow(name).bits)) - 1n;
}

function ofBytes(bytes: Uint8Array | undefined): bigint | undefined {
  return bytes === undefined ? undefined : BigInt(`0x${hexText(bytes)}`);
}

function bytesOf(bits: bigint, width: number): Uint8Array {
  return hexBytes(bits.toString(16).padStart(2 * width, '0'))!;
}

/** An IPv6 address as ovs-ofctl prints it (inet_ntop): one that holds an IPv4 address ends in it, as ::ffff:192.0.2.1. */
export function ipv6Shown(bits: bigint): string {
  const upper = bits >> 32n;
  const lower = bits & 0xffffffffn;
  if (upper === 0xffffn) return `::ffff:${ipv4Text(Number(lower))}`;
  if (upper === 0n && lower > 0xffffn) return `::${ipv4Text(Number(lower))}`;
  return ipv6Text(bytesOf(bits, 16));
}

/** A tunnel's option, no wider than the text says; without any byte it is a field of its own to the codec. */
export function octets(
  field: FieldName,
  value: bigint,
  mask: bigint,
): { name: FieldName | UnknownFieldName; value: string | Masked<string> } {
  const { oxmClass, field: number } = fieldRow(field).header;
  const empty = `oxm:${oxmClass.toString(16)}:${number.toString(16)}` as const;
  if (mask === 0n) return { name: empty, value: { value: '', mask: '' } };
  if (mask !== allBits(field)) {
    const width = bytesIn(value | mask);
    return { name: field, value: { value: octetText(field, value, width), mask: octetText(field, mask, width) } };
  }
  return value === 0n ? { name: empty, value: '' } : { name: field, value: octetText(field, value) };
}

const octetText = (field: FieldName, bits: bigint, width?: number) => String(fromBits(field, bits, width));
