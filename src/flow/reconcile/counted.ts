/**
 * What is done once more when a switch has counted the packets of before. Open vSwitch counts the packets of its datapath
 * later, half a second at most (`other_config:max-revalidator`), and then puts back what they had it learn, also where
 * that was deleted meanwhile.
 */

import { setTimeout as delay } from 'node:timers';

/** Milliseconds until all packets up to now are counted, with some to spare. */
export const COUNTED_MS = 1000;

export interface Counted {
  /** Does it a second from now. */
  afterwards(work: () => void): void;
  stop(): void;
}

export function createCounted(): Counted {
  const timers = new Set<NodeJS.Timeout>();
  return {
    afterwards(work) {
      const timer = delay(() => {
        timers.delete(timer);
        work();
      }, COUNTED_MS);
      timer.unref();
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
