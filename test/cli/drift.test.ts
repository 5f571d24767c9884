/** What others change of ours, on real Open vSwitch: it is told in `status`, /drift and /events, and `flows --follow` shows it. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DriftStatus, EventStatus, FlowStatus } from '../../src/api/snapshot.ts';
import { flowChanges } from '../../src/cli/flows.ts';
import { flow } from '../api/sample-source.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { endOf, flowloom, type Running, run } from './program.ts';

const execute = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let server: OvsdbServer;
let running: Running;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-drift-'));
  server = await startOvsdbServer();
  await server.startSwitch();
  const text = [
    'flowloom: 1',
    `hosts: { hv1: { ovsdb: "${server.target}" } }`,
    'segments: { office: { vlan: 100 } }',
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports: { hv1/web1: { access: office } }',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'net.yaml'), text);
  running = await run(['net.yaml'], folder);
  await vi.waitFor(async () => expect((await running.status()).switches[0]?.state).toBe('up'), SOON);
});
afterAll(async () => {
  await running.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = async <T>(path: string) => (await (await fetch(`${running.api}/api/v1/${path}`)).json()) as T;

test('a flow that somebody deletes, and a row that somebody changes', async () => {
  expect(await get('drift')).toMatchObject({ switches: [{ switch: 'hv1/br0', seen: 0, recent: [] }] });
  const { id: last = 0 } = (await get<EventStatus[]>('events')).at(-1) ?? {};
  const [wanted] = await get<FlowStatus[]>('flows?intent=net.yaml:8');
  const follow = spawn(process.execPath, [
    MAIN,
    'flows',
    '--follow',
    '--json',
    '--app',
    'segments',
    '--api',
    running.api,
  ]);
  let said = '';
  let ready = '';
  follow.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  follow.stderr.setEncoding('utf8').on('data', (text: string) => {
    ready += text;
  });

  const match = `table=${wanted!.table},priority=${wanted!.priority},${wanted!.match}`;
  await execute('ovs-ofctl', ['-O', 'OpenFlow14', '--strict', 'del-flows', `unix:${server.folder}/br0.mgmt`, match]);
  const told = { app: wanted!.app, intent: wanted!.intent, source: wanted!.source };
  const drift = () => get<DriftStatus>('drift');
  await vi.waitFor(async () => expect((await drift()).switches[0]).toMatchObject({ seen: 1, recent: [told] }), SOON);
  expect((await drift()).switches[0]!.recent[0]!.text).toMatch(/\(net\.yaml:8\) was gone$/);
  await server.vsctl('set', 'port', 'web1', 'tag=7');
  await vi.waitFor(async () => expect((await drift()).hosts[0]).toMatchObject({ seen: 1, left: [] }), SOON);

  const events = await get<EventStatus[]>(`events?since=${last}&kind=drift`);
  expect(events).toMatchObject([
    { kind: 'drift', subject: 'hv1/br0', text: expect.stringContaining('was gone') },
    { kind: 'drift', subject: 'hv1', text: expect.stringContaining('tag') },
  ]);
  expect(events[0]!.id).toBeGreaterThan(last);
  const { stdout } = await flowloom(['status', '--api', running.api], folder);
  expect(stdout).toMatch(/^ {2}hv1\/br0: 1 change by somebody else put right, the last: segments: .*was gone$/m);
  expect(stdout).toMatch(/^ {2}hv1: 1 change by somebody else put right, the last: br0\/web1: .*tag/m);
  expect(ready).toBe('');
  follow.kill('SIGTERM');
  await endOf(follow);
  // It was added again so soon that a look each second may have missed it: what is told is told in whole lines.
  for (const line of said.split('\n').filter((each) => each !== '')) expect(JSON.parse(line)).toHaveProperty('change');
});

test('what is put in force, what is refused and who connects are events', async () => {
  const all = await get<EventStatus[]>('events');
  expect(all).toEqual(
    expect.arrayContaining([expect.objectContaining({ kind: 'host', subject: 'hv1', text: 'connected' })]),
  );
  const connected = { kind: 'switch', text: expect.stringMatching(/^connected from/) };
  expect(all).toEqual(expect.arrayContaining([expect.objectContaining(connected)]));
  expect(all.map(({ id }) => id)).toEqual(all.map((_, i) => i + all[0]!.id));
  writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\nhosts: 7\n');
  running.signal('SIGHUP');
  await vi.waitFor(async () => {
    const files = await get<EventStatus[]>('events?kind=file');
    expect(files.at(-1)?.text).toContain("can't be used, the old one stays in force");
  }, SOON);
});

test('what follows: flows that come, go, do something else, and count', () => {
  const byId = (...flows: FlowStatus[]) => new Map(flows.map((each) => [each.id, each]));
  const before = byId(
    flow({ id: 'a', packets: 5, bytes: 50 }),
    flow({ id: 'b' }),
    flow({ id: 'c' }),
    flow({ id: 'd' }),
  );
  const now = byId(
    ...[flow({ id: 'a', packets: 8, bytes: 80 }), flow({ id: 'b', actions: 'drop' })],
    ...[flow({ id: 'd', duration: 99 }), flow({ id: 'e', packets: 1, bytes: 60 })],
  );
  expect(
    flowChanges(before, now).map(({ change, flow: { id }, packets, bytes }) => [change, id, packets, bytes]),
  ).toEqual([
    ['counted', 'a', 3, 30],
    ['changed', 'b', 0, 0],
    ['added', 'e', 1, 60],
    ['removed', 'c', 0, 0],
  ]);
});
