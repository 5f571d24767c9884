/** Ports, ICMP's type and code, and what neighbour discovery says, of a frame as a key has them, checksums included. */

import { putU16, putU32, u16, u32 } from '../../packet/bytes.ts';
import { crc32c } from '../../packet/crc32c.ts';
import { ETHER_TYPE } from '../../packet/ethernet.ts';
import { update16, update32 } from '../../packet/incremental-checksum.ts';
import { IP_PROTOCOL } from '../../packet/ipv4.ts';
import { differs, type Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import { type Frame, own } from './frame.ts';

const SCTP = 132;

export function applyPorts(frame: Frame, base: Key, key: Key): void {
  const protocol = key[WORD.nwProto];
  if (frame.l4 < 0 || !isIp(base) || !differs(base, key, WORD.tpSrc, 2)) return;
  const room = frame.end - frame.l4;
  if (protocol === IP_PROTOCOL.tcp) {
    const headerLength = room < 20 ? 0 : (frame.bytes[frame.l4 + 12]! >>> 4) * 4;
    if (headerLength >= 20 && headerLength <= room) setPorts(frame, key, frame.l4 + 16);
  } else if (protocol === IP_PROTOCOL.udp && room >= 8) setUdpPorts(frame, key);
  else if (protocol === SCTP && room >= 12) setSctpPorts(frame, key);
}

const isIp = (key: Key) => key[WORD.ethType] === ETHER_TYPE.ipv4 || key[WORD.ethType] === ETHER_TYPE.ipv6;

function setPorts(frame: Frame, key: Key, sumAt: number | undefined): void {
  const bytes = own(frame);
  const { l4 } = frame;
  if (sumAt !== undefined) {
    update16(bytes, sumAt, u16(bytes, l4), key[WORD.tpSrc]!);
    update16(bytes, sumAt, u16(bytes, l4 + 2), key[WORD.tpDst]!);
  }
  putU16(bytes, l4, key[WORD.tpSrc]!);
  putU16(bytes, l4 + 2, key[WORD.tpDst]!);
}

function setUdpPorts(frame: Frame, key: Key): void {
  const sumAt = frame.l4 + 6;
  const hasSum = u16(frame.bytes, sumAt) !== 0;
  setPorts(frame, key, hasSum ? sumAt : undefined);
  if (hasSum && u16(frame.bytes, sumAt) === 0) putU16(frame.bytes, sumAt, 0xffff);
}

/** A checksum that was wrong stays wrong by the same bits (RFC 9260, 6.8). */
function setSctpPorts(frame: Frame, key: Key): void {
  const bytes = own(frame);
  const { l4, end } = frame;
  const old = u32(bytes, l4 + 8);
  putU32(bytes, l4 + 8, 0);
  const right = crc32c(bytes, l4, end);
  setPorts(frame, key, undefined);
  putU32(bytes, l4 + 8, old ^ right ^ crc32c(bytes, l4, end));
}

export function applyIcmp(frame: Frame, base: Key, key: Key): void {
  const isIpv6 = base[WORD.ethType] === ETHER_TYPE.ipv6;
  const protocol = isIpv6 ? IP_PROTOCOL.icmpv6 : IP_PROTOCOL.icmp;
  if (frame.l4 < 0 || !isIp(base) || base[WORD.nwProto] !== protocol || frame.end - frame.l4 < 8) return;
  // Behind MPLS that was pushed it is hidden, and stays.
  if (base[WORD.ethType] !== key[WORD.ethType] || key[WORD.nwProto] !== protocol) return;
  if (isIpv6) applyNeighbourDiscovery(frame, base, key);
  if (!differs(base, key, WORD.tpSrc, 2)) return;
  const bytes = own(frame);
  const before = u16(bytes, frame.l4);
  bytes[frame.l4] = key[WORD.tpSrc]!;
  bytes[frame.l4 + 1] = key[WORD.tpDst]!;
  update16(bytes, frame.l4 + 2, before, u16(bytes, frame.l4));
}

/** Flags, target and link-layer addresses (RFC 4861); an option that is not there is not made. */
function applyNeighbourDiscovery(frame: Frame, base: Key, key: Key): void {
  const type = base[WORD.tpSrc];
  const { l4, end } = frame;
  if ((type !== 135 && type !== 136) || end < l4 + 24) return;
  const changed = differs(base, key, WORD.ndTarget, WORD.tcpFlags + 1 - WORD.ndTarget);
  if (!changed && base[WORD.igmpGroup] === key[WORD.igmpGroup]) return;
  const bytes = own(frame);
  const put32 = (at: number, value: number) => {
    update32(bytes, l4 + 2, u32(bytes, at), value);
    putU32(bytes, at, value);
  };
  put32(l4 + 4, key[WORD.igmpGroup]!);
  for (let word = 0; word < 4; word++) put32(l4 + 8 + 4 * word, key[WORD.ndTarget + word]!);
  if (base[WORD.tcpFlags] !== key[WORD.tcpFlags] && end >= l4 + 26) {
    const before = u16(bytes, l4 + 24);
    bytes[l4 + 24] = key[WORD.tcpFlags]!;
    update16(bytes, l4 + 2, before, u16(bytes, l4 + 24));
  }
  for (let at = l4 + 24; at + 8 <= end && bytes[at + 1] !== 0; at += 8 * bytes[at + 1]!) {
    const part = bytes[at] === 1 ? WORD.arpSha : WORD.arpTha;
    if ((bytes[at] !== 1 && bytes[at] !== 2) || bytes[at + 1] !== 1 || !differs(base, key, part, 2)) continue;
    const before = u16(bytes, at + 2);
    putU16(bytes, at + 2, key[part]!);
    update16(bytes, l4 + 2, before, key[part]!);
    put32(at + 4, key[part + 1]!);
  }
}
