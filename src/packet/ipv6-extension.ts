/** The extension headers of IPv6 (RFC 8200 4; Authentication Header: RFC 4302). */

import { holds, joined, putU16, putU32, u16, u32 } from './bytes.ts';

/** Hop-by-hop and destination options, as they are; a builder pads them to a multiple of 8, the two bytes before included. */
export interface Ipv6Options {
  kind: 'hopByHop' | 'destination';
  options: Uint8Array;
}

export interface Ipv6Routing {
  kind: 'routing';
  routingType: number;
  segmentsLeft: number;
  /** What follows the first four bytes, 4 more than a multiple of 8. */
  data: Uint8Array;
}

export interface Ipv6Fragment {
  kind: 'fragment';
  /** In bytes, a multiple of 8. */
  offset: number;
  moreFragments: boolean;
  id: number;
}

export interface Ipv6Authentication {
  kind: 'authentication';
  spi: number;
  sequence: number;
  /** The integrity check value, 4 more than a multiple of 8. */
  value: Uint8Array;
}

export type Ipv6Extension = Ipv6Options | Ipv6Routing | Ipv6Fragment | Ipv6Authentication;

/** What the header before says of each kind. */
export const IPV6_EXTENSION = { hopByHop: 0, routing: 43, fragment: 44, authentication: 51, destination: 60 } as const;

export interface FoundExtension {
  extension: Ipv6Extension;
  nextHeader: number;
  length: number;
}

/** undefined where `header` is no extension, or it is cut. */
export function parseIpv6Extension(
  bytes: Uint8Array,
  header: number,
  offset: number,
  end = bytes.length,
): FoundExtension | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  const length = lengthOf(header, bytes[offset + 1]!);
  if (length === undefined || end - offset < length) return undefined;
  const extension = extensionAt(bytes, header, offset, offset + length);
  return extension && { extension, nextHeader: bytes[offset]!, length };
}

/** In bytes; undefined where the header would be shorter than its fixed fields. */
function lengthOf(header: number, field: number): number | undefined {
  if (header === IPV6_EXTENSION.fragment) return 8;
  if (header !== IPV6_EXTENSION.authentication) return (field + 1) * 8;
  // RFC 4302 2.2: in words of 4 bytes, minus 2.
  return field === 0 ? undefined : (field + 2) * 4;
}

function extensionAt(bytes: Uint8Array, header: number, at: number, end: number): Ipv6Extension | undefined {
  switch (header) {
    case IPV6_EXTENSION.hopByHop:
      return { kind: 'hopByHop', options: bytes.subarray(at + 2, end) };
    case IPV6_EXTENSION.destination:
      return { kind: 'destination', options: bytes.subarray(at + 2, end) };
    case IPV6_EXTENSION.routing:
      return {
        kind: 'routing',
        routingType: bytes[at + 2]!,
        segmentsLeft: bytes[at + 3]!,
        data: bytes.subarray(at + 4, end),
      };
    case IPV6_EXTENSION.fragment: {
      const word = u16(bytes, at + 2);
      return { kind: 'fragment', offset: word & 0xfff8, moreFragments: (word & 1) !== 0, id: u32(bytes, at + 4) };
    }
    case IPV6_EXTENSION.authentication:
      return {
        kind: 'authentication',
        spi: u32(bytes, at + 4),
        sequence: u32(bytes, at + 8),
        value: bytes.subarray(at + 12, end),
      };
    default:
      return undefined;
  }
}

export function buildIpv6Extension(extension: Ipv6Extension, nextHeader: number): Uint8Array {
  switch (extension.kind) {
    case 'hopByHop':
    case 'destination':
      return withHeader(nextHeader, padded(extension.options));
    case 'routing':
      return withHeader(
        nextHeader,
        joined(Uint8Array.of(extension.routingType, extension.segmentsLeft), extension.data),
      );
    case 'fragment': {
      const { offset, moreFragments, id } = extension;
      if (offset % 8 !== 0 || offset > 0xfff8) {
        throw new RangeError(`a fragment's offset is a multiple of 8, 65528 at most, not ${offset}`);
      }
      const bytes = new Uint8Array(8);
      bytes[0] = nextHeader;
      putU16(bytes, 2, offset | (moreFragments ? 1 : 0));
      putU32(bytes, 4, id);
      return bytes;
    }
    case 'authentication': {
      const fixed = new Uint8Array(10);
      putU32(fixed, 2, extension.spi);
      putU32(fixed, 6, extension.sequence);
      const bytes = withHeader(nextHeader, joined(fixed, extension.value));
      bytes[1] = bytes.length / 4 - 2;
      return bytes;
    }
  }
}

/** Of a header whose length is told in words of 8 bytes, the first not counted. */
function withHeader(nextHeader: number, rest: Uint8Array): Uint8Array {
  const length = 2 + rest.length;
  if (length % 8 !== 0 || length > 2048) {
    throw new RangeError(`an extension header is a multiple of 8 bytes, 2048 at most, not ${length}`);
  }
  return joined(Uint8Array.of(nextHeader, length / 8 - 1), rest);
}

/** By Pad1 or PadN (RFC 8200 4.2). */
function padded(options: Uint8Array): Uint8Array {
  const missing = (8 - ((2 + options.length) % 8)) % 8;
  if (missing === 0) return options;
  const padding = new Uint8Array(missing);
  if (missing > 1) padding.set([1, missing - 2]);
  return joined(options, padding);
}
