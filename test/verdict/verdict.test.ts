/**
 * The simulated switch held against a real Open vSwitch on its dummy datapath: random pipelines and packets, and all that
 * a controller or a host could tell them apart by. `npm run verdict` tries other cases, as many as one likes.
 */

import { describe, expect, test } from 'vitest';
import { compareCase, kindOf, noCounts } from './compare.ts';
import { describeDeviation } from './describe-case.ts';
import { startRealSwitch } from './real-switch.ts';
import { shrink } from './shrink.ts';
import { createSimulatedUnderTest } from './simulated.ts';
import { makeCase, type VerdictCase } from './verdict-case.ts';

const SEED = 1;

// One tag is what Open vSwitch reads unless it is told to read more.
describe.for([
  { vlanLimit: 1, from: 0, cases: 2200 },
  { vlanLimit: 2, from: 2200, cases: 400 },
])('with tags read: $vlanLimit', ({ vlanLimit, from, cases }) => {
  test('refusals, frames, packet-ins, counters and learned flows are those of Open vSwitch', async () => {
    const real = await startRealSwitch(vlanLimit);
    try {
      const simulated = await createSimulatedUnderTest(vlanLimit);
      const counts = noCounts();
      const compare = (vcase: VerdictCase, into = noCounts()) =>
        compareCase(real, vcase, { other: simulated, traced: vlanLimit === 1, counts: into });
      for (let number = from; number < from + cases; number++) {
        const vcase = makeCase(SEED, number);
        const found = await compare(vcase, counts);
        if (found === undefined) continue;
        const smallest = await shrink(vcase, async (smaller) => {
          const deviation = await compare(smaller);
          return deviation !== undefined && kindOf(deviation) === kindOf(found);
        });
        const deviation = (await compare(smallest)) ?? found;
        expect.fail(`case ${number} of seed ${SEED}:\n${describeDeviation(smallest, deviation)}`);
      }
      // Otherwise the cases would be about little.
      expect(counts.passed).toBeGreaterThan(counts.packets / 2);
      expect(counts.missed).toBeLessThan(counts.packets / 5);
    } finally {
      await real.stop();
    }
  });
});
