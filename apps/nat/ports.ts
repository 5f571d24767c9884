/** Ranges of ports as values with masks, the fewest that hold just them: what a flow can match. */

import type { Ports } from '../../src/index.ts';

const ALL = 0xffff;

export function maskedPorts([first, last]: Ports): (number | { value: number; mask: number })[] {
  const runs: (number | { value: number; mask: number })[] = [];
  for (let at = first; at <= last; ) {
    let size = 1;
    while ((at & (size * 2 - 1)) === 0 && at + size * 2 - 1 <= last) size *= 2;
    runs.push(size === 1 ? at : { value: at, mask: ALL & ~(size - 1) });
    at += size;
  }
  return runs;
}
