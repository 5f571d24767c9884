/** Many times in little room: how many lay in each of some hundred steps, each 5 % longer than the one before. */

export interface Delays {
  readonly count: number;
  /** Milliseconds. */
  add(milliseconds: number): void;
  /** The time that the share of all stays below, to within a step; undefined: there are none. */
  at(share: number): number | undefined;
  /** All of another's, too. */
  addAll(others: Delays): void;
  clear(): void;
  readonly steps: Uint32Array;
}

/** A thousandth of a millisecond to some twenty minutes. */
const FIRST = 0.001;
const GROWTH = 1.05;
const STEPS = 430;

export function createDelays(): Delays {
  const steps = new Uint32Array(STEPS);
  let count = 0;
  return {
    steps,
    get count() {
      return count;
    },
    add(milliseconds) {
      const step = Math.ceil(Math.log(milliseconds / FIRST) / Math.log(GROWTH));
      const within = Math.min(STEPS - 1, Math.max(0, step));
      steps[within] = steps[within]! + 1;
      count++;
    },
    at(share) {
      if (count === 0) return undefined;
      const wanted = Math.max(1, Math.ceil(share * count));
      let seen = 0;
      let step = 0;
      while (seen + steps[step]! < wanted) seen += steps[step++]!;
      return FIRST * GROWTH ** step;
    },
    addAll(others) {
      for (let step = 0; step < STEPS; step++) steps[step] = steps[step]! + others.steps[step]!;
      count += others.count;
    },
    clear() {
      steps.fill(0);
      count = 0;
    },
  };
}
