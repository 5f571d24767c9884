/** The OpenFlow cases of `npm run bench`, in short: figures of every peer, right answers, no flow too many. No time is asserted. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('main.ts', import.meta.url));

interface Result {
  name: string;
  peers: { name: string; median: number }[];
  flowMods: unknown;
  runs: { name: string; answers: number; flowMods: number; wrongs: number; missing: number; memory: number }[];
}

async function bench(...words: string[]): Promise<Result[]> {
  const effort = ['--rounds', '1', '--milliseconds', '2', '--json'];
  const { stdout } = await run(process.execPath, [program, ...words, ...effort], { maxBuffer: 1 << 24 });
  const { results } = JSON.parse(stdout) as { results: Result[] };
  for (const { peers } of results) for (const { median } of peers) expect(median).toBeGreaterThan(0);
  return results;
}

const namesOf = ({ peers }: Result) => peers.map(({ name }) => name);

test('packet-ins: every peer answers all of them, and rightly', async () => {
  const [result] = await bench('packet-in');
  expect(namesOf(result!)).toEqual([
    ...['flowloom', 'ovs-testcontroller', 'os-ken', 'bare Node loop', 'plain Node loop'],
  ]);
  expect(result!.runs).toHaveLength(5);
  for (const { answers, flowMods, wrongs, missing } of result!.runs) {
    expect([wrongs, missing]).toEqual([0, 0]);
    expect(answers).toBeGreaterThan(0);
    expect(flowMods).toBeGreaterThan(0);
  }
});

test('flows: all of them once, none at a restart', async () => {
  const [install, restart] = await bench('flow-install', 'flow-restart', '--flows', '300');
  expect(namesOf(install!)).toEqual(['flowloom', 'sent after', 'ovs-ofctl --bundle']);
  // Those that the learning switch begins with, too.
  expect((install!.flowMods as number[])[0]).toBeGreaterThanOrEqual(300);
  expect((install!.flowMods as number[])[0]).toBeLessThan(310);
  expect(namesOf(restart!)).toEqual(['flowloom', 'ovs-ofctl dump']);
  expect(restart!.flowMods).toEqual([0]);
});

test('Open vSwitch is started anew: all of its flows come back, once', async () => {
  const [restarted] = await bench('switch-restart', '--flows', '300');
  expect(namesOf(restarted!)).toEqual(['flowloom', 'ovs-ofctl --bundle']);
  expect((restarted!.flowMods as number[])[0]).toBeGreaterThanOrEqual(300);
  expect((restarted!.flowMods as number[])[0]).toBeLessThan(310);
});

test('one rule: the flows of that rule go over the wire, and no other', async () => {
  const [change] = await bench('flow-change', '--rules', '30');
  expect(namesOf(change!)).toEqual(['flowloom', 'committed', 'processor', 'one inserted']);
  // A rule has two flows: what it matches is new, what it matched goes.
  expect(change!.flowMods).toEqual({ changed: 4, inserted: 2 });
});

test('many switches: each is set up and has its echo', async () => {
  const [many] = await bench('switches-1000', '--switches', '20');
  expect(namesOf(many!)).toEqual(['flowloom', 'os-ken', 'bare Node loop']);
  for (const { memory } of many!.runs) expect(memory).toBeGreaterThan(1 << 20);
});
