/** The Geneve header and its options (RFC 8926 3.4, 3.5). */

import { holds, joined, putU16, putU24, u16, u24 } from './bytes.ts';
import { ETHER_TYPE } from './ethernet.ts';
import type { Fields } from './fields.ts';

export const GENEVE_PORT = 6081;

export interface GeneveOption {
  class: number;
  /** With its highest bit set the option is critical. */
  type: number;
  /** A multiple of 4 bytes, 124 at most. */
  value: Uint8Array;
}

export interface GeneveHeader {
  vni: number;
  /** Of what it carries: an EtherType. */
  protocol: number;
  /** A control message. */
  control: boolean;
  critical: boolean;
  options: GeneveOption[];
}

export interface Geneve extends GeneveHeader {
  payloadOffset: number;
}

/** It carries Ethernet where nothing else is given; `critical` is as the options are. */
export type GeneveFields = Fields<GeneveHeader, 'vni'>;

const CRITICAL_OPTION = 0x80;

/** undefined where it is cut, its options do not fill their room, or the version is not 0. */
export function parseGeneve(bytes: Uint8Array, offset = 0, end = bytes.length): Geneve | undefined {
  if (!holds(bytes, offset, 8, end) || bytes[offset]! >>> 6 !== 0) return undefined;
  const payloadOffset = offset + 8 + (bytes[offset]! & 0x3f) * 4;
  if (payloadOffset > end) return undefined;
  const options = parseOptions(bytes, offset + 8, payloadOffset);
  if (options === undefined) return undefined;
  const flags = bytes[offset + 1]!;
  return {
    vni: u24(bytes, offset + 4),
    protocol: u16(bytes, offset + 2),
    control: (flags & 0x80) !== 0,
    critical: (flags & 0x40) !== 0,
    options,
    payloadOffset,
  };
}

function parseOptions(bytes: Uint8Array, start: number, end: number): GeneveOption[] | undefined {
  const options: GeneveOption[] = [];
  let at = start;
  while (at < end) {
    const after = at + 4 + (bytes[at + 3]! & 0x1f) * 4;
    if (after > end) return undefined;
    options.push({ class: u16(bytes, at), type: bytes[at + 2]!, value: bytes.subarray(at + 4, after) });
    at = after;
  }
  return options;
}

export function buildGeneve(fields: GeneveFields, payload: Uint8Array): Uint8Array {
  const { vni, protocol = ETHER_TYPE.transparentBridging, options = [] } = fields;
  const optionBytes = joined(...options.map(buildOption));
  if (optionBytes.length > 252)
    throw new RangeError(`Geneve has room for 252 bytes of options, not ${optionBytes.length}`);
  const critical = fields.critical ?? options.some(({ type }) => (type & CRITICAL_OPTION) !== 0);
  const header = new Uint8Array(8);
  header[0] = optionBytes.length / 4;
  header[1] = (fields.control === true ? 0x80 : 0) | (critical ? 0x40 : 0);
  putU16(header, 2, protocol);
  putU24(header, 4, vni);
  return joined(header, optionBytes, payload);
}

function buildOption({ class: given, type, value }: GeneveOption): Uint8Array {
  if (value.length % 4 !== 0 || value.length > 124) {
    throw new RangeError(`an option of Geneve is a multiple of 4 bytes, 124 at most, not ${value.length}`);
  }
  const header = new Uint8Array(4);
  putU16(header, 0, given);
  header[2] = type;
  header[3] = value.length / 4;
  return joined(header, value);
}
