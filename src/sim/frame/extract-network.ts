/** IPv4, IPv6 with its extension headers, and ARP into the words of a key (RFC 791, 8200, 826), as Open vSwitch reads them. */

import { u16, u32 } from '../../packet/bytes.ts';
import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { extractTransport } from './extract-transport.ts';
import type { Frame } from './frame.ts';

/** Of ip_frag: a fragment, and one that is not the first (FLOW_NW_FRAG_ANY, FLOW_NW_FRAG_LATER). */
export const FRAGMENT = 1;
export const LATER_FRAGMENT = 2;
/** What of OpenFlow's fields lies behind IPv6's fragment header of a later fragment: IPPROTO_FRAGMENT. */
const IPV6_FRAGMENT = 44;
/** Hop-by-hop, routing, destination options. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60]);
const AUTHENTICATION = 51;

export function extractIpv4(frame: Frame, at: number, key: Key): void {
  const { bytes } = frame;
  if (bytes.length < at + 20) return;
  const headerLength = (bytes[at]! & 15) * 4;
  const totalLength = u16(bytes, at + 2);
  if (headerLength < 20 || totalLength < headerLength || bytes.length < at + totalLength) return;
  frame.l3 = at;
  frame.l4 = at + headerLength;
  frame.end = at + totalLength;
  const fragment = u16(bytes, at + 6);
  key[WORD.nwSrc] = u32(bytes, at + 12);
  key[WORD.nwDst] = u32(bytes, at + 16);
  key[WORD.nwProto] = bytes[at + 9]!;
  key[WORD.nwTos] = bytes[at + 1]!;
  key[WORD.nwTtl] = bytes[at + 8]!;
  key[WORD.nwFrag] = fragmentBits((fragment & 0x1fff) !== 0, (fragment & 0x2000) !== 0);
  extractTransport(frame, false, key);
}

function fragmentBits(later: boolean, more: boolean): number {
  if (later) return FRAGMENT | LATER_FRAGMENT;
  return more ? FRAGMENT : 0;
}

export function extractIpv6(frame: Frame, at: number, key: Key): void {
  const { bytes } = frame;
  if (bytes.length < at + 40) return;
  const end = at + 40 + u16(bytes, at + 4);
  if (bytes.length < end) return;
  const found = behindExtensions(bytes, at, end);
  if (found === undefined) return;
  frame.l3 = at;
  frame.l4 = found.at;
  frame.end = end;
  const first = u32(bytes, at);
  for (let word = 0; word < 4; word++) {
    key[WORD.ipv6Src + word] = u32(bytes, at + 8 + 4 * word);
    key[WORD.ipv6Dst + word] = u32(bytes, at + 24 + 4 * word);
  }
  key[WORD.ipv6Label] = first & 0xfffff;
  key[WORD.nwTos] = (first >>> 20) & 0xff;
  key[WORD.nwTtl] = bytes[at + 7]!;
  key[WORD.nwProto] = found.protocol;
  key[WORD.nwFrag] = found.fragment;
  extractTransport(frame, true, key);
}

export interface BehindExtensions {
  at: number;
  protocol: number;
  fragment: number;
  /** Where the fragment header is, if there is one. */
  fragmentHeader: number | undefined;
  /** There is a routing header with segments left: the destination's address is not the last one's. */
  routed: boolean;
}

/** What IPv6 carries below its extension headers; undefined where one is cut off. */
export function behindExtensions(bytes: Uint8Array, ip: number, end: number): BehindExtensions | undefined {
  const found: BehindExtensions = {
    at: ip + 40,
    protocol: bytes[ip + 6]!,
    fragment: 0,
    fragmentHeader: undefined,
    routed: false,
  };
  for (;;) {
    const { at, protocol } = found;
    const isFragment = protocol === IPV6_FRAGMENT;
    if (!isFragment && protocol !== AUTHENTICATION && !EXTENSIONS.has(protocol)) return found;
    if (end < at + 8) return undefined;
    found.protocol = bytes[at]!;
    if (isFragment) {
      found.at = at + 8;
      found.fragmentHeader = at;
      const offset = u16(bytes, at + 2);
      if (offset === 0) continue;
      found.fragment = fragmentBits((offset & 0xfff8) !== 0, true);
      if ((found.fragment & LATER_FRAGMENT) !== 0) {
        found.protocol = IPV6_FRAGMENT;
        return found;
      }
    } else {
      if (protocol === 43 && bytes[at + 3]! > 0) found.routed = true;
      found.at = at + (protocol === AUTHENTICATION ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8);
      if (end < found.at) return undefined;
    }
  }
}

/** Of other than Ethernet and IPv4 nothing is read. */
export function extractArp(frame: Frame, at: number, key: Key): void {
  const { bytes } = frame;
  frame.l3 = at;
  if (bytes.length < at + 28) return;
  if (u32(bytes, at) !== 0x0001_0800 || u16(bytes, at + 4) !== 0x0604) return;
  const operation = u16(bytes, at + 6);
  key[WORD.nwProto] = operation <= 0xff ? operation : 0;
  key[WORD.arpSha] = u16(bytes, at + 8);
  key[WORD.arpSha + 1] = u32(bytes, at + 10);
  key[WORD.nwSrc] = u32(bytes, at + 14);
  key[WORD.arpTha] = u16(bytes, at + 18);
  key[WORD.arpTha + 1] = u32(bytes, at + 20);
  key[WORD.nwDst] = u32(bytes, at + 24);
}
