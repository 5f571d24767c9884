/** An app's timers: they stop with the instance that asked for them, and what throws in one ends that instance. */

import { every } from '../clock.ts';
import { FlowError } from '../flow/flow-error.ts';
import type { Timers } from './context.ts';
import type { Guard } from './guard.ts';
import type { Commons } from './instances.ts';

/** Beyond it Node takes one millisecond, and so it does with what is no number. */
const MOST_MS = 2 ** 31 - 1;

function milliseconds(seconds: number): number {
  const asked = seconds * 1000;
  if (asked >= 0 && asked <= MOST_MS) return asked;
  const most = Math.floor(MOST_MS / 1000);
  throw new FlowError(`a timer of ${seconds} seconds can't be: give a number from 0 to ${most}, which is 24 days`);
}

/** `isOver`: the instance that got them has ended, and gets no more. */
export function appTimers(guard: Guard, commons: Commons, isOver: () => boolean): Timers {
  const { clock } = commons;
  return {
    now: clock.now,
    every(seconds, run) {
      const each = milliseconds(seconds);
      if (!isOver()) guard.timer(every(clock, each, () => guard.run('a timer', run)));
    },
    after(seconds, run) {
      // What was due already is due now.
      const wait = milliseconds(seconds < 0 ? 0 : seconds);
      if (isOver()) return;
      const isRest = seconds === 0 && commons.isSteady();
      const stop = clock.after(wait, () => {
        guard.forget(stop);
        const call = () => guard.run('a timer', run);
        if (isRest) commons.steadily(call);
        else call();
      });
      guard.timer(stop);
    },
  };
}

const MOST_REST = 1000;

/** In a rehearsal nothing runs later; what is put off to the end of the same work is done by `finish`. */
export function noTimers(now: () => number, isRest: () => boolean): { timers: Timers; finish(): void } {
  const rest: (() => void)[] = [];
  return {
    timers: {
      now,
      every: () => undefined,
      after(seconds, run) {
        if (seconds === 0 && isRest()) rest.push(run);
      },
    },
    finish() {
      // What puts itself off again and again is not followed forever.
      for (let done = 0; done < MOST_REST && rest.length > 0; done++) rest.shift()?.();
    },
  };
}
