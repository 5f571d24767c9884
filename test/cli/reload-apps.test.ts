/** Apps by path and package in a process: loaded, refused with a reason, and reloaded one at a time. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';
import { flowloom, type Running, run } from './program.ts';

let folder: string;
let running: Running | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-apps-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** An app that says what it is when it begins and ends. */
const saying = (name: string, what: string) => `import { defineApp } from 'flowloom';
import { text } from './${name}-text.ts';
export default defineApp({
  name: '${name}',
  setup({ log }) {
    log.info('${name} ${what} ' + text + ' begins');
    return { detach: () => log.info('${name} ${what} ' + text + ' ends') };
  },
});
`;

const lines = () =>
  (running?.lines() ?? []).flatMap(
    (line) => /: ((one|two) (v\d \w|of a package) (begins|ends))$/.exec(line)?.[1] ?? [],
  );
const see = (...expected: string[]) => vi.waitFor(() => expect(lines()).toEqual(expected), SOON);
const said = (pattern: RegExp) => vi.waitFor(() => expect(running?.lines().join('\n')).toMatch(pattern), SOON);

test('one app is reloaded when its file, or one that it imports, has changed; the others notice nothing', async () => {
  write({
    'one.ts': saying('one', 'v1'),
    'one-text.ts': `export { text } from './deep/text.ts';`,
    'deep/text.ts': `export const text = 'a';`,
    'two.ts': saying('two', 'v1'),
    'two-text.ts': `export const text = 'x';`,
  });
  running = await run(['--app', './one.ts', '--app', './two.ts'], folder);
  await see('one v1 a begins', 'two v1 x begins');
  // Nothing has changed: nothing happens.
  running.signal('SIGHUP');
  await said(/read again/);
  write({ 'deep/text.ts': `export const text = 'b';` });
  running.signal('SIGHUP');
  const helped = ['one v1 a begins', 'two v1 x begins', 'one v1 b begins', 'one v1 a ends'];
  await see(...helped);
  write({ 'two.ts': saying('two', 'v2') });
  running.signal('SIGHUP');
  await see(...helped, 'two v2 x begins', 'two v1 x ends');
  // One that does not load, and one that can't begin, leave the one that runs.
  write({ 'two.ts': 'export default {\n  name: "two",\n  attach( {},\n};' });
  running.signal('SIGHUP');
  await said(/app \S+two.ts can't be loaded: .* at \S+two.ts:\d.*\(--app .\/two.ts\)/);
  const two = async () => (await running!.status()).apps.find(({ name }) => name === 'two');
  const from = join(folder, 'two.ts');
  expect((await two())?.code).toMatchObject({ from, refused: expect.stringMatching(/can't be loaded: .*two.ts:\d/) });
  const listed = await flowloom(['app', 'list', '--api', running.api], folder);
  expect(listed.stdout).toMatch(/^two +\S+two.ts +running; newer code does not run: app \S+two.ts can't be loaded/m);
  write({
    'two.ts': saying('two', 'v3').replace('setup({ log }) {', "setup({ log }) {\n throw new Error('not yet');"),
  });
  running.signal('SIGHUP');
  await said(/the new version of app "two" can't begin, the old one goes on: setup: not yet/);
  expect(await two()).toMatchObject({
    ...{ state: 'running', error: null },
    code: { from, refused: `setup: not yet, at ${from}:6` },
  });
  const { stdout } = await flowloom(['status', '--api', running.api], folder);
  expect(stdout).toMatch(
    /^ {2}two: newer code does not run, that of \d\d:\d\d:\d\d goes on: setup: not yet, at \S+two\.ts:6$/m,
  );
  write({ 'two.ts': saying('two', 'v4') });
  running.signal('SIGHUP');
  await see(...helped, 'two v2 x begins', 'two v1 x ends', 'two v4 x begins', 'two v2 x ends');
  expect((await two())?.code.refused).toBeNull();
});

test('--watch sees the files of apps', async () => {
  write({ 'one.ts': saying('one', 'v1'), 'one-text.ts': `export const text = 'a';` });
  running = await run(['--app', './one.ts', '--watch'], folder);
  await see('one v1 a begins');
  write({ 'one-text.ts': `export const text = 'b';` });
  await see('one v1 a begins', 'one v1 b begins', 'one v1 a ends');
  write({ 'one.ts': saying('one', 'v2') });
  await see('one v1 a begins', 'one v1 b begins', 'one v1 a ends', 'one v2 b begins', 'one v1 b ends');
});

test('an app that is a package of its own, beside the file, has the Flowloom that runs', async () => {
  write({
    'node_modules/some-app/package.json': JSON.stringify({
      name: 'some-app',
      version: '1.0.0',
      type: 'module',
      exports: { import: './index.js' },
      peerDependencies: { flowloom: '*' },
    }),
    'node_modules/some-app/index.js': `import { defineApp, drop } from 'flowloom';
export default defineApp({ name: 'one', setup({ log }) { log.info('one of a package begins'); } });`,
    'net.yaml': 'flowloom: 1\nhosts: {}\napps:\n  some-app: {}\n',
  });
  running = await run(['net.yaml'], folder);
  await see('one of a package begins');
});

/** What is in the file, and what is said of it. */
const refused: [text: string, expected: RegExp][] = [
  [`export const app = {};`, /^app-0\.ts has no default export, only app: /],
  [`export default { name: 'a' };`, /^app-1\.ts exports no app: it has neither attach nor setup: /],
  [`export default { name: 'A b', attach() {} };`, /^app-2\.ts: "A b" is no name for an app: /],
  [`export default {\n  name: 'a',\n  attach( {} };`, /^app app-3\.ts can't be loaded: .*, at app-3\.ts:3: /],
  [`\n\nthrow new Error('early');`, /^app app-4\.ts can't be loaded: early, at app-4\.ts:3: /],
  [`import './gone.ts';`, /^app app-5\.ts can't be loaded: Cannot find module 'gone\.ts' imported from app-5\.ts: /],
  [`import 'no-such';`, /^app app-6\.ts can't be loaded: Cannot find package 'no-such' imported from app-6\.ts: /],
  [`enum A { b }\nexport default {};`, /^app app-7\.ts can't be loaded: .*enum is not supported.*, at app-7\.ts:1: /],
  [`import { no } from 'flowloom';`, /^app app-8\.ts can't be loaded: .*'no'.*, at app-8\.ts:1: /],
  [`export default { name: 'a', attach() {}, uses: [{}] };`, /^app-9\.ts exports no app: its `uses\.0` is not right: /],
];

test('what is no app is told, all at once, with the place, and exit code 2', async () => {
  write(Object.fromEntries(refused.map(([text], index) => [`app-${index}.ts`, text])));
  const apps = refused.flatMap((_, index) => ['--app', `./app-${index}.ts`]);
  const { code, stderr } = await flowloom(['run', ...apps, '--openflow', 'none', '--http', 'none'], folder);
  expect(code).toBe(2);
  const told = stderr.replaceAll(`${folder}/`, '').trimEnd().split('\n');
  expect(told).toEqual(refused.map(([, expected]) => expect.stringMatching(expected)));
  expect(told).toEqual(refused.map((_, index) => expect.stringMatching(`\\(--app ./app-${index}.ts\\)$`)));
});

test('an app that is no app any more ends nothing: the one before goes on', async () => {
  write({ 'one.ts': saying('one', 'v1'), 'one-text.ts': `export const text = 'a';` });
  running = await run(['--app', './one.ts'], folder);
  await see('one v1 a begins');
  write({ 'one.ts': `export default { name: 'one', attach() {}, uses: [{ name: 'router.resolve' }] };` });
  running.signal('SIGHUP');
  await said(/one\.ts exports no app: its `uses\.0` is not right: write the full name as text/);
  expect(await running.stop()).toBe(0);
  expect(lines()).toEqual(['one v1 a begins', 'one v1 a ends']);
});

test('a path without a file, and one of a folder, are told as such, in the file and on the command line', async () => {
  write({
    'my-app/index.ts': saying('one', 'v1'),
    'bare/readme': 'no app',
    'net.yaml': 'flowloom: 1\nhosts: {}\napps:\n  ./nope.ts: {}\n  ./my-app: {}\n  ./bare/: {}\n',
  });
  const asked = ['--app', './gone.ts', '--app', './my-app', '--openflow', 'none', '--http', 'none'];
  const { code, stderr } = await flowloom(['run', 'net.yaml', ...asked], folder);
  expect(code).toBe(2);
  expect(stderr.replaceAll(`${folder}/`, '').trimEnd().split('\n')).toEqual([
    "app ./nope.ts can't be loaded: there is no such file: mend the path (net.yaml:4)",
    './my-app is a folder: name its file, ./my-app/index.ts (net.yaml:5)',
    "./bare/ is a folder: name the app's file in it (net.yaml:6)",
    "app gone.ts can't be loaded: there is no such file: mend the path (--app ./gone.ts)",
    'my-app is a folder: name its file, my-app/index.ts (--app ./my-app)',
  ]);
});

test('a name that means nothing is told with its line', async () => {
  write({ 'net.yaml': 'flowloom: 1\nhosts: {}\napps:\n  learning-swich: {}\n' });
  const { code, stderr } = await flowloom(['run', 'net.yaml', '--openflow', 'none', '--http', 'none'], folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^there is no app learning-swich: .* \(net\.yaml:4\)\n$/);
});
