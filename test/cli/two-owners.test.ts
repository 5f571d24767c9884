/** Two Flowlooms with two owners on one switch: each sees the other's as foreign, and a release of one leaves the other's. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { namespaceOf } from '../../src/flow/namespace.ts';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { flowloom, type Running, run } from './program.ts';

vi.setConfig({ testTimeout: 240_000 });

const bare = useBareSwitch('two-owners');

/** The same app with the same names in both: only the owner tells whose what it makes is. */
const LIMITER = `import { defineApp, group, meter, output, z } from 'flowloom';
export default defineApp({
  name: 'limiter',
  config: z.object({ port: z.int() }),
  tables: { limit: { stage: 'admit' } },
  attach({ dp, config }) {
    dp.meters.set('slow', { unit: 'packets', rate: 5 });
    dp.groups.set('both', { type: 'all', buckets: [{ actions: [output('local')] }] });
    const match = { ethType: 0x0800, ipProto: 6, tcpDst: config.port };
    dp.flows.limit.set('one', { priority: 50, match, actions: [meter('slow'), group('both')], intent: 'slow' });
    return undefined;
  },
});
`;

const fileOf = (owner: string, port: number, ports: string) => `flowloom: 1
owner: ${owner}
hosts: { hv1: { ovsdb: "${bare.server.target}" } }
segments: { office: { vlan: 100 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: ${ports} }
apps: { ./limiter.ts: { port: ${port} } }
`;

async function start(owner: string, port: number, ports: string): Promise<Running> {
  writeFileSync(join(bare.folder, 'limiter.ts'), LIMITER);
  writeFileSync(join(bare.folder, `${owner}.yaml`), fileOf(owner, port, ports));
  const running = await run([`${owner}.yaml`], bare.folder);
  bare.cleanups.push(() => running.stop());
  return running;
}

/** What stands in the switch with that owner's mark, without what counts. */
async function contentsOf(owner: string): Promise<{ flows: string[]; groups: string[]; meters: string[] }> {
  const { cookies, ids } = namespaceOf(owner);
  const lines = async (command: string, pattern: RegExp, upper: number, ...args: string[]) =>
    (await bare.ofctl('br0', command, ...args))
      .split('\n')
      .filter((line) => Math.floor(Number(pattern.exec(line)?.[1]) / (upper > 0xf000 ? 2 ** 48 : 2 ** 16)) === upper)
      .map((line) => line.trim())
      .toSorted();
  return {
    flows: await lines('dump-flows', /cookie=(0x[0-9a-f]+)/, cookies, '--no-stats'),
    groups: await lines('dump-groups', /group_id=(\d+)/, ids),
    meters: await lines('dump-meters', /meter=(\d+)/, ids),
  };
}

async function seenBy(running: Running) {
  const { switches } = await running.status();
  const told = (await (await fetch(`${running.api}/api/v1/drift`)).json()) as { switches: { seen: number }[] };
  return {
    state: switches[0]?.state,
    foreign: switches[0]?.foreignFlows,
    drift: told.switches.map(({ seen }) => seen),
  };
}

/** Once all ports are open, and its app's flow is in: nothing changes any more. */
function settled(owner: string, port: number) {
  return vi.waitFor(async () => {
    const found = await contentsOf(owner);
    expect(found.flows.filter((flow) => /priority=100,(in_port|reg2)=\w+ actions=drop/.test(flow))).toEqual([]);
    expect(found.flows.filter((flow) => flow.includes(`tp_dst=${port} `))).toHaveLength(1);
    expect(found.meters).toHaveLength(1);
    return found;
  }, SOON);
}

test('each sees the other’s flows as foreign; a release leaves the other’s, which get the places that it had', async () => {
  const east = await start('east', 80, '{ hv1/web1: { access: office }, hv1/web2: { access: office } }');
  const standing = await settled('east', 80);
  const west = await start('west', 81, '{}');
  const target = `target="tcp:127.0.0.1:${west.openflowPort}"`;
  await bare.server.vsctl('--id=@c', 'create', 'controller', target, '--', 'add', 'bridge', 'br0', 'controller', '@c');
  const own = await settled('west', 81);
  expect(await contentsOf('east')).toEqual(standing);
  await vi.waitFor(async () => {
    expect(await seenBy(east)).toEqual({ state: 'up', foreign: own.flows.length, drift: [0] });
    expect(await seenBy(west)).toEqual({ state: 'up', foreign: standing.flows.length, drift: [0] });
  }, SOON);
  // Both want to send what nothing matched on, in tables that both have.
  expect(west.lines().filter((line) => line.includes('a foreign flow (cookie 0xf199')).length).toBeGreaterThan(0);

  const done = await flowloom(['release', '--yes', '--api', east.api], bare.folder);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^released: nothing of ours is left there$/m) });
  expect(await east.ended()).toBe(0);
  expect(await contentsOf('east')).toEqual({ flows: [], groups: [], meters: [] });
  const after = await vi.waitFor(async () => {
    const found = await contentsOf('west');
    expect(found.flows.some((flow) => /table=0|^cookie=0x[0-9a-f]+, priority=0/.test(flow))).toBe(true);
    return found;
  }, SOON);
  expect(after.flows).toEqual(expect.arrayContaining(own.flows));
  expect([after.groups, after.meters]).toEqual([own.groups, own.meters]);
});

test('a file with another owner is refused while it runs, and planned as refused; the old one stays in force', async () => {
  const east = await start('east', 80, '{ hv1/web1: { access: office } }');
  const before = await settled('east', 80);
  writeFileSync(join(bare.folder, 'east.yaml'), fileOf('west', 80, '{}'));
  const refused = /its `owner` is west, and this Flowloom began as east.*\(east\.yaml\)/;
  const planned = await flowloom(['plan', 'east.yaml', '--api', east.api], bare.folder);
  expect(planned).toMatchObject({ code: 2, stderr: expect.stringMatching(refused) });
  east.signal('SIGHUP');
  await vi.waitFor(() => expect(east.lines().some((line) => refused.test(line))).toBe(true), SOON);
  expect(await contentsOf('east')).toEqual(before);
  expect(await contentsOf('west')).toEqual({ flows: [], groups: [], meters: [] });
});
