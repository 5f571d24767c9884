// What the README shows is what Flowloom takes.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { AnyApp } from '../../src/app/define-app.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { AppFlow } from '../../src/flow/flow.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The code blocks of a language; '' for those without one. */
function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter((one) => one[1] === language)
    .map((one) => one[2] ?? '');
}

test('the only two commands at the top are the lab and the tests', () => {
  expect(blocks('')[0]).toBe('npm run lab\nnpm test\n');
});

test('the file that it shows is accepted', () => {
  const [file = ''] = blocks('yaml');
  const loaded = parseConfig(file, 'README.md');
  expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
});

test('the app that it shows is an app, and its flow one that can be sent', async () => {
  const [app = ''] = blocks('ts');
  const index = new URL('../../src/index.ts', import.meta.url).href;
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-readme-'));
  try {
    const file = join(folder, 'no-telnet.ts');
    writeFileSync(file, app.replace("'flowloom'", `'${index}'`));
    const { default: definition } = (await import(file)) as { default: AnyApp };
    const declared: AppFlow[] = [];
    const flows = { admit: { set: (_key: string, flow: AppFlow) => declared.push(flow) } };
    definition.attach!({ dp: { flows } } as never);
    expect(declared).toMatchObject([{ match: { tcpDst: 23 }, actions: [] }]);
    // What drop() gives is a list, not an element of one.
    for (const action of declared[0]?.actions ?? []) expect(action).toHaveProperty('type');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the npm commands that it shows exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?(lab|test|start|typecheck|lint|format|build)\b/g)].map(
    (one) => one[1],
  );
  for (const name of named) expect(scripts).toHaveProperty(name ?? '');
});

test('it names every lab and every app there is', () => {
  const labs = readdirSync(join(root, 'test/lab')).filter((name) => existsSync(join(root, 'test/lab', name, 'lab.ts')));
  const apps = readdirSync(join(root, 'apps')).filter((name) => existsSync(join(root, 'apps', name, 'index.ts')));
  for (const name of [...labs.filter((name) => name !== 'support'), ...apps]) expect(readme).toContain(`\`${name}\``);
});
