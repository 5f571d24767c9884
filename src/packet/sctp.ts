/** The common header of SCTP (RFC 9260 3.1); its chunks are payload. */

import { holds, putU16, putU32, u16, u32 } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import type { Fields } from './fields.ts';

export interface SctpHeader {
  srcPort: number;
  dstPort: number;
  verificationTag: number;
  /** The four bytes, read big-endian. */
  checksum: number;
}

export interface Sctp extends SctpHeader {
  payloadOffset: number;
}

export type SctpFields = Fields<SctpHeader, 'srcPort' | 'dstPort'>;

export function parseSctp(bytes: Uint8Array, offset = 0, end = bytes.length): Sctp | undefined {
  if (!holds(bytes, offset, 12, end)) return undefined;
  return {
    srcPort: u16(bytes, offset),
    dstPort: u16(bytes, offset + 2),
    verificationTag: u32(bytes, offset + 4),
    checksum: u32(bytes, offset + 8),
    payloadOffset: offset + 12,
  };
}

export function buildSctp(fields: SctpFields, chunks: Uint8Array): Uint8Array {
  const packet = new Uint8Array(12 + chunks.length);
  putU16(packet, 0, fields.srcPort);
  putU16(packet, 2, fields.dstPort);
  putU32(packet, 4, fields.verificationTag ?? 0);
  packet.set(chunks, 12);
  putU32(packet, 8, fields.checksum ?? crc32c(packet));
  return packet;
}
