/** The TCP header, read only (RFC 9293). */

import { u16, u32 } from './bytes.ts';

export interface Tcp {
  srcPort: number;
  dstPort: number;
  sequence: number;
  acknowledgement: number;
  flags: { fin: boolean; syn: boolean; rst: boolean; psh: boolean; ack: boolean; urg: boolean };
  window: number;
  payloadOffset: number;
}

/** undefined where the header is short or its data offset is below 5. */
export function parseTcp(bytes: Uint8Array, offset = 0): Tcp | undefined {
  if (offset < 0 || bytes.length < offset + 20) return undefined;
  const headerLength = (bytes[offset + 12]! >>> 4) * 4;
  if (headerLength < 20 || bytes.length < offset + headerLength) return undefined;
  const bits = bytes[offset + 13]!;
  const flag = (bit: number) => (bits & bit) !== 0;
  return {
    srcPort: u16(bytes, offset),
    dstPort: u16(bytes, offset + 2),
    sequence: u32(bytes, offset + 4),
    acknowledgement: u32(bytes, offset + 8),
    flags: { fin: flag(1), syn: flag(2), rst: flag(4), psh: flag(8), ack: flag(16), urg: flag(32) },
    window: u16(bytes, offset + 14),
    payloadOffset: offset + headerLength,
  };
}
