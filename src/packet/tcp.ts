/** The TCP header (RFC 9293). */

import { holds, putU16, putU32, u16, u32 } from './bytes.ts';
import { transportChecksum } from './checksum.ts';
import type { Fields } from './fields.ts';
import { IP_PROTOCOL } from './ipv4.ts';

/** From the lowest bit up. `ece` and `cwr`: RFC 3168; `ns`, now AE: RFC 3540. */
export const TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns'] as const;
export type TcpFlag = (typeof TCP_FLAGS)[number];

export interface TcpHeader {
  srcPort: number;
  dstPort: number;
  sequence: number;
  acknowledgement: number;
  /** Those that are set, in the order of `TCP_FLAGS`. */
  flags: TcpFlag[];
  window: number;
  urgentPointer: number;
  checksum: number;
  /** As they are, a multiple of 4 bytes, 40 at most. */
  options: Uint8Array;
}

export interface Tcp extends TcpHeader {
  payloadOffset: number;
}

/** What is not given is 0 or empty; the window is then 65535. */
export type TcpFields = Fields<TcpHeader, 'srcPort' | 'dstPort'>;

/** undefined where the header is short or its data offset is below 5. */
export function parseTcp(bytes: Uint8Array, offset = 0, end = bytes.length): Tcp | undefined {
  if (!holds(bytes, offset, 20, end)) return undefined;
  const headerLength = (bytes[offset + 12]! >>> 4) * 4;
  if (headerLength < 20 || end - offset < headerLength) return undefined;
  const bits = u16(bytes, offset + 12);
  return {
    srcPort: u16(bytes, offset),
    dstPort: u16(bytes, offset + 2),
    sequence: u32(bytes, offset + 4),
    acknowledgement: u32(bytes, offset + 8),
    flags: TCP_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0),
    window: u16(bytes, offset + 14),
    urgentPointer: u16(bytes, offset + 18),
    checksum: u16(bytes, offset + 16),
    options: bytes.subarray(offset + 20, offset + headerLength),
    payloadOffset: offset + headerLength,
  };
}

/** A segment; `src` and `dst`, which its checksum covers, are of the packet that will carry it, `dst` the final one. */
export function buildTcp(fields: TcpFields & { src: string; dst: string }, payload: Uint8Array): Uint8Array {
  const { src, dst, options = new Uint8Array(0), flags = [] } = fields;
  if (options.length % 4 !== 0 || options.length > 40) {
    throw new RangeError(`options of TCP are a multiple of 4 bytes, 40 at most, not ${options.length}`);
  }
  const headerLength = 20 + options.length;
  const segment = new Uint8Array(headerLength + payload.length);
  putU16(segment, 0, fields.srcPort);
  putU16(segment, 2, fields.dstPort);
  putU32(segment, 4, fields.sequence ?? 0);
  putU32(segment, 8, fields.acknowledgement ?? 0);
  const bits = flags.reduce((sum, flag) => sum | (1 << TCP_FLAGS.indexOf(flag)), 0);
  putU16(segment, 12, (headerLength << 10) | bits);
  putU16(segment, 14, fields.window ?? 0xffff);
  putU16(segment, 18, fields.urgentPointer ?? 0);
  segment.set(options, 20);
  segment.set(payload, headerLength);
  putU16(segment, 16, fields.checksum ?? transportChecksum(src, dst, IP_PROTOCOL.tcp, segment));
  return segment;
}
