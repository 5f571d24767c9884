/** What is sent to both switches, and compared. */

import type { Sent } from './peer.ts';

/** A name, and messages of the first controller; or of several in turn. */
export type Case = readonly [name: string, messages: readonly Sent[]] | readonly [name: string, turns: readonly Turn[]];

export type Turn = readonly [peer: number, ...messages: Sent[]];

export function turnsOf([, said]: Case): readonly Turn[] {
  const first = said[0];
  return Array.isArray(first) ? (said as readonly Turn[]) : [[0, ...(said as readonly Sent[])]];
}
