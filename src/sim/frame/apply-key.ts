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

/** `base` is what the frame says, and is made equal to `key` in the words of headers. */
export function applyKey(frame: Frame, base: Key, key: Key): void {
  if (
    (frame.packetType === 0 && frame.bytes.length < 14) ||
    !differs(base, key, FIRST_HEADER_WORD, KEY_WORDS - FIRST_HEADER_WORD)
  )
    return;
  const hasEthernet = frame.packetType === 0;
  if (hasEthernet) applyEthernet(frame, base, key);
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
  if (hasEthernet) applyVlans(frame, base, key);
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
  else if (type === ETHER_TYPE.arp) applyArp(frame, base, key);
}

/** Each field that differs, as far as the frame has it. */
function applyArp(frame: Frame, base: Key, key: Key): void {
  const { l3 } = frame;
  const put = (part: number, words: number, at: number, length: number, write: (bytes: Uint8Array) => void) => {
    if (differs(base, key, part, words) && frame.bytes.length >= l3 + at + length) write(own(frame));
  };
  const putMac = (part: number, at: number) =>
    put(part, 2, at, 6, (bytes) => {
      putU16(bytes, l3 + at, key[part]!);
      putU32(bytes, l3 + at + 2, key[part + 1]!);
    });
  put(WORD.nwProto, 1, 6, 2, (bytes) => putU16(bytes, l3 + 6, key[WORD.nwProto]!));
  putMac(WORD.arpSha, 8);
  put(WORD.nwSrc, 1, 14, 4, (bytes) => putU32(bytes, l3 + 14, key[WORD.nwSrc]!));
  putMac(WORD.arpTha, 18);
  put(WORD.nwDst, 1, 24, 4, (bytes) => putU32(bytes, l3 + 24, key[WORD.nwDst]!));
}
