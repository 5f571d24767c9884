/** The IPv4 header (RFC 791). */

import { ipv4At, putIpv4, putU16, u16 } from './bytes.ts';
import { checksum } from './checksum.ts';

export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

export interface Ipv4Fields {
  src: string;
  dst: string;
  protocol: number;
  ttl: number;
  /** DSCP and ECN; 0 where not given. */
  tos?: number;
  id?: number;
  dontFragment?: boolean;
}

export interface Ipv4 extends Required<Ipv4Fields> {
  moreFragments: boolean;
  /** In bytes; anything but 0 has no transport header. */
  fragmentOffset: number;
  checksumOk: boolean;
  /** Of the whole packet as the header says; the bytes at hand may be fewer (cut by packet-in) or more (Ethernet's padding). */
  totalLength: number;
  headerLength: number;
  payloadOffset: number;
  /** Where the payload ends within the bytes at hand. */
  payloadEnd: number;
}

/** undefined where the header is short or contradicts itself. */
export function parseIpv4(bytes: Uint8Array, offset = 0): Ipv4 | undefined {
  if (offset < 0 || bytes.length < offset + 20 || bytes[offset]! >>> 4 !== 4) return undefined;
  const headerLength = (bytes[offset]! & 15) * 4;
  const totalLength = u16(bytes, offset + 2);
  if (headerLength < 20 || totalLength < headerLength || bytes.length < offset + headerLength) return undefined;
  const fragment = u16(bytes, offset + 6);
  return {
    src: ipv4At(bytes, offset + 12),
    dst: ipv4At(bytes, offset + 16),
    protocol: bytes[offset + 9]!,
    ttl: bytes[offset + 8]!,
    tos: bytes[offset + 1]!,
    id: u16(bytes, offset + 4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
    checksumOk: checksum(bytes, offset, offset + headerLength) === 0,
    totalLength,
    headerLength,
    payloadOffset: offset + headerLength,
    payloadEnd: Math.min(bytes.length, offset + totalLength),
  };
}

/** A packet without options; its checksum is set. */
export function buildIpv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  if (packet.length > 0xffff) throw new RangeError(`an IPv4 packet of ${packet.length} bytes is longer than 65535`);
  packet[0] = 0x45;
  packet[1] = fields.tos ?? 0;
  putU16(packet, 2, packet.length);
  putU16(packet, 4, fields.id ?? 0);
  putU16(packet, 6, fields.dontFragment === true ? 0x4000 : 0);
  packet[8] = fields.ttl;
  packet[9] = fields.protocol;
  putIpv4(packet, 12, fields.src);
  putIpv4(packet, 16, fields.dst);
  putU16(packet, 10, checksum(packet, 0, 20));
  packet.set(payload, 20);
  return packet;
}
