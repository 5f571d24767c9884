/** Time as what must not sleep in tests knows it: the process's own, or one that goes on when it is told to. */

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

/** Again and again, until the function given back is called. */
export function every(clock: Clock, milliseconds: number, run: () => void): () => void {
  let stop = clock.after(milliseconds, again);
  function again(): void {
    stop = clock.after(milliseconds, again);
    run();
  }
  return () => stop();
}
