/** TCP, UDP, SCTP, ICMP, IGMP and ICMPv6 with neighbour discovery into the words of a key, as Open vSwitch reads them. */

import { u16, u32 } from '../../packet/bytes.ts';
import { IP_PROTOCOL } from '../../packet/ipv4.ts';
import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import type { Frame } from './frame.ts';

const SCTP = 132;
const IGMP = 2;
const ND_SOLICIT = 135;
const ND_ADVERT = 136;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
const LATER_FRAGMENT = 2;

/** The frame's `l4` and `end`, and the protocol in the key, are known. Later fragments have nothing of it. */
export function extractTransport(frame: Frame, isIpv6: boolean, key: Key): void {
  if ((key[WORD.nwFrag]! & LATER_FRAGMENT) !== 0) return;
  const { bytes, l4, end } = frame;
  const room = end - l4;
  switch (key[WORD.nwProto]) {
    case IP_PROTOCOL.tcp:
      if (room < 20) return;
      extractPorts(bytes, l4, key);
      key[WORD.tcpFlags] = u16(bytes, l4 + 12) & 0x0fff;
      return;
    case IP_PROTOCOL.udp:
      if (room >= 8) extractPorts(bytes, l4, key);
      return;
    case SCTP:
      if (room >= 12) extractPorts(bytes, l4, key);
      return;
    case IP_PROTOCOL.icmp:
      if (!isIpv6 && room >= 8) extractTypeAndCode(bytes, l4, key);
      return;
    case IGMP:
      if (isIpv6 || room < 8) return;
      extractTypeAndCode(bytes, l4, key);
      key[WORD.igmpGroup] = u32(bytes, l4 + 4);
      return;
    case IP_PROTOCOL.icmpv6:
      if (!isIpv6 || room < 8) return;
      extractTypeAndCode(bytes, l4, key);
      extractNeighbourDiscovery(bytes, l4, end, key);
  }
}

function extractPorts(bytes: Uint8Array, at: number, key: Key): void {
  key[WORD.tpSrc] = u16(bytes, at);
  key[WORD.tpDst] = u16(bytes, at + 2);
}

function extractTypeAndCode(bytes: Uint8Array, at: number, key: Key): void {
  key[WORD.tpSrc] = bytes[at]!;
  key[WORD.tpDst] = bytes[at + 1]!;
}

/** Solicitations and advertisements (RFC 4861, 4.3 and 4.4). The same link-layer option twice: nothing of it is read. */
function extractNeighbourDiscovery(bytes: Uint8Array, l4: number, end: number, key: Key): void {
  const type = bytes[l4]!;
  if (bytes[l4 + 1] !== 0 || (type !== ND_SOLICIT && type !== ND_ADVERT)) return;
  key[WORD.igmpGroup] = u32(bytes, l4 + 4);
  if (end < l4 + 24) return;
  for (let word = 0; word < 4; word++) key[WORD.ndTarget + word] = u32(bytes, l4 + 8 + 4 * word);
  for (let at = l4 + 24; at + 8 <= end; ) {
    const option = bytes[at]!;
    const length = bytes[at + 1]! * 8;
    if (length === 0 || at + length > end) return;
    if (length === 8 && (option === SOURCE_LINK_ADDRESS || option === TARGET_LINK_ADDRESS)) {
      const part = option === SOURCE_LINK_ADDRESS ? WORD.arpSha : WORD.arpTha;
      if (key[part] !== 0 || key[part + 1] !== 0) {
        key.fill(0, WORD.ndTarget, WORD.tcpFlags + 1);
        return;
      }
      key[part] = u16(bytes, at + 2);
      key[part + 1] = u32(bytes, at + 4);
      if (key[WORD.tcpFlags] === 0) key[WORD.tcpFlags] = option;
    }
    at += length;
  }
}
