/**
 * Limits of new connections in the switch itself: a ring of tickets, each taken for as long as all of them together last.
 * The pointer to the next one, and who is taken, are flows that the switch learns.
 */

import type { ConnectionLimit } from '../../src/index.ts';

export interface Ring {
  /** Tickets are 1 to `count`. */
  count: number;
  /** How long each is taken. */
  seconds: number;
}

/** What a flow's hard timeout can be. */
const LONGEST = 65_535;
/** From here on a meter counts, for each ticket that is taken has the switch look at its cache anew. */
const FAST = 20;

/** undefined: it is so fast that a meter can count. */
export function ringOf({ count, seconds, burst }: ConnectionLimit): Ring | undefined {
  if (count / seconds > FAST) return undefined;
  const each = seconds / count;
  // At least one second's worth, and no more than the longest timeout's.
  const tickets = Math.max(1, Math.min(Math.max(burst, Math.ceil(count / seconds)), Math.floor(LONGEST / each)));
  return { count: tickets, seconds: Math.min(LONGEST, Math.ceil(tickets * each)) };
}
