/** What a trace says leaves really leaves: the harness, held against Open vSwitch itself, before anything else is held against it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareCase, noCounts } from './compare.ts';
import { describeDeviation } from './describe-case.ts';
import { type RealSwitch, startRealSwitch } from './real-switch.ts';
import { makeCase } from './verdict-case.ts';

const CASES = 600;
const SEED = 2;

let real: RealSwitch;
beforeAll(async () => {
  real = await startRealSwitch();
});
afterAll(() => real?.stop());

test('ofproto/trace, its datapath actions carried out, says what leaves by the ports', async () => {
  const counts = noCounts();
  for (let number = 0; number < CASES; number++) {
    const vcase = makeCase(SEED, number);
    const deviation = await compareCase(real, vcase, { traced: true, counts });
    if (deviation !== undefined) expect.fail(`case ${number}:\n${describeDeviation(vcase, deviation)}`);
  }
  // Otherwise the cases would be about little.
  expect(counts.traced).toBeGreaterThan(counts.packets / 8);
  expect(counts.passed).toBeGreaterThan(counts.packets / 2);
  expect(counts.missed).toBeLessThan(counts.packets / 5);
});

test('the same seed and number make the same case', () => {
  expect(makeCase(SEED, 7)).toEqual(makeCase(SEED, 7));
  expect(makeCase(SEED, 7)).not.toEqual(makeCase(SEED, 8));
});
