/**
 * Random conversations through random `ct` actions: the simulated conntrack and a real Open vSwitch say the same of
 * every packet, leave the same bytes in it and hold the same connections in the end. Left out is what no two runs of
 * Open vSwitch agree on (which of several addresses or ports NAT takes: a hash with a secret of the process), and what
 * ovs-vswitchd 3.1 does not survive (see scenario.ts).
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDifferential, type Differential } from './differential.ts';
import { programFlows } from './program.ts';
import { type RealConntrack, startRealConntrack } from './real-conntrack.ts';
import { PROGRAMS } from './scenario.ts';

let real: RealConntrack;
let differential: Differential;

beforeAll(async () => {
  real = await startRealConntrack(programFlows(PROGRAMS));
  differential = createDifferential(real);
});
afterAll(() => real?.stop());

test('300 random scenarios go the same way as in Open vSwitch', async () => {
  for (let seed = 1; seed <= 300; seed++) expect(await differential.run(seed, 25)).toBeUndefined();
  // All of it was seen, and often.
  const { compared } = differential;
  for (const state of ['new', 'established', 'established+reply', 'related', 'related+reply', 'invalid']) {
    expect(compared.get(`${state}+tracked`), state).toBeGreaterThan(20);
  }
  for (const state of ['new', 'established', 'established+reply', 'related']) {
    expect(compared.get(`${state}+tracked+sourceNat`), state).toBeGreaterThan(10);
    expect(compared.get(`${state}+tracked+destinationNat`), state).toBeGreaterThan(10);
  }
  // Fragments that were held too long.
  expect(compared.get('invalid')).toBeGreaterThan(5);
});
