/** The tuple that conntrack saw first of a connection, in place of the packet's own: `resubmit(…,ct)` (ovs-actions(7)). */

import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';

/** Whether there is an original tuple to look up by. */
export function hasOriginal(key: Key): boolean {
  return key[WORD.ctNwProto] !== 0 && (key[WORD.ethType] === 0x0800 || key[WORD.ethType] === 0x86dd);
}

/** The tuple of the packet takes the place of conntrack's, and the other way round. */
export function swapTuple(key: Key): void {
  const swap = (one: number, other: number) => {
    const word = key[one]!;
    key[one] = key[other]!;
    key[other] = word;
  };
  swap(WORD.nwProto, WORD.ctNwProto);
  swap(WORD.tpSrc, WORD.ctTpSrc);
  swap(WORD.tpDst, WORD.ctTpDst);
  if (key[WORD.ethType] === 0x0800) {
    swap(WORD.nwSrc, WORD.ctNwSrc);
    swap(WORD.nwDst, WORD.ctNwDst);
    return;
  }
  for (let word = 0; word < 4; word++) {
    swap(WORD.ipv6Src + word, WORD.ctIpv6Src + word);
    swap(WORD.ipv6Dst + word, WORD.ctIpv6Dst + word);
  }
}
