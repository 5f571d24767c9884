/** Long work in slices, so that the switches are heard, and answered, in between. */

import { setImmediate } from 'node:timers/promises';

/** Yields wherever others may have their turn. */
export type Sliced<T> = Generator<undefined, T>;

/** Things that are done between two yields: some hundredths of a millisecond. */
export const SLICE = 64;
/** Milliseconds until others have their turn. */
const TURN = 8;

export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/**
 * `between`: what is done between two turns. Where that fails, the work is done to its end all the same: what it has taken
 * to itself, and not put anywhere yet, would be lost.
 */
export async function inSlices<T>(work: Sliced<T>, between?: () => Promise<void>): Promise<T> {
  for (let begun = performance.now(); ; ) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - begun < TURN) continue;
    try {
      await between?.();
    } catch (error) {
      await inSlices(work);
      throw error;
    }
    await setImmediate();
    begun = performance.now();
  }
}
