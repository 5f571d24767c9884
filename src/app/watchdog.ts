/** Starts the thread that watches the event loop: it names the app that blocks it, when nothing else here can run. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createMarks, HEARTBEAT, type Marks } from './marks.ts';

export interface Watchdog {
  readonly marks: Marks;
  stop(): Promise<void>;
}

/** Milliseconds between signs of life. */
const BEAT_MS = 50;

export function startWatchdog(): Watchdog {
  const numbers = new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT));
  // Beside the sources, or beside what was built of them.
  const file = new URL(`./watchdog-thread${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
  const worker = new Worker(file, { workerData: numbers });
  worker.unref();
  const heart = setInterval(() => numbers[HEARTBEAT]!++, BEAT_MS);
  heart.unref();
  return {
    marks: createMarks(numbers, (kind, number, name) => worker.postMessage({ kind, number, name })),
    async stop() {
      clearInterval(heart);
      await worker.terminate();
    },
  };
}
