/** Random networks with NAT and a firewall, and random packets: Flowloom on a simulated switch does what netfilter does. */

import { expect, test } from 'vitest';
import { createRandom } from '../fuzz/random.ts';
import { makeCase } from './choice.ts';
import { addCoverage, noCoverage } from './coverage.ts';
import { fileOf } from './file.ts';
import { simulate } from './simulated.ts';

const SEED = Number(process.env.FLOWLOOM_SEED ?? 1);
/** `npm run netfilter` tries as many as one likes. */
const CASES = 50;

test.each([4, 6] as const)('IPv%i: the simulated switch and the model agree on every packet', async (family) => {
  const coverage = noCoverage();
  for (let i = 0; i < CASES; i++) {
    const given = makeCase(createRandom(SEED * 1_000_000 + i), family);
    const { deviations, ways, met } = await simulate(given);
    expect(deviations, `case ${i}\n${fileOf(given.network)}\n${ways.join('\n')}`).toEqual([]);
    addCoverage(coverage, given.network, met);
  }
  // What no packet meets is not tested.
  expect([...coverage.kinds].filter(([, { met }]) => met === 0)).toEqual([]);
  for (const way of [
    'hairpin',
    'a source that was chosen',
    'invalid',
    'logged',
    'an error about an answer',
    'step close',
  ])
    expect(coverage.ways.get(way), way).toBeGreaterThan(0);
}, 300_000);
