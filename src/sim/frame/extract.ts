/**
 * What a frame's bytes say, into the header words of a key, as Open vSwitch's flow extraction reads them: Ethernet,
 * VLAN tags, MPLS, ARP, IPv4 and IPv6 (network.ts), TCP, UDP, SCTP, ICMP, IGMP and neighbour discovery (transport.ts), NSH.
 * What is cut off or contradicts itself leaves the words of that header and of all within it zero.
 */

import { u16, u32 } from '../../packet/bytes.ts';
import { ETHER_TYPE } from '../../packet/ethernet.ts';
import type { Key } from '../key/key.ts';
import { FIRST_HEADER_WORD, KEY_WORDS, MOST_MPLS_LABELS, WORD } from '../key/layout.ts';
import { extractArp, extractIpv4, extractIpv6 } from './extract-network.ts';
import { extractNsh } from './extract-nsh.ts';
import type { Frame } from './frame.ts';

/** FLOW_DL_TYPE_NONE: an 802.3 frame whose length field says nothing of what is inside. */
export const NO_ETHER_TYPE = 0x05ff;
export const MPLS_UNICAST = 0x8847;
export const MPLS_MULTICAST = 0x8848;
export const NSH_TYPE = 0x894f;

export function isVlanType(type: number): boolean {
  return type === ETHER_TYPE.vlan || type === ETHER_TYPE.serviceVlan;
}

export function isMplsType(type: number): boolean {
  return type === MPLS_UNICAST || type === MPLS_MULTICAST;
}

/** Header words of the key, and where the headers are in the frame. `vlanLimit`: how many tags are read (vlan-limit). */
export function extractKey(frame: Frame, key: Key, vlanLimit: number): void {
  key.fill(0, FIRST_HEADER_WORD, KEY_WORDS);
  const { bytes } = frame;
  frame.l25 = -1;
  frame.hasLabels = false;
  frame.l3 = -1;
  frame.l4 = -1;
  frame.end = bytes.length;
  key[WORD.packetType] = frame.packetType;
  if (frame.packetType !== 0) {
    key[WORD.ethType] = frame.packetType & 0xffff;
    frame.l25 = 0;
    extractBehindEtherType(frame, key);
    return;
  }
  if (bytes.length < 14) return;
  key[WORD.ethDst] = u16(bytes, 0);
  key[WORD.ethDst + 1] = u32(bytes, 2);
  key[WORD.ethSrc] = u16(bytes, 6);
  key[WORD.ethSrc + 1] = u32(bytes, 8);
  let at = 12;
  for (let tag = 0; tag < vlanLimit && isVlanType(u16(bytes, at)) && bytes.length >= at + 6; tag++) {
    key[WORD.vlans + tag] = ((u16(bytes, at) << 16) | u16(bytes, at + 2) | 0x1000) >>> 0;
    at += 4;
  }
  at = extractEtherType(bytes, at, key);
  frame.l25 = at;
  extractBehindEtherType(frame, key);
}

/** Where what the type names begins. */
function extractEtherType(bytes: Uint8Array, at: number, key: Key): number {
  const type = u16(bytes, at);
  if (type >= 0x600) {
    key[WORD.ethType] = type;
    return at + 2;
  }
  // LLC with SNAP, and an organisation that means Ethernet types (IEEE 802, 10.5).
  const isSnap = bytes.length >= at + 10 && u32(bytes, at + 2) === 0xaaaa0300 && u16(bytes, at + 6) === 0;
  const inner = isSnap ? u16(bytes, at + 8) : 0;
  key[WORD.ethType] = inner >= 0x600 ? inner : NO_ETHER_TYPE;
  return isSnap ? at + 10 : at + 2;
}

function extractBehindEtherType(frame: Frame, key: Key): void {
  const type = key[WORD.ethType]!;
  const at = frame.l25;
  // Whatever it is: what is behind the type, and behind labels, is written to as such later.
  frame.l3 = at;
  if (isMplsType(type)) extractMpls(frame, key);
  else if (type === ETHER_TYPE.ipv4) extractIpv4(frame, at, key);
  else if (type === ETHER_TYPE.ipv6) extractIpv6(frame, at, key);
  else if (type === ETHER_TYPE.arp || type === RARP) extractArp(frame, at, key);
  else if (type === NSH_TYPE) extractNsh(frame, at, key);
}

const RARP = 0x8035;

/** Labels down to the bottom of the stack, as many as a key holds; what lies below is not read. */
function extractMpls(frame: Frame, key: Key): void {
  const { bytes, l25 } = frame;
  frame.hasLabels = true;
  for (let label = 0; bytes.length >= frame.l3 + 4; label++) {
    const entry = u32(bytes, frame.l3);
    if (label < MOST_MPLS_LABELS) key[WORD.mpls + label] = entry;
    frame.l3 = l25 + 4 * (label + 1);
    if ((entry & 0x100) !== 0) return;
  }
}
