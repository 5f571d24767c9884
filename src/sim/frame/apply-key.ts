/**
 * Makes a frame say what a key says: each header that differs from the key that was read out of it is written, checksums
 * are kept right. The order is Open vSwitch's (commit_odp_actions): a label stack that is to go makes way for IP first.
 */

import { putU16, putU32 } from '../../packet/bytes.ts';
import { ETHER_TYPE } from '../../packet/ethernet.ts';
import { differs, type Key } from '../key/key.ts';
import { FIRST_HEADER_WORD, KEY_WORDS, WORD } from '../key/layout.ts';
import { applyIpv4, applyIpv6 } from './apply-ip.ts';
import { applyIcmp, applyPorts } from './apply-transport.ts';
import { isMplsType } from './extract.ts';
import { type Frame, own } from './frame.ts';
import { applyMpls } from './mpls.ts';
import { applyNsh } from './nsh.ts';
import { applyVlans } from './vlan.ts';

const RARP = 0x8035;

/** `base` is what the frame says, and is made equal to `key` in the words of headers. */
export function applyKey(frame: Frame, base: Key, key: Key): void {
  if (frame.bytes.length < 14 || !differs(base, key, FIRST_HEADER_WORD, KEY_WORDS - FIRST_HEADER_WORD)) return;
  applyEthernet(frame, base, key);
  const wasMpls = isMplsType(base[WORD.ethType]!);
  const popsAll = wasMpls && !isMplsType(key[WORD.ethType]!);
  if (popsAll) {
    applyMpls(frame, base, key);
    base[WORD.ethType] = key[WORD.ethType]!;
  }
  applyNsh(frame, base, key);
  applyNetwork(frame, base, key);
  applyPorts(frame, base, key);
  applyIcmp(frame, base, key);
  if (!popsAll) applyMpls(frame, base, key);
  applyVlans(frame, base, key);
  // What labels hide is as it was, for when they are taken off again.
  const known = isMplsType(key[WORD.ethType]!) ? WORD.nwSrc : KEY_WORDS;
  for (let word = FIRST_HEADER_WORD; word < known; word++) base[word] = key[word]!;
}

function applyEthernet(frame: Frame, base: Key, key: Key): void {
  if (!differs(base, key, WORD.ethDst, 4)) return;
  const bytes = own(frame);
  putU16(bytes, 0, key[WORD.ethDst]!);
  putU32(bytes, 2, key[WORD.ethDst + 1]!);
  putU16(bytes, 6, key[WORD.ethSrc]!);
  putU32(bytes, 8, key[WORD.ethSrc + 1]!);
}

/** Where the protocol in IP, or ARP's operation, is 0 Open vSwitch sees no such header, and leaves it. */
function applyNetwork(frame: Frame, base: Key, key: Key): void {
  if (key[WORD.nwProto] === 0 || frame.l3 < 0) return;
  const type = base[WORD.ethType]!;
  if (type === ETHER_TYPE.ipv4) applyIpv4(frame, base, key);
  else if (type === ETHER_TYPE.ipv6) applyIpv6(frame, base, key);
  else if (type === ETHER_TYPE.arp || type === RARP) applyArp(frame, base, key);
}

function applyArp(frame: Frame, base: Key, key: Key): void {
  const changed =
    differs(base, key, WORD.nwSrc, 2) || differs(base, key, WORD.arpSha, 4) || base[WORD.nwProto] !== key[WORD.nwProto];
  if (!changed || frame.bytes.length < frame.l3 + 28) return;
  const bytes = own(frame);
  const at = frame.l3;
  putU16(bytes, at + 6, key[WORD.nwProto]!);
  putU16(bytes, at + 8, key[WORD.arpSha]!);
  putU32(bytes, at + 10, key[WORD.arpSha + 1]!);
  putU32(bytes, at + 14, key[WORD.nwSrc]!);
  putU16(bytes, at + 18, key[WORD.arpTha]!);
  putU32(bytes, at + 20, key[WORD.arpTha + 1]!);
  putU32(bytes, at + 24, key[WORD.nwDst]!);
}
