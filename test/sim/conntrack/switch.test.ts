/** Corner cases, flushes and limits, each on a real Open vSwitch and on the simulated conntrack. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Conntrack, createConntrack } from '../../../src/sim/conntrack/conntrack.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import { CASES, NUMBER_OF, PROGRAMS } from './corner-cases.ts';
import { dumpText, entriesText } from './dump.ts';
import { COMMIT_PROGRAMS, COMMITS, FLUSHES } from './flushes.ts';
import { udpFrame } from './frames.ts';
import { programFlows, seenInSimulation, seenOnSwitch, withProgram } from './program.ts';
import { type RealConntrack, startRealConntrack } from './real-conntrack.ts';

const programs = [...Object.values(PROGRAMS), ...COMMIT_PROGRAMS];
const FIRST_COMMIT = Object.keys(PROGRAMS).length;

let real: RealConntrack;
let conntrack: Conntrack<TrackedPacket>;

beforeAll(async () => {
  real = await startRealConntrack(programFlows(programs));
  conntrack = createConntrack({ random: () => 0.5 });
});
afterAll(() => real?.stop());

async function both(frame: Uint8Array, program: number): Promise<void> {
  const sent = withProgram(frame, program);
  expect(seenInSimulation(conntrack, programs, sent, 0)).toEqual(seenOnSwitch(await real.send([sent])));
}

async function sameEntries(): Promise<void> {
  const dump = await real.control('dpctl/dump-conntrack', '-m', '-s');
  expect(entriesText(conntrack.entries(0))).toBe(dumpText(dump));
}

async function flushAll(): Promise<void> {
  await real.control('dpctl/flush-conntrack');
  conntrack.flushZone(undefined);
}

test.for(Object.entries(CASES))('%s', async ([, steps]) => {
  await flushAll();
  for (const [program, frame] of steps) await both(frame, NUMBER_OF[program]);
  await sameEntries();
});

test.for(FLUSHES)('ct-flush $args', async ({ args, request }) => {
  await flushAll();
  for (const [, frame, program] of COMMITS) await both(frame, FIRST_COMMIT + program);
  await real.ofctl('ct-flush', ...args);
  conntrack.flush(request, 0);
  await sameEntries();
});

test('limits of zones', async () => {
  await flushAll();
  await real.control('dpctl/ct-set-limits', 'default=2', 'zone=2,limit=3');
  conntrack.setZoneLimit('default', 2);
  conntrack.setZoneLimit(2, 3);
  for (const srcPort of [1, 2, 3, 4, 5]) {
    const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', srcPort, dstPort: 9 });
    await both(frame, FIRST_COMMIT);
    await both(frame, FIRST_COMMIT + 1);
    await both(frame, NUMBER_OF.source);
  }
  await sameEntries();
  expect(conntrack.entries(0)).toHaveLength(5);
  // Those that there are go on.
  await both(udpFrame({ src: '10.0.0.2', dst: '10.0.0.1', srcPort: 9, dstPort: 1 }), FIRST_COMMIT);
});
