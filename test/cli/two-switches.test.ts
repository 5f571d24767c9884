/** Two switches of real Open vSwitch with two cables between them: which carries, what is told of it, and of stations. */

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { createProbes } from '../../apps/topology/probe.ts';
import type { StationStatus } from '../../src/api/shapes/station.ts';
import { ARP_REQUEST, buildArp } from '../../src/packet/arp.ts';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { run } from './program.ts';

const bare = useBareSwitch('two-switches');
const execute = promisify(execFile);

const fileOf = (target: string) => `
flowloom: 1
hosts: { hv1: { ovsdb: "${target}" } }
segments: { loc: { vlan: 100 } }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/web0: { access: loc }
      hv1/a0: { type: patch, peer: a1, trunk: [loc] }
      hv1/b0: { type: patch, peer: b1, trunk: [loc] }
  br1:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/web1: { access: loc }
      hv1/a1: { type: patch, peer: a0, trunk: [loc] }
      hv1/b1: { type: patch, peer: b0, trunk: [loc] }
apps:
  ./watcher/index.ts: {}
`;

/** Counts what it is told, by switch. */
const WATCHER = `import { defineApp } from 'flowloom';
export default defineApp({
  name: 'watcher',
  counters: { br0: 'Stations at br0', br1: 'Stations at br1', here: 'Told to the instances on switches', up: '', down: '' },
  setup: ({ switches, counters }) => ({
    stationSeen({ dpid, ip }) {
      if (ip !== '10.0.0.1') return;
      counters[switches.get(dpid)?.bridge === 'br0' ? 'br0' : 'br1'].add();
    },
    linkUp: () => counters.up.add(),
    linkDown: () => counters.down.add(),
  }),
  attach: ({ counters }) => ({ stationSeen: () => counters.here.add() }),
});
`;

async function start() {
  const { folder, server } = bare;
  mkdirSync(join(folder, 'watcher'));
  writeFileSync(join(folder, 'watcher/index.ts'), WATCHER);
  writeFileSync(join(folder, 'net.yaml'), fileOf(server.target));
  const running = await run(['net.yaml'], folder);
  bare.cleanups.push(() => running.stop());
  const topology = async () => {
    const { topology: found, switches } = await running.status();
    const name = (end: { switch: string; name: string }) => `${end.switch} ${end.name}`;
    return {
      up: switches.every(({ state }) => state === 'up'),
      cables: found.cables.map(({ a, b, state }) => `${name(a)} – ${name(b)} ${state}`),
      closed: found.closedPorts.map((port) => `${name(port)}: ${port.why}`).toSorted(),
    };
  };
  const becomes = (expected: Partial<Awaited<ReturnType<typeof topology>>>) =>
    vi.waitFor(async () => expect(await topology()).toMatchObject(expected), SOON);
  const counter = async (app: string, name: string) => {
    const found = (await running.status()).apps.find((each) => each.name === app);
    return found?.counters[name] ?? 0;
  };
  const receive = async (port: string, frame: Uint8Array) => {
    const control = join(server.folder, 'sw.ctl');
    await execute('ovs-appctl', ['-t', control, 'netdev-dummy/receive', port, Buffer.from(frame).toString('hex')]);
  };
  return { running, becomes, counter, receive };
}

const states = (...wanted: string[]) => ({
  up: true,
  cables: wanted.map((state) => expect.stringMatching(` ${state}$`)),
});

const MAC = '02:00:00:00:00:01';
const arp = buildArp(
  {
    operation: ARP_REQUEST,
    senderMac: MAC,
    senderAddress: '10.0.0.1',
    targetMac: '00:00:00:00:00:00',
    targetAddress: '10.0.0.9',
  },
  'ff:ff:ff:ff:ff:ff',
);

test('of two cables one carries; a station is told where it is plugged in, and known on both switches', async () => {
  const { running, becomes, counter, receive } = await start();
  await becomes(states('carrying', 'blocked'));
  await receive('web0', arp);
  const stations = async () =>
    (await (await fetch(`${running.api}/api/v1/stations?ip=10.0.0.1`)).json()) as StationStatus[];
  await vi.waitFor(async () => {
    expect((await stations()).map((each) => `${each.switch} ${each.port[0]} ${each.mac} ${each.addresses}`)).toEqual([
      `hv1/br0 w ${MAC} 10.0.0.1`,
      expect.stringMatching(`^hv1/br1 [ab] ${MAC} 10.0.0.1$`),
    ]);
  }, SOON);
  expect(await counter('watcher', 'br0')).toBeGreaterThan(0);
  expect(await counter('watcher', 'br1')).toBe(0);
  expect(await counter('watcher', 'here')).toBeGreaterThan(0);
  // It moves: seen again where it is now.
  await receive('web1', arp);
  await vi.waitFor(async () => expect(await counter('watcher', 'br1')).toBeGreaterThan(0), SOON);
});

test('silent, heard one way, flapping: the other cable takes over, and the same one is blocked again in the end', async () => {
  const { running, becomes, counter } = await start();
  await becomes(states('carrying', 'blocked'));
  const first = (await running.status()).topology.cables[0]!;
  // Which bridge has the lower datapath id is chance.
  const [br0, br1] = [first.a, first.b].toSorted((a, b) => (a.switch < b.switch ? -1 : 1));

  const ends = [br0!, br1!];

  /** Somebody's flows take the probes that come in there. */
  const deafen = async (...deaf: typeof ends) => {
    for (const { switch: name, port } of deaf) {
      const flow = `cookie=1,table=0,priority=60000,in_port=${port},dl_type=0x88cc,actions=drop`;
      await bare.ofctl(name.slice(-3), 'add-flow', flow);
    }
  };
  const heal = async () => {
    for (const { switch: name } of ends) await bare.ofctl(name.slice(-3), 'del-flows', 'cookie=1/-1');
    await becomes(states('carrying', 'blocked'));
    expect((await running.status()).topology.cables[0]).toEqual(first);
  };
  const closed = (why: string) => expect.arrayContaining(ends.map((end) => `${end.switch} ${end.name}: ${why}`));

  await deafen(...ends);
  await becomes({ ...states('carrying'), closed: closed('a cable was here, and nothing is heard of it') });
  await heal();

  await deafen(br1!);
  await becomes({
    cables: expect.arrayContaining([expect.stringMatching(/ carrying$/), expect.stringMatching(/ one way$/)]),
    closed: closed('its cable is heard in one direction only'),
  });
  await heal();

  for (let round = 0; round < 3; round++) {
    const lost = await counter('watcher', 'down');
    await deafen(...ends);
    await vi.waitFor(async () => expect(await counter('watcher', 'down')).toBeGreaterThan(lost), SOON);
    const found = await counter('watcher', 'up');
    await bare.ofctl('br0', 'del-flows', 'cookie=1/-1');
    await vi.waitFor(async () => expect(await counter('watcher', 'up')).toBeGreaterThan(found), SOON);
  }
  await heal();
});

test('a probe that a station makes up changes nothing, and is counted', async () => {
  const { running, becomes, counter, receive } = await start();
  await becomes(states('carrying', 'blocked'));
  const { cables } = (await running.status()).topology;
  const found = await counter('topology', 'links');
  // As one of ours in all but the key: of a switch that is there, by a port that is no cable.
  const forged = createProbes().build({ dpid: cables[0]!.b.dpid, port: 1 }, performance.now());
  const before = await counter('topology', 'foreign');
  for (let count = 0; count < 3; count++) await receive('web0', forged);
  await vi.waitFor(async () => expect(await counter('topology', 'foreign')).toBe(before + 3), SOON);
  expect(await counter('topology', 'links')).toBe(found);
  expect((await running.status()).topology.cables).toEqual(cables);
});
