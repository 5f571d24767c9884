/** `flowloom release` on real Open vSwitch: what is ours goes, from flows to rows, and what is others' stays. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ReleaseReport } from '../../src/api/release.ts';
import { freePort } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { flowloom, type Running, run } from './program.ts';

// Each starts the command several times, which takes its time where much else runs.
vi.setConfig({ testTimeout: 90_000 });

/** What is configured, and whose; never what counts or reports. */
const COLUMNS = {
  Open_vSwitch: ['bridges', 'external_ids', 'manager_options', 'other_config', 'ssl'],
  Bridge: ['name', 'controller', 'external_ids', 'fail_mode', 'mirrors', 'other_config', 'ports'],
  Port: ['name', 'external_ids', 'interfaces', 'qos'],
  Interface: ['name', 'external_ids', 'type'],
  Controller: ['target', 'external_ids'],
  Manager: ['target', 'external_ids'],
  Mirror: ['name', 'external_ids'],
  QoS: ['type', 'external_ids', 'other_config'],
  Queue: ['external_ids', 'other_config'],
};

const bare = useBareSwitch('release');

/** What somebody else has in a bridge. */
async function addOthers(bridge: string): Promise<void> {
  await bare.ofctl(bridge, 'add-meter', 'meter=1,pktps,band=type=drop,rate=10');
  await bare.ofctl(bridge, 'add-group', 'group_id=5,type=all,bucket=actions=drop');
  await bare.ofctl(bridge, 'add-flow', 'table=250,cookie=0x5,priority=77,idle_timeout=500,udp,actions=meter:1,group:5');
  await bare.ofctl(bridge, 'add-flow', 'cookie=0x5,priority=70,tcp,tp_dst=80,actions=drop');
}

async function contents(bridge: string): Promise<{ flows: string[]; groups: string[]; meters: string[] }> {
  const lines = async (command: string, wanted: RegExp, ...args: string[]) =>
    (await bare.ofctl(bridge, command, ...args))
      .split('\n')
      .filter((line) => wanted.test(line))
      .map((line) => line.trim());
  return {
    flows: await lines('dump-flows', /actions=/, '--no-stats'),
    groups: await lines('dump-groups', /group_id=/),
    meters: await lines('dump-meters', /meter=/),
  };
}

const OTHERS = {
  flows: [
    'cookie=0x5, priority=70,tcp,tp_dst=80 actions=drop',
    'cookie=0x5, table=250, idle_timeout=500, priority=77,udp actions=meter:1,group:5',
  ],
  groups: ['group_id=5,type=all,bucket=actions=drop'],
  meters: ['meter=1 pktps bands='],
};

/** A line for each row. */
async function rows(): Promise<string> {
  const lines = Object.entries(COLUMNS).map(async ([table, columns]) => {
    const { data } = JSON.parse(await bare.server.dump(table, ...columns)) as { data: unknown[] };
    return data.map((row) => `${table} ${JSON.stringify(row)}`).toSorted();
  });
  return (await Promise.all(lines)).flat().join('\n');
}

/** What is no more as it was, so that a failure tells it. */
async function changedRows(before: string): Promise<string[]> {
  const [was, is] = [before.split('\n'), (await rows()).split('\n')];
  return [
    ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
  ];
}

function fileOf(ovsdb: string, ...more: string[]): string {
  return [
    'flowloom: 1',
    'hosts:',
    `  hv1: { ovsdb: "${ovsdb}", otherConfig: { max-idle: "12345" }, managers: ["ptcp:0:127.0.0.1"] }`,
    ...more,
    'segments: { office: { vlan: 100, subnet: 10.1.0.0/24 }, net: { vlan: 200 } }',
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    mirrors: { spy: { of: [hv1/web1], to: hv1/probe } }',
    '    ports:',
    '      hv1/web1: { access: office, qos: { maxRate: 10000000 } }',
    '      hv1/web2: { access: office }',
    '      hv1/probe: {}',
    '  br1:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports: { hv1/web3: { access: net } }',
    '',
  ].join('\n');
}

async function started(text: string): Promise<Running> {
  writeFileSync(join(bare.folder, 'net.yaml'), text);
  const running = await run(['net.yaml'], bare.folder);
  bare.cleanups.push(() => running.stop());
  await vi.waitFor(async () => {
    const { switches } = await running.status();
    expect(switches.map(({ state }) => state)).toEqual(['up', 'up']);
    expect(switches.every(({ flows }) => flows > 5)).toBe(true);
  }, SOON);
  return running;
}

/** Open vSwitch dials a controller every 8 s where none answers. */
const release = (...words: string[]) => flowloom(['release', ...words], bare.folder, 40_000);

test('nothing of ours is left, in switches or rows, and all that is others’ is; then it ends with 0', async () => {
  await bare.server.vsctl('add-br', 'theirs', '--', 'set', 'bridge', 'theirs', 'datapath_type=netdev');
  await bare.server.vsctl('set-manager', 'ptcp:0:127.0.0.2', '--', 'set', 'Open_vSwitch', '.', 'other_config:theirs=1');
  await addOthers('theirs');
  const theirs = await contents('theirs');
  const running = await started(fileOf(bare.server.target));
  await bare.server.vsctl('add-port', 'br1', 'guest', '--', 'set', 'interface', 'guest', 'type=dummy');
  await addOthers('br1');
  // A timed flow, a learned one and a group of ours: by their cookies and ids.
  await bare.ofctl('br1', 'add-flow', 'table=9,cookie=0xf100820000000001,idle_timeout=900,priority=3,arp,actions=drop');
  await bare.ofctl('br1', 'add-group', `group_id=${0x4c000007},type=all,bucket=actions=drop`);
  await bare.ofctl('br1', 'add-meter', `meter=${0x4c000008},pktps,band=type=drop,rate=10`).catch(() => undefined);
  const before = await rows();

  const dry = await release('--dry-run', '--json', '--api', running.api);
  expect(dry.code).toBe(0);
  const plan = JSON.parse(dry.stdout) as ReleaseReport;
  expect(plan).toMatchObject({ done: false, unreachable: [], left: [] });
  expect(plan.switches).toMatchObject([
    { name: 'hv1/br0', fate: 'removed', others: [] },
    { name: 'hv1/br1', fate: 'handed over', others: ['port guest', '2 flows', '1 group', '1 meter'] },
  ]);
  expect(plan.switches[1]!.ours).toEqual(expect.arrayContaining([expect.stringMatching(/^segments: \d+ flows$/)]));
  const told = ['br0: remove bridge', 'br1: remove port web3', 'br1: hand over, it stays for port guest'];
  expect(plan.hosts[0]!.changes).toEqual(expect.arrayContaining(told));
  const unsure = await release('--api', running.api);
  expect(unsure).toMatchObject({ code: 2, stderr: expect.stringMatching(/say --yes.*\n$/) });
  expect(await changedRows(before)).toEqual([]);

  const done = await release('--yes', '--api', running.api);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^released: nothing of ours is left there$/m) });
  expect(await running.ended()).toBe(0);
  expect(await contents('br1')).toEqual(OTHERS);
  expect(await contents('theirs')).toEqual(theirs);
  expect(await bare.server.vsctl('list-br')).toBe('br1\ntheirs');
  expect(await bare.server.vsctl('list-ports', 'br1')).toBe('guest');
  expect(await bare.server.vsctl('get-controller', 'br1')).toBe('');
  expect(await bare.server.vsctl('get-manager')).toBe('ptcp:0:127.0.0.2');
  const left = await rows();
  expect(left).not.toMatch(/flowloom|web\d|probe|spy|max-idle/);
  expect(left).toContain('theirs');
});

test('on another machine a controller stays for what others have in the bridge, unless it is to go', async () => {
  const running = await started(fileOf(bare.server.tcpTarget));
  await addOthers('br1');
  const first = await release('--dry-run', '--api', running.api);
  expect(first.stdout).toMatch(/^hv1 stays: br1: controller tcp:.*--drop-controller/m);
  const done = await release('--yes', '--api', running.api);
  expect(done).toMatchObject({ code: 1, stdout: expect.stringMatching(/^left: hv1: br1: controller tcp:/m) });
  expect(await running.ended()).toBe(1);
  expect(await contents('br1')).toEqual(OTHERS);
  expect(await bare.server.vsctl('get-controller', 'br1')).toMatch(/^tcp:/);

  // Nobody runs there any more: the hosts are reached from here.
  const port = (await bare.server.vsctl('get-controller', 'br1')).split(':')[2];
  const listen = [
    '--openflow',
    `ptcp:${port}:127.0.0.1`,
    '--ovsdb',
    'none',
    '--api',
    `http://127.0.0.1:${await freePort()}`,
  ];
  const last = await release('net.yaml', '--yes', '--drop-controller', ...listen);
  expect(last).toMatchObject({ code: 1, stdout: expect.stringMatching(/^left: hv1\/br1: others lost 2 flows/m) });
  expect(await bare.server.vsctl('get-controller', 'br1')).toBe('');
  expect(await rows()).not.toContain('flowloom');
});

test('without a Flowloom that runs: hosts and switches of a file', async () => {
  const nobody = await release('--yes', '--api', `http://127.0.0.1:${await freePort()}`);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^start Flowloom first, .*, or give FILE: /) });
  const running = await started(fileOf(bare.server.target));
  await addOthers('br1');
  const listen = ['--openflow', `ptcp:${running.openflowPort}:127.0.0.1`, '--ovsdb', 'none', '--yes'];
  const beside = await release('net.yaml', '--api', running.api, ...listen);
  expect(beside).toMatchObject({ code: 2, stderr: expect.stringContaining('without net.yaml: a Flowloom runs') });
  await running.stop('SIGKILL');
  const { code, stdout } = await release('net.yaml', '--api', `http://127.0.0.1:${await freePort()}`, ...listen);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^released: nothing of ours is left/m) });
  expect(await contents('br1')).toEqual(OTHERS);
  expect(await bare.server.vsctl('list-br')).toBe('br1');
  expect(await rows()).not.toContain('flowloom');
});

test('what can’t be reached is told, and nothing is done; --anyway leaves it', async () => {
  const running = await started(fileOf(bare.server.target, `  hv2: { ovsdb: "tcp:127.0.0.1:${await freePort()}" }`));
  const before = await rows();
  const refused = await release('--yes', '--api', running.api);
  expect(refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/--anyway.*hv2: .*not connected/),
  });
  expect(await changedRows(before)).toEqual([]);
  expect((await running.status()).switches[0]?.state).toBe('up');
  // Of a switch that may be one of the host's nobody says whose its controller is.
  const target = `tcp:127.0.0.1:${running.openflowPort}`;
  const made = ['add-br', 'br7', '--', 'set', 'bridge', 'br7', 'datapath_type=dummy', 'fail_mode=secure'];
  await bare.server.vsctl(...made, '--', 'set-controller', 'br7', target);
  await vi.waitFor(async () => expect((await running.status()).switches).toHaveLength(3), SOON);
  const dry = await release('--dry-run', '--api', running.api);
  expect(dry.stdout).toMatch(/whose controller it has is not known while hv2 is not reached, and it stays$/m);
  expect(dry.stdout).not.toContain('somebody else');
  await bare.server.vsctl('del-br', 'br7');
  const done = await release('--yes', '--anyway', '--api', running.api);
  expect(done).toMatchObject({ code: 1, stdout: expect.stringMatching(/^left: hv2: .*not connected/m) });
  expect(await running.ended()).toBe(1);
  expect(await rows()).not.toContain('flowloom');
});

test('a learning switch without a file takes its flows; whoever set the controller keeps it', async () => {
  const running = await run([], bare.folder);
  bare.cleanups.push(() => running.stop());
  const target = `tcp:127.0.0.1:${running.openflowPort}`;
  const made = ['add-br', 'br7', '--', 'set', 'bridge', 'br7', 'datapath_type=dummy', 'fail_mode=secure'];
  await bare.server.vsctl(...made, '--', 'set-controller', 'br7', target);
  await vi.waitFor(async () => expect((await running.status()).switches[0]?.flows).toBeGreaterThan(0), SOON);
  await addOthers('br7');
  const done = await release('--yes', '--api', running.api);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('ovs-vsctl del-controller') });
  expect(await contents('br7')).toEqual(OTHERS);
  expect(await bare.server.vsctl('get-controller', 'br7')).toBe(target);
});
