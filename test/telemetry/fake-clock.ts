/** A clock that goes only when a test lets it, and lets promises settle on the way. */

import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>;
}

/** `settled`: resolves when nothing is under way that takes no time by this clock. */
export function createFakeClock(settled: () => Promise<unknown> = async () => undefined): FakeClock {
  let now = 1_700_000_000_000;
  const timers = new Set<{ at: number; run: () => void }>();
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    await settled();
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
