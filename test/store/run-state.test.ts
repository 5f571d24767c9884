/** `flowloom run --state DIR`: kept while it runs, there again after a kill, and nobody else's meanwhile. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStore } from '../../src/store/store.ts';
import { flowloom, type Running, run } from '../cli/program.ts';

let folder: string;
let running: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-state-'));
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const APP = (name: string) => `import { defineApp } from 'flowloom';
export default defineApp({ name: '${name}', fields: { mark: { bits: 8, text: 'x' } }, attach: () => undefined });
`;

function places(): Record<string, unknown> {
  const store = createStore(join(folder, 'state'));
  const entries = Object.fromEntries(store.space('fields').entries());
  store.close();
  return entries;
}

test('bits that were given once stay given, also when Flowloom is killed and another app comes before', async () => {
  for (const name of ['one', 'two']) writeFileSync(join(folder, `${name}.ts`), APP(name));
  running = await run(['--state', 'state', '--app', './two.ts'], folder);
  const refused = await flowloom(['run', '--state', 'state', '--openflow', 'none', '--http', 'none'], folder);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    'state is in use by another Flowloom: end that one, or give --state another folder\n',
  ]);
  await running.stop('SIGKILL');
  const two = places()['two.mark'];
  expect(two).toEqual({ field: 'reg5', offset: 0, bits: 8 });

  running = await run(['--state', 'state', '--app', './one.ts', '--app', './two.ts'], folder);
  expect(await running.stop()).toBe(0);
  expect(places()).toEqual({ 'one.mark': { field: 'reg5', offset: 8, bits: 8 }, 'two.mark': two });
});

test('what an app stores is there again when Flowloom is killed', async () => {
  const app = `import { defineApp } from 'flowloom';
export default defineApp({
  name: 'runs',
  setup({ store, log }) {
    store.set('runs', (store.get('runs') ?? 0) + 1);
    log.info('run ' + store.get('runs'));
  },
});
`;
  writeFileSync(join(folder, 'runs.ts'), app);
  for (const count of [1, 2]) {
    running = await run(['--state', 'state', '--app', './runs.ts'], folder);
    await expect.poll(() => running?.lines().join('\n'), { timeout: 10_000 }).toContain(`run ${count}`);
    await running.stop('SIGKILL');
  }
});

test('a broken folder is refused with exit 2; without --state nothing is written', async () => {
  writeFileSync(join(folder, 'flowloom.sqlite'), 'nothing of ours '.repeat(99));
  const words = ['--openflow', 'none', '--ovsdb', 'none', '--http', 'none'];
  const refused = await flowloom(['run', '--state', '.', ...words], folder);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/^flowloom\.sqlite is broken \(.*: put a/)]);
  running = await run([], folder);
  await running.stop();
  expect(existsSync(join(folder, 'state'))).toBe(false);
});
