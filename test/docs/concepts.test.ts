/** The pages of docs/concepts that tell of commands: each is run here, on real Open vSwitch, and prints what the page says. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { allOurs, appOf, cookieOf, isReactive, isState, REACTIVE, STATE, WEAVER } from '../../src/flow/cookie.ts';
import { isOurId, MAIN, namespaceOf } from '../../src/flow/namespace.ts';
import { flowloom, type Running, run } from '../cli/program.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { patternOf, type Step, stepsOf } from './console.ts';

const execute = promisify(execFile);
vi.setConfig({ testTimeout: 90_000 });

const page = (name: string) => readFileSync(`docs/concepts/${name}.md`, 'utf8');
const PAGES = ['desired-state', 'intents-and-cookies', 'ownership-and-drift'];

let folder: string;
let server: OvsdbServer;
let running: Running;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-concepts-'));
  server = await startOvsdbServer();
  await server.startSwitch();
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page('desired-state')) ?? [];
  const net = text.replace('unix:/run/openvswitch/db.sock', server.target);
  writeFileSync(join(folder, 'net.yaml'), net);
  const [, line = ''] = /in which line 10 says `(.*?)`/.exec(page('desired-state')) ?? [];
  writeFileSync(join(folder, 'next.yaml'), net.split('\n').toSpliced(9, 1, `      ${line}`).join('\n'));
  await start();
});
afterAll(async () => {
  await running.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  running = await run(['net.yaml'], folder);
  await vi.waitFor(async () => expect((await running.status()).switches[0]).toMatchObject({ state: 'up' }), SOON);
  await vi.waitFor(async () => expect((await fetch(`${running.api}/readyz`)).status).toBe(200), SOON);
}

const stepsIn = (name: string) => stepsOf(page(name));

async function printed([program = '', ...words]: string[]): Promise<string> {
  if (program === 'flowloom') {
    const { stdout } = await flowloom([...words, '--api', running.api], folder, 40_000);
    return stdout;
  }
  const target = `unix:${join(server.folder, 'br0.mgmt')}`;
  const { stdout } = await execute(
    program,
    words.map((word) => (word === 'br0' ? target : word)),
  );
  return stdout;
}

async function follow(steps: Step[]): Promise<void> {
  for (const { command, output } of steps) {
    const look = async () => expect(await printed(command), command.join(' ')).toMatch(patternOf(output));
    // What a switch does about a change comes a moment later.
    if (command[1] === 'status') await vi.waitFor(look, SOON);
    else await look();
  }
}

test('intents and cookies', async () => {
  await follow(stepsIn('intents-and-cookies'));
});

test('the numbers of the cookie', () => {
  const text = page('intents-and-cookies');
  expect(allOurs(MAIN)).toEqual({ cookie: 0xf100n << 48n, cookieMask: 0xffffn << 48n });
  expect([appOf(cookieOf(MAIN, 0xab, 1n)), WEAVER]).toEqual([0xab, 0]);
  expect([REACTIVE, STATE]).toEqual([1n << 39n, 1n << 38n]);
  expect([isReactive(cookieOf(MAIN, 1, 1n << 39n)), isState(MAIN, cookieOf(MAIN, 1, 1n << 38n))]).toEqual([true, true]);
  expect([isOurId(MAIN, 0x4c00_0001), isOurId(MAIN, 0x4c01_0001)]).toEqual([true, false]);
  const [, cookies, ids] = /`owner: (?:\w+)` has `(0xf1\w\w)` and `(0x4c\w\w)`/.exec(text)!;
  expect(namespaceOf('lab')).toEqual({ owner: 'lab', cookies: Number(cookies), ids: Number(ids) });
  const owners = Array.from({ length: 2000 }, (_, n) => namespaceOf(`owner ${n}`).cookies);
  expect(new Set(owners)).toEqual(new Set(Array.from({ length: 255 }, (_, n) => 0xf101 + n)));
  const bits = [...text.matchAll(/^\| (\d+(?:–\d+)?) \| /gm)].map(([, range]) => range);
  expect(bits).toEqual(['63–48', '47–40', '39', '38', '37–0']);
});

test('desired state; and a restart sends nothing', async () => {
  const steps = stepsIn('desired-state');
  expect(steps).toHaveLength(5);
  await follow(steps.slice(0, 4));
  await running.stop();
  // What lies on the disk counts.
  writeFileSync(join(folder, 'net.yaml'), readFileSync(join(folder, 'next.yaml')));
  await start();
  await follow(steps.slice(4));
});

test('ownership and drift, and what a release leaves', async () => {
  await running.stop();
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page('desired-state')) ?? [];
  writeFileSync(join(folder, 'net.yaml'), text.replace('unix:/run/openvswitch/db.sock', server.target));
  await start();
  await vi.waitFor(async () => expect((await running.status()).sent.flowMods).toBeGreaterThan(0), SOON);
  await follow(stepsIn('ownership-and-drift'));
  expect(await running.ended()).toBe(0);
});

test('each page is short', () => {
  for (const name of PAGES) expect(page(name).split('\n').length, name).toBeLessThanOrEqual(81);
});
