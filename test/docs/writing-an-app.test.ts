// docs/writing-an-app.md: every program in it compiles as it stands, loads, attaches, and declares what the page says.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import router from '../../apps/router/index.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { appTemplate } from '../../src/cli/app-template.ts';
import { declared } from '../../src/testing/declared.ts';
import { startLiveSwitch, until } from '../ovs/live-switch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/writing-an-app.md');
const blocksOf = (text: string) => [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);

/** By the name that the app in it has; the test has none. */
const programs = new Map(
  blocksOf(page).map((text) => [/^ {2}name: '([a-z-]+)'/m.exec(text)?.[1] ?? 'page.test', text]),
);
const folder = mkdtempSync(join(tmpdir(), 'flowloom-writing-'));

beforeAll(() => {
  expect(page).toContain('`package.json` with `{ "type": "module" }`');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'readme.ts'), blocksOf(read('README.md'))[0] ?? '');
  for (const [name, text] of programs) writeFileSync(join(folder, `${name}.ts`), text);
  for (const [file, text] of Object.entries(appTemplate('new-app'))) writeFileSync(join(folder, `new-${file}`), text);
  const index = join(folder, 'new-index.test.ts');
  writeFileSync(index, readFileSync(index, 'utf8').replace("'./index.ts'", "'./new-index.ts'"));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // As the page says it for a checkout.
  const tsconfig = /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
  writeFileSync(join(folder, 'tsconfig.json'), tsconfig.replaceAll('FLOWLOOM/', `${root}/`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is shown compiles, what `app new` writes too, and what is misspelt does not', async () => {
  expect(programs.size).toBeGreaterThan(5);
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

test('the table of handlers has every one that there is', () => {
  const declared = read('src/app/handlers.ts').matchAll(/interface (?:Common)?Handlers<.*?^}/gms);
  const handlers = Array.from(declared, ([text]) => text).join('\n');
  const names = [...handlers.matchAll(/^ {2}(\w+)\?\(/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(page).toContain(`\`${name}(`);
});
