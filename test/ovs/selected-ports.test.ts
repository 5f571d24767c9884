/** Ports that others create, on a real ovs-vswitchd: bound as they come, let go as they go, their rows never touched. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { FlowStatus } from '../../src/api/snapshot.ts';
import { useBareSwitch } from '../cli/bare-switch.ts';
import { flowloom, type Running, run } from '../cli/program.ts';
import { SOON } from '../support/soon.ts';

const execute = promisify(execFile);

const bare = useBareSwitch('selected');

const GUEST = '52:54:00:12:34:56';
const FIRST_PORT_LINE = 11;
/** Each of many steps waits until nothing is sent any more. */
const ROOM = { timeout: 240_000 };

/** A file whose ports are these lines, the first at FIRST_PORT_LINE. */
function writeFile(...ports: string[]): void {
  const lines = [
    'flowloom: 1',
    `hosts: { hv1: { ovsdb: "${bare.server.target}" } }`,
    'segments:',
    '  loc: { vlan: 100, subnet: 10.1.0.0/24 }',
    '  dmz: { vlan: 200 }',
    'bridges:',
    '  br1: { hosts: [hv1], datapath: netdev, ports: { hv1/vnet*: { access: dmz } } }',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    `    ports: { hv1/own: { access: loc }, ${ports[0]},`,
    ...ports.slice(1).map((line) => `      ${line},`),
    '    }',
    '',
  ];
  writeFileSync(join(bare.folder, 'net.yaml'), lines.join('\n'));
}

const EVERY_MARK = [
  'hv1/vnet*: { access: loc }',
  'hv1/named: { select: { name: tap0 }, access: loc, address: 10.1.0.9 }',
  'hv1/db: { select: { ifaceId: a-1 }, access: dmz }',
  `hv1/mail: { select: { attachedMac: "${GUEST}" }, access: dmz }`,
  'hv1/web: { select: { mac: "52:54:00:00:00:01" }, trunk: [loc, dmz] }',
  'hv1/job: { select: { externalIds: { vm-id: "job-*" } }, access: dmz }',
];

async function startFlowloom(...words: string[]): Promise<Running> {
  const running = await run(['net.yaml', ...words], bare.folder);
  bare.cleanups.push(() => running.stop());
  return running;
}

const add = (name: string, bridge = 'br0', ...external: string[]) => [
  ...['--', 'add-port', bridge, name],
  ...(external.length === 0 ? [] : ['--', 'set', 'Interface', name, ...external.map((id) => `external_ids:${id}`)]),
];

/** The segments of each port of a bridge that has one, as `status` tells them. */
async function segments(running: Running, bridge = 'hv1/br0'): Promise<Record<string, string>> {
  const { switches } = await running.status();
  const one = switches.find(({ name }) => name === bridge);
  const ports = one?.ports.filter((port) => port.segments.length > 0) ?? [];
  return Object.fromEntries(ports.map((port) => [port.name, port.segments.join()]).sort());
}

/** Of the apps that serve the file; a port that is new is closed for a moment, which is nobody's line. */
async function flowsOf(running: Running, bridge = 'hv1/br0'): Promise<FlowStatus[]> {
  const answer = await fetch(`${running.api}/api/v1/flows?switch=${encodeURIComponent(bridge)}`);
  return ((await answer.json()) as FlowStatus[]).filter(
    ({ app }) => app !== null && !['weaver', 'topology'].includes(app),
  );
}

/** Ports that are flooded with a broadcast from one of them, by name: the switch's own word. */
async function reached(from: string, bridge = 'br0'): Promise<string[]> {
  const flow = `in_port=${from},dl_src=02:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff,dl_type=0x1234`;
  const sw = join(bare.server.folder, 'sw.ctl');
  const [{ stdout: trace }, { stdout: ports }] = await Promise.all([
    execute('ovs-appctl', ['-t', sw, 'ofproto/trace', bridge, flow]),
    execute('ovs-appctl', ['-t', sw, 'dpif/show']),
  ]);
  const names = new Map([...ports.matchAll(/^\s+(\S+) \S+\/(\d+):/gm)].map(([, name, number]) => [number, name]));
  const actions = /^Datapath actions: (.*)$/m.exec(trace)?.[1] ?? '';
  return [...actions.matchAll(/(?<![\w(=])(\d+)(?![\w)=])/g)].map(([number]) => names.get(number) ?? number).sort();
}

/** Sent, and settled: it holds still for longer than any change takes that was under way. */
async function sentWhenStill(running: Running): Promise<{ flowMods: number; groupMods: number }> {
  const sent = async () => JSON.stringify((await running.status()).sent);
  let last = await sent();
  let since = Date.now();
  await vi.waitFor(async () => {
    const now = await sent();
    if (now !== last) since = Date.now();
    last = now;
    expect(Date.now() - since).toBeGreaterThan(700);
  }, SOON);
  return JSON.parse(last) as { flowMods: number; groupMods: number };
}

/** Rows of these ports, every column but the counters that ovs-vswitchd itself keeps. */
async function rowsOf(...names: string[]): Promise<string[]> {
  const rows: string[] = [];
  for (const table of ['Port', 'Interface']) {
    const { headings, data } = JSON.parse(await bare.server.dump(table)) as { headings: string[]; data: unknown[][] };
    const name = headings.indexOf('name');
    for (const row of data.filter((each) => names.includes(String(each[name])))) {
      const columns = headings.map((heading, i) => [heading, row[i]]).filter(([each]) => each !== 'statistics');
      rows.push(`${table} ${JSON.stringify(columns)}`);
    }
  }
  return rows.sort();
}

test(
  'ports come by every mark, each gets its segment and its flows alone; their rows stay as they were',
  ROOM,
  async () => {
    writeFile(...EVERY_MARK);
    const running = await startFlowloom();
    await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc' }), SOON);
    const host = async () => (await running.status()).hosts[0];
    expect((await host())?.waiting).toEqual([
      `br0/named: no port with name tap0 yet (net.yaml:${FIRST_PORT_LINE + 1})`,
      `br0/db: no port with iface-id a-1 yet (net.yaml:${FIRST_PORT_LINE + 2})`,
      `br0/mail: no port with attached-mac ${GUEST} yet (net.yaml:${FIRST_PORT_LINE + 3})`,
      `br0/web: no port with mac 52:54:00:00:00:01 yet (net.yaml:${FIRST_PORT_LINE + 4})`,
    ]);
    const coming: [name: string, segment: string, words: string[]][] = [
      ['vnet0', 'loc', add('vnet0')],
      ['tap0', 'loc', add('tap0')],
      ['x1', 'dmz', add('x1', 'br0', 'iface-id=a-1')],
      ['x2', 'dmz', add('x2', 'br0', `attached-mac="${GUEST}"`)],
      ['x3', 'loc,dmz', add('x3', 'br0', 'attached-mac="52:54:00:00:00:01"')],
      ['x4', 'dmz', add('x4', 'br0', 'vm-id=job-17')],
    ];
    const expected: Record<string, string> = { own: 'loc' };
    let told = '';
    let before = await sentWhenStill(running);
    for (const [name, segment, words] of coming) {
      const standing = new Map((await flowsOf(running)).map(({ id, ...flow }) => [id, flow]));
      await bare.server.vsctl(...words.slice(1));
      expected[name] = segment;
      await vi.waitFor(async () => expect(await segments(running)).toEqual(sorted(expected)), SOON);
      const after = await vi.waitFor(async () => {
        const flows = await flowsOf(running);
        expect(flows.filter(({ intent }) => intent?.includes(`port ${name}`)).length).toBeGreaterThan(2);
        return flows;
      }, SOON);
      const fresh = after.filter(({ id }) => !standing.has(id));
      expect(fresh.every(({ intent, source }) => intent?.includes(name) && source?.startsWith('net.yaml:'))).toBe(true);
      const since = await sentWhenStill(running);
      // Not a flow of the others was sent again, nor deleted: besides its own, what closes the new port comes and goes.
      const closing = since.flowMods - before.flowMods - fresh.length;
      before = since;
      expect([closing % 2, closing <= 8]).toEqual([0, true]);
      expect(after.length).toBe(standing.size + fresh.length);
      told = JSON.stringify((await host())?.waiting);
    }
    expect(told).toBe('[]');
    expect(await reached('vnet0')).toEqual(['own', 'tap0', 'x3']);
    expect(await reached('x1')).toEqual(['x2', 'x3', 'x4']);
    // From another address than its own nothing passes.
    expect(await reached('tap0')).toEqual([]);
    const foreign = ['vnet0', 'tap0', 'x1', 'x2', 'x3', 'x4'];
    await bare.server.stopSwitch();
    await bare.server.startSwitch();
    await vi.waitFor(async () => expect(await reached('vnet0')).toEqual(['own', 'tap0', 'x3']), SOON);
    const rows = await rowsOf(...foreign);
    expect(rows).toHaveLength(2 * foreign.length);
    for (const row of rows) expect(row).not.toMatch(/flowloom|"tag",[1-9]/);
    expect((await host())?.changes.filter((line) => foreign.some((name) => line.includes(name)))).toEqual([]);
  },
);

test('a port goes, moves and comes back under another name: its flows go with it, and no others', ROOM, async () => {
  writeFile(...EVERY_MARK);
  const running = await startFlowloom();
  await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc' }), SOON);
  await bare.server.vsctl(...add('vnet0').slice(1), ...add('vnet1'), ...add('x1', 'br0', 'iface-id=a-1'));
  await vi.waitFor(
    async () => expect(await segments(running)).toEqual({ own: 'loc', vnet0: 'loc', vnet1: 'loc', x1: 'dmz' }),
    SOON,
  );
  const before = await sentWhenStill(running);
  const standing = await flowsOf(running);
  const ofPort = (name: string, flows: FlowStatus[]) => flows.filter(({ intent }) => intent?.includes(`port ${name}`));

  await bare.server.vsctl('del-port', 'vnet1');
  await vi.waitFor(async () => expect(ofPort('vnet1', await flowsOf(running))).toEqual([]), SOON);
  const gone = ofPort('vnet1', standing).length;
  expect(gone).toBeGreaterThan(2);
  const afterGone = await sentWhenStill(running);
  expect(afterGone.flowMods - before.flowMods).toBe(gone);
  expect(ids(await flowsOf(running))).toEqual(ids(standing.filter((flow) => !ofPort('vnet1', [flow]).length)));
  expect(await segments(running)).toEqual({ own: 'loc', vnet0: 'loc', x1: 'dmz' });

  // As a rename: Open vSwitch knows an interface by its name alone.
  await bare.server.vsctl('del-port', 'x1', ...add('y1', 'br0', 'iface-id=a-1'));
  await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc', vnet0: 'loc', y1: 'dmz' }), SOON);
  await vi.waitFor(async () => expect(ofPort('x1', await flowsOf(running))).toEqual([]), SOON);

  // To the other bridge, whose own pattern takes it.
  await bare.server.vsctl('del-port', 'vnet0', ...add('vnet0', 'br1'));
  await vi.waitFor(async () => expect(await segments(running, 'hv1/br1')).toEqual({ vnet0: 'dmz' }), SOON);
  await vi.waitFor(async () => expect(ofPort('vnet0', await flowsOf(running))).toEqual([]), SOON);
  await vi.waitFor(
    async () => expect(ofPort('vnet0', await flowsOf(running, 'hv1/br1')).length).toBeGreaterThan(2),
    SOON,
  );

  // Its marks change while it stays: it goes to another segment, or to none.
  await bare.server.vsctl('set', 'Interface', 'y1', 'external_ids:vm-id=job-1', 'external_ids:iface-id=other');
  await vi.waitFor(async () => expect(ofPort('y1', await flowsOf(running))[0]?.source).toMatch(/:16$/), SOON);
  await bare.server.vsctl('remove', 'Interface', 'y1', 'external_ids', 'vm-id');
  await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc' }), SOON);
  await vi.waitFor(async () => expect(ofPort('y1', await flowsOf(running))).toEqual([]), SOON);

  // Rows that were there before Flowloom: the same after it has bound them, and after it has let go of them.
  expect(await running.stop()).toBe(0);
  await bare.server.vsctl(...add('vnet7').slice(1), ...add('x7', 'br0', 'iface-id=a-1'));
  const rows = await rowsOf('vnet7', 'x7');
  const again = await startFlowloom('--watch');
  await vi.waitFor(async () => expect(await segments(again)).toEqual({ own: 'loc', vnet7: 'loc', x7: 'dmz' }), SOON);
  await vi.waitFor(async () => expect(ofPort('x7', await flowsOf(again)).length).toBeGreaterThan(2), SOON);
  expect(await rowsOf('vnet7', 'x7')).toEqual(rows);
  writeFile('hv1/none*: { access: loc }');
  await vi.waitFor(async () => expect(await segments(again)).toEqual({ own: 'loc' }), SOON);
  await vi.waitFor(async () => expect(ofPort('x7', await flowsOf(again))).toEqual([]), SOON);
  expect(await rowsOf('vnet7', 'x7')).toEqual(rows);
});

test(
  'a restart with selected ports in place sends nothing; a database that is away changes nothing',
  ROOM,
  async () => {
    writeFile(...EVERY_MARK);
    const first = await startFlowloom();
    await vi.waitFor(async () => expect(await segments(first)).toEqual({ own: 'loc' }), SOON);
    const names = Array.from({ length: 20 }, (_, i) => `vnet${i}`);
    await bare.server.vsctl(...names.flatMap((name) => add(name)).slice(1), ...add('x1', 'br0', 'iface-id=a-1'));
    const all = { own: 'loc', x1: 'dmz', ...Object.fromEntries(names.map((name) => [name, 'loc'])) };
    await vi.waitFor(async () => expect(await segments(first)).toEqual(sorted(all)), SOON);
    const { flowMods } = await sentWhenStill(first);
    expect(flowMods).toBeGreaterThan(60);
    const flows = ids(await flowsOf(first));
    const rows = await rowsOf(...names, 'x1');
    expect(await first.stop()).toBe(0);

    const second = await startFlowloom('--watch');
    await vi.waitFor(async () => expect(await segments(second)).toEqual(sorted(all)), SOON);
    await vi.waitFor(
      async () => expect((await second.status()).switches.map(({ state }) => state)).toEqual(['up', 'up']),
      SOON,
    );
    expect(await sentWhenStill(second)).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
    expect(ids(await flowsOf(second))).toEqual(flows);
    expect(await rowsOf(...names, 'x1')).toEqual(rows);

    await bare.server.kill('SIGKILL');
    await vi.waitFor(async () => expect((await second.status()).hosts[0]?.state).not.toBe('connected'), SOON);
    // Even a file that is read again meanwhile keeps what is known. Without its database ovs-vswitchd answers nothing,
    // which the API waits for a while: few questions.
    writeFile(...EVERY_MARK.map((line) => line.replace('hv1/named', 'hv1/renamed')));
    await vi.waitFor(() => expect(second.lines().some((line) => line.includes('read again'))).toBe(true), SOON);
    const [now, known, shown] = await Promise.all([second.status(), segments(second), flowsOf(second)]);
    expect(now.sent).toMatchObject({ flowMods: 0, groupMods: 0 });
    expect(known).toEqual(sorted(all));
    expect(ids(shown)).toEqual(flows);
    await bare.server.start();
    await vi.waitFor(async () => expect((await second.status()).hosts[0]?.state).toBe('connected'), SOON);
    expect(await sentWhenStill(second)).toMatchObject({ flowMods: 0, groupMods: 0 });
  },
);

test(
  'two selectors for one port, one address for two: told with lines in status and once in the log, mended by a reload',
  ROOM,
  async () => {
    writeFile('hv1/vnet*: { access: loc }', 'hv1/*1: { access: dmz }', 'hv1/tap*: { access: loc, address: 10.1.0.7 }');
    const running = await startFlowloom('--watch');
    await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc' }), SOON);
    await bare.server.vsctl(...add('vnet0').slice(1), ...add('vnet1'), ...add('tap0'), ...add('tap2'));
    const contested =
      'br0: port vnet1 is selected by hv1/vnet* (net.yaml:11) and hv1/*1 (net.yaml:12): in no segment until only one of ' +
      'them selects it; make one of them narrower';
    const twice =
      'br0: ports tap0, tap2 are selected by hv1/tap* (net.yaml:13), which has 10.1.0.7 for one port alone: in no segment ' +
      'until only one of them is there; select it by name, ifaceId or mac';
    await vi.waitFor(async () => expect((await running.status()).hosts[0]?.warnings).toEqual([contested, twice]), SOON);
    await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc', vnet0: 'loc' }), SOON);
    const { stdout } = await flowloom(['status', '--api', running.api], bare.folder);
    expect(stdout).toContain(`  hv1 ${contested}\n`);
    for (const line of [contested, twice]) {
      expect(running.lines().filter((each) => each.includes(line))).toEqual([expect.stringContaining('ERROR')]);
    }
    await bare.server.vsctl('del-port', 'tap2');
    await vi.waitFor(
      async () => expect(await segments(running)).toEqual({ own: 'loc', tap0: 'loc', vnet0: 'loc' }),
      SOON,
    );
    writeFile('hv1/vnet*: { access: loc }', 'hv1/db1: { select: { name: vnet1 }, access: dmz }');
    await vi.waitFor(
      async () => expect(await segments(running)).toEqual({ own: 'loc', vnet0: 'loc', vnet1: 'dmz' }),
      SOON,
    );
    expect((await running.status()).hosts[0]?.warnings).toEqual([]);
    // Where no row tells the station's MAC, the device's does: as it is, and as libvirt makes a tap's of it.
    const mac = JSON.parse(await bare.server.vsctl('get', 'Interface', 'vnet1', 'mac_in_use')) as string;
    const tap = ['type=internal', 'mac="fe:54:00:12:34:56"'];
    await bare.server.vsctl(...add('guest').slice(1), '--', 'set', 'Interface', 'guest', ...tap);
    writeFile(
      `hv1/a: { select: { mac: "${mac}" }, access: dmz }`,
      `hv1/b: { select: { mac: "${GUEST}" }, access: loc }`,
    );
    await vi.waitFor(
      async () => expect(await segments(running)).toEqual({ guest: 'loc', own: 'loc', vnet1: 'dmz' }),
      SOON,
    );
  },
);

test(
  'eight hundred ports at once, more than fit into one group: each has its flows, a broadcast reaches them all',
  ROOM,
  async () => {
    writeFile('hv1/vnet*: { access: loc }');
    const running = await startFlowloom();
    await vi.waitFor(async () => expect(await segments(running)).toEqual({ own: 'loc' }), SOON);
    const names = Array.from({ length: 800 }, (_, i) => `vnet${i}`);
    await bare.server.vsctl('--timeout=60', ...names.flatMap((name) => add(name)).slice(1));
    await vi.waitFor(async () => expect(Object.keys(await segments(running))).toHaveLength(801), SOON);
    await vi.waitFor(async () => expect(await reached('vnet0')).toEqual(['own', ...names.slice(1)].sort()), SOON);
    const told = running.lines().filter((line) => line.includes('is selected by'));
    expect(told.length).toBeLessThan(100);
    const { switches } = await running.status();
    expect(switches.flatMap(({ refused }) => refused)).toEqual([]);
  },
);

const ids = (flows: FlowStatus[]) => flows.map(({ id }) => id).sort();
const sorted = (record: Record<string, string>) => Object.fromEntries(Object.entries(record).sort());
