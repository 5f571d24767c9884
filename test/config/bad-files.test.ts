/** Every mistake in the user's file is told with its line, in words, with what to do about it. */

import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { BAD_FILES, fileOf } from './bad-files.ts';

test.for(BAD_FILES)('$name', ({ yaml, says }) => {
  const text = fileOf(yaml);
  const line = text.split('\n').findIndex((each) => each.includes('#!')) + 1;
  const loaded = parseConfig(text, 'flowloom.yaml');
  expect(loaded.ok).toBe(false);
  const problems = loaded.ok ? [] : loaded.problems;
  const printed = formatProblems(problems).trimEnd().split('\n');
  const here = printed.filter((each) => each.includes(`(flowloom.yaml:${line}:`));
  for (const words of says) expect(here.join('\n') || printed.join('\n')).toContain(words);
  expect(here, printed.join('\n')).not.toEqual([]);
  // One mistake, one problem: no flood of what follows from it.
  expect(problems, printed.join('\n')).toHaveLength(1);
});

test('the sound file that the bad ones are made from', () => {
  const loaded = parseConfig(fileOf(''), 'flowloom.yaml');
  expect(loaded.ok ? '' : formatProblems(loaded.problems)).toBe('');
});

test('of a map that stands where a word could, all that is wrong inside is told', () => {
  const loaded = parseConfig('flowloom: 1\nsegments: { x: { overlay: { type: gre, ttl: 0, vni: 0 } } }\n', 'f.yaml');
  expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message)).toEqual([
    'segments.x.overlay.ttl: 0 is not a TTL',
    'segments.x.overlay.vni: 0 is not a VNI',
  ]);
});

test('all problems are told, in the order of the file', () => {
  const loaded = parseConfig(
    `flowloom: 1
hosts:
  hv1: { ovsbd: x }
segments:
  a: { vlan: 5000 }
  b: { vlan: 7 }
  c: { vlan: 7 }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/x: { access: a, address: 300.0.0.1 }
      hv3/y: { access: d }
nat:
  - masquerade everything
  - forward tcp 1.1.1.1:1 to 2.2.2.2:2
`,
    'f.yaml',
  );
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems.map(({ source }) => Number(source.split(':')[1]))).toEqual([3, 5, 7, 12, 13, 13, 14]);
});

test('positions in a list that lost an element stay those of the file', () => {
  const loaded = parseConfig(
    fileOf('nat:\n  - 7\n  - 8\n  - forward tcp 10.99.88.99:80 to 10.66.66.67:80\n'),
    'f.yaml',
  );
  const lines = loaded.ok ? [] : loaded.problems.map(({ source }) => Number(source.split(':')[1]));
  expect(lines).toEqual([lines[0]!, lines[0]! + 1, lines[0]! + 2]);
});

test('an empty file and one that holds no map', () => {
  for (const text of ['', '# nothing\n', '7', 'flowloom', '[]', '- a']) {
    const loaded = parseConfig(text, 'f.yaml');
    expect(loaded).toMatchObject({ ok: false, problems: [{ source: expect.stringMatching(/^f\.yaml:1/) }] });
  }
});
