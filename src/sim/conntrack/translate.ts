/** Addresses and ports of a frame rewritten in place, checksums brought along (RFC 3022, RFC 1624). */

import { putU16, putU32, u16, u32 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import { update32 } from '../../packet/incremental-checksum.ts';
import { avoidZero, replace16, transportChecksumAt } from './checksum.ts';
import { NAT_DESTINATION, NAT_SOURCE } from './connection.ts';
import { type Extracted, PROTOCOL } from './extract.ts';
import { IPV4 } from './ip-header.ts';
import type { Tuple } from './tuple.ts';

/**
 * Translates a packet's source or destination (`action`) into what `reverse`, the tuple of the other direction, says.
 * What `extracted` says of the frame's places must be of this frame.
 */
export function translate(frame: Uint8Array, l3: number, extracted: Extracted, reverse: Tuple, action: number): void {
  const { l4, end, related } = extracted;
  const { ethType } = reverse;
  // Of an ICMPv6 error Open vSwitch takes it for what it quotes: a word of the message changes where the checksum of
  // TCP or UDP would be.
  const protocol = ethType === IPV4 ? extracted.protocol : reverse.protocol;
  if (action === NAT_SOURCE) putAddress(frame, l3, ethType, 'src', addressOf(reverse, 'dst'), protocol, l4, end);
  else if (action === NAT_DESTINATION) {
    putAddress(frame, l3, ethType, 'dst', addressOf(reverse, 'src'), protocol, l4, end);
  }
  if (related) translateQuoted(frame, l3, extracted, reverse, action);
  // A collision may change the port of the side whose address stays.
  else if (action !== 0) putPorts(frame, reverse.dstPort, reverse.srcPort, protocol, l4, end);
}

type Side = 'src' | 'dst';
type Words = readonly [number, number, number, number];

function addressOf(tuple: Tuple, side: Side): Words {
  return side === 'src'
    ? [tuple.src0, tuple.src1, tuple.src2, tuple.src3]
    : [tuple.dst0, tuple.dst1, tuple.dst2, tuple.dst3];
}

/** Where the transport's checksum is that covers the addresses; -1 where none is there. */
function checksumPlace(frame: Uint8Array, ethType: number, protocol: number, l4: number, end: number): number {
  const size = end - l4;
  if (protocol === PROTOCOL.tcp) return size >= 20 ? l4 + 16 : -1;
  if (protocol === PROTOCOL.udp) {
    if (size < 8) return -1;
    return u16(frame, l4 + 6) === 0 ? -1 : l4 + 6;
  }
  if (protocol === PROTOCOL.icmpv6 && ethType !== IPV4) return size >= 8 ? l4 + 2 : -1;
  return -1;
}

function putAddress(
  frame: Uint8Array,
  l3: number,
  ethType: number,
  side: Side,
  words: Words,
  protocol: number,
  l4: number,
  end: number,
): void {
  const covered = checksumPlace(frame, ethType, protocol, l4, end);
  if (ethType === IPV4) {
    const at = l3 + (side === 'src' ? 12 : 16);
    const value = words[0] >>> 0;
    if (covered >= 0) update32(frame, covered, u32(frame, at), value);
    update32(frame, l3 + 10, u32(frame, at), value);
    putU32(frame, at, value);
  } else {
    const at = l3 + (side === 'src' ? 8 : 24);
    for (let i = 0; i < 4; i++) {
      const value = words[i]! >>> 0;
      if (covered >= 0) update32(frame, covered, u32(frame, at + 4 * i), value);
      putU32(frame, at + 4 * i, value);
    }
  }
  if (covered >= 0 && protocol === PROTOCOL.udp) avoidZero(frame, covered);
}

/** ICMP's identifiers stay as they are, as in Open vSwitch. */
function putPorts(frame: Uint8Array, src: number, dst: number, protocol: number, l4: number, end: number): void {
  if (protocol === PROTOCOL.tcp) {
    const covered = end - l4 >= 18 ? l4 + 16 : -1;
    replace16(frame, l4, src, covered);
    replace16(frame, l4 + 2, dst, covered);
  } else if (protocol === PROTOCOL.udp) {
    const covered = u16(frame, l4 + 6) === 0 ? -1 : l4 + 6;
    replace16(frame, l4, src, covered);
    replace16(frame, l4 + 2, dst, covered);
    if (covered >= 0) avoidZero(frame, covered);
  }
}

/** The packet in an ICMP error went the other way: of it the other side changes. */
function translateQuoted(frame: Uint8Array, l3: number, extracted: Extracted, reverse: Tuple, action: number): void {
  const { l4, end, quotedL3, quotedL4, protocol } = extracted;
  const { ethType } = reverse;
  const side: Side = action === NAT_SOURCE ? 'dst' : 'src';
  putAddress(
    frame,
    quotedL3,
    ethType,
    side,
    addressOf(reverse, action === NAT_SOURCE ? 'dst' : 'src'),
    reverse.protocol,
    quotedL4,
    end,
  );
  if (action !== 0) putPorts(frame, reverse.srcPort, reverse.dstPort, reverse.protocol, quotedL4, end);
  putU16(frame, l4 + 2, 0);
  const sum = ethType === IPV4 ? checksum(frame, l4, end) : transportChecksumAt(frame, l3, ethType, protocol, l4, end);
  putU16(frame, l4 + 2, sum);
}

/** The addresses of the packet in `from` into the one in `frame`, of whose transport no checksum is known. */
export function replaceAddresses(
  frame: Uint8Array,
  l3: number,
  from: Uint8Array,
  fromL3: number,
  ethType: number,
): void {
  const [start, end] = ethType === IPV4 ? [12, 20] : [8, 40];
  for (let at = start; at < end; at += 4) {
    const value = u32(from, fromL3 + at);
    if (ethType === IPV4) update32(frame, l3 + 10, u32(frame, l3 + at), value);
    putU32(frame, l3 + at, value);
  }
}
