/** Every step at which a test may kill the process has a name that is used once, and `npm run fault` visits all names. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FAULT_POINTS } from '../../src/fault-point.ts';

const root = fileURLToPath(new URL('../../src', import.meta.url));

test('each name stands at one step, and each step has a name of the list', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const steps = files.flatMap((name) =>
    Array.from(readFileSync(join(root, name), 'utf8').matchAll(/\bfaultPoint\('([^']+)'/g), ([, point]) => point),
  );
  expect(steps.toSorted()).toEqual([...FAULT_POINTS].toSorted());
});
