/** `flowloom sim` as a process of its own, on a Flowloom that runs, on nothing, and on what is no controller of its kind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/ovsdb-server.ts';
import { endOf, flowloom, type Running, run } from './program.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const cleanups: (() => unknown)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-sim-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startController(): Promise<Running> {
  const running = await run([], folder);
  cleanups.push(() => running.stop());
  return running;
}

interface Second {
  second: number;
  switches: number;
  connected: number;
  flows: number;
  packetIns: number;
  packetOuts: number;
  flowMods: number;
  delivered: number;
  lost: number;
  p50: number | null;
  p99: number | null;
}

/** `flowloom sim`, until it is told to end. */
function startSim(...words: string[]) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'sim', ...words], { cwd: folder });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  cleanups.push(() => {
    child.kill('SIGKILL');
    return endOf(child);
  });
  return {
    said,
    /** Whole ones. */
    lines: () => said.stdout.split('\n').slice(0, -1),
    interrupt() {
      child.kill('SIGINT');
      return endOf(child);
    },
  };
}

test('its switches connect, its stations are learned, their packets are delivered; SIGINT ends it with a summary', async () => {
  const { openflowPort, status } = await startController();
  const where = ['--controller', `tcp:127.0.0.1:${openflowPort}`];
  const sim = startSim(
    '--switches',
    '3',
    '--ports',
    '3',
    '--flows',
    '4',
    '--churn',
    '2',
    '--dpid',
    '0x10',
    ...where,
    '--json',
  );
  const seconds = () => sim.lines().map((line) => JSON.parse(line) as Second);
  // Ports are open, and nothing that is sent then is lost.
  await expect.poll(() => seconds().at(-1)).toMatchObject({ switches: 3, connected: 3, lost: 0 });
  await expect.poll(() => seconds().filter(({ delivered, p50 }) => delivered > 0 && p50 !== null)).not.toEqual([]);
  const learned = (await status()).switches.map(({ dpid }) => dpid).toSorted();
  expect(learned).toEqual(['0000000000000010', '0000000000000011', '0000000000000012']);
  // Visitors come: the controller hears of them and puts flows for them.
  const before = seconds().length;
  await expect.poll(() => seconds().length).toBeGreaterThan(before + 1);
  const since = seconds().slice(before);
  const sum = (pick: (second: Second) => number) => since.reduce((total, each) => total + pick(each), 0);
  expect(sum(({ packetIns }) => packetIns)).toBeGreaterThan(0);
  expect(sum(({ packetOuts }) => packetOuts)).toBeGreaterThan(0);
  expect(sum(({ flowMods }) => flowMods)).toBeGreaterThan(0);

  expect(await sim.interrupt()).toBe(0);
  expect(sim.said.stderr).toBe('');
  const { summary } = JSON.parse(sim.lines().at(-1)!) as { summary: Second & { sent: number } };
  expect(summary).toMatchObject({ switches: 3, connected: 3 });
  expect(summary.delivered).toBeGreaterThan(0);
  expect(summary.delivered + summary.lost).toBeLessThanOrEqual(summary.sent);
  expect(summary.p99).toBeGreaterThanOrEqual(summary.p50!);
});

test('a target that nobody listens at is told with its reason: exit 1', async () => {
  const port = await freePort();
  const refused = await flowloom(['sim', '--switches', '2', '--controller', `tcp:127.0.0.1:${port}`], folder);
  expect(refused).toEqual({
    ...{ code: 1, stdout: '' },
    stderr:
      'start a controller first, or name another with --controller: ' +
      `2 of 2 switches not connected to tcp:127.0.0.1:${port}: connection refused: nothing listens there\n`,
  });
  const path = join(folder, 'none.sock');
  const absent = await flowloom(['sim', '--switches', '1', '--controller', `unix:${path}`], folder);
  expect(absent).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`1 of 1 switch not connected to unix:${path}: there is no such socket`),
  });
});

test('a controller of another version is told: exit 1', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    // A hello of OpenFlow 1.0.
    socket.write(Uint8Array.of(1, 0, 0, 8, 0, 0, 0, 1));
  });
  const path = join(folder, 'old.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanups.push(() => server.close());
  const { code, stderr } = await flowloom(['sim', '--switches', '1', '--controller', `unix:${path}`], folder);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/ to unix:.*old\.sock: no common version$/m),
  });
});

test('--seconds ends it, with lines a person reads; a controller that is gone then is told: exit 1', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(Uint8Array.of(5, 0, 0, 8, 0, 0, 0, 1));
    socket.once('data', () => {
      server.close();
      setImmediate(() => socket.end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const words = ['sim', '--switches', '1', '--seconds', '1', '--controller', `tcp:127.0.0.1:${port}`];
  const { code, stdout, stderr } = await flowloom(words, folder);
  const [titles, line, ...summary] = stdout.trimEnd().split('\n');
  expect(titles?.trim().split(/ {2,}/)).toEqual([
    ...['s', 'connected', 'flows', 'packet-ins/s', 'packet-outs/s', 'flow-mods/s', 'delivered/s', 'lost'],
    ...['p50 ms', 'p99 ms'],
  ]);
  expect(line?.trim().split(/ +/)).toEqual(['1', '0/1', '0', '0', '0', '0', '0', '0', '–', '–']);
  expect(summary.join('\n')).toMatch(
    /^After \d+\.\d s 0 of 1 switch connected, with 0 flows\.\n0 packets sent, 0 delivered, 0 lost\.\n0 packet-ins, 0 packet-outs, 0 flow-mods\.$/,
  );
  expect(stderr).toMatch(/^1 of 1 switch not connected to tcp:127\.0\.0\.1:\d+: /);
  expect(code).toBe(1);
});

test.for([
  [[], /required option '--switches <n>'/],
  [['--switches', '0'], /give a number from 1 to 65536\./],
  [['--switches', 'many'], /give a number from 1 to 65536\./],
  [['--switches', '1', '--ports', '65280'], /give a number from 1 to 65279\./],
  [['--switches', '1', '--flows', '-1'], /give a number from 0 to 1000000\./],
  [['--switches', '1', '--churn', 'x'], /give a number from 0 to 1000000\./],
  [['--switches', '1', '--churn', '1'], /--churn is of conversations: give --flows, too/],
  [['--switches', '1', '--ports', '1', '--flows', '1'], /give --ports 2 or more, or no --flows/],
  [['--switches', '1', '--dpid', '0'], /give a number from 1 that 64 bits hold\./],
  [['--switches', '2', '--dpid', '0xffffffffffffffff'], /numbers have 64 bits/],
  [['--switches', '1', '--controller', 'ptcp:6653'], /listens; here a target to connect to is needed/],
  [['--switches', '1', '--controller', 'ssl:127.0.0.1'], /ssl: is not supported yet; use tcp:ADDR:PORT/],
  [['--switches', '1', '--seconds', '0'], /give a number from 1 to 999999999\./],
] as const)('%s is refused: exit 2', async ([words, why]) => {
  const { code, stdout, stderr } = await flowloom(['sim', ...words], folder);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(why) });
});
