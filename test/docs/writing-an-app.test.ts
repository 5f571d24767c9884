// docs/writing-an-app.md: every program in it compiles as it stands, loads, attaches, and declares what the page says.
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import router from '../../apps/router/index.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { appTemplate } from '../../src/cli/app-template.ts';
import { declared } from '../../src/testing/declared.ts';
import { flowloom, run } from '../cli/program.ts';
import { startLiveSwitch, until } from '../ovs/live-switch.ts';

function isNamed(program: readonly [name: string | undefined, text: string]): program is readonly [string, string] {
  return program[0] !== undefined;
}

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/writing-an-app.md');
const blocksOf = (text: string) => [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);

const appIn = (text: string) => /^ {2}name: '([a-z-]+)'/m.exec(text)?.[1];
/** By the name that the app in it has; of the same app, the last one. */
const programs = new Map(blocksOf(page).flatMap((text) => [[appIn(text), text] as const].filter(isNamed)));
/** Whole files with tests. */
const tests = blocksOf(page).filter((text) => appIn(text) === undefined && text.includes("from 'flowloom/testing'"));
const folder = mkdtempSync(join(tmpdir(), 'flowloom-writing-'));

beforeAll(() => {
  expect(page).toContain('`package.json` with `{ "type": "module" }`');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'readme.ts'), blocksOf(read('README.md'))[0] ?? '');
  for (const [name, text] of programs) writeFileSync(join(folder, `${name}.ts`), text);
  for (const [file, text] of Object.entries(appTemplate('new-app'))) writeFileSync(join(folder, file), text);
  for (const [index, text] of tests.entries()) writeFileSync(join(folder, `page-${index}.test.ts`), text);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // As the page says it for a checkout.
  const tsconfig = /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
  writeFileSync(join(folder, 'tsconfig.json'), tsconfig.replaceAll('FLOWLOOM/', `${root}/`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is shown compiles, what `app new` writes too, and what is misspelt does not', async () => {
  expect(programs.size).toBeGreaterThan(4);
  expect(tests.length).toBeGreaterThan(3);
  writeFileSync(join(folder, 'wrong.ts'), programs.get('no-telnet')!.replace('ipProto: 6, ', ''));
  const tsc = promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: folder,
  });
  const { stdout } = await tsc.catch((error: { stdout: string }) => error);
  const errors = stdout.split('\n').filter((line) => line.includes(': error TS'));
  expect(errors).toEqual([expect.stringMatching(/^wrong\.ts\(\d+,\d+\): error/)]);
});

/** As `flowloom` is the copy that runs. */
async function load(name: string): Promise<AnyApp> {
  const here = (path: string) => new URL(`../../${path}`, import.meta.url).href;
  const text = programs
    .get(name)!
    .replace("'flowloom/apps/router'", `'${here('apps/router/services.ts')}'`)
    .replace("'flowloom'", `'${here('src/index.ts')}'`);
  const file = join(folder, `${name}-loaded.ts`);
  writeFileSync(file, text);
  return ((await import(file)) as { default: AnyApp }).default;
}

test.for([
  ['no-telnet', ['admit priority=100,tcp,tp_dst=23 actions=drop']],
  ['by-source', [expect.stringMatching(/^admit.known priority=0 actions=.*CONTROLLER/)]],
  ['marker', [expect.stringMatching(/^admit.mark priority=100,ip,nw_tos=184 actions=.*(load|set_field):/)]],
  ['census', []],
  ['waker', []],
] as const)('%s declares what the page says', async ([name, flows]) => {
  expect(declared(await load(name), { ports: ['p1'], beside: name === 'waker' ? [router] : [] })).toEqual(flows);
});

test('by-source on a real switch: a packet from a new source comes to it, and sets a flow', async () => {
  const live = await startLiveSwitch();
  onTestFinished(() => live.stop());
  const attached = await live.attach(undefined, { apps: [await load('by-source')] });
  await attached.opened();
  await live.appctl('netdev-dummy/receive', 'p1', `ffffffffffff020000000001${'88b5'.padEnd(104, '0')}`);
  await until(
    () => live.ofctl('dump-flows'),
    (dump) =>
      /idle_timeout=60, send_flow_rem priority=10,in_port=\d+,dl_src=02:00:00:00:00:01 actions=goto_table:\d+/.test(
        dump,
      ),
  );
});

test('the tests that are shown pass', async () => {
  const files = tests.map((_, index) => `page-${index}.test.ts`);
  const { code, stdout } = await flowloom(['app', 'test', ...files], folder);
  expect(stdout).toMatch(new RegExp(`pass ${tests.join('').match(/^test\(/gm)?.length}\\n`));
  expect(code).toBe(0);
});

const tutorial = /^## From nothing.*?(?=^## )/ms.exec(page)?.[0] ?? '';

/** What is left when it is followed from the beginning as it is written. */
async function follow(place: string): Promise<void> {
  const file = (name: string) => join(place, 'no-telnet', name);
  for (const [, kind, block = ''] of tutorial.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    if (kind === 'yaml') writeFileSync(join(place, 'net.yaml'), block);
    else if (kind === 'ts' && block.startsWith('test(')) appendFileSync(file('index.test.ts'), `\n${block}`);
    else if (kind === 'ts' && block.includes('import app from'))
      expect(block).toBe(readFileSync(file('index.test.ts'), 'utf8'));
    else if (kind === 'ts' && block.includes('except')) writeFileSync(file('index.ts'), block);
    else if (kind === 'ts') expect(block).toBe(readFileSync(file('index.ts'), 'utf8'));
    else if (kind === 'console') await command(block, place, file('index.ts'));
  }
}

/** Runs it; what the page says that it prints is among what it prints, in that order. */
async function command(block: string, place: string, app: string): Promise<void> {
  const [words = '', ...printed] = block.trimEnd().split('\n');
  expect(words).toMatch(/^\$ flowloom /);
  const isSpoilt = block.includes('does not reach bob');
  const sound = readFileIfThere(app);
  if (isSpoilt) writeFileSync(app, sound.replace('priority: 200', 'priority: 50'));
  const { code, stdout, stderr } = await flowloom(words.split(' ').slice(2), place);
  if (isSpoilt) writeFileSync(app, sound);
  const lines = stdout.split('\n').map((line) => line.replace(/ \([\d.]+ms\)$/, '').trim());
  let at = 0;
  for (const line of printed) {
    at = lines.indexOf(line, at) + 1;
    expect(at, `${words} prints ${line}:\n${stdout}${stderr}`).toBeGreaterThan(0);
  }
  expect(code, stdout).toBe(printed.some((line) => line.startsWith('Error')) ? 1 : 0);
}

function readFileIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

test('followed as a new user would, from `app new` to a flow in Open vSwitch, everything is as it says', async () => {
  const place = mkdtempSync(join(tmpdir(), 'flowloom-tutorial-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  await follow(place);
  expect(tutorial).toContain('\nflowloom run --app ./no-telnet/index.ts\n');
  const running = await run(['--app', './no-telnet/index.ts'], place);
  onTestFinished(async () => void (await running.stop()));
  const live = await startLiveSwitch();
  onTestFinished(() => live.stop());
  expect(tutorial).toContain('set-controller br0 tcp:127.0.0.1:6653\n');
  await live.vsctl('set-controller', 'br0', `tcp:127.0.0.1:${running.openflowPort}`);
  expect(tutorial).toContain('\nflowloom flows --app no-telnet\n');
  await until(
    async () => (await flowloom(['flows', '--app', 'no-telnet', '--api', running.api], place)).stdout,
    (flows) => /admit.*TCP port 23 is not used here/.test(flows),
  );
});

test('the table of handlers has every one that there is', () => {
  const declared = read('src/app/handlers.ts').matchAll(/interface (?:Common)?Handlers<.*?^}/gms);
  const handlers = Array.from(declared, ([text]) => text).join('\n');
  const names = [...handlers.matchAll(/^ {2}(\w+)\?\(/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(page).toContain(`\`${name}(`);
});
