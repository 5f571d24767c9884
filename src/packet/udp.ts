/** UDP (RFC 768). */

import { putU16, u16 } from './bytes.ts';
import { transportChecksum } from './checksum.ts';
import { IP_PROTOCOL } from './ipv4.ts';

export interface Udp {
  srcPort: number;
  dstPort: number;
  length: number;
  payloadOffset: number;
}

export function parseUdp(bytes: Uint8Array, offset = 0): Udp | undefined {
  if (offset < 0 || bytes.length < offset + 8 || u16(bytes, offset + 4) < 8) return undefined;
  return {
    srcPort: u16(bytes, offset),
    dstPort: u16(bytes, offset + 2),
    length: u16(bytes, offset + 4),
    payloadOffset: offset + 8,
  };
}

/** A datagram with its checksum, which covers the addresses of the packet that will carry it. */
export function buildUdp(
  { src, dst, srcPort, dstPort }: { src: string; dst: string; srcPort: number; dstPort: number },
  payload: Uint8Array,
): Uint8Array {
  const datagram = new Uint8Array(8 + payload.length);
  putU16(datagram, 0, srcPort);
  putU16(datagram, 2, dstPort);
  putU16(datagram, 4, datagram.length);
  datagram.set(payload, 8);
  // 0 on the wire means "none", so a sum of 0 is sent as its other form.
  putU16(datagram, 6, transportChecksum(src, dst, IP_PROTOCOL.udp, datagram) || 0xffff);
  return datagram;
}
