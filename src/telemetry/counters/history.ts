/** The histories of all counters together, within a bound of memory: what has rested longest makes room. */

import { createRing, type Ring, ringBytes, STEPS, type Steps } from './ring.ts';

export interface History {
  add(id: string, from: number, to: number, amounts: readonly number[]): void;
  get(id: string): Ring | undefined;
  clear(): void;
  readonly bytes: number;
}

export interface HistoryOptions {
  /** Bytes of all rings together. */
  budget: number;
  /** What has moved within so many milliseconds makes no room. */
  busy: number;
  steps: Steps;
}

/** Some 550 intents, apps and tables, or half as many ports, that moved within the last hour. */
const DEFAULTS: HistoryOptions = { budget: 16 << 20, busy: 3_600_000, steps: STEPS };

export function createHistory(options: Partial<HistoryOptions> = {}): History {
  const { budget, busy, steps } = { ...DEFAULTS, ...options };
  const rings = new Map<string, { ring: Ring; bytes: number }>();
  let used = 0;
  /** No room before then. */
  let fullUntil = 0;

  function makeRoom(bytes: number, now: number): boolean {
    if (used + bytes <= budget) return true;
    if (now < fullUntil) return false;
    const resting = [...rings].filter(([, { ring }]) => now - ring.movedAt >= busy);
    for (const [id, each] of resting.toSorted(([, a], [, b]) => a.ring.movedAt - b.ring.movedAt)) {
      if (used + bytes <= budget) return true;
      rings.delete(id);
      used -= each.bytes;
    }
    if (used + bytes <= budget) return true;
    fullUntil = now + busy / 60;
    return false;
  }

  return {
    get bytes() {
      return used;
    },
    get: (id) => rings.get(id)?.ring,
    add(id, from, to, amounts) {
      let entry = rings.get(id);
      if (entry === undefined) {
        const bytes = ringBytes(amounts.length, steps);
        if (!makeRoom(bytes, to)) return;
        entry = { ring: createRing(amounts.length, from, steps), bytes };
        rings.set(id, entry);
        used += bytes;
      }
      entry.ring.add(from, to, amounts);
    },
    clear() {
      rings.clear();
      used = 0;
      fullUntil = 0;
    },
  };
}
