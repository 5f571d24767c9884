/** Waits until nothing is under way in a lab: no message, no frame, no work of the controller that takes no time of its own. */

import type { LabClock } from './lab-clock.ts';

export interface Rest {
  /** Something moved. */
  moved(): void;
  /** Resolves when nothing moves any more; rejects where that never comes. */
  reached(): Promise<void>;
}

/** Turns of the event loop in which nothing may move: what is sent waits for the end of one, is read in the next. */
const QUIET_TURNS = 6;
/** A pair of switches takes some ten rounds to come up. */
const MOST_ROUNDS = 20_000;

/** `settled`: resolves when the controller has done what it has scheduled. */
export function createRest(clock: Pick<LabClock, 'runDue'>, settled: () => Promise<unknown>): Rest {
  let moves = 0;
  return {
    moved() {
      moves++;
    },
    async reached() {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const before = moves;
        moves += clock.runDue();
        for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
        await settled();
        if (moves === before) return;
      }
      throw new Error(
        'the lab does not come to rest: something answers itself again and again, a timer of 0 seconds or two apps perhaps',
      );
    },
  };
}
