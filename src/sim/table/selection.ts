/** Which flows a request means (OpenFlow 1.4, 6.4): by table, cookie, output, and a match at least as specific. */

import type { MaskedKey } from '../key/masked-key.ts';
import type { FlowEntry } from './flow-entry.ts';
import { groupsIn, outputsTo } from './references.ts';

export interface Selection {
  /** 255: any. */
  tableId: number;
  cookie: bigint;
  cookieMask: bigint;
  /** Numbers; undefined: any. */
  outPort: number | undefined;
  outGroup: number | undefined;
  masked: MaskedKey;
}

/** Whether the flow's match is at least as specific as the other: what it covers, the other covers too. */
export function isWithin(flow: MaskedKey, wanted: MaskedKey): boolean {
  let at = 0;
  for (let i = 0; i < wanted.words.length; i++) {
    const word = wanted.words[i]!;
    while (at < flow.words.length && flow.words[at]! < word) at++;
    if (at === flow.words.length || flow.words[at] !== word) return false;
    const mask = wanted.masks[i]!;
    if ((flow.masks[at]! & mask) >>> 0 !== mask) return false;
    if (((flow.values[at]! & mask) ^ wanted.values[i]!) !== 0) return false;
  }
  return true;
}

/** Cookie and output, without the match. */
export function isMeantBeside(flow: FlowEntry, { cookie, cookieMask, outPort, outGroup }: Selection): boolean {
  if (cookieMask !== 0n && (flow.cookie & cookieMask) !== (cookie & cookieMask)) return false;
  if (outPort !== undefined && !outputsTo(flow.instructions, outPort)) return false;
  return outGroup === undefined || groupsIn(flow.instructions).includes(outGroup);
}

/** Whether some packet may be covered by both matches (OFPFF_CHECK_OVERLAP). */
export function overlaps(one: MaskedKey, other: MaskedKey): boolean {
  let i = 0;
  let j = 0;
  while (i < one.words.length && j < other.words.length) {
    const a = one.words[i]!;
    const b = other.words[j]!;
    if (a < b) i++;
    else if (b < a) j++;
    else {
      const both = one.masks[i]! & other.masks[j]!;
      if (((one.values[i]! ^ other.values[j]!) & both) !== 0) return false;
      i++;
      j++;
    }
  }
  return true;
}
