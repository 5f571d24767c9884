/** docs/openflow-coverage.md is as the schemas are, and no structure of the specification is missing there. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COVERAGE, coverage, structuresFound } from '../../scripts/openflow-coverage.ts';
import { OPENFLOW_STRUCTURES } from '../../scripts/openflow-structures.ts';

const specified = Object.values(OPENFLOW_STRUCTURES).flat();

test('it is up to date (else: node scripts/openflow-coverage.ts)', () => {
  expect(readFileSync(COVERAGE, 'utf8')).toBe(coverage());
});

test('no structure of OpenFlow 1.4.1 is missing', () => {
  const found = structuresFound();
  expect(specified.filter((name) => !found.has(name))).toEqual([]);
});

test('no schema claims a structure that the specification does not have', () => {
  // ofp_ed_…: properties of encap, which Open vSwitch has and names so.
  const claimed = [...structuresFound().keys()].filter((name) => /^ofp_(?!ed_)/.test(name));
  expect(claimed.filter((name) => !specified.includes(name))).toEqual([]);
});
