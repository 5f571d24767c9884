/** The MPLS label stack of a frame as a key has it (RFC 3032): labels set, taken off and put on as Open vSwitch does. */

import { putU16, putU32, u16 } from '../../packet/bytes.ts';
import type { Key } from '../key/key.ts';
import { MOST_MPLS_LABELS, WORD } from '../key/layout.ts';
import { isMplsType, isVlanType, MPLS_UNICAST } from './extract.ts';
import { type Frame, own, splice } from './frame.ts';

const BOTTOM = 0x100;

/** How many labels a key has: down to the bottom of the stack, or as many as there are. */
export function countLabels(key: Key): number {
  if (!isMplsType(key[WORD.ethType]!)) return 0;
  let count = 0;
  for (let label = 0; label < MOST_MPLS_LABELS; label++) {
    const entry = key[WORD.mpls + label]!;
    if ((entry & BOTTOM) !== 0) return label + 1;
    if (entry !== 0) count++;
  }
  return count;
}

export function applyMpls(frame: Frame, base: Key, key: Key): void {
  let old = countLabels(base);
  const now = countLabels(key);
  const isSame = old === now && base[WORD.ethType] === key[WORD.ethType];
  if (old === 0 && now === 0) return;
  let common = commonLabels(base, old, key, now);
  if (isSame && common === now) return;
  while (old > common) {
    if (old - 1 === common && now > common) {
      putU32(own(frame), frame.l25, key[WORD.mpls + now - old]!);
      common++;
    } else {
      const type = key[WORD.ethType]!;
      popLabel(frame, old > 1 && !isMplsType(type) ? MPLS_UNICAST : type);
      old--;
    }
  }
  for (; old < now; old++) {
    frame.hasLabels = true;
    putU32(splice(frame, frame.l25, 0, 4), frame.l25, key[WORD.mpls + now - old - 1]!);
    putEtherType(frame, key[WORD.ethType]!);
  }
}

/** Nothing where the bytes, read anew meanwhile, have none: behind a second tag nobody looks for one. */
function popLabel(frame: Frame, type: number): void {
  if (!frame.hasLabels) return;
  frame.hasLabels = (frame.bytes[frame.l25 + 2]! & 1) === 0;
  splice(frame, frame.l25, 4, 0);
  putEtherType(frame, type);
}

/** From the bottom up. */
function commonLabels(base: Key, old: number, key: Key, now: number): number {
  let common = 0;
  while (common < old && common < now && base[WORD.mpls + old - 1 - common] === key[WORD.mpls + now - 1 - common]) {
    common++;
  }
  return common;
}

/** Of an untagged 802.3 frame it takes the place of the length: Open vSwitch looks for it there. */
function putEtherType(frame: Frame, type: number): void {
  if (frame.packetType !== 0) return;
  const bytes = own(frame);
  putU16(bytes, isVlanType(u16(bytes, 12)) ? frame.l25 - 2 : 12, type);
}
