/** docs/concepts/pipeline.md names every stage with its first table, in order. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STAGES } from '../../src/flow/stages.ts';

test('the stages', () => {
  const text = readFileSync(new URL('../../docs/concepts/pipeline.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, name, table]) => [name, Number(table)]);
  expect(rows).toEqual(Object.entries(STAGES).map(([name, [first]]) => [name, first]));
});
