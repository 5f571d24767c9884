/** History of some counters in fixed memory: how much they rose, second by second, and longer ago in coarser steps. */

/** A step in seconds, and how many of them are kept. */
export type Steps = readonly (readonly [seconds: number, count: number])[];

export const STEPS: Steps = [
  [1, 120],
  [10, 360],
  [60, 1440],
];
/** Of a single flow. */
export const FLOW_STEPS: Steps = [[1, 120]];

export interface Ring {
  /** The counters rose by that between these times, in milliseconds; steadily, as far as anybody knows. */
  add(from: number, to: number, amounts: readonly number[]): void;
  /** The whole steps of this length up to `until`: when the first begins, and by field what each rose per second. */
  read(seconds: number, until: number): { from: number; rates: number[][] } | undefined;
  /** When something was added last. */
  readonly movedAt: number;
}

interface Level {
  step: number;
  /** The kept ones, and the one under way. */
  slots: number;
  amounts: Float64Array;
  /** Number of the newest step that was begun, counted from 1970. */
  newest: number;
}

export function ringBytes(fields: number, steps: Steps = STEPS): number {
  return steps.reduce((sum, [, count]) => sum + (count + 1) * fields * 8, 0);
}

export function createRing(fields: number, begin: number, steps: Steps = STEPS): Ring {
  let movedAt = begin;
  const levels = steps.map(([seconds, count]): Level => {
    const step = seconds * 1000;
    const slots = count + 1;
    return { step, slots, amounts: new Float64Array(slots * fields), newest: Math.floor(begin / step) };
  });

  function advance(level: Level, to: number): void {
    const first = Math.max(level.newest + 1, to - level.slots + 1);
    for (let slot = first; slot <= to; slot++) {
      const at = (slot % level.slots) * fields;
      level.amounts.fill(0, at, at + fields);
    }
    level.newest = Math.max(level.newest, to);
  }

  return {
    get movedAt() {
      return movedAt;
    },
    add(from, to, amounts) {
      const span = Math.max(to - from, 1);
      movedAt = Math.max(movedAt, to);
      for (const level of levels) {
        const { step, slots } = level;
        const last = Math.floor((from + span - 1) / step);
        advance(level, last);
        for (let slot = Math.max(Math.floor(from / step), level.newest - slots + 1); slot <= last; slot++) {
          const share = (Math.min(from + span, (slot + 1) * step) - Math.max(from, slot * step)) / span;
          const at = (slot % slots) * fields;
          for (let field = 0; field < fields; field++) level.amounts[at + field]! += (amounts[field] ?? 0) * share;
        }
      }
    },
    read(seconds, until) {
      const level = levels.find(({ step }) => step === seconds * 1000);
      if (level === undefined) return undefined;
      const end = Math.floor(until / level.step);
      const first = Math.max(end - level.slots + 1, Math.floor(begin / level.step));
      const rates = Array.from({ length: fields }, (_, field) => {
        const values: number[] = [];
        for (let slot = first; slot < end; slot++) {
          const kept = slot <= level.newest && slot > level.newest - level.slots;
          values.push(kept ? level.amounts[(slot % level.slots) * fields + field]! / seconds : 0);
        }
        return values;
      });
      return { from: first * level.step, rates };
    },
  };
}
