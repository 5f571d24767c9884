/** docs/recipes: a page for each network of the labs, with its lab's file; what `trace` says there it says here. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeTrace } from '../../src/cli/describe-trace.ts';
import { parseConfig } from '../../src/config/load.ts';
import { traceFile } from '../../src/main/trace-file.ts';
import { patternOf, stepsOf } from './console.ts';

/** Labs of what is no network that people build: what is tried there is Flowloom itself. */
const NO_RECIPES = ['kill', 'many-connections', 'mirrors', 'ports', 'router-errors', 'router-hosts', 'simulated'];
const pages = readdirSync('docs/recipes').filter((name) => name !== 'README.md');
const text = (name: string) => readFileSync(`docs/recipes/${name}`, 'utf8');
const fileIn = (page: string) => /^```yaml\n([\s\S]*?)^```/m.exec(page)?.[1];

test('every network of the labs has a page, which the index names', () => {
  const labs = readdirSync('test/lab').filter((name) => name !== 'support' && existsSync(`test/lab/${name}/lab.ts`));
  const expected = labs.filter((name) => !NO_RECIPES.includes(name)).map((name) => `${name}.md`);
  expect(pages.toSorted()).toEqual(expected.toSorted());
  expect(pages.filter((name) => !text('README.md').includes(`](${name})`))).toEqual([]);
});

test.each(pages.filter((name) => fileIn(text(name)) !== undefined))("%s has the lab's file", (name) => {
  const file = readFileSync(`test/lab/${name.replace('.md', '')}/flowloom.yaml`, 'utf8');
  expect(`${fileIn(text(name))?.trimEnd()}\n`).toBe(`${file.trimEnd()}\n`);
});

test.each(pages)('%s: what is traced becomes of packets what the page says', async (name) => {
  for (const { command, output } of stepsOf(text(name))) {
    const [program, word, file, ...words] = command;
    if (word !== 'trace') continue;
    expect([program, file]).toEqual(['flowloom', 'net.yaml']);
    const loaded = parseConfig(fileIn(text(name))!, 'net.yaml');
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const report = await traceFile(loaded.config, { words: words.join(' ') });
    // The flows themselves are left out there: their numbers say nothing to a reader.
    const lines = describeTrace({ ...report, notes: [] }, false)
      .split('\n')
      .slice(2);
    const said = lines.filter((line) => !/^ +priority=/.test(line)).join('\n');
    expect(said, words.join(' ')).toMatch(patternOf(output));
  }
});
