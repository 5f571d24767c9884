/** Whatever the text: an answer, never an exception; the same answer every time. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeConfig } from '../../src/config/describe.ts';
import { parseConfig } from '../../src/config/load.ts';
import { freeIds } from '../../src/config/segments.ts';
import { BASE, fileOf } from './bad-files.ts';

const PLACE = /^f\.yaml:[1-9]\d*(:[1-9]\d*)?$/;

function check(text: string): void {
  const first = parseConfig(text, 'f.yaml');
  expect(parseConfig(text, 'f.yaml')).toEqual(first);
  if (first.ok) return;
  expect(first.problems.length).toBeGreaterThan(0);
  const lines = first.problems.map(({ source }) => Number(source.split(':')[1]));
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  for (const { source, message, fix } of first.problems) {
    expect(source).toMatch(PLACE);
    expect(message).not.toBe('');
    expect(fix).not.toBe('');
  }
}

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 300 });
});

test('any YAML under the known keys', () => {
  const words = fc.constantFrom(
    ...['hv1', 'loc', 'br0', 'edge', 'hosts', 'ports', 'access', 'trunk', 'vlan', 'subnet', 'overlay', 'interfaces'],
    ...[
      'segment',
      'address',
      '10.66.66.1/24',
      'hv1/web1',
      'routes',
      'zones',
      'policy',
      'rules',
      'constructor',
      'toString',
    ],
    ...[
      'default via 1.2.3.4',
      'masquerade 10.0.0.0/8 out edge/net',
      'accept ssh from a to b',
      'forward',
      'type',
      'vxlan',
    ],
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(words, fc.integer(), fc.constant(null), fc.boolean(), fc.double(), fc.string({ maxLength: 5 })),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(words, tie('value'), { maxKeys: 5 }),
    ),
  })).value;
  const section = fc.constantFrom('flowloom', 'bridge', ...Object.keys(BASE), 'apps');
  fc.assert(
    fc.property(fc.dictionary(section, value, { maxKeys: 8 }), (file) => check(stringify({ flowloom: 1, ...file }))),
    { numRuns: 500, examples: [[{ nat: [{ forward: { toString: null } }] }]] },
  );
});

test('a sound file with any line broken, left out or doubled', () => {
  const lines = fileOf('').split('\n');
  const line = fc.nat(lines.length - 1);
  fc.assert(
    fc.property(
      line,
      fc.constantFrom('drop', 'double', 'cut', 'replace'),
      fc.nat(40),
      fc.string({ maxLength: 8 }),
      (at, how, cut, text) => {
        const broken = [...lines];
        const old = broken[at]!;
        if (how === 'drop') broken.splice(at, 1);
        else if (how === 'double') broken.splice(at, 0, old);
        else broken[at] = how === 'cut' ? old.slice(0, cut) : old.slice(0, cut) + text + old.slice(cut + text.length);
        check(broken.join('\n'));
      },
    ),
    { numRuns: 500 },
  );
});

test('deeply nested and self-multiplying files are refused', () => {
  check(`flowloom: ${'['.repeat(5_000)}`);
  check(`${'- '.repeat(2_000)}a`);
  let bomb = 'flowloom: 1\napps:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n';
  for (let i = 1; i < 12; i++)
    bomb += `  a${i}: &a${i} [${Array<string>(10)
      .fill(`*a${i - 1}`)
      .join(',')}]\n`;
  const loaded = parseConfig(bomb, 'f.yaml');
  expect(loaded).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('too many values') }] });
});

test('segment ids are unique, 16 bits, above every VLAN and independent of order', () => {
  const name = fc.stringMatching(/^[a-z0-9]{1,6}$/);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 300 }), (names) => {
      const ids = freeIds(names);
      expect(new Set(ids.values()).size).toBe(names.length);
      for (const id of ids.values()) expect(id >= 4096 && id < 65_535).toBe(true);
      expect(new Map([...freeIds(names.toReversed())].toSorted())).toEqual(new Map([...ids].toSorted()));
    }),
    { numRuns: 50 },
  );
});

test('colliding names are told apart', () => {
  const many = Array.from({ length: 3_000 }, (_, i) => `segment-${i}`);
  expect(new Set(freeIds(many).values()).size).toBe(many.length);
});

test('what is written out can be read again, with any apps', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), fc.jsonValue()), (apps) => {
      const loaded = parseConfig(`${fileOf('')}${stringify({ apps })}`, 'f.yaml');
      if (!loaded.ok) return;
      const again = parseConfig(describeConfig(loaded.config), 'f.yaml');
      const settings = (each: typeof again) => each.ok && each.config.apps.map(({ name, config }) => [name, config]);
      expect(settings(again)).toEqual(settings(loaded));
    }),
    { numRuns: 100 },
  );
});
