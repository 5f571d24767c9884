/**
 * Busy polling while packet-ins come densely: the event loop asks the sockets again instead of sleeping, since to be woken
 * takes longer than to answer a packet-in. Others cost nothing, and none are waited for longer than DENSE_MS.
 */

import { availableParallelism } from 'node:os';

/** Packet-ins that come so soon after others are dense; so long after the last ones the loop sleeps again. */
const DENSE_MS = 0.5;
/** After so many in a row: a packet, its answer and what follows come soon after each other, too, where nothing comes next. */
const IN_A_ROW = 16;

export interface BusyPollOptions {
  now(): number;
  /** Runs it in the loop's next turn, for which the loop does not sleep. */
  nextTurn(run: () => void): void;
  processors: number;
}

/** Tell it when packet-ins that came together were handled, in milliseconds of `now`. */
export function createBusyPoll(
  { now, nextTurn, processors }: BusyPollOptions = {
    now: () => performance.now(),
    nextTurn: (run) => void setImmediate(run),
    processors: availableParallelism(),
  },
): (handledAt: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  let inARow = 0;
  let polls = false;

  function poll(): void {
    polls = now() - last < DENSE_MS;
    if (polls) nextTurn(poll);
  }

  // The only processor is the switch's, too.
  if (processors < 2) return () => {};
  return (handledAt) => {
    inARow = handledAt - last < DENSE_MS ? inARow + 1 : 0;
    last = handledAt;
    if (polls || inARow < IN_A_ROW) return;
    polls = true;
    nextTurn(poll);
  };
}
