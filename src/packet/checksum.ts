/** The Internet checksum (RFC 1071), and over the pseudo header of TCP, UDP and ICMPv6 (RFC 9293, 768, 8200 8.1). */

import { putIpv4, putIpv6, putU16, putU32, u16 } from './bytes.ts';

function sum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let total = initial;
  for (let at = start; at + 1 < end; at += 2) total += u16(bytes, at);
  if ((end - start) % 2 === 1) total += bytes[end - 1]! << 8;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return total;
}

/** 0 over bytes that hold their own right checksum. */
export function checksum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return ~sum(bytes, start, end) & 0xffff;
}

/**
 * Of a TCP, UDP or ICMPv6 segment, its pseudo header included; 0 where the segment holds its own right checksum.
 * Both addresses are IPv4, or both IPv6 (RFC 8200 8.1).
 */
export function transportChecksum(src: string, dst: string, protocol: number, segment: Uint8Array): number {
  const pseudo = pseudoHeader(src, dst, protocol, segment.length);
  return ~sum(segment, 0, segment.length, sum(pseudo, 0, pseudo.length)) & 0xffff;
}

function pseudoHeader(src: string, dst: string, protocol: number, length: number): Uint8Array {
  if (src.includes(':')) {
    const pseudo = new Uint8Array(40);
    putIpv6(pseudo, 0, src);
    putIpv6(pseudo, 16, dst);
    putU32(pseudo, 32, length);
    pseudo[39] = protocol;
    return pseudo;
  }
  const pseudo = new Uint8Array(12);
  putIpv4(pseudo, 0, src);
  putIpv4(pseudo, 4, dst);
  pseudo[9] = protocol;
  putU16(pseudo, 10, length);
  return pseudo;
}
