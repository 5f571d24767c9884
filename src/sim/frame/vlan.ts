/** VLAN tags of a frame as a key has them (IEEE 802.1Q): those that differ are taken off, and put on anew. */

import { putU16, u16 } from '../../packet/bytes.ts';
import type { Key } from '../key/key.ts';
import { HAS_TAG, MOST_VLAN_TAGS, WORD } from '../key/layout.ts';
import { isVlanType } from './extract.ts';
import { type Frame, splice } from './frame.ts';

/** How many tags a key has. */
export function countTags(key: Key): number {
  let count = 0;
  while (count < MOST_VLAN_TAGS && (key[WORD.vlans + count]! & HAS_TAG) !== 0) count++;
  return count;
}

export function applyVlans(frame: Frame, base: Key, key: Key): void {
  let old = countTags(base) - 1;
  let now = countTags(key) - 1;
  // The innermost that are the same stay.
  while (old >= 0 && now >= 0 && base[WORD.vlans + old] === key[WORD.vlans + now]) {
    old--;
    now--;
  }
  for (; old >= 0; old--) popVlan(frame);
  for (; now >= 0; now--) pushVlan(frame, key[WORD.vlans + now]!);
}

function popVlan(frame: Frame): void {
  if (frame.bytes.length < 18 || !isVlanType(u16(frame.bytes, 12))) return;
  splice(frame, 12, 4, 0);
  frame.l25 -= 4;
}

/** In a key bit 12 of the TCI says that there is a tag; on the wire it is the drop eligible indicator, which is lost. */
function pushVlan(frame: Frame, tag: number): void {
  const bytes = splice(frame, 12, 0, 4);
  frame.l25 += 4;
  putU16(bytes, 12, tag >>> 16);
  putU16(bytes, 14, tag & 0xefff);
}
