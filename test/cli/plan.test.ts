/** `flowloom plan` on real Open vSwitch: it says just what a reload then does, and by itself does nothing. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FlowChange, NetworkPlan } from '../../src/api/network-plan.ts';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { flowloom, type Running, run } from './program.ts';

const execute = promisify(execFile);
const LONG = 60_000;
// Each asks the command several times, and it takes its time to start where much else runs.
vi.setConfig({ testTimeout: LONG });

let folder: string;
let server: OvsdbServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-plan-'));
  server = await startOvsdbServer();
  await server.startSwitch();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Parts {
  ports?: string[];
  rules?: string[];
  flows?: string[];
}

const PORTS = ['hv1/web1: { access: office, address: 10.1.0.2 }', 'hv1/web2: { access: net }'];
const RULES = ['accept ssh from net to office', 'accept ping from all to fw'];
/** Learns by itself, as apps of others may: from packets, and by the clock. */
const CURIOUS = `import { defineApp, drop, output, z } from 'flowloom';
export default defineApp({
  name: 'curious',
  config: z.object({ also: z.int().default(0) }),
  tables: { admit: { stage: 'admit' } },
  attach({ dp, config, timers, rehearsal }) {
    const { admit } = dp.flows;
    admit.set('steady', { priority: 7, match: { ethType: 0x88b5 }, actions: drop(), intent: 'steady' });
    admit.set('passing', { priority: 8, match: { ethType: 0x88b5 }, actions: drop(), intent: 'until the clock says so' });
    if (config.also > 0)
      admit.set('also', { priority: config.also, match: { ethType: 0x88b6 }, actions: drop(), intent: 'also' });
    timers.after(0.1, () => {
      admit.set('later', { priority: 9, match: { ethType: 0x88b6 }, actions: drop(), intent: 'by the clock' });
      admit.delete('passing');
    });
    dp.packetOut({ data: new Uint8Array(60), actions: [output(rehearsal ? 1 : 2)] });
  },
});
`;

function fileOf({ ports = PORTS, rules = RULES, flows = [] }: Parts, more: string[] = []): string {
  const list = (indent: string, lines: string[]) => lines.map((line) => `${indent}${line}`);
  return [
    'flowloom: 1',
    `hosts: { hv1: { ovsdb: "${server.target}" } }`,
    'segments:',
    '  office: { vlan: 100, subnet: 10.1.0.0/24 }',
    '  net: { vlan: 200, subnet: 10.2.0.0/24 }',
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports:',
    ...list('      ', ports),
    'routers:',
    '  edge:',
    '    host: hv1',
    '    interfaces:',
    '      office: { segment: office, address: 10.1.0.1/24 }',
    '      net: { segment: net, address: 10.2.0.1/24 }',
    'firewall:',
    '  zones: { office: [edge/office], net: [edge/net] }',
    '  policy:',
    '    - office to net accept',
    '  rules:',
    ...list('    - ', rules),
    'apps:',
    '  table-miss: {}',
    ...(flows.length === 0 ? [] : ['  static-flows:', '    flows:', ...list('      - ', flows)]),
    ...list('  ', more),
    '',
  ].join('\n');
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Everything that a plan could have changed. */
async function stateOf(running?: Running): Promise<unknown> {
  const tables = ['Open_vSwitch', 'Bridge', 'Port', 'Controller', 'Interface'];
  const columns: Record<string, string[]> = {
    Open_vSwitch: ['bridges', 'next_cfg', 'external_ids', 'other_config'],
    Interface: ['name', 'type', 'options', 'ofport', 'mac', 'external_ids'],
    Controller: ['target', 'connection_mode'],
  };
  const rows = await Promise.all(tables.map((table) => server.dump(table, ...(columns[table] ?? []))));
  const groups = (await ofctl('dump-groups', 'br0')).replace(/\(xid=[^)]*\)/g, '');
  return { rows, flows: await flowLines(), groups, sent: (await running?.status())?.sent };
}

/** Once nothing is on its way any more: the same twice, a second apart, which is longer than a new port is listened to. */
async function restingState(running: Running): Promise<unknown> {
  let last: unknown;
  await vi.waitFor(
    async () => {
      const before = last;
      last = await stateOf(running);
      expect(last).toEqual(before);
    },
    { ...SOON, interval: 1000 },
  );
  return last;
}

async function ofctl(command: string, bridge: string, ...more: string[]): Promise<string> {
  const words = ['-O', 'OpenFlow14', command, `unix:${server.folder}/${bridge}.mgmt`, ...more];
  return (await execute('ovs-ofctl', words)).stdout;
}

/** As ovs-ofctl dumps them, without what was learned and what changes by itself. */
async function flowLines(): Promise<string[]> {
  const lines = (await ofctl('dump-flows', 'br0')).split('\n').filter((line) => line.includes(' actions='));
  return lines
    .filter((line) => !/timeout=.* actions=/.test(line))
    .map((line) => line.trim().replace(/(duration|n_packets|n_bytes)=[^,]*, ?/g, ''))
    .sort();
}

/** The same line for a planned flow, without its cookie. */
function lineOf({ table, priority, match, actions }: FlowChange): string {
  return `table=${table}, priority=${priority}${match === '' ? '' : `,${match}`} actions=${actions}`;
}

/** Numbers that follow from hashes. */
function withoutNumbers(text: string): string {
  return text
    .replaceAll(/(ct_label=|set_field:)0x[0-9a-f]{5,8}\b/g, '$1LABEL')
    .replaceAll(/reg7=0x[0-9a-f]+/g, 'reg7=ROUTER')
    .replaceAll(/load:0x[0-9a-f]{5,8}->NXM_NX_CT_LABEL/g, 'load:RULE->NXM_NX_CT_LABEL')
    .replaceAll(/zone=\d+/g, 'zone=ZONE');
}

const withoutCookie = (line: string) => line.replace(/^cookie=[^,]*, /, '');
const without = (lines: string[], others: string[]) =>
  lines.filter((line) => !others.includes(line)).map(withoutCookie);

async function portNumber(name: string): Promise<number> {
  return Number(await server.vsctl('get', 'interface', name, 'ofport'));
}

describe('with a Flowloom that runs', () => {
  let running: Running;

  beforeAll(async () => {
    write('curious.ts', CURIOUS);
    write('net.yaml', fileOf({}, ['./curious.ts: {}']));
    running = await run(['net.yaml', '--watch'], folder);
    // Its timer has run: a flow of the curious app has gone, another has come.
    await vi.waitFor(async () => expect((await flowLines()).join('\n')).toContain('dl_type=0x88b6'), SOON);
    // Its ports are known to lead to stations, and carry.
    await vi.waitFor(async () => expect((await running.status()).topology.closedPorts).toEqual([]), SOON);
  }, LONG);
  afterAll(async () => {
    await running.stop();
  });

  /** Of the curious app, after it was put on. */
  const timerHasRun = () =>
    vi.waitFor(async () => expect((await flowLines()).join('\n')).not.toContain('priority=8,dl_type=0x88b5'), SOON);
  const plan = (...words: string[]) => flowloom(['plan', ...words, '--api', running.api], folder);
  /** As the command asks, without its process; undefined: the file in force. */
  async function planned(name?: string): Promise<NetworkPlan> {
    const body = () => JSON.stringify({ file: name, text: readFileSync(join(folder, name!), 'utf8'), folder });
    const headers = { 'content-type': 'application/json' };
    const asked = name === undefined ? {} : { method: 'POST', headers, body: body() };
    const answer = await fetch(`${running.api}/api/v1/plan`, asked);
    expect(answer.status).toBe(200);
    return (await answer.json()) as NetworkPlan;
  }
  const isEmpty = async (name?: string) => {
    const { unknown, hosts, switches } = await planned(name);
    expect({ unknown, rows: hosts.flatMap(({ changes }) => changes) }).toEqual({ unknown: [], rows: [] });
    expect(switches.flatMap(({ flows, groups }) => [...flows, ...groups])).toEqual([]);
  };

  test('a network that is as the file says: nothing, with the file and without; what was learned is no difference', async () => {
    const before = await stateOf(running);
    const nothing = 'nothing would change: 1 host and 1 switch are as net.yaml says\n';
    expect(await plan()).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect(await plan('net.yaml')).toEqual({ code: 0, stdout: nothing, stderr: '' });
    expect(await stateOf(running)).toEqual(before);
  });

  test('one rule changed: its flows alone, by its line; nothing is done', async () => {
    const before = await stateOf(running);
    write('next.yaml', fileOf({ rules: ['accept http from net to office', RULES[1]!] }, ['./curious.ts: {}']));
    const { code, stdout, stderr } = await plan('next.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const filter = 'firewall.filter';
    const established =
      'ct_state=-inv+trk,ct_mark=0x1/0x1,ct_label=LABEL/0xffffffff,reg7=ROUTER/0xffff → goto_table:164';
    const accept = 'ct(commit,table=164,zone=ZONE,exec(load:0x1->NXM_NX_CT_MARK[0],load:RULE->NXM_NX_CT_LABEL[0..31]))';
    expect(withoutNumbers(stdout)).toBe(`hv1/br0: 2 flows added, 2 flows removed, 89 stay
  next.yaml:24 firewall: accept http from net to office
    + ${filter} 60000: ${established}
    + ${filter} 40000: tcp,reg1=0x2,reg4=0x1,reg7=ROUTER/0xffff,tp_dst=80 → ${accept}
  net.yaml:24 firewall: accept ssh from net to office
    - ${filter} 60000: ${established}
    - ${filter} 40000: tcp,reg1=0x2,reg4=0x1,reg7=ROUTER/0xffff,tp_dst=22 → ${accept}

2 flows added, 2 flows removed; nothing was done
`);
    expect(await stateOf(running)).toEqual(before);
  });

  test('a port added: by its name, as its number is not known yet', async () => {
    const before = await stateOf(running);
    const ports = [...PORTS, 'hv1/web3: { access: office }'];
    write('next.yaml', fileOf({ ports }, ['./curious.ts: {}']));
    const { code, stdout } = await plan('next.yaml');
    expect(code).toBe(0);
    const web1 = await portNumber('web1');
    const learned = /in_port=web3 → (learn\(table=186,.*\),goto_table:\d+)$/m.exec(stdout)?.[1];
    expect(stdout.replaceAll(/group_id=\d+/g, 'group_id=G')).toBe(`hv1: 1 change over OVSDB
  br0: add port web3 (next.yaml:13)

hv1/br0: 4 flows added, 1 group changed, 91 stay
  next.yaml:13 segments: port web3
    + classify 100: in_port=web3 → goto_table:12
  next.yaml:13 segments: segment office from port web3 (access)
    + vlan-in 100: in_port=web3,vlan_tci=0x0000/0x1fff → load:0x64->OXM_OF_METADATA[0..15],set_field:0x1->reg1,goto_table:24
  next.yaml:13 segments: learn a station at port web3
    + learn 10: in_port=web3 → ${learned}
  next.yaml:13 segments: segment office to port web3 (access)
    + output.leave 100: reg2=web3,metadata=0x64/0xffff,vlan_tci=0x0000/0x1fff → output:web3
  segments: group all office
    ~ group_id=G,type=all,bucket=actions=set_field:0x${web1.toString(16)}->reg2,resubmit(,228),bucket=actions=set_field:web3->reg2,resubmit(,228)

1 change over OVSDB, 4 flows added, 1 group changed; nothing was done
`);
    expect(await stateOf(running)).toEqual(before);
  });

  test('ports that others create: the flows of those that are there now; what two selectors claim is refused', async () => {
    await server.vsctl('add-port', 'br0', 'vnet0', '--', 'add-port', 'br0', 'vnet1');
    try {
      write('next.yaml', fileOf({ ports: [...PORTS, 'hv1/vnet*: { access: net }', 'hv1/*1: { access: office }'] }));
      const { hosts, switches } = await planned('next.yaml');
      expect(hosts[0]?.changes).toEqual([]);
      expect(hosts[0]?.refused).toEqual([
        expect.stringMatching(/port vnet1 is selected by hv1\/vnet\* \(next.yaml:13\)/),
      ]);
      const added = switches[0]?.flows.filter(({ change }) => change === 'add');
      expect(added?.map(({ intent }) => intent)).toEqual([
        'port vnet0',
        'segment net from port vnet0 (access)',
        'learn a station at port vnet0',
        'segment net to port vnet0 (access)',
      ]);
    } finally {
      await server.vsctl('del-port', 'vnet0', '--', 'del-port', 'vnet1');
    }
  });

  test(
    'a reload then does just what was planned',
    async () => {
      const next: Parts = {
        ports: [PORTS[0]!.replace('10.1.0.2', '10.1.0.22'), 'hv1/web3: { trunk: [office], native: net }'],
        rules: ['drop smtp from all to all', ...RULES.slice(1), 'accept tcp 8080 from net to office'],
        flows: [
          '{ intent: no web, priority: 9, match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 }, actions: [drop] }',
          '{ intent: out, priority: 9, match: { ethType: 0x88b7 }, actions: [{ output: web1 }] }',
        ],
      };
      write('next.yaml', fileOf(next, ['./curious.ts: {}']));
      const before = await flowLines();
      const foreseen = await planned('next.yaml');
      expect(await flowLines()).toEqual(before);
      expect(foreseen.unknown).toEqual([]);
      expect(foreseen.hosts[0]?.changes).toEqual([
        'br0: add port web3 (next.yaml:12)',
        expect.stringMatching(/^br0: remove port web2\b/),
      ]);
      const [one] = foreseen.switches;
      write('net.yaml', fileOf(next, ['./curious.ts: {}']));
      await vi.waitFor(() => isEmpty('next.yaml'), SOON);
      await isEmpty();

      // What came is known to lead to stations, and is open.
      await vi.waitFor(async () => expect((await running.status()).topology.closedPorts).toEqual([]), SOON);
      // The curious app was put on anew, as apps of a path are.
      await timerHasRun();
      const after = await flowLines();
      const web3 = await portNumber('web3');
      const numbered = (line: string) =>
        line.replaceAll(/(in_port=|output:)web3\b/g, `$1${web3}`).replaceAll(/=web3\b/g, `=0x${web3.toString(16)}`);
      const linesOf = (...kinds: FlowChange['change'][]) =>
        one!.flows.filter(({ change }) => kinds.includes(change)).map((flow) => numbered(lineOf(flow)));
      expect(linesOf('add', 'change').toSorted()).toEqual(without(after, before).toSorted());
      // What changes stands among those that went, with its old actions.
      const went = without(before, after);
      expect(went).toEqual(expect.arrayContaining(linesOf('remove')));
      const changed = one!.flows.filter(({ change }) => change === 'change');
      expect(went).toHaveLength(linesOf('remove').length + changed.length);
      for (const flow of changed) {
        const { actions } = flow;
        expect(went).toContain(lineOf({ ...flow, actions: flow.before?.actions ?? actions }));
      }
      expect(one!.flows.every(({ app }) => app !== 'curious')).toBe(true);
    },
    LONG,
  );

  test('an app of the file: its changed config is foreseen, other code is not loaded', async () => {
    const next = fileOf({}, ['./curious.ts: { also: 77 }', './other.ts: {}']);
    write('next.yaml', next);
    write('other.ts', 'throw new Error("loaded");');
    const before = await restingState(running);
    const { code, stdout } = await plan('next.yaml', '--json');
    const foreseen = JSON.parse(stdout) as NetworkPlan;
    const unforeseen = [expect.stringMatching(/^app \.\/other\.ts does not run in this Flowloom/)];
    expect({ code, unknown: foreseen.unknown }).toEqual({ code: 1, unknown: unforeseen });
    const curious = foreseen.switches[0]!.flows.filter(({ app }) => app === 'curious');
    expect(curious).toMatchObject([{ change: 'add', priority: 77, intent: 'also', source: 'next.yaml:28' }]);
    write('next.yaml', fileOf({}, ['./curious.ts: { also: "x" }']));
    expect(await plan('next.yaml')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/app "curious" at also: .*\(next\.yaml:\d+\)/),
    });
    write('curious.ts', `${CURIOUS}// another\n`);
    write('next.yaml', fileOf({}, ['./curious.ts: {}']));
    expect((await planned('next.yaml')).notes).toEqual([
      expect.stringMatching(/^app \.\/curious\.ts has changed since/),
    ]);
    expect(await stateOf(running)).toEqual(before);
    await vi.waitFor(async () => expect((await planned('next.yaml')).notes).toEqual([]), SOON);
    await timerHasRun();
  });

  test('a host, and a bridge, that are not there yet; one that the file leaves out', async () => {
    const text = fileOf({}, ['./curious.ts: {}'])
      .replace('hosts: { ', 'hosts: { hv9: {}, ')
      .replace(/^bridges:$/m, '  far: { vlan: 300 }\nbridges:')
      .replace(
        /^ {2}br0:$/m,
        '  br7: { hosts: [hv1], datapath: netdev, ports: { hv1/late: { access: far } } }\n  br0:',
      );
    write('next.yaml', text);
    const { code, stdout, stderr } = await plan('next.yaml');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^unknown: hv9: /m);
    expect(stdout).toMatch(/^hv1\/br7: \d+ flows added, 1 group added\n {2}the bridge is still to be made/m);
    expect(stdout).toMatch(/^ {4}\+ classify 100: in_port=late → /m);
    const overlaid = text.replace('far: { vlan: 300', 'far: { overlay: vxlan, vlan: 300').replace('hv9: {}, ', '');
    write('next.yaml', overlaid.replace('hv1: { ', 'hv1: { underlay: 10.9.9.1, '));
    expect((await planned('next.yaml')).notes).toContainEqual(
      expect.stringMatching(/^the MTU of ports on far follows/),
    );
    write('next.yaml', fileOf({}, []).replace('hosts: { hv1:', 'hosts: { hv2:').replaceAll('hv1', 'hv2'));
    const other = await plan('next.yaml');
    expect(other.code).toBe(1);
    expect(other.stdout).toContain('note: hv1 is no longer in the file; what was configured there stays\n');
    expect(other.stdout).not.toContain('removed');
  });

  test('a flow that somebody else has put where one of the file belongs is left, and told', async () => {
    const at = ['{ intent: mine, priority: 9, match: { ethType: 0x88b9 }, actions: [drop] }'];
    const text = fileOf({ flows: at }, ['./curious.ts: {}']);
    write('next.yaml', text);
    const [mine] = (await planned('next.yaml')).switches[0]!.flows.filter(({ intent }) => intent === 'mine');
    expect(mine!.source).toBe(`next.yaml:${text.split('\n').findIndex((line) => line.includes('mine')) + 1}`);
    const foreign = `table=${mine!.table},priority=9,dl_type=0x88b9,actions=normal`;
    await ofctl('add-flow', 'br0', foreign);
    const { refused, flows } = (await planned('next.yaml')).switches[0]!;
    expect(refused).toEqual([
      expect.stringMatching(/^static-flows: mine \(next\.yaml:\d+\): a foreign flow \(cookie 0x0\)/),
    ]);
    expect(flows.filter(({ intent }) => intent === 'mine')).toEqual([]);
    await ofctl('del-flows', 'br0', `table=${mine!.table},dl_type=0x88b9,cookie=0/-1`);
  });

  test('flows that Open vSwitch would remove are listed: a first controller, and the last one gone', async () => {
    await server.vsctl('add-br', 'br5', '--', 'add-port', 'br5', 'other');
    await ofctl('add-flow', 'br5', 'cookie=0x7,table=3,priority=9,ip,actions=normal');
    const theirs = () => ofctl('dump-flows', 'br5').then((text) => text.match(/actions=\S+/g)?.toSorted());
    const before = [await stateOf(running), await theirs()];
    const adopted = (adopt: boolean) =>
      fileOf({}, ['./curious.ts: {}'])
        .replace(/^bridges:$/m, '  far: { vlan: 300 }\nbridges:')
        .replace(
          /^ {2}br0:$/m,
          `  br5: { hosts: [hv1], adopt: ${adopt}, ports: { hv1/late: { access: far } } }\n  br0:`,
        );
    write('next.yaml', adopted(true));
    const { code, stdout } = await plan('next.yaml');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ {2}br5: it gets its first controller, so Open vSwitch removes its 2 flows \(next\.yaml:8\)\n/m,
    );
    expect(stdout).toMatch(
      /^ {4}cookie=0x7, duration=\S+, table=3, n_packets=0, n_bytes=0, priority=9,ip actions=NORMAL$/m,
    );
    expect(stdout).toMatch(/^hv1\/br5: \d+ flows added, 1 group added\n {2}the bridge is there and gets its first/m);
    write('next.yaml', adopted(false));
    const refused = await plan('next.yaml');
    expect(refused.stdout).toMatch(/^ {2}refused: bridge br5 exists/m);
    expect(refused.stdout).not.toContain('Open vSwitch removes its');
    // It is left as it is, so no flow comes to it, and nothing about it is unknown.
    expect(refused.stdout).not.toContain('hv1/br5');
    expect(refused.code).toBe(0);

    const lines = fileOf({}).split('\n');
    const normal = [...lines.slice(0, 12), ...lines.slice(lines.indexOf('apps:'))];
    write('next.yaml', normal.join('\n').replace('datapath: netdev', 'datapath: netdev\n    forwarding: normal'));
    const lost = await plan('next.yaml');
    expect(lost.stdout).toMatch(/^ {2}br0: it loses its last controller, so Open vSwitch removes its \d+ flows/m);
    expect([await stateOf(running), await theirs()]).toEqual(before);
    await server.vsctl('del-br', 'br5');
  });

  test('what somebody took away is put back by itself, and so differs no more; it is told as drift', async () => {
    const seen = async () => (await running.status()).switches[0]!.drift.seen;
    const before = await seen();
    await ofctl('del-flows', 'br0', 'table=0');
    await vi.waitFor(async () => expect(await seen()).toBeGreaterThan(before), SOON);
    await vi.waitFor(() => isEmpty(), SOON);
  });

  test('what somebody changed and the file wants left is told, with why it stays', async () => {
    const text = fileOf({}, ['./curious.ts: {}']);
    write('net.yaml', text.replace('hosts: { hv1: { ', 'hosts: { hv1: { drift: report, '));
    await vi.waitFor(() => isEmpty(), SOON);
    await vi.waitFor(async () => expect((await running.status()).hosts[0]?.drift.mode).toBe('report'), SOON);
    await server.vsctl('set', 'bridge', 'br0', 'other_config:disable-in-band=false');
    await vi.waitFor(async () => {
      const { hosts, notes } = await planned();
      expect(hosts[0]!.changes).toEqual([expect.stringMatching(/^br0: .*disable-in-band.*\(net\.yaml:7\)$/)]);
      expect(notes).toEqual([expect.stringMatching(/^hv1: somebody changed it, .*drift: report/)]);
    }, SOON);
    write('net.yaml', text);
    await vi.waitFor(() => isEmpty(), SOON);
    expect(await server.vsctl('get', 'bridge', 'br0', 'other_config:disable-in-band')).toBe('"true"');
  });

  test('a file that is wrong: file, line and fix, exit 2', async () => {
    write('next.yaml', fileOf({ rules: ['accept htp from net to office'] }));
    const problem = 'unknown service `htp`: did you mean `http`? (next.yaml:24:7)\n';
    expect(await plan('next.yaml')).toEqual({ code: 2, stdout: '', stderr: problem });
    expect(await flowloom(['plan', 'next.yaml', '--api', 'http://127.0.0.1:1'], folder)).toMatchObject({ code: 2 });
    const json = await plan('next.yaml', '--json');
    expect(json).toMatchObject({ code: 2, stderr: '' });
    expect((JSON.parse(json.stdout) as NetworkPlan).problems).toMatchObject([{ source: 'next.yaml:24:7' }]);
    expect(await plan('none.yaml')).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('(none.yaml)') });
    // What an app finds wrong beside the rest of the file.
    const flow = '{ intent: elsewhere, priority: 9, match: arp, actions: [drop], on: hv1/br9 }';
    const noBridge = /^app "static-flows" at flows\.0\.on: the file has no bridge hv1\/br9: .* \(\S+\.yaml:\d+\)$/m;
    write('next.yaml', fileOf({ flows: [flow] }, ['./curious.ts: {}']));
    expect(await plan('next.yaml')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(noBridge) });
    // Over HTTP, too: the command has looked at the file before it asks.
    const body = JSON.stringify({ file: 'x.yaml', text: 'flowloom: 2\n' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${running.api}/api/v1/plan`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({
      problems: [{ source: expect.stringMatching(/^x\.yaml:1/) }],
      hosts: [],
    });
    // Written over the file in force, which stays so: the plan is about that one.
    const right = fileOf({}, ['./curious.ts: {}']);
    write('net.yaml', right.replace('vlan: 100', 'vlan: 5000'));
    await vi.waitFor(async () => expect((await running.status()).file?.error).toContain('net.yaml:4'), SOON);
    expect(await plan()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^note: the file as it is now can't be/),
    });
    write('net.yaml', fileOf({ flows: [flow] }, ['./curious.ts: {}']));
    await vi.waitFor(async () => expect((await running.status()).file?.error).toMatch(noBridge), SOON);
    write('net.yaml', right);
    await vi.waitFor(async () => expect((await running.status()).file?.error).toBeNull(), SOON);
  });
});

describe('with a Flowloom that runs without a file', () => {
  test('its learning switch is as it should be; what a file would change it cannot know', async () => {
    const running = await run([], folder);
    try {
      await server.vsctl('add-br', 'br9', '--', 'set-controller', 'br9', `tcp:127.0.0.1:${running.openflowPort}`);
      await vi.waitFor(async () => expect((await running.status()).switches[0]?.state).toBe('up'), SOON);
      const nothing = 'nothing would change: 0 hosts and 1 switch have what the apps want\n';
      const asked = await flowloom(['plan', '--api', running.api], folder);
      expect(asked).toEqual({ code: 0, stdout: nothing, stderr: '' });
      write('next.yaml', fileOf({}));
      const { code, stdout } = await flowloom(['plan', 'next.yaml', '--api', running.api], folder);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^unknown: hv1: this Flowloom runs without a file/m);
      expect(stdout).toMatch(/^unknown: switch [0-9a-f]{16}: which bridge of next\.yaml it is/m);
    } finally {
      await running.stop();
      await server.vsctl('del-br', 'br9');
    }
  });
});

test('a file that is too large, and a server that is no Flowloom', async () => {
  write('large.yaml', `${fileOf({})}#${'x'.repeat(1 << 20)}\n`);
  const large = 'large.yaml is larger than what a plan is made of: 1024 KiB\n';
  expect(await flowloom(['plan', 'large.yaml'], folder)).toEqual({ code: 1, stdout: '', stderr: large });
  const rude = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  const { port } = rude.address() as AddressInfo;
  const asked = await flowloom(['plan', '--api', `http://127.0.0.1:${port}`], folder);
  rude.close();
  expect(asked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/http:\S+ can't be asked: /) });
  expect(asked.stderr).not.toContain('start Flowloom first');
});

test('a Flowloom that does not answer: exit 1, and what to do', async () => {
  const api = `http://127.0.0.1:${await freePort()}`;
  const nobody = `start Flowloom first, or name it with --api: nothing answers at ${api}\n`;
  const words = ['plan', '--api', api];
  expect(await flowloom(words, folder)).toEqual({ code: 1, stdout: '', stderr: nobody });
  write('next.yaml', fileOf({}));
  expect(await flowloom([...words, 'next.yaml'], folder)).toEqual({ code: 1, stdout: '', stderr: nobody });
});
