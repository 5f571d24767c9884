/**
 * One OXM or NXM TLV as it lies in a message (OpenFlow 1.4, 7.2.2.2): which field, and what Open vSwitch holds against
 * it.
 */

import { type FieldName, type FieldRow, fieldOf, fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { u16, u32 } from '../../../packet/bytes.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import type { Refusal } from '../../switch-state.ts';
import { BAD_MATCH, NICIRA_REFUSALS } from './refusals.ts';

const EXPERIMENTER_CLASS = 0xffff;
/** Fields of OpenFlow 1.4 that Open vSwitch does not have. */
const UNKNOWN: ReadonlySet<FieldName> = new Set(['inPhyPort', 'pbbIsid', 'pbbUca', 'ipv6Exthdr']);

/** Where a TLV lies; the same object for each that is read. */
export interface OxmPlace {
  /** undefined: no field of Open vSwitch's has this header. */
  name: FieldName | undefined;
  masked: boolean;
  /** Of the value, and of the mask. */
  width: number;
  valueAt: number;
  end: number;
}

export function createOxmPlace(): OxmPlace {
  return { name: undefined, masked: false, width: 0, valueAt: 0, end: 0 };
}

/** Reads header and extent of the TLV at `at`. What is no field of ours has no name, and is no refusal here. */
export function locateOxm(place: OxmPlace, bytes: Uint8Array, at: number, end: number): Refusal | undefined {
  if (end - at < 4) return BAD_MATCH.badLen;
  const oxmClass = u16(bytes, at);
  const second = bytes[at + 2]!;
  const length = bytes[at + 3]!;
  const isExperimenter = oxmClass === EXPERIMENTER_CLASS;
  if (isExperimenter && end - at < 8) return BAD_MATCH.badLen;
  if (isExperimenter && length < 4) return BAD_MATCH.badLen;
  const experimenter = isExperimenter ? u32(bytes, at + 4) : undefined;
  place.end = at + 4 + length;
  place.valueAt = at + (isExperimenter ? 8 : 4);
  place.masked = (second & 1) === 1;
  const payload = place.end - place.valueAt;
  place.width = place.masked ? payload >> 1 : payload;
  const name = fieldOf(oxmClass, second >> 1, experimenter);
  place.name = name !== undefined && !UNKNOWN.has(name) && hasWidth(fieldRow(name), payload, place) ? name : undefined;
  return undefined;
}

function hasWidth(row: FieldRow, payload: number, { masked, width }: OxmPlace): boolean {
  if (masked && payload % 2 !== 0) return false;
  return row.kind === 'octets' ? width <= row.bytes : width === row.bytes;
}

/** Value and mask of the TLV that was located: their bits, and whether the field may have them. */
export function checkOxm(place: OxmPlace, bytes: Uint8Array, end: number, fields: TlvTable): Refusal | undefined {
  const { name, masked, width, valueAt } = place;
  const isOption = name !== undefined && fieldRow(name).kind === 'octets';
  if (isOption && fields.placeOf(name) === undefined) return NICIRA_REFUSALS.invalidTlvField;
  if (place.end > end) return BAD_MATCH.badLen;
  if (masked && !isInside(bytes, valueAt, width)) return BAD_MATCH.badWildcards;
  if (name === undefined) return BAD_MATCH.badField;
  if (masked && !fieldRow(name).maskable && !isPlainMask(bytes, valueAt + width, width)) return BAD_MATCH.badMask;
  return isValid(name, bytes, valueAt, width) ? undefined : BAD_MATCH.badValue;
}

/** The value has no bit that its mask has not. */
function isInside(bytes: Uint8Array, valueAt: number, width: number): boolean {
  for (let i = 0; i < width; i++) if ((bytes[valueAt + i]! & ~bytes[valueAt + width + i]!) !== 0) return false;
  return true;
}

function isPlainMask(bytes: Uint8Array, at: number, width: number): boolean {
  const first = bytes[at]!;
  for (let i = 0; i < width; i++) if (bytes[at + i] !== first || (first !== 0 && first !== 0xff)) return false;
  return true;
}

/** Bits of a field that may be set, where they are not just those that it has. */
const ALLOWED: Partial<Record<FieldName, number>> = { arpOp: 0xff, ctState: 0xff, tcpFlags: 0xfff };
const FIRST_RESERVED = 0xff00;
const FIRST_RESERVED_WIDE = 0xffff_ff00;

export function isValid(name: FieldName, bytes: Uint8Array, at: number, width: number): boolean {
  const row = fieldRow(name);
  if (name === 'inPort' || name === 'actsetOutput') {
    const port = u32(bytes, at);
    return port < FIRST_RESERVED || port >= FIRST_RESERVED_WIDE;
  }
  if (row.kind === 'octets') return true;
  if (name in ALLOWED) {
    const value = width === 4 ? u32(bytes, at) : u16(bytes, at);
    return (value & ~ALLOWED[name]!) >>> 0 === 0;
  }
  let spare = 8 * row.bytes - row.bits;
  for (let i = 0; spare > 0; i++, spare -= 8) {
    if (bytes[at + i]! >>> (spare >= 8 ? 0 : 8 - spare) !== 0) return false;
  }
  return true;
}
