/**
 * What is done once more when a switch has counted the packets of before. Open vSwitch counts the packets of its datapath
 * later, half a second at most (`other_config:max-revalidator`), and then puts back what they had it learn, also where
 * that was deleted meanwhile.
 */

import type { Clock } from '../../clock.ts';

/** Milliseconds until all packets up to now are counted, with some to spare. */
export const COUNTED_MS = 1000;

export interface Counted {
  /** Does it a second from now. */
  afterwards(work: () => void): void;
  stop(): void;
}

export function createCounted(clock: Clock): Counted {
  const timers = new Set<() => void>();
  return {
    afterwards(work) {
      const stop = clock.after(COUNTED_MS, () => {
        timers.delete(stop);
        work();
      });
      timers.add(stop);
    },
    stop() {
      for (const stop of timers) stop();
      timers.clear();
    },
  };
}
