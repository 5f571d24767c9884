/** Linux' netfilter itself agrees with the model that Flowloom is held against: the same packets, verdicts and translations. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../fuzz/random.ts';
import { makeCase } from './choice.ts';
import { fileOf } from './file.ts';
import { type KernelRouter, startKernelRouter } from './kernel-router.ts';
import { askedAddress, filterByKernel } from './netfilter.ts';

const SEED = Number(process.env.FLOWLOOM_SEED ?? 1);
const CASES = 12;
let router: KernelRouter;

beforeAll(() => {
  router = startKernelRouter(askedAddress);
});

afterAll(() => router.stop());

test.each([4, 6] as const)('IPv%i: nftables and the model agree on every packet', async (family) => {
  for (let i = 0; i < CASES; i++) {
    const given = makeCase(createRandom(SEED * 1_000_000 + i), family);
    const { deviations } = await filterByKernel(router, given);
    expect(deviations, `case ${i}\n${fileOf(given.network)}`).toEqual([]);
  }
}, 120_000);
