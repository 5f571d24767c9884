/** A flush ends what its tuples name; the test against the switch has the same requests. */

import { expect, test } from 'vitest';
import { FLUSHES, flushed } from './flushes.ts';

test.for(FLUSHES)('$args', ({ request, ended }) => {
  expect(flushed(request)).toEqual(ended);
});
