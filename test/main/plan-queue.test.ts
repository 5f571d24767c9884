/** Plans are made one after the other, and no more than a few wait. */

import { expect, test } from 'vitest';
import { createAppHost } from '../../src/app/host.ts';
import { createPlanner, type PlannerParts } from '../../src/main/plan.ts';

test('more than a few at once are refused; one that fails holds nobody up', async () => {
  const asked: (() => void)[] = [];
  const reconciler = { settled: () => new Promise<void>((resolve) => asked.push(resolve)) };
  const site = {
    dpid: '00000000000000a1',
    name: () => 'a1',
    host: () => undefined,
    bridge: () => undefined,
    reconciler,
  };
  let fails = true;
  const parts = {
    host: createAppHost(),
    switches: { connected: new Map([[site.dpid, { site }]]) },
    hosts: () => undefined,
    config: () => undefined,
    fileError() {
      if (fails) throw new Error('a fault of ours');
      return null;
    },
  } as unknown as PlannerParts;
  const { plan } = createPlanner(parts);
  await expect(plan()).rejects.toThrow('a fault of ours');
  fails = false;
  const plans = Array.from({ length: 6 }, () => plan());
  const refused = { apiError: { status: 503, code: 'busy', hint: 'ask again soon' } };
  await expect(plans[4]).rejects.toMatchObject(refused);
  await expect(plans[5]).rejects.toMatchObject(refused);
  for (let i = 0; i < 4; i++) {
    await expect.poll(() => asked.length).toBe(i + 1);
    asked[i]!();
    // It has no connection that could be read.
    expect(await plans[i]).toMatchObject({
      switches: [{ state: 'unknown' }],
      unknown: [expect.stringMatching(/^a1: /)],
    });
  }
  const last = plan();
  await expect.poll(() => asked.length).toBe(5);
  asked[4]!();
  expect((await last).switches).toHaveLength(1);
});
