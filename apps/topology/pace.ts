/** When a port is asked again. Each has a moment of its own in the period: a thousand switches do not all speak at once. */

import { hash32 } from '../../src/index.ts';
import { type Place, placeKey } from './tree.ts';

/** Milliseconds. */
export const PERIOD = {
  /** Between probes of a port that waits to be known. */
  fresh: 100,
  /** Of an end of a cable. */
  cable: 500,
  /** Of a port whose switch does not hear yet: what it would be answered is not known before. */
  deaf: 2000,
  /** Of a port where only stations answer. */
  stations: 10_000,
} as const;

/** Where in a period the port's moment lies, from 0 to 1; the same on every run. */
export function phaseOf(place: Place): number {
  return hash32(placeKey(place)) / 0x1_0000_0000;
}

/** An answer to the probe that has just gone needs so long. */
const ANSWER = 250;

/** The port's next own moment. One that waits to be known is not kept waiting for it. */
export function nextMoment(now: number, period: number, phase: number): number {
  if (period === PERIOD.fresh) return now + period;
  const moment = phase * period;
  return Math.ceil((now + ANSWER - moment) / period) * period + moment;
}

const LONGEST_ASK = 1000;

/**
 * Milliseconds until a switch is asked again whether it hands us what comes in, after so many times: where a thousand
 * come at once, each gets its flows only after a while.
 */
export function nextAsk(times: number): number {
  return Math.min(PERIOD.fresh * 2 ** Math.max(0, times - 2), LONGEST_ASK);
}
