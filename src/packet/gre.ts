/** The GRE header (RFC 2784, key and sequence number: RFC 2890). */

import { holds, putU16, putU32, u16, u32 } from './bytes.ts';
import { checksum } from './checksum.ts';
import type { Fields } from './fields.ts';

export interface GreHeader {
  /** Of what it carries: an EtherType. */
  protocol: number;
  checksumPresent: boolean;
  /** Only where it is present. */
  checksum?: number | undefined;
  key?: number | undefined;
  sequence?: number | undefined;
}

export interface Gre extends GreHeader {
  payloadOffset: number;
}

/** With a `checksum` it is present as well. */
export type GreFields = Fields<GreHeader, 'protocol'>;

const FLAG = { checksum: 0x8000, key: 0x2000, sequence: 0x1000 } as const;
/** The routing of RFC 1701, and versions other than 0 (PPTP has 1). */
const UNKNOWN = 0x4007;

/** undefined where it is cut, or not as these RFCs have it. */
export function parseGre(bytes: Uint8Array, offset = 0, end = bytes.length): Gre | undefined {
  if (!holds(bytes, offset, 4, end)) return undefined;
  const flags = u16(bytes, offset);
  const length = lengthOf(flags);
  if ((flags & UNKNOWN) !== 0 || end - offset < length) return undefined;
  const checksumPresent = (flags & FLAG.checksum) !== 0;
  const keyAt = offset + (checksumPresent ? 8 : 4);
  const sequenceAt = (flags & FLAG.key) !== 0 ? keyAt + 4 : keyAt;
  return {
    protocol: u16(bytes, offset + 2),
    checksumPresent,
    ...(checksumPresent && { checksum: u16(bytes, offset + 4) }),
    ...((flags & FLAG.key) !== 0 && { key: u32(bytes, keyAt) }),
    ...((flags & FLAG.sequence) !== 0 && { sequence: u32(bytes, sequenceAt) }),
    payloadOffset: offset + length,
  };
}

function lengthOf(flags: number): number {
  return [FLAG.checksum, FLAG.key, FLAG.sequence].reduce((sum, bit) => sum + ((flags & bit) === 0 ? 0 : 4), 4);
}

export function buildGre(fields: GreFields, payload: Uint8Array): Uint8Array {
  const { protocol, key, sequence } = fields;
  const summed = fields.checksumPresent ?? fields.checksum !== undefined;
  const keyed = key === undefined ? 0 : FLAG.key;
  const flags = (summed ? FLAG.checksum : 0) | keyed | (sequence === undefined ? 0 : FLAG.sequence);
  const length = lengthOf(flags);
  const packet = new Uint8Array(length + payload.length);
  putU16(packet, 0, flags);
  putU16(packet, 2, protocol);
  const keyAt = summed ? 8 : 4;
  if (key !== undefined) putU32(packet, keyAt, key);
  if (sequence !== undefined) putU32(packet, length - 4, sequence);
  packet.set(payload, length);
  if (summed) putU16(packet, 4, fields.checksum ?? checksum(packet));
  return packet;
}
