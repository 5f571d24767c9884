/** UDP (RFC 768). */

import { holds, putU16, u16 } from './bytes.ts';
import { transportChecksum } from './checksum.ts';
import type { Fields } from './fields.ts';
import { IP_PROTOCOL } from './ipv4.ts';

export interface UdpHeader {
  srcPort: number;
  dstPort: number;
  /** Of the datagram, header included, as it says. */
  length: number;
  /** 0: none was computed. */
  checksum: number;
}

export interface Udp extends UdpHeader {
  payloadOffset: number;
}

export type UdpFields = Fields<UdpHeader, 'srcPort' | 'dstPort'>;

export function parseUdp(bytes: Uint8Array, offset = 0, end = bytes.length): Udp | undefined {
  if (!holds(bytes, offset, 8, end) || u16(bytes, offset + 4) < 8) return undefined;
  return {
    srcPort: u16(bytes, offset),
    dstPort: u16(bytes, offset + 2),
    length: u16(bytes, offset + 4),
    checksum: u16(bytes, offset + 6),
    payloadOffset: offset + 8,
  };
}

/** A datagram; `src` and `dst`, which its checksum covers, are of the packet that will carry it, `dst` the final one. */
export function buildUdp(fields: UdpFields & { src: string; dst: string }, payload: Uint8Array): Uint8Array {
  const { src, dst, srcPort, dstPort } = fields;
  const datagram = new Uint8Array(8 + payload.length);
  putU16(datagram, 0, srcPort);
  putU16(datagram, 2, dstPort);
  putU16(datagram, 4, fields.length ?? datagram.length);
  datagram.set(payload, 8);
  // 0 on the wire means "none", so a sum of 0 is sent as its other form.
  const computed = () => transportChecksum(src, dst, IP_PROTOCOL.udp, datagram) || 0xffff;
  putU16(datagram, 6, fields.checksum ?? computed());
  return datagram;
}
