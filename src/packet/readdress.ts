/** A packet with other addresses, ports or TTL, checksums brought along (RFC 1624), as when NAT is undone. */

import { ipv4Number, ipv6Bytes } from '../../proto/wire/address.ts';
import { putU16, putU32, u16, u32 } from './bytes.ts';
import { parseEthernet } from './ethernet.ts';
import { update16, update32 } from './incremental-checksum.ts';
import { type Ip, parseIp } from './ip.ts';
import { IP_PROTOCOL } from './ipv4.ts';

export interface Readdressed {
  src: string;
  dst: string;
  /** Of TCP and UDP; others have none. */
  srcPort?: number | undefined;
  dstPort?: number | undefined;
  /** TTL or hop limit. */
  ttl?: number | undefined;
}

/** What is not given stays; a frame that carries no IP is left as it is, and so are addresses of the other family. */
export function readdress(frame: Uint8Array, to: Partial<Readdressed>): Uint8Array {
  const ethernet = parseEthernet(frame);
  const ip = ethernet && parseIp(frame, ethernet);
  if (ip === undefined) return frame;
  // A Buffer's `slice` would be the same bytes.
  const bytes = Uint8Array.from(frame);
  const covered = checksumPlace(bytes, ip);
  if (to.src !== undefined) putAddress(bytes, ip, ip.isIpv6 ? 8 : 12, to.src, covered);
  if (to.dst !== undefined) putAddress(bytes, ip, ip.isIpv6 ? 24 : 16, to.dst, covered);
  putPort(bytes, ip, 0, to.srcPort, covered);
  putPort(bytes, ip, 2, to.dstPort, covered);
  if (to.ttl !== undefined) putTtl(bytes, ip, to.ttl);
  // 0 on the wire would mean that there is no checksum.
  if (ip.protocol === IP_PROTOCOL.udp && covered !== undefined && u16(bytes, covered) === 0) {
    putU16(bytes, covered, 0xffff);
  }
  return bytes;
}

/** Of the transport, where it covers the addresses; undefined: there is none, or it was cut off. */
function checksumPlace(bytes: Uint8Array, ip: Ip): number | undefined {
  if (ip.isLaterFragment) return undefined;
  const { tcp, udp, icmpv6 } = IP_PROTOCOL;
  const offset =
    ip.protocol === tcp ? 16 : ip.protocol === udp ? 6 : ip.protocol === icmpv6 && ip.isIpv6 ? 2 : undefined;
  if (offset === undefined || ip.payloadOffset + offset + 2 > ip.payloadEnd) return undefined;
  const place = ip.payloadOffset + offset;
  return ip.protocol === udp && u16(bytes, place) === 0 ? undefined : place;
}

function putAddress(bytes: Uint8Array, ip: Ip, at: number, address: string, covered: number | undefined): void {
  const words = wordsOf(address);
  if (words === undefined || (words.length === 4) !== ip.isIpv6) return;
  for (const [index, word] of words.entries()) {
    const place = ip.offset + at + 4 * index;
    const old = u32(bytes, place);
    if (covered !== undefined) update32(bytes, covered, old, word);
    if (!ip.isIpv6) update32(bytes, ip.offset + 10, old, word);
    putU32(bytes, place, word);
  }
}

function wordsOf(address: string): number[] | undefined {
  const bytes = address.includes(':') ? ipv6Bytes(address) : undefined;
  if (bytes !== undefined) return [0, 4, 8, 12].map((at) => u32(bytes, at));
  const number = ipv4Number(address);
  return number === undefined ? undefined : [number];
}

function putPort(bytes: Uint8Array, ip: Ip, at: number, port: number | undefined, covered: number | undefined): void {
  const hasPorts = ip.protocol === IP_PROTOCOL.tcp || ip.protocol === IP_PROTOCOL.udp;
  const place = ip.payloadOffset + at;
  if (port === undefined || !hasPorts || ip.isLaterFragment || place + 2 > ip.payloadEnd) return;
  if (covered !== undefined) update16(bytes, covered, u16(bytes, place), port);
  putU16(bytes, place, port);
}

function putTtl(bytes: Uint8Array, ip: Ip, ttl: number): void {
  if (ip.isIpv6) {
    bytes[ip.offset + 7] = ttl;
    return;
  }
  const old = u16(bytes, ip.offset + 8);
  const now = (ttl << 8) | (old & 0xff);
  update16(bytes, ip.offset + 10, old, now);
  putU16(bytes, ip.offset + 8, now);
}
