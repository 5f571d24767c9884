/** A broken app does not keep the others from their work: the learning switch answers beside it as it does without. */

import { expect, test } from 'vitest';
import { measureIsolation } from './isolation.ts';

/**
 * Times the learning switch's own, of the 50th and the 99th percentile. Twice is the aim, which `npm run bench --
 * isolation` shows; here other tests run meanwhile. Unprotected, it answers nothing at all beside a flood.
 */
const MOST = { middle: 20, slow: 100 };

test('an app that throws, floods, declares flows without end or never settles a promise leaves the learning switch its time', async () => {
  const { figures, middle } = await measureIsolation({ rounds: 3, measureMs: 300 });
  const ways = ['app that throws', 'app that floods', 'app that declares', 'app that waits'];
  for (const [each, most] of [
    [middle, MOST.middle],
    [figures, MOST.slow],
  ] as const) {
    const [alone, ...beside] = each;
    expect(beside.map(({ name }) => name)).toEqual(ways);
    for (const { name, median } of beside) {
      expect(median / alone!.median, `${name}, times without it`).toBeLessThan(most);
    }
  }
}, 240_000);
