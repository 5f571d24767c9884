/** Apps that do harm, in a process: none of it ends Flowloom, and each is named. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';
import { flowloom, type Running, run } from './program.ts';

let folder: string;
let running: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-bad-apps-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function runWith(setup: string): Promise<Running> {
  const text = `import { defineApp } from 'flowloom';
export default defineApp({ name: 'bad', setup(context) { ${setup} } });`;
  writeFileSync(join(folder, 'bad.ts'), text);
  running = await run(['--app', './bad.ts'], folder);
  return running;
}

const said = (pattern: RegExp) => vi.waitFor(() => expect(running?.lines().join('\n')).toMatch(pattern), SOON);

test('an app that blocks the event loop is named within a second, with the place; and that it is over', async () => {
  const started = await runWith(`
    // Again where the machine was too busy to tell within a second.
    for (const seconds of [1, 9, 17]) context.timers.after(seconds, () => spin());
    return undefined;
    function spin() {
      const end = Date.now() + 3000;
      process.stderr.write('it spins\\n');
      while (Date.now() < end);
    }`);
  await vi.waitFor(() => expect(started.stderr()).toContain('it spins'), SOON);
  const named = /ERROR: app "bad" blocks the event loop in a timer, for 0\.\d s (\(of which .* s\) )?until now/;
  await vi.waitFor(() => expect(started.stderr()).toMatch(named), SOON);
  await vi.waitFor(() => expect(started.stderr()).toMatch(/app "bad" .*, at spin \(\S*bad\.ts:\d+\)/), SOON);
  await vi.waitFor(
    () => expect(started.stderr()).toMatch(/turns again, app "bad" held it for ([3-9]|2\.[5-9])\S* s/),
    SOON,
  );
  // It still can end.
  expect(await started.stop()).toBe(0);
});

test('promises that are rejected, and exceptions in callbacks of its own, are the errors of the app', async () => {
  const started = await runWith(`
    const trap = new Proxy({}, { getPrototypeOf() { throw new Error('a trap'); } });
    const later = async (text) => { await undefined; throw new Error(text); };
    const run = (globalThis.runs = (globalThis.runs ?? 0) + 1);
    if (run === 1) context.timers.after(0.1, () => later('returned'));
    if (run === 2) context.timers.after(0.1, () => void later('not awaited'));
    if (run === 3) setTimeout(() => { throw new Error('own timer'); }, 100);
    if (run === 4) context.timers.after(0.1, () => void Promise.reject(trap));
    return undefined;`);
  await said(/app "bad" failed in a timer: returned, at \S+bad\.ts:4; its flows stay, it begins again in 1 s/);
  await said(/app "bad" failed in a promise that nobody awaited: not awaited, at \S+bad\.ts:4; .* again in 2 s/);
  await said(/app "bad" failed in a callback of its own: own timer, at \S+bad\.ts:8; .* again in 4 s/);
  await said(/app "bad" failed in a promise that nobody awaited: something that cannot be read; .* again in 8 s/);
  const { apps } = await started.status();
  expect(apps.find(({ name }) => name === 'learning-switch')?.state).toBe('running');
  expect(apps.find(({ name }) => name === 'bad')?.state).toBe('failed');
  expect(await started.stop()).toBe(0);
});

const HELPER = "const help = (): never => {\n  throw new Error('no luck');\n};\nexport default help;\n";

test('the line of an app that throws is told, and its stack as lines; in JSON as one string', async () => {
  writeFileSync(join(folder, 'help.ts'), HELPER);
  const place = `${folder}/help.ts:2`;
  const setup = "return import('./help.ts').then(({ default: help }) => help()) && undefined;";
  await runWith(setup.replace('return', 'const begun ='));
  await said(/failed in a promise that nobody awaited: no luck, at \S+help\.ts:2; its flows stay/);
  const lines = running!.lines();
  const at = lines.findIndex((line) => line.endsWith('stack: Error: no luck'));
  expect(lines[at + 1]).toMatch(/^ +at help \(file:\S+help\.ts\S*:2:9\)$/);
  expect((await running!.status()).apps.find(({ name }) => name === 'bad')?.error).toContain(`no luck, at ${place}`);
  await running!.stop();
  vi.stubEnv('FLOWLOOM_LOG', 'json');
  try {
    running = await run(['--app', './bad.ts'], folder);
  } finally {
    vi.unstubAllEnvs();
  }
  await said(/"stack":"Error: no luck\\n {4}at help /);
});

test('async work that never ends is waited for by nobody', async () => {
  const started = await runWith(`
    context.timers.every(0.01, () => new Promise(() => undefined));
    return { detach: () => new Promise(() => undefined) };`);
  await started.status();
  expect(await started.stop()).toBe(0);
});

test('what an app begins when it is imported keeps no command from ending', async () => {
  const text = "import { defineApp } from 'flowloom';\nsetInterval(() => {}, 1000);\n";
  writeFileSync(join(folder, 'busy.ts'), `${text}export default defineApp({ name: 'busy', attach() {} });\n`);
  writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\napps: { ./busy.ts: {} }\n');
  for (const words of [
    ['check', 'net.yaml'],
    ['app', 'map', 'net.yaml'],
    ['plan', 'net.yaml'],
  ]) {
    const { code, stdout } = await flowloom(words, folder);
    expect({ words, code }).toEqual({ words, code: 0 });
    expect(stdout).not.toBe('');
  }
});
