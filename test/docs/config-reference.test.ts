/** docs/config.md is as the schema is, and its example is sound. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REFERENCE, withTables } from '../../scripts/config-reference.ts';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';

const text = readFileSync(REFERENCE, 'utf8');

test('its tables are up to date (else: node scripts/config-reference.ts)', () => {
  expect(text).toBe(withTables(text));
});

test('its example is accepted without a warning', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(text)![1]!;
  const loaded = parseConfig(example, 'docs/config.md');
  expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('');
});
