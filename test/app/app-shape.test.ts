/** Definitions that no compiler has seen are refused by what is wrong in them; and configs that can't be read. */

import { expect, test } from 'vitest';
import { z } from 'zod';
import firewall from '../../apps/firewall/index.ts';
import learningSwitch from '../../apps/learning-switch/index.ts';
import nat from '../../apps/nat/index.ts';
import router from '../../apps/router/index.ts';
import segments from '../../apps/segments/index.ts';
import staticFlows from '../../apps/static-flows/index.ts';
import tableMiss from '../../apps/table-miss/index.ts';
import topology from '../../apps/topology/index.ts';
import { type AppProblem, checkConfig } from '../../src/app/app-request.ts';
import { wrongShape } from '../../src/app/app-shape.ts';

test.each([
  ['attach', { attach: 'now' }],
  ['config', { config: { ports: [23] } }],
  ['check', { check: {} }],
  ['tables.l2.stage', { tables: { l2: { stage: 'switchin' } } }],
  ['tables.l2', { tables: { l2: 'switching' } }],
  ['tables.l2.learned', { tables: { l2: { stage: 'switching', learned: 'yes' } } }],
  ['fields.class.bits', { fields: { class: { bits: 'two', text: 'Class' } } }],
  ['fields.class.in', { fields: { class: { bits: 2, in: 'ctZone', text: 'Class' } } }],
  ['uses', { uses: 'router.resolve' }],
  ['uses.0', { uses: [{ name: 'router.resolve' }] }],
  ['offers.0', { offers: ['waker.wake'] }],
  ['counters.seen', { counters: { seen: 0 } }],
])('%s', (where, definition) => {
  const wrong = wrongShape({ name: 'a', setup: () => undefined, ...definition });
  expect(wrong?.where).toBe(where);
  expect(wrong?.fix).not.toBe('');
});

test('the built-in apps are right', () => {
  const apps = [firewall, learningSwitch, nat, router, segments, staticFlows, tableMiss, topology];
  for (const app of apps) expect(wrongShape(app), app.name).toBeUndefined();
});

test.each([
  ['an asynchronous check', z.object({}).refine(async () => true)],
  [
    'a check that throws',
    z.unknown().transform((): string => {
      throw new Error('broken');
    }),
  ],
  ['a number that JSON has not', z.unknown().transform(() => ({ limit: 5n }))],
])('%s in the schema is told of the app', (_, config) => {
  const problems: AppProblem[] = [];
  const definition = { name: 'a', config, attach: () => undefined };
  expect(checkConfig({ definition, config: {}, source: 'net.yaml:3', sources: {} }, problems)).toBeUndefined();
  expect(problems).toEqual([
    {
      source: 'net.yaml:3',
      message: expect.stringMatching(/^app "a" can't read its config: ./),
      fix: 'mend the schema of app "a"',
    },
  ]);
});
