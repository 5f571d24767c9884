/** The examples: their own tests pass as a user runs them, and none is long. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { flowloom } from '../cli/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = readdirSync(join(root, 'examples'));
const read = (example: string, file: string) => readFileSync(join(root, 'examples', example, file), 'utf8');

test('there are some, each with a test and a README that both READMEs lead to', () => {
  expect(examples.length).toBeGreaterThan(1);
  const [front, docs] = ['README.md', 'docs/writing-an-app.md'].map((file) => readFileSync(join(root, file), 'utf8'));
  for (const example of examples) {
    expect(readdirSync(join(root, 'examples', example)).toSorted()).toEqual(['README.md', 'index.test.ts', 'index.ts']);
    expect(front).toContain(`examples/${example}`);
    expect(docs).toContain(`(../examples/${example}/README.md)`);
  }
});

test.for(examples)('%s: `flowloom app test` passes, and the app has fewer than 120 lines', async (example) => {
  expect(read(example, 'index.ts').split('\n').length).toBeLessThan(120);
  const tests = read(example, 'index.test.ts').match(/^test\(/gm)?.length;
  const { code, stdout } = await flowloom(['app', 'test', `examples/${example}`], root);
  expect(stdout).toContain(`pass ${tests}\n`);
  expect(stdout).toContain('fail 0\n');
  expect(code).toBe(0);
});

test.for(examples)('%s: the lines for the file that its README shows are sound', async (example) => {
  const shown = /^```yaml\n(.*?)^```$/ms.exec(read(example, 'README.md'))?.[1] ?? '';
  const { apps } = parse(shown) as { apps: Record<string, unknown> };
  const app = (await import(join(root, 'examples', example, 'index.ts'))) as {
    default: { config: { parse(given: unknown): unknown } };
  };
  expect(Object.keys(apps)).toEqual([`./examples/${example}/index.ts`]);
  expect(() => app.default.config.parse(Object.values(apps)[0])).not.toThrow();
});
