/** The IPv6 header and the extension headers behind it (RFC 8200). */

import { holds, ipv6At, joined, putIpv6, putU16, putU32, u16, u32 } from './bytes.ts';
import type { Fields } from './fields.ts';
import { buildIpv6Extension, IPV6_EXTENSION, type Ipv6Extension, parseIpv6Extension } from './ipv6-extension.ts';

export const IPV6_HEADER_LENGTH = 40;

export interface Ipv6Header {
  src: string;
  dst: string;
  /** Of what follows the extension headers. */
  protocol: number;
  hopLimit: number;
  /** DSCP and ECN. */
  trafficClass: number;
  flowLabel: number;
  /** Of all that follows the first 40 bytes, as the header says. */
  payloadLength: number;
  /** As they follow one another. */
  extensions: Ipv6Extension[];
}

/** What is not given is 0 or empty; the length is the packet's. */
export type Ipv6Fields = Fields<Ipv6Header, 'src' | 'dst' | 'protocol' | 'hopLimit'>;

export interface Ipv6 extends Ipv6Header {
  /** With the extensions. */
  headerLength: number;
  payloadOffset: number;
  /** Where the payload ends within the bytes at hand. */
  payloadEnd: number;
}

/** undefined where the first header is short. An extension that is cut is left in the payload; `protocol` is its number. */
export function parseIpv6(bytes: Uint8Array, offset = 0, end = bytes.length): Ipv6 | undefined {
  if (!holds(bytes, offset, IPV6_HEADER_LENGTH, end) || bytes[offset]! >>> 4 !== 6) return undefined;
  const word = u32(bytes, offset);
  const payloadLength = u16(bytes, offset + 4);
  const payloadEnd = Math.min(end, offset + IPV6_HEADER_LENGTH + payloadLength);
  const extensions: Ipv6Extension[] = [];
  let protocol = bytes[offset + 6]!;
  let at = offset + IPV6_HEADER_LENGTH;
  for (;;) {
    const found = parseIpv6Extension(bytes, protocol, at, payloadEnd);
    if (found === undefined) break;
    extensions.push(found.extension);
    protocol = found.nextHeader;
    at += found.length;
    // What a later fragment carries begins in the middle of something.
    if (isLater(found.extension)) break;
  }
  return {
    src: ipv6At(bytes, offset + 8),
    dst: ipv6At(bytes, offset + 24),
    protocol,
    hopLimit: bytes[offset + 7]!,
    trafficClass: (word >>> 20) & 0xff,
    flowLabel: word & 0xfffff,
    payloadLength,
    extensions,
    headerLength: at - offset,
    payloadOffset: at,
    payloadEnd,
  };
}

function isLater(extension: Ipv6Extension): boolean {
  return extension.kind === 'fragment' && extension.offset !== 0;
}

/** Whether it is a fragment other than the first, which has no transport header. */
export function isLaterFragment(extensions: readonly Ipv6Extension[]): boolean {
  return extensions.some(isLater);
}

/** Where the packet goes in the end, which is what checksums cover (RFC 8200 8.1): a routing header may have it. */
export function finalDestination(header: { dst: string; extensions?: readonly Ipv6Extension[] | undefined }): string {
  for (const extension of header.extensions ?? []) {
    if (extension.kind !== 'routing' || extension.segmentsLeft === 0) continue;
    const { routingType, data } = extension;
    if (data.length < 20) continue;
    // Types 0 and 2 end with the last address (RFC 2460 4.4, RFC 6275 6.4); segment routing begins with it (RFC 8754 2).
    if (routingType === 0 || routingType === 2) return ipv6At(data, data.length - 16);
    if (routingType === 4) return ipv6At(data, 4);
  }
  return header.dst;
}

/** A packet; its length and the chain of headers are set. */
export function buildIpv6(fields: Ipv6Fields, payload: Uint8Array): Uint8Array {
  const { extensions = [] } = fields;
  const header = new Uint8Array(IPV6_HEADER_LENGTH);
  const kinds = extensions.map(({ kind }) => IPV6_EXTENSION[kind]);
  const chain = [...kinds, fields.protocol];
  const built = extensions.map((extension, index) => buildIpv6Extension(extension, chain[index + 1]!));
  const packet = joined(header, ...built, payload);
  const payloadLength = packet.length - IPV6_HEADER_LENGTH;
  if (payloadLength > 0xffff) throw new RangeError(`the payload of IPv6 is longer than 65535: ${payloadLength} bytes`);
  putU32(packet, 0, 0x6000_0000 + (fields.trafficClass ?? 0) * 0x10_0000 + (fields.flowLabel ?? 0));
  putU16(packet, 4, fields.payloadLength ?? payloadLength);
  packet[6] = chain[0]!;
  packet[7] = fields.hopLimit;
  putIpv6(packet, 8, fields.src);
  putIpv6(packet, 24, fields.dst);
  return packet;
}
