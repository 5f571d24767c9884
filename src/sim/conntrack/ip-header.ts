/** Where an IPv4 or IPv6 packet's transport is, and its addresses (RFC 791, RFC 8200), read without allocation. */

import { u16, u32 } from '../../packet/bytes.ts';
import type { Tuple } from './tuple.ts';

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;

/** Filled anew for each packet. */
export interface IpPlace {
  protocol: number;
  /** First byte behind the header and, of IPv6, its extension headers. */
  l4: number;
  /** Where the packet ends; Ethernet's padding lies behind. */
  end: number;
  fragment: boolean;
  /** Offset of IPv6's fragment header; -1 without one. */
  fragmentHeader: number;
}

/** False where the header is short or contradicts the bytes at hand. */
export function locateIp(frame: Uint8Array, l3: number, ethType: number, place: IpPlace): boolean {
  const size = frame.length - l3;
  place.fragmentHeader = -1;
  if (ethType === IPV4) {
    if (size < 20) return false;
    const headerLength = (frame[l3]! & 15) * 4;
    const totalLength = u16(frame, l3 + 2);
    if (headerLength < 20 || totalLength < headerLength) return false;
    if (totalLength > size) return false;
    place.protocol = frame[l3 + 9]!;
    place.l4 = l3 + headerLength;
    place.end = l3 + totalLength;
    place.fragment = (u16(frame, l3 + 6) & 0x3fff) !== 0;
    return true;
  }
  if (ethType !== IPV6 || size < 40) return false;
  const length = u16(frame, l3 + 4) + 40;
  if (length > size) return false;
  place.end = l3 + length;
  return walkExtensions(frame, l3, place);
}

/** An IP packet inside an ICMP error, whose end may be cut off. */
export function locateQuoted(frame: Uint8Array, l3: number, end: number, ethType: number, place: IpPlace): boolean {
  place.end = end;
  place.fragmentHeader = -1;
  if (ethType === IPV6) return end - l3 >= 40 && walkExtensions(frame, l3, place) && !place.fragment;
  if (end - l3 < 20) return false;
  const headerLength = (frame[l3]! & 15) * 4;
  if (headerLength < 20 || end - l3 < headerLength) return false;
  place.protocol = frame[l3 + 9]!;
  place.l4 = l3 + headerLength;
  place.fragment = (u16(frame, l3 + 6) & 0x3fff) !== 0;
  return !place.fragment;
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/** `place.end` is known. False where they reach behind it. */
function walkExtensions(frame: Uint8Array, l3: number, place: IpPlace): boolean {
  let next = frame[l3 + 6]!;
  let at = l3 + 40;
  place.fragment = false;
  for (;;) {
    const options = next === HOP_BY_HOP || next === ROUTING || next === DESTINATION_OPTIONS;
    if (!options && next !== FRAGMENT && next !== AUTHENTICATION) break;
    if (place.end - at < 8) return false;
    if (next === FRAGMENT) {
      place.fragmentHeader = at;
      const offsetAndMore = u16(frame, at + 2) & 0xfff9;
      if (offsetAndMore !== 0) place.fragment = true;
      next = frame[at]!;
      at += 8;
      // What follows in a later fragment is no header.
      if ((offsetAndMore & 0xfff8) !== 0) break;
      continue;
    }
    const length = next === AUTHENTICATION ? (frame[at + 1]! + 2) * 4 : (frame[at + 1]! + 1) * 8;
    if (place.end - at < length) return false;
    next = frame[at]!;
    at += length;
  }
  place.protocol = next;
  place.l4 = at;
  return true;
}

export function readAddresses(frame: Uint8Array, l3: number, ethType: number, tuple: Tuple): void {
  tuple.ethType = ethType;
  if (ethType === IPV4) {
    tuple.src0 = u32(frame, l3 + 12) | 0;
    tuple.dst0 = u32(frame, l3 + 16) | 0;
    tuple.src1 = tuple.src2 = tuple.src3 = 0;
    tuple.dst1 = tuple.dst2 = tuple.dst3 = 0;
    return;
  }
  tuple.src0 = u32(frame, l3 + 8) | 0;
  tuple.src1 = u32(frame, l3 + 12) | 0;
  tuple.src2 = u32(frame, l3 + 16) | 0;
  tuple.src3 = u32(frame, l3 + 20) | 0;
  tuple.dst0 = u32(frame, l3 + 24) | 0;
  tuple.dst1 = u32(frame, l3 + 28) | 0;
  tuple.dst2 = u32(frame, l3 + 32) | 0;
  tuple.dst3 = u32(frame, l3 + 36) | 0;
}
