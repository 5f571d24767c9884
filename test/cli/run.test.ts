/** Bad input to `flowloom run`: a file that cannot be used, hosts and ports that are not there yet, garbage on the wire. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { endOf, flowloom, type Running, run } from './program.ts';

const execute = promisify(execFile);
const cleanups: (() => unknown)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-run-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer(): Promise<OvsdbServer> {
  const server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  return server;
}

async function startFlowloom(...words: string[]): Promise<Running> {
  const running = await run(words, folder);
  cleanups.push(() => running.stop());
  return running;
}

/** The shortest file with a port, `wrong` in its place or added. */
function fileFor(ovsdb: string, wrong: Partial<Record<'vlan' | 'port' | 'more' | 'mode', string>> = {}): string {
  return [
    'flowloom: 1',
    `hosts: { hv1: { ovsdb: "${ovsdb}" } }`,
    'segments:',
    `  office: { vlan: ${wrong.vlan ?? 100}, subnet: 10.1.0.0/24 }`,
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports:',
    `      ${wrong.port ?? 'hv1/web1'}: { ${wrong.mode ?? 'access'}: office, address: 10.1.0.2 }`,
    ...(wrong.more === undefined ? [] : [`      ${wrong.more}`]),
    '',
  ].join('\n');
}

function writeFile(text: string): void {
  writeFileSync(join(folder, 'net.yaml'), text);
}

describe('a file that cannot be used', () => {
  test('is refused with line and fix, exit 2, and nothing is touched', async () => {
    const server = await startServer();
    const before = await server.dump('Open_vSwitch');
    const wrong: [Parameters<typeof fileFor>[1], line: number, says: RegExp][] = [
      [{ mode: 'acess' }, 10, /acess.*access/],
      [{ vlan: '5000' }, 4, /5000 is not a VLAN: write a number from 1 to 4094/],
      [{ more: 'hv1/web2: { access: office, address: 10.1.0.2 }' }, 11, /10\.1\.0\.2/],
      [{ port: 'hv9/web1' }, 10, /hv9/],
    ];
    for (const [change, line, says] of wrong) {
      writeFile(fileFor(server.target, change));
      const { code, stdout, stderr } = await flowloom(['run', 'net.yaml', '--openflow', 'ptcp:0'], folder);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
      expect(stderr).toMatch(new RegExp(`\\(net\\.yaml:${line}:\\d+\\)`));
      expect(stdout).not.toContain('ptcp:');
    }
    expect(await server.dump('Open_vSwitch')).toBe(before);
  });

  test('and one that is not there', async () => {
    const { code, stderr } = await flowloom(['run', 'none.yaml'], folder);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('(none.yaml)') });
  });

  test('at a reload leaves the old one in force, told in status', async () => {
    const server = await startServer();
    writeFile(fileFor(server.target));
    const running = await startFlowloom('net.yaml', '--watch');
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
    writeFile(fileFor(server.target, { vlan: '5000', port: 'hv1/web2' }));
    await vi.waitFor(async () => expect((await running.status()).file?.error).toContain('(net.yaml:4:'), SOON);
    const { code, stdout } = await flowloom(['status', '--api', running.api], folder);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('an earlier one is in force') });
    expect(await server.vsctl('list-ports', 'br0')).toBe('web1');
    writeFile(fileFor(server.target, { port: 'hv1/web2' }));
    await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web2'), SOON);
    expect((await running.status()).file?.error).toBeNull();
  });
});

test('a port that is in use is told with the option that chooses another', async () => {
  const server = await startServer();
  writeFile(fileFor(server.target));
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => taken.close());
  const target = `ptcp:${(taken.address() as AddressInfo).port}:127.0.0.1`;
  const told = async (...words: string[]) => {
    const { code, stderr } = await flowloom(['run', 'net.yaml', '--http', 'none', ...words], folder);
    return `${code} ${stderr}`;
  };
  const why = `1 flowloom: ${target}: the address is in use by another program: stop that one, or choose another with`;
  expect(await told('--openflow', target, '--ovsdb', 'none')).toBe(`${why} --openflow ptcp:PORT\n`);
  expect(await told('--openflow', 'none', '--ovsdb', target)).toBe(`${why} --ovsdb ptcp:PORT, or --ovsdb none\n`);
});

test('a level of the log that is none is refused, with those that there are', async () => {
  vi.stubEnv('FLOWLOOM_LOG_LEVEL', 'loud');
  cleanups.push(() => vi.unstubAllEnvs());
  const levels = 'set one of trace, debug, info, warn, error, fatal, silent';
  expect(await flowloom(['run', '--http', 'none', '--openflow', 'none'], folder)).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: `FLOWLOOM_LOG_LEVEL is "loud", which is no level: ${levels}\n`,
  });
});

test('Open vSwitch that is not reachable: tried again, told in status, used when it comes', async () => {
  const server = await startServer();
  await server.kill();
  writeFile(fileFor(server.tcpTarget));
  const running = await startFlowloom('net.yaml');
  const host = async () => (await running.status()).hosts[0];
  await vi.waitFor(async () => expect(await host()).toMatchObject({ error: expect.stringMatching(/refused/) }), SOON);
  expect((await host())?.state).not.toBe('connected');
  const { stdout } = await flowloom(['status', '--api', running.api], folder);
  expect(stdout).toMatch(/^hv1 +tcp:127\.0\.0\.1:\d+ +(connecting|waiting) +.*refused/m);
  await server.start();
  await vi.waitFor(async () => expect(await host()).toMatchObject({ state: 'connected', error: null }), SOON);
  await vi.waitFor(async () => expect(await server.vsctl('list-ports', 'br0')).toBe('web1'), SOON);
});

test('a port that does not exist yet: configured, waiting in status, used when it appears', async () => {
  const server = await startServer();
  await server.vsctl('init');
  // Real devices in a network namespace without a name: it ends with the process.
  const words = ['--net', 'ovs-vswitchd', server.target, `--unixctl=${folder}/sw.ctl`, '-vconsole:off'];
  const vswitchd = spawn('unshare', words, { env: { ...process.env, OVS_RUNDIR: folder }, stdio: 'ignore' });
  cleanups.push(async () => {
    vswitchd.kill('SIGTERM');
    await endOf(vswitchd);
  });
  writeFile(fileFor(server.target));
  const running = await startFlowloom('net.yaml');
  const waiting = async () => (await running.status()).hosts[0]?.waiting;
  await vi.waitFor(async () => expect(await waiting()).toEqual([expect.stringContaining('(net.yaml:10)')]), SOON);
  expect(await server.vsctl('list-ports', 'br0')).toBe('web1');
  const { stdout } = await flowloom(['status', '--api', running.api], folder);
  expect(stdout).toMatch(/^ {2}hv1 waiting: br0\/web1: .*\(net\.yaml:10\)$/m);
  const pid = String(vswitchd.pid);
  await execute('nsenter', ['-t', pid, '-n', 'ip', 'link', 'add', 'web1', 'type', 'veth', 'peer', 'name', 'guest']);
  await vi.waitFor(async () => expect(await waiting()).toEqual([]), SOON);
  expect(Number(await server.vsctl('get', 'interface', 'web1', 'ofport'))).toBeGreaterThan(0);
});

test('a switch that is no bridge of the file is told once and left alone; one of the file is never told', async () => {
  const server = await startServer();
  await server.startSwitch();
  writeFile(fileFor(server.target));
  const running = await startFlowloom('net.yaml');
  const target = `tcp:127.0.0.1:${running.openflowPort}`;
  // Of a host that the file does not know.
  const stranger = await startServer();
  await stranger.startSwitch();
  await stranger.vsctl('add-br', 'other', '--', 'set-controller', 'other', target);
  const dpid = (await stranger.vsctl('get', 'bridge', 'other', 'datapath_id')).replaceAll('"', '');
  const warnings = () => running.lines().filter((line) => line.includes('is no bridge of the file'));
  await vi.waitFor(
    () =>
      expect(warnings()).toEqual([
        expect.stringContaining(`switch ${dpid} is no bridge of the file: it is left alone`),
      ]),
    SOON,
  );
  const { switches } = await running.status();
  expect(switches.find((one) => one.dpid === dpid)).toMatchObject({ host: null, flows: 0 });
  expect(switches.find((one) => one.name === 'hv1/br0')?.state).toBe('up');
});

test('garbage where switches connect: closed, one line, and the switch that is there is not disturbed', async () => {
  const server = await startServer();
  await server.startSwitch();
  const running = await startFlowloom();
  const target = `tcp:127.0.0.1:${running.openflowPort}`;
  await server.vsctl('add-br', 'br0', '--', 'set-controller', 'br0', target);
  const first = async () => (await running.status()).switches[0];
  await vi.waitFor(async () => expect(await first()).toMatchObject({ state: 'up', flows: 4 }), SOON);
  const before = await first();

  const texts = [
    'GET / HTTP/1.1\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00',
    '\x05\x00\x00\x04\x00\x00\x00\x01',
    'zz'.repeat(9000),
  ];
  for (const text of texts) {
    const from = await closedAfter(running.openflowPort, Buffer.from(text, 'latin1'));
    const lines = () => running.lines().filter((line) => line.includes(`127.0.0.1:${from} `));
    await vi.waitFor(() => expect(lines()).toEqual([expect.stringMatching(/WARN: .*refused: garbage/)]), SOON);
  }
  const after = await first();
  expect(after).toMatchObject({ state: 'up', since: before?.since, address: before?.address });
  expect(running.lines().filter((line) => line.includes('disconnected'))).toEqual([]);
  expect(await running.stop()).toBe(0);
});

/** Sends and waits until the other side closes; gives its own port. */
function closedAfter(port: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const { localPort = 0 } = socket;
      socket.once('close', () => resolve(localPort));
      socket.write(bytes);
    });
    socket.setTimeout(SOON.timeout, () => socket.destroy(new Error('it is still open')));
    socket.on('timeout', () => reject(new Error('garbage, and the connection is still open')));
    // Closed while it still sends: a reset.
    socket.on('error', () => undefined);
    socket.resume();
  });
}
