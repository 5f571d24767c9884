/** `flowloom plan FILE` where no Flowloom runs: real hosts are read, and not touched. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { planWithoutController } from '../../src/main/plan-without-controller.ts';
import { run } from '../cli/program.ts';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

const execute = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TABLES = ['Open_vSwitch', 'Bridge', 'Controller'];

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

function fileOf(ovsdb: string, more: string[] = []): string {
  return [
    'flowloom: 1',
    'hosts:',
    `  hv1: { ovsdb: "${ovsdb}" }`,
    ...more.filter((line) => line.startsWith('  hv')),
    'segments: { office: { vlan: 100 } }',
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports:',
    '      hv1/web1: { access: office }',
    ...more.filter((line) => !line.startsWith('  hv')),
    '',
  ].join('\n');
}

function planOf(text: string) {
  const loaded = parseConfig(text, 'net.yaml');
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  return planWithoutController(loaded.config);
}

const rows = async () => (await Promise.all(TABLES.map((table) => server.dump(table)))).join('\n');

test('a host that has nothing yet: its rows, and all flows of the new bridge', async () => {
  const before = await rows();
  const plan = await planOf(fileOf(server.tcpTarget));
  expect(plan).toMatchObject({ problems: [], unknown: [] });
  expect(plan.hosts).toMatchObject([{ name: 'hv1', state: 'current', refused: [], flushes: [], note: null }]);
  expect(plan.hosts[0]!.changes).toEqual([
    expect.stringMatching(/^br0: create bridge .*tcp:127\.0\.0\.1:6653.*\(net\.yaml:6\)$/),
    'br0: add port web1 (net.yaml:10)',
  ]);
  const [one] = plan.switches;
  expect(one).toMatchObject({ name: 'hv1/br0', state: 'new', unchanged: 0, refused: [] });
  expect(one!.flows.every(({ change }) => change === 'add')).toBe(true);
  expect(one!.flows).toContainEqual(expect.objectContaining({ match: 'in_port=web1', source: 'net.yaml:10' }));
  expect(await rows()).toBe(before);
});

test('a bridge that is there: compared over its own socket; on another machine a note', async () => {
  writeFileSync(join(folder, 'net.yaml'), fileOf(server.target));
  const running = await run(['net.yaml'], folder);
  await vi.waitFor(async () => expect((await running.status()).switches[0]?.state).toBe('up'), SOON);
  await running.stop();
  const before = await rows();
  // Where Flowloom would listen is all that differs: it ran on another port.
  const controller = [expect.stringMatching(/^br0: .*tcp:127\.0\.0\.1:6653, was tcp:/)];
  const same = await planOf(fileOf(server.target));
  expect(same.hosts[0]!.changes).toEqual(controller);
  expect(same.switches).toMatchObject([{ name: 'hv1/br0', state: 'current', flows: [], groups: [] }]);
  expect(same.switches[0]!.unchanged).toBeGreaterThan(5);
  const more = await planOf(fileOf(server.target, ['      hv1/web2: { access: office }']));
  expect(more.hosts[0]!.changes).toEqual(expect.arrayContaining(['br0: add port web2 (net.yaml:11)']));
  expect(more.switches[0]!.flows.map(({ match }) => match)).toEqual(expect.arrayContaining(['in_port=web2']));
  // What an app that throws would declare is not known.
  const broken = join(folder, 'broken.js');
  writeFileSync(broken, "export default { name: 'broken', attach() { throw new Error('boom'); } };\n");
  const failing = await planOf(fileOf(server.target, ['apps:', `  ${broken}: {}`]));
  expect(failing.problems).toEqual([]);
  expect(failing.unknown).toEqual(["hv1/br0: app broken failed, its flows can't be foreseen: attach: boom"]);
  expect(failing.switches).toMatchObject([{ state: 'current', flows: [] }]);
  expect(same.unknown).toEqual([]);
  const far = await planOf(fileOf(server.tcpTarget));
  expect(far.switches).toEqual([]);
  expect(far.notes).toContain('flows are not compared without a Flowloom that runs: hv1/br0');
  expect(await rows()).toBe(before);
});

test("somebody else's bridge is left as it is, and so are its flows, unless the file takes it over", async () => {
  await server.vsctl('add-br', 'br5', '--', 'set', 'bridge', 'br5', 'datapath_type=netdev');
  const wanted = (adopt: boolean) =>
    planOf(
      fileOf(server.target, [`  br5: { hosts: [hv1], datapath: netdev, adopt: ${adopt}, ports: { hv1/other: {} } }`]),
    );
  const left = await wanted(false);
  expect(left.hosts[0]!.refused).toEqual([expect.stringMatching(/^bridge br5 exists and is not Flowloom's/)]);
  expect(left.switches.map(({ name }) => name)).not.toContain('hv1/br5');
  expect(left.notes.join()).not.toContain('br5');
  expect((await wanted(true)).switches.map(({ name }) => name)).toContain('hv1/br5');
  await server.vsctl('del-br', 'br5');
});

test('hosts that cannot be read are told as unknown: exit 1', async () => {
  const nobody = `  hv2: { ovsdb: "tcp:127.0.0.1:${await freePort()}" }`;
  const plan = await planOf(fileOf(server.target, [nobody, '  hv3: { underlay: 10.9.9.3 }']));
  expect(plan.unknown).toEqual([
    expect.stringMatching(/^hv2: .*nothing listens there/),
    'hv3: it dials in, so only a Flowloom that runs can read its database',
  ]);
  expect(plan.hosts.map(({ state }) => state)).toEqual(['current', 'unknown', 'unknown']);
});

test('the command does so by itself where nothing answers at the default address', async () => {
  const command = async (name: string) => {
    // In a network of its own, where certainly no Flowloom runs; sockets of the file system reach out of it.
    const words = ['--net', process.execPath, MAIN, 'plan', name];
    return execute('unshare', words, { cwd: folder }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };
  writeFileSync(join(folder, 'net.yaml'), fileOf(server.target));
  const said = (name: string) =>
    `no Flowloom answers at http://127.0.0.1:8080: the hosts of ${name} are read directly\n`;
  const near = await command('net.yaml');
  expect(near).toMatchObject({ code: 0, stderr: said('net.yaml') });
  expect(near.stdout).toMatch(
    /^hv1: 1 change over OVSDB\n.*\n\nnote: .*port 6653\n\n1 change over OVSDB; nothing was done\n$/,
  );
  writeFileSync(join(folder, 'far.yaml'), fileOf(server.tcpTarget));
  const far = await command('far.yaml');
  expect(far).toMatchObject({ code: 1, stderr: said('far.yaml') });
  expect(far.stdout).toMatch(/^unknown: hv1: /m);
});
