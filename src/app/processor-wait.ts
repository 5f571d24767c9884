/** How long the main thread has waited for a processor, as the kernel counts it: time in which nothing of it could run. */

import { openSync, readSync } from 'node:fs';

/** Milliseconds since it began, asked from any thread; always 0 where the kernel does not tell. */
export function processorWait(): () => number {
  const bytes = Buffer.alloc(64);
  let file: number;
  try {
    // The main thread's number is the process's.
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return () => 0;
  }
  return () => {
    try {
      // Nanoseconds that it ran, that it waited, and how often it ran.
      const [, waited = '0'] = bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ');
      return Number(waited) / 1e6;
    } catch {
      return 0;
    }
  };
}
