/** A lab's time: it stands still until it is told to go on. */

import type { Clock } from '../clock.ts';

export interface LabClock extends Clock {
  /** When something is due next, in milliseconds; undefined: never. */
  nextDue(): number | undefined;
  /** Goes on to that moment, unless it is past already; runs nothing. */
  goTo(moment: number): void;
  /** Runs what is due now, in order; how many there were. */
  runDue(): number;
}

interface Timer {
  at: number;
  run(): void;
}

/** 1 January 2026: so what an app writes of times is the same in every run. */
const BEGINNING = Date.UTC(2026, 0, 1);

export function createLabClock(): LabClock {
  let now = BEGINNING;
  const timers = new Set<Timer>();

  /** Of those for one moment the one that was asked for first. */
  function next(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of timers) if (found === undefined || timer.at < found.at) found = timer;
    return found;
  }

  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    nextDue: () => next()?.at,
    goTo(moment) {
      now = Math.max(now, moment);
    },
    runDue() {
      // Those that are asked for meanwhile wait for the next call: one that asks for itself again does not go on for ever.
      const due = [...timers].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      let count = 0;
      for (const timer of due) {
        if (!timers.delete(timer)) continue;
        count++;
        timer.run();
      }
      return count;
    },
  };
}
