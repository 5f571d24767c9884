/** One field's value, with or without a mask, in ovs-ofctl's text: the same in set_field, learn and, but for bases, matches. */

import { type FieldName, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { ipv4Number, ipv6Bytes, macBytes } from '../../../proto/wire/address.ts';
import { fault, shortened } from './fault.ts';
import { allBits, fromBits, ipv6Shown, toBits } from './field-bits.ts';
import { fieldText } from './field-names.ts';
import { FLAG_FIELDS, formatFlags, formatMaskedFlags, parseFlags } from './flag-words.ts';
import { bigintIn, hexOrZero, integerOf } from './numbers.ts';
import { formatPort, type KnownNames, parsePort, portOf, shortPort } from './port-words.ts';
import { part, type Slice, textOf } from './slice.ts';

/** What a text says of a field; a mask of 0 says nothing. */
export interface Bits {
  value: bigint;
  mask: bigint;
  /** The text has no mask, so every bit is meant, be it that not all of the field's bytes have a use. */
  exact?: boolean;
}

/** What fragments are called: any of a packet in bit 0, not the first in bit 1. */
const FRAGMENTS: readonly [word: string, value: bigint, mask: bigint][] = [
  ['no', 0n, 3n],
  ['yes', 1n, 1n],
  ['first', 1n, 3n],
  ['later', 3n, 3n],
  ['not_later', 0n, 2n],
  // Printed with a word that is read as more than they say.
  ['no', 0n, 1n],
  ['later', 2n, 2n],
];
const FRAGMENT_WORDS = [...new Set(FRAGMENTS.map(([word]) => word))];

export function formatBits(name: FieldName, { value, mask }: Bits): string {
  const exact = mask === allBits(name);
  const { notation } = fieldText(name);
  switch (fieldRow(name).kind) {
    case 'mac':
    case 'ipv4':
    case 'ipv6':
      return exact ? formatAddress(name, value) : `${formatAddress(name, value)}/${formatMask(name, mask)}`;
    case 'octets':
      return exact ? hexOrZero(value) : `${hexOrZero(value)}/${hexOrZero(mask)}`;
  }
  switch (notation) {
    case 'port':
      return exact ? formatPort(portOf(String(value), {}) ?? Number(value)) : `${value}/${hexOrZero(mask)}`;
    case 'ctState':
    case 'tcpFlags':
    case 'tunFlags': {
      const field = FLAG_FIELDS[notation];
      const full = mask === BigInt(field.all) || exact;
      return full ? formatFlags(field, Number(value)) : formatMaskedFlags(field, Number(value), Number(mask));
    }
    case 'fragment':
      return FRAGMENTS.find(([, v, m]) => v === value && m === mask)?.[0] ?? '<error>';
    case 'packetType':
      return `(${value >> 16n},${hexOrZero(value & 0xffffn)})`;
  }
  const shown = notation === 'hex' ? hexOrZero(value) : String(value);
  return exact ? shown : `${shown}/${hexOrZero(mask)}`;
}

/** As a prefix's length where it is one. */
function formatMask(name: FieldName, mask: bigint): string {
  const { kind, bits } = fieldRow(name);
  const zeros = allBits(name) ^ mask;
  const isPrefix = kind !== 'mac' && (zeros & (zeros + 1n)) === 0n;
  return isPrefix ? String(bits - (zeros === 0n ? 0 : zeros.toString(2).length)) : formatAddress(name, mask);
}

function formatAddress(name: FieldName, value: bigint): string {
  return fieldRow(name).kind === 'ipv6' ? ipv6Shown(value) : String(fromBits(name, value));
}

/** With a mask where the text has one; `*` says nothing of the field. */
export function parseBits(slice: Slice, name: FieldName, names: KnownNames): Bits {
  const text = textOf(slice);
  if (text === '*') return { value: 0n, mask: 0n };
  const { notation } = fieldText(name);
  const { kind } = fieldRow(name);
  if (kind === 'number') {
    switch (notation) {
      case 'ctState':
      case 'tcpFlags':
      case 'tunFlags': {
        const { value, mask } = parseFlags(slice, FLAG_FIELDS[notation]);
        return { value: BigInt(value & mask), mask: BigInt(mask), exact: !/[+\-/]/.test(text) };
      }
      case 'fragment':
        return fragment(slice, text);
      case 'port':
        return exactly(name, portBits(slice, name, names));
      case 'packetType':
        return exactly(name, packetType(slice, text));
    }
  }
  const slash = text.indexOf('/');
  if (slash < 0) return exactly(name, one(slice, name));
  const value = one(part(slice, 0, slash), name);
  const mask = maskBits(part(slice, slash + 1), name);
  if (!fieldRow(name).maskable && mask !== 0n && mask !== allBits(name)) {
    throw fault(part(slice, slash), `${fieldText(name).name} can't be matched with a mask`);
  }
  return { value: value & mask, mask };
}

function exactly(name: FieldName, value: bigint): Bits {
  return { value, mask: allBits(name), exact: true };
}

/** A value without a mask. */
function one(slice: Slice, name: FieldName): bigint {
  const { kind, bits } = fieldRow(name);
  const text = textOf(slice);
  if (kind === 'mac' || kind === 'ipv4' || kind === 'ipv6') return address(slice, text, name);
  return bigintIn(slice, bits, fieldText(name).name);
}

const EXAMPLES = { mac: 'a MAC address, as 00:11:22:33:44:55 is', ipv4: 'an IPv4 address', ipv6: 'an IPv6 address' };

function address(slice: Slice, text: string, name: FieldName): bigint {
  const kind = fieldRow(name).kind as keyof typeof EXAMPLES;
  const sound = kind === 'mac' ? macBytes(padded(text)) : kind === 'ipv4' ? ipv4Number(text) : ipv6Bytes(text);
  const bits = sound === undefined ? undefined : toBits(name, kind === 'mac' ? padded(text) : text);
  if (bits !== undefined) return bits;
  throw fault(slice, text === '' ? `${EXAMPLES[kind]} is missing` : `"${shortened(text)}" is not ${EXAMPLES[kind]}`);
}

/** `1:2:3:4:5:6` is a MAC address to ovs-ofctl. */
function padded(text: string): string {
  return text.length > 17
    ? text
    : text
        .split(':')
        .map((digits) => (digits.length === 1 ? `0${digits}` : digits))
        .join(':');
}

function maskBits(slice: Slice, name: FieldName): bigint {
  const { kind, bits } = fieldRow(name);
  const text = textOf(slice);
  if ((kind === 'ipv4' || kind === 'ipv6') && /^\d+$/.test(text)) {
    const length = text.length > 3 ? bits + 1 : Number(text);
    if (length > bits) throw fault(slice, `a prefix of ${shortened(text)} bits does not fit: ${bits} are the longest`);
    return allBits(name) ^ ((1n << BigInt(bits - length)) - 1n);
  }
  return one(slice, name);
}

function fragment(slice: Slice, text: string): Bits {
  const found = FRAGMENTS.find(([word]) => word === text);
  if (found !== undefined) return { value: found[1], mask: found[2] };
  throw fault(slice, `"${shortened(text)}" is no kind of fragment: ${FRAGMENT_WORDS.join(', ')} are`);
}

function portBits(slice: Slice, name: FieldName, names: KnownNames): bigint {
  const port = parsePort(slice, names);
  const number = typeof port === 'number' ? port : RESERVED_PORTS[port];
  return BigInt(name === 'nxmInPort' ? shortPort(number) : number);
}

function packetType(slice: Slice, text: string): bigint {
  const found = /^\((\w+),(\w+)\)$/.exec(text);
  const space = found === null ? undefined : integerOf(found[1]!);
  const type = found === null ? undefined : integerOf(found[2]!);
  if (space !== undefined && type !== undefined && space <= 0xffffn && type <= 0xffffn) return (space << 16n) | type;
  throw fault(slice, `"${shortened(text)}" is no packet type: (NAMESPACE,TYPE) is, as (1,0x800)`);
}
