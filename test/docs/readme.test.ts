// What the README shows is what Flowloom takes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';

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
  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
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
