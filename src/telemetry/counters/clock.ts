/** Time as the counters know it; tests give their own. */

export interface Clock {
  /** Milliseconds since 1970 that never go back. */
  now(): number;
  /** Runs it once after so many milliseconds, unless the function given back is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
