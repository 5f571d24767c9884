// Waits for a state, with a bound: the labs never sleep for a guessed time.
import { setTimeout as pause } from 'node:timers/promises';

/** Calls `probe` until it gives something other than undefined and false; its last error tells why it did not. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 15,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    let why = '';
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      why = `\n${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > end) throw new Error(`not so within ${seconds} s: ${what}${why}`);
    await pause(50);
  }
}
