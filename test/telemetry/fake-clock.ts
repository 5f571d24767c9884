/** A clock that goes only when a test lets it, and lets promises settle on the way. */

import type { Clock } from '../../src/telemetry/counters/clock.ts';

export interface FakeClock extends Clock {
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>;
}

export function createFakeClock(begin = 1_700_000_000_000): FakeClock {
  let now = begin;
  const timers = new Set<{ at: number; run: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
    },
  };
}
