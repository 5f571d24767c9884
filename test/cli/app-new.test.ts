/** `flowloom app new|test|list`: what is written works as it stands. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';
import { flowloom, type Running, run } from './program.ts';

let folder: string;
let running: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-new-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

test('a new app has a test that passes, and fails when the app does not do what it says', async () => {
  const made = await flowloom(['app', 'new', 'my-app', '--dir', 'apps'], folder);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toBe(
    'apps/my-app/index.ts\napps/my-app/index.test.ts\napps/my-app/README.md\n\n' +
      'flowloom app test apps/my-app\nflowloom run --app ./apps/my-app/index.ts\n',
  );
  const sound = await flowloom(['app', 'test', 'apps/my-app'], folder);
  expect(sound.code).toBe(0);
  expect(sound.stdout).toMatch(/pass 3/);
  const file = join(folder, 'apps/my-app/index.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace('tcpDst: port', 'tcpDst: 1'));
  const broken = await flowloom(['app', 'test'], folder);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/fail 2/);
  // What becomes of a packet is told with its way.
  expect(broken.stdout).toMatch(
    /the packet of alice is not dropped: it leaves by s1:p2 \(bob\)\n.*\n +alice sends 10\.0\.0\.1:\d+ → 10\.0\.0\.2:23 tcp syn/,
  );
});

test('it runs, by its path on the command line and in the file', async () => {
  await flowloom(['app', 'new', 'my-app'], folder);
  writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\nhosts: {}\napps:\n  ./my-app/index.ts: { ports: [2323] }\n');
  running = await run(['net.yaml'], folder);
  const listed = await flowloom(['app', 'list', '--api', running.api, '--json'], folder);
  const apps = JSON.parse(listed.stdout) as { name: string; builtIn: boolean; running: { state: string } | null }[];
  expect(apps.find(({ name }) => name === 'my-app')).toMatchObject({ builtIn: false, running: { state: 'running' } });
  expect(apps.find(({ name }) => name === 'router')).toMatchObject({ builtIn: true, running: { state: 'running' } });
  expect(apps.find(({ name }) => name === 'learning-switch')).toMatchObject({ builtIn: true, running: null });
  const text = await flowloom(['app', 'list', '--api', running.api], folder);
  expect(text.stdout).toMatch(/^my-app +\S+\/my-app\/index\.ts +running +0/m);
  // Another config is taken at a reload; one that is wrong is refused at its line.
  writeFileSync(join(folder, 'net.yaml'), 'flowloom: 1\nhosts: {}\napps:\n  ./my-app/index.ts: { ports: [70000] }\n');
  running.signal('SIGHUP');
  await vi.waitFor(() => expect(running?.lines().join('\n')).toMatch(/app "my-app" at ports\.0: .*net\.yaml:4/), SOON);
});

test('names that can be none, and folders that are there, are refused', async () => {
  const refused = async (...words: string[]) => {
    const { code, stderr, stdout } = await flowloom(['app', ...words], folder);
    return [code, stdout, stderr];
  };
  expect(await refused('new', 'My_App')).toEqual([2, '', expect.stringMatching(/^name it in small letters/)]);
  expect(await refused('new', 'router')).toEqual([2, '', expect.stringMatching(/^take another name: .* built in/)]);
  await flowloom(['app', 'new', 'one'], folder);
  expect(await refused('new', 'one')).toEqual([2, '', expect.stringMatching(/^take another name, or --dir: one is/)]);
});
