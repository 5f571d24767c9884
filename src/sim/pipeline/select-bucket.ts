/**
 * Which bucket of a select group a packet takes (OpenFlow 1.4, 5.6.1): by its addresses and ports, so that a connection
 * keeps its bucket, with the buckets' weights as shares. Open vSwitch's hash differs from processor to processor: the
 * choice alone is not its.
 */

import type { Key } from '../key/key.ts';
import { WORD } from '../key/layout.ts';
import type { Bucket } from '../switch-state.ts';

const HASHED = [
  ...[WORD.nwProto, WORD.nwSrc, WORD.nwDst, WORD.tpSrc, WORD.tpDst, WORD.ethType],
  ...[0, 1, 2, 3].flatMap((word) => [WORD.ipv6Src + word, WORD.ipv6Dst + word]),
];
const ETHERNET = [0, 1].flatMap((word) => [WORD.ethSrc + word, WORD.ethDst + word]);

export function selectBucket(key: Key, live: readonly Bucket[]): Bucket | undefined {
  const total = live.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  let left = (key[WORD.dpHash]! / 2 ** 32) * total;
  for (const bucket of live) {
    left -= bucket.weight;
    if (left < 0) return bucket;
  }
  return live.at(-1);
}

/** Of what makes a connection; of other than IP, of the stations. */
export function connectionHash(key: Key): number {
  const isIp = key[WORD.ethType] === 0x0800 || key[WORD.ethType] === 0x86dd;
  let hash = 0x811c9dc5;
  for (const word of isIp ? HASHED : ETHERNET) {
    hash = Math.imul(hash ^ key[word]!, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}
