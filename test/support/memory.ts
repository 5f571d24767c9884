/** Bytes that are really in use: what nobody holds any more is collected first. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectOnce = runInNewContext('gc') as () => void;

/** The buffers that a collection frees are given back by the time of the next. */
function collect(): void {
  collectOnce();
  collectOnce();
}

/** The heap, and the buffers outside it. */
export function memoryInUse(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The buffers alone: what waits to be sent is in them. */
export function buffersInUse(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
