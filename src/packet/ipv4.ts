/** The IPv4 header (RFC 791). */

import { holds, ipv4At, putIpv4, putU16, u16 } from './bytes.ts';
import { checksum } from './checksum.ts';
import type { Fields } from './fields.ts';

export const IP_PROTOCOL = {
  icmp: 1,
  igmp: 2,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  icmpv6: 58,
  sctp: 132,
} as const;

export interface Ipv4Header {
  src: string;
  dst: string;
  protocol: number;
  ttl: number;
  /** DSCP and ECN. */
  tos: number;
  id: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** In bytes, a multiple of 8; anything but 0 has no transport header. */
  fragmentOffset: number;
  /** Of the whole packet as the header says; the bytes at hand may be fewer (cut by packet-in) or more (Ethernet's padding). */
  totalLength: number;
  checksum: number;
  /** As they are, a multiple of 4 bytes, 40 at most. */
  options: Uint8Array;
}

/** What is not given is 0, false or empty; lengths and the checksum are those of the packet. */
export type Ipv4Fields = Fields<Ipv4Header, 'src' | 'dst' | 'protocol' | 'ttl'>;

export interface Ipv4 extends Ipv4Header {
  checksumOk: boolean;
  headerLength: number;
  payloadOffset: number;
  /** Where the payload ends within the bytes at hand. */
  payloadEnd: number;
}

/** undefined where the header is short or contradicts itself. */
export function parseIpv4(bytes: Uint8Array, offset = 0, end = bytes.length): Ipv4 | undefined {
  if (!holds(bytes, offset, 20, end) || bytes[offset]! >>> 4 !== 4) return undefined;
  const headerLength = (bytes[offset]! & 15) * 4;
  const totalLength = u16(bytes, offset + 2);
  if (headerLength < 20 || totalLength < headerLength || end < offset + headerLength) return undefined;
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
    totalLength,
    checksum: u16(bytes, offset + 10),
    options: bytes.subarray(offset + 20, offset + headerLength),
    checksumOk: checksum(bytes, offset, offset + headerLength) === 0,
    headerLength,
    payloadOffset: offset + headerLength,
    payloadEnd: Math.min(end, offset + totalLength),
  };
}

/** A packet; its length and checksum are set where they are not given. */
export function buildIpv4(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const { options = new Uint8Array(0), fragmentOffset = 0 } = fields;
  if (options.length % 4 !== 0 || options.length > 40) {
    throw new RangeError(`options of IPv4 are a multiple of 4 bytes, 40 at most, not ${options.length}`);
  }
  if (fragmentOffset % 8 !== 0 || fragmentOffset > 0xfff8) {
    throw new RangeError(`a fragment's offset is a multiple of 8, 65528 at most, not ${fragmentOffset}`);
  }
  const headerLength = 20 + options.length;
  const packet = new Uint8Array(headerLength + payload.length);
  if (packet.length > 0xffff) throw new RangeError(`an IPv4 packet of ${packet.length} bytes is longer than 65535`);
  packet[0] = 0x40 | (headerLength / 4);
  packet[1] = fields.tos ?? 0;
  putU16(packet, 2, fields.totalLength ?? packet.length);
  putU16(packet, 4, fields.id ?? 0);
  const flags = (fields.dontFragment === true ? 0x4000 : 0) | (fields.moreFragments === true ? 0x2000 : 0);
  putU16(packet, 6, flags | (fragmentOffset / 8));
  packet[8] = fields.ttl;
  packet[9] = fields.protocol;
  putIpv4(packet, 12, fields.src);
  putIpv4(packet, 16, fields.dst);
  packet.set(options, 20);
  putU16(packet, 10, fields.checksum ?? checksum(packet, 0, headerLength));
  packet.set(payload, headerLength);
  return packet;
}
