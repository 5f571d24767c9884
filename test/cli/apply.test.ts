/** `flowloom apply` on real Open vSwitch: what it puts in force, what it refuses, and what comes back by itself. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { endOf, flowloom, type Running, run } from './program.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
// Each starts the command several times, which takes its time where much else runs.
vi.setConfig({ testTimeout: 90_000 });

const QUIET = `import { defineApp, drop } from 'flowloom';
export default defineApp({
  name: 'quiet',
  tables: { admit: { stage: 'admit' } },
  attach({ dp }) {
    dp.flows.admit.set('x', { priority: 7, match: { ethType: 0x88b5 }, actions: drop(), intent: 'no such frames' });
  },
});
`;

let folder: string;
let server: OvsdbServer;
let running: Running;

beforeAll(async () => {
  server = await startOvsdbServer();
  await server.startSwitch();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-apply-'));
  write('net.yaml', fileOf('web1'));
  write('quiet.ts', QUIET);
  running = await run(['net.yaml'], folder);
  await vi.waitFor(async () => expect((await running.status()).switches[0]?.state).toBe('up'), SOON);
});
afterEach(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function fileOf(port: string, ...more: string[]): string {
  return [
    'flowloom: 1',
    `hosts: { hv1: { ovsdb: "${server.target}" } }`,
    'segments: { office: { vlan: 100 } }',
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports:',
    `      hv1/${port}: { access: office }`,
    ...more,
    '',
  ].join('\n');
}

const apply = (...words: string[]) => flowloom(['apply', '--api', running.api, ...words], folder);
const ports = () => server.vsctl('list-ports', 'br0');
const config = async () => (await (await fetch(`${running.api}/api/v1/config`)).json()) as Record<string, unknown>;

test('a file is put in force, told by its lines, and all is so when the command ends; SIGHUP reads the old one', async () => {
  write('next.yaml', fileOf('web2'));
  const { code, stdout, stderr } = await apply('next.yaml');
  expect(await ports()).toBe('web2');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('net.yaml is read') });
  expect(stdout).toContain(`br0: add port web2 (${folder}/next.yaml:9)`);
  expect(stdout).toMatch(/^hosts and switches are as next\.yaml says$/m);
  expect(stdout).not.toContain('nothing was done');
  const { missing } = JSON.parse((await apply('next.yaml', '--json')).stdout) as { missing: string[] };
  expect(missing).toEqual([]);
  expect(await config()).toMatchObject({
    ...{ file: join(folder, 'next.yaml'), text: fileOf('web2'), unconfirmed: null, error: null },
    model: { bridges: [{ ports: [{ name: 'web2' }] }] },
  });
  running.signal('SIGHUP');
  await vi.waitFor(async () => expect(await ports()).toBe('web1'), SOON);
});

test('a file that is wrong is refused by line, exit 2, here and there; nothing changes', async () => {
  write('bad.yaml', fileOf('web2').replace('vlan: 100', 'vlan: 5000'));
  expect(await apply('bad.yaml')).toMatchObject({ code: 2, stderr: expect.stringMatching(/\(bad\.yaml:3:\d+\)$/m) });
  // Only who loads the apps can tell.
  write('bad.yaml', fileOf('web2', 'apps: { table-miss: { action: 7 } }'));
  expect(await apply('bad.yaml')).toMatchObject({ code: 2, stderr: expect.stringMatching(/table-miss.*bad\.yaml:10/) });
  const asJson = await apply('bad.yaml', '--json');
  expect(asJson.code).toBe(2);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ problems: [{ source: expect.stringContaining('bad.yaml:10') }] });
  expect(await apply('none.yaml')).toMatchObject({ code: 2 });
  expect(await apply()).toMatchObject({ code: 2, stderr: expect.stringContaining('either FILE, or --confirmed') });
  expect(await apply('net.yaml', '--confirm', 'soon')).toMatchObject({ code: 2 });
  expect(await apply('--confirmed', '--confirm', '5')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/alone$/m),
  });
  expect(await config()).toMatchObject({ file: 'net.yaml', text: fileOf('web1') });
  expect(await ports()).toBe('web1');
});

test('code is loaded where the file that Flowloom was started with names it, and not because somebody asks', async () => {
  const text = fileOf('web1', 'apps: { ./quiet.ts: {} }');
  write('other.yaml', text);
  const refused = await apply('other.yaml');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no code is loaded because somebody asks'),
  });
  write('net.yaml', text);
  expect(await apply('net.yaml')).toMatchObject({ code: 0 });
  expect((await running.status()).apps.map(({ name }) => name)).toContain('quiet');
  // It runs here by now.
  write('other.yaml', `${text}# the same\n`);
  expect(await apply('other.yaml')).toMatchObject({ code: 0 });
});

test('unless it is confirmed in time the file before comes back by itself; also behind several of them', async () => {
  write('next.yaml', fileOf('web2'));
  write('third.yaml', fileOf('web3'));
  const first = await apply('next.yaml', '--confirm', '60');
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('flowloom apply --confirmed') });
  const status = await flowloom(['status', '--api', running.api], folder);
  expect(status.stdout).toMatch(/next\.yaml is not confirmed: net\.yaml comes back in \d+ s/);
  // What comes back is what was confirmed last.
  expect(await apply('third.yaml', '--confirm', '3', '--wait', '2')).toMatchObject({ code: 0 });
  await vi.waitFor(async () => expect(await ports()).toBe('web1'), SOON);
  await vi.waitFor(async () => expect(await config()).toMatchObject({ file: 'net.yaml', unconfirmed: null }), SOON);
  expect(running.lines().join('\n')).toContain('third.yaml was not confirmed in time');
  expect(await apply('--confirmed')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no applied file waits'),
  });
});

test('one that is confirmed stays; a reload of the same file is no confirmation, of another it is the end of it', async () => {
  write('net.yaml', fileOf('web2'));
  expect(await apply('net.yaml', '--confirm', '60')).toMatchObject({ code: 0 });
  running.signal('SIGHUP');
  await vi.waitFor(() => expect(running.lines().join('\n')).toContain('net.yaml read again'), SOON);
  expect(await config()).toMatchObject({ unconfirmed: { back: 'net.yaml' } });
  expect(await apply('--confirmed')).toMatchObject({ code: 0, stdout: 'confirmed\n' });
  expect(await config()).toMatchObject({ text: fileOf('web2'), unconfirmed: null });

  expect(await apply('net.yaml', '--confirm', '60')).toMatchObject({ code: 0 });
  write('net.yaml', fileOf('web3'));
  running.signal('SIGHUP');
  await vi.waitFor(async () => expect(await config()).toMatchObject({ text: fileOf('web3'), unconfirmed: null }), SOON);
  expect(await ports()).toBe('web3');
});

test('with --state a file that nobody confirmed is not in force after a kill; without it the disk counts', async () => {
  write('net.yaml', fileOf('web2'));
  expect(await apply('net.yaml', '--confirm', '60')).toMatchObject({ code: 0 });
  await running.stop('SIGKILL');
  running = await run(['net.yaml'], folder);
  expect(await config()).toMatchObject({ text: fileOf('web2'), error: null });
  await running.stop();

  running = await run(['net.yaml', '--state', 'state'], folder);
  write('net.yaml', fileOf('web3'));
  expect(await apply('net.yaml', '--confirm', '60')).toMatchObject({ code: 0 });
  expect(await ports()).toBe('web3');
  await running.stop('SIGKILL');
  running = await run(['net.yaml', '--state', 'state'], folder);
  expect(await config()).toMatchObject({ text: fileOf('web2'), error: expect.stringContaining('never confirmed') });
  await vi.waitFor(async () => expect(await ports()).toBe('web2'), SOON);
  running.signal('SIGHUP');
  await vi.waitFor(async () => expect(await config()).toMatchObject({ text: fileOf('web3'), error: null }), SOON);
});

/** Some containers have no pseudo-terminals: nobody sits there to press Enter. */
const hasTerminals = existsSync('/dev/pts/ptmx');

test.skipIf(!hasTerminals)('Enter on the terminal confirms', async () => {
  write('next.yaml', fileOf('web2'));
  const words = [process.execPath, MAIN, 'apply', 'next.yaml', '--confirm', '60', '--api', running.api];
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await vi.waitFor(() => expect(said).toContain('or Enter here'), SOON);
  expect(await config()).toMatchObject({ unconfirmed: { back: 'net.yaml' } });
  child.stdin.write('\n');
  expect(await endOf(child)).toBe(0);
  expect(said).toMatch(/confirmed\r?\n$/);
  expect(await config()).toMatchObject({ file: join(folder, 'next.yaml'), unconfirmed: null });
});

test('what is not so in time is told, exit 1', async () => {
  const nobody = await freePort();
  const text = fileOf('web1').replace('hosts: {', `hosts: { hv2: { ovsdb: "tcp:127.0.0.1:${nobody}" },`);
  write('next.yaml', text);
  const { code, stdout, stderr } = await apply('next.yaml', '--wait', '1');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^not yet: hv2: .*not connected/m) });
  expect(stdout).toMatch(/^what differs is not known yet: hv2: .*\n$/);
});

test('no Flowloom, and one without a file', async () => {
  const api = `http://127.0.0.1:${await freePort()}`;
  const nobody = await flowloom(['apply', 'net.yaml', '--api', api], folder);
  expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^start Flowloom first/) });
  const plain = await run([], folder);
  try {
    const { code, stderr } = await flowloom(['apply', 'net.yaml', '--api', plain.api], folder);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('start it with "flowloom run FILE"') });
  } finally {
    await plain.stop();
  }
});
