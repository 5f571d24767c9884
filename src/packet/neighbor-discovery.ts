/** What ICMPv6 messages of neighbour discovery say, and their options (RFC 4861 4). */

import { Parser } from 'binary-parser/dist/binary_parser.js';
import { holds, ipv6At, joined, macAt, putIpv6, putMac, putU32, u16, u32 } from './bytes.ts';
import type { Fields } from './fields.ts';

export const ND_TYPE = {
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
} as const;

export const ND_OPTION = {
  sourceLinkLayer: 1,
  targetLinkLayer: 2,
  prefix: 3,
  redirected: 4,
  mtu: 5,
  recursiveDnsServer: 25,
  dnsSearchList: 31,
} as const;

export interface NdOption {
  type: number;
  /** What follows type and length: 2 less than a multiple of 8. */
  value: Uint8Array;
}

/** The message's type says which of them there are; a builder takes what is missing as 0, false, or `::`. */
export interface NeighborDiscovery {
  /** Of solicitations and advertisements of neighbours, and of redirects. */
  target?: string | undefined;
  /** Of redirects. */
  destination?: string | undefined;
  /** Of advertisements of neighbours. */
  router?: boolean | undefined;
  solicited?: boolean | undefined;
  override?: boolean | undefined;
  /** Of advertisements of routers. */
  hopLimit?: number | undefined;
  managed?: boolean | undefined;
  otherConfiguration?: boolean | undefined;
  /** Seconds; 0: no default router. */
  lifetime?: number | undefined;
  /** Milliseconds; 0: not told. */
  reachableTime?: number | undefined;
  retransmitTime?: number | undefined;
  options: NdOption[];
}

/** Bytes between the second word and the options. */
const FIXED_LENGTH: ReadonlyMap<number, number> = new Map([
  [ND_TYPE.routerSolicitation, 0],
  [ND_TYPE.routerAdvertisement, 8],
  [ND_TYPE.neighborSolicitation, 16],
  [ND_TYPE.neighborAdvertisement, 16],
  [ND_TYPE.redirect, 32],
]);

interface Tlv extends NdOption {
  /** Of the value, in bytes. */
  length: number;
}

// On the wire the length counts units of 8 bytes, type and length among them. 0 of them is refused below.
const valueLength = (units: number) => Math.max(0, 8 * units - 2);
const option = new Parser()
  .uint8('type')
  .uint8('length', { formatter: valueLength })
  .buffer('value', { length: 'length' });
const optionList = new Parser().array('options', { type: option, readUntil: 'eof' });

/** Of the ICMPv6 message that begins at `offset`; undefined where it is none of these, or not sound. */
export function parseNeighborDiscovery(
  bytes: Uint8Array,
  offset = 0,
  end = bytes.length,
): NeighborDiscovery | undefined {
  if (!holds(bytes, offset, 8, end)) return undefined;
  const type = bytes[offset]!;
  const fixed = FIXED_LENGTH.get(type);
  if (fixed === undefined || bytes[offset + 1] !== 0 || end - offset < 8 + fixed) return undefined;
  const options = parseNdOptions(bytes.subarray(offset + 8 + fixed, end));
  return options && { ...fixedFields(bytes, offset, type), options };
}

function fixedFields(bytes: Uint8Array, at: number, type: number): Omit<NeighborDiscovery, 'options'> {
  const flag = (byte: number, bit: number) => (bytes[at + byte]! & bit) !== 0;
  switch (type) {
    case ND_TYPE.routerAdvertisement:
      return {
        hopLimit: bytes[at + 4]!,
        managed: flag(5, 0x80),
        otherConfiguration: flag(5, 0x40),
        lifetime: u16(bytes, at + 6),
        reachableTime: u32(bytes, at + 8),
        retransmitTime: u32(bytes, at + 12),
      };
    case ND_TYPE.neighborSolicitation:
      return { target: ipv6At(bytes, at + 8) };
    case ND_TYPE.neighborAdvertisement:
      return {
        target: ipv6At(bytes, at + 8),
        router: flag(4, 0x80),
        solicited: flag(4, 0x40),
        override: flag(4, 0x20),
      };
    case ND_TYPE.redirect:
      return { target: ipv6At(bytes, at + 8), destination: ipv6At(bytes, at + 24) };
    default:
      return {};
  }
}

function parseNdOptions(bytes: Uint8Array): NdOption[] | undefined {
  let options: Tlv[];
  try {
    ({ options } = optionList.parse(bytes) as { options: Tlv[] });
  } catch (error) {
    // One byte is left, which is no option.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  // A value that is too long for the bytes was cut by the parser.
  const sound = options.every(({ length, value }) => length > 0 && value.length === length);
  return sound ? options.map(({ type, value }) => ({ type, value })) : undefined;
}

/** What follows the second word. */
export function buildNeighborDiscovery(type: number, nd: Fields<NeighborDiscovery>): Uint8Array {
  const fixed = new Uint8Array(FIXED_LENGTH.get(type) ?? 0);
  if (type === ND_TYPE.routerAdvertisement) {
    putU32(fixed, 0, nd.reachableTime ?? 0);
    putU32(fixed, 4, nd.retransmitTime ?? 0);
  } else if (fixed.length > 0) putIpv6(fixed, 0, nd.target ?? '::');
  if (type === ND_TYPE.redirect) putIpv6(fixed, 16, nd.destination ?? '::');
  return joined(fixed, ...(nd.options ?? []).map(optionBytes));
}

/** `rest`, the second word, with the bits that `nd` gives. */
export function neighborDiscoveryWord(type: number, nd: Fields<NeighborDiscovery>, rest: number): number {
  let word = rest;
  const put = (mask: number, value: number) => {
    word = ((word & ~mask) | (value & mask)) >>> 0;
  };
  const flag = (bit: number, value: boolean | undefined) => value !== undefined && put(bit, value ? bit : 0);
  if (type === ND_TYPE.neighborAdvertisement) {
    flag(0x8000_0000, nd.router);
    flag(0x4000_0000, nd.solicited);
    flag(0x2000_0000, nd.override);
  } else if (type === ND_TYPE.routerAdvertisement) {
    if (nd.hopLimit !== undefined) put(0xff00_0000, nd.hopLimit << 24);
    flag(0x0080_0000, nd.managed);
    flag(0x0040_0000, nd.otherConfiguration);
    if (nd.lifetime !== undefined) put(0xffff, nd.lifetime);
  }
  return word;
}

function optionBytes({ type, value }: NdOption): Uint8Array {
  const length = 2 + value.length;
  if (length % 8 !== 0 || length > 8 * 255) {
    throw new RangeError(`an option's value is 2 bytes less than a multiple of 8, 2038 at most, not ${value.length}`);
  }
  return joined(Uint8Array.of(type, length / 8), value);
}

/** An option that tells the sender's (`sourceLinkLayer`) or the target's (`targetLinkLayer`) MAC address. */
export function linkLayerOption(type: number, mac: string): NdOption {
  const value = new Uint8Array(6);
  putMac(value, 0, mac);
  return { type, value };
}

/** The MAC address that an option of this type tells. */
export function linkLayerOf({ options }: NeighborDiscovery, type: number): string | undefined {
  const found = options.find((each) => each.type === type && each.value.length === 6);
  return found && macAt(found.value, 0);
}
