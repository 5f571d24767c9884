/** The IPv4 and IPv6 header of a frame as a key has it, with every checksum that covers it (RFC 791, 8200). */

import { putU16, putU32, u16, u32 } from '../../packet/bytes.ts';
import { update16, update32 } from '../../packet/incremental-checksum.ts';
import { IP_PROTOCOL } from '../../packet/ipv4.ts';
import { differs, type Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { behindExtensions, FRAGMENT } from './extract-network.ts';
import { type Frame, own } from './frame.ts';

const HEADER_SUM = 10;

export function applyIpv4(frame: Frame, base: Key, key: Key): void {
  const addresses = differs(base, key, WORD.nwSrc, 2);
  if (!addresses && base[WORD.nwTos] === key[WORD.nwTos] && base[WORD.nwTtl] === key[WORD.nwTtl]) return;
  const bytes = own(frame);
  const at = frame.l3;
  // What conntrack has translated meanwhile stays: only what the key says anew is written.
  if (base[WORD.nwSrc] !== key[WORD.nwSrc]) setIpv4Address(frame, at + 12, key[WORD.nwSrc]!);
  if (base[WORD.nwDst] !== key[WORD.nwDst]) setIpv4Address(frame, at + 16, key[WORD.nwDst]!);
  if (base[WORD.nwTos] !== key[WORD.nwTos]) setByte(bytes, at, at + 1, key[WORD.nwTos]!, at + HEADER_SUM);
  if (base[WORD.nwTtl] !== key[WORD.nwTtl]) setByte(bytes, at + 8, at + 8, key[WORD.nwTtl]!, at + HEADER_SUM);
}

/** A byte of the 16 bits at `pair`, and the checksum over them. */
function setByte(bytes: Uint8Array, pair: number, at: number, value: number, sumAt: number): void {
  const before = u16(bytes, pair);
  bytes[at] = value;
  update16(bytes, sumAt, before, u16(bytes, pair));
}

/** Of the frame's own bytes; the checksums of IP and of what it carries follow. */
export function setIpv4Address(frame: Frame, addressAt: number, address: number): void {
  const { bytes, l3, l4, end } = frame;
  const old = u32(bytes, addressAt);
  if (old === address) return;
  updateTransport(bytes, bytes[l3 + 9]!, l4, end, (sumAt) => update32(bytes, sumAt, old, address), false);
  update32(bytes, l3 + HEADER_SUM, old, address);
  putU32(bytes, addressAt, address);
}

/** A checksum of 0 in UDP means that there is none. */
function updateTransport(
  bytes: Uint8Array,
  protocol: number,
  l4: number,
  end: number,
  update: (sumAt: number) => void,
  isIpv6: boolean,
): void {
  if (l4 < 0) return;
  const room = end - l4;
  if (protocol === IP_PROTOCOL.tcp && room >= 20) update(l4 + 16);
  else if (protocol === IP_PROTOCOL.udp && room >= 8) {
    if (u16(bytes, l4 + 6) === 0) return;
    update(l4 + 6);
    if (u16(bytes, l4 + 6) === 0) putU16(bytes, l4 + 6, 0xffff);
  } else if (isIpv6 && protocol === IP_PROTOCOL.icmpv6 && room >= 8) update(l4 + 2);
}

export function applyIpv6(frame: Frame, base: Key, key: Key): void {
  const source = differs(base, key, WORD.ipv6Src, 4);
  const target = differs(base, key, WORD.ipv6Dst, 4);
  const first = base[WORD.nwTos] !== key[WORD.nwTos] || base[WORD.ipv6Label] !== key[WORD.ipv6Label];
  if (source || target || first || base[WORD.nwTtl] !== key[WORD.nwTtl]) own(frame);
  const { bytes, l3 } = frame;
  if (source) setIpv6Address(frame, l3 + 8, key.subarray(WORD.ipv6Src, WORD.ipv6Src + 4));
  if (target) setIpv6Address(frame, l3 + 24, key.subarray(WORD.ipv6Dst, WORD.ipv6Dst + 4));
  if (first) putU32(bytes, l3, (0x6000_0000 | (key[WORD.nwTos]! << 20) | key[WORD.ipv6Label]!) >>> 0);
  if (base[WORD.nwTtl] !== key[WORD.nwTtl]) bytes[l3 + 7] = key[WORD.nwTtl]!;
}

/**
 * Where a routing header has segments left (RFC 8200, 8.1), or a fragment header says that this is no first fragment,
 * atomic ones included, Open vSwitch leaves checksums as they are.
 */
export function setIpv6Address(frame: Frame, addressAt: number, address: Uint32Array): void {
  const { bytes, l3, l4, end } = frame;
  const behind = behindExtensions(bytes, l3, end);
  const isWhole = behind?.fragmentHeader === undefined || behind.fragment === FRAGMENT;
  const isCovered = behind !== undefined && !behind.routed && isWhole;
  for (let word = 0; word < 4; word++) {
    const at = addressAt + 4 * word;
    const old = u32(bytes, at);
    const now = address[word]!;
    if (isCovered) updateTransport(bytes, behind.protocol, l4, end, (sumAt) => update32(bytes, sumAt, old, now), true);
    putU32(bytes, at, now);
  }
}
