/** Random networks with NAT and a firewall, and random packets: Flowloom on a simulated switch does what netfilter does. */

import { expect, test } from 'vitest';
import { createRandom } from '../fuzz/random.ts';
import { makeCase } from './choice.ts';
import { fileOf } from './file.ts';
import { simulate } from './simulated.ts';

const SEED = Number(process.env.FLOWLOOM_SEED ?? 1);
const CASES = Number(process.env.FLOWLOOM_NETFILTER_CASES ?? 80);

test.each([4, 6] as const)('IPv%i: the simulated switch and the model agree on every packet', async (family) => {
  for (let i = 0; i < CASES; i++) {
    const given = makeCase(createRandom(SEED * 1_000_000 + i), family);
    const { deviations, ways } = await simulate(given);
    expect(deviations, `case ${i}\n${fileOf(given.network)}\n${ways.join('\n')}`).toEqual([]);
  }
}, 300_000);
