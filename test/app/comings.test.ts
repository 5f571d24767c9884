/** Ten thousand comings and goings, of switches, of apps at reloads, and of what apps declare: nothing is kept of what is gone. */

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createAppOnSwitch } from '../../src/app/app-on-switch.ts';
import type { AppContext } from '../../src/app/context.ts';
import { defineApp } from '../../src/app/define-app.ts';
import { defineService } from '../../src/app/services.ts';
import { learn, output } from '../../src/flow/actions.ts';
import { createTablePlan } from '../../src/flow/allocate/table-plan.ts';
import { createWeaver } from '../../src/flow/weave/weaver.ts';
import { createHappenings } from '../../src/main/happenings.ts';
import { memoryInUse } from '../support/memory.ts';
import { request, startNetwork } from './network.ts';

const TIMES = 10_000;
/** Bytes for each: a key and a number that are kept of it alone would be more. */
const MOST_EACH = 50;
const PATIENCE = { timeout: 120_000 };

const tables = { main: { stage: 'admit' }, known: { stage: 'learn', learned: true } } as const;
type Context = AppContext<never, typeof tables, never>;

/**
 * What each costs of what is done, and undone, again and again; after some of them for all that is made once. What is
 * kept of each is so always: of two stretches the lesser, for code is compiled in either.
 */
async function growthOf(once: (n: number) => void | Promise<void>): Promise<number> {
  let n = 0;
  const goTo = async (end: number) => {
    while (n < end) await once(n++);
    return memoryInUse();
  };
  const before = await goTo(TIMES / 4);
  const between = await goTo(TIMES * 0.75);
  const after = await goTo(TIMES * 1.25);
  return Math.min(between - before, after - between) / (TIMES / 2);
}

test('flows, groups, meters, services and timers, each by a key of its own', PATIENCE, async () => {
  let context: Context | undefined;
  const app = defineApp({
    name: 'one',
    tables,
    attach(given) {
      context = given as unknown as Context;
      return {};
    },
  });
  const network = startNetwork([request(app)], [1]);
  const weaver = createWeaver(network.host.plan, network.host.allocation('1'));
  const silent = pino({ level: 'silent' });
  const onSwitch = createAppOnSwitch(network.host.apps.get('one')!, network.site(1), weaver, silent);
  onSwitch.attach(undefined);
  const { dp, services, timers } = context!;
  const { main } = dp.flows;
  const each = await growthOf(async (n) => {
    const key = `key ${n}`;
    const match = { inPort: 1 + (n % 60_000) };
    dp.groups.set(key, { type: 'all', buckets: [{ actions: [output(1)] }] });
    dp.meters.set(key, { unit: 'packets', rate: 1 });
    const actions = [learn({ table: 'known', priority: 5, items: [], intent: `learned at ${n % 100}` }), output(2)];
    main.set(key, { priority: 5, match, actions, intent: `intent ${n % 100}` });
    services.offer(defineService<number>(`one.${n % 100}`), n);
    timers.after(0, () => undefined);
    weaver.weave();
    main.delete(key);
    dp.groups.replace([]);
    dp.meters.replace([]);
    weaver.weave();
    if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  });
  network.close();
  expect(each).toBeLessThan(MOST_EACH);
});

test('apps, other ones and other versions at each reload', PATIENCE, async () => {
  const network = startNetwork([], [1]);
  const each = await growthOf(async (n) => {
    const app = defineApp({
      name: `app-${n % 2}`,
      tables: { main: { stage: 'admit' } },
      fields: { x: { bits: 3, text: 'x' } },
      counters: { a: 'A' },
      setup: () => ({}),
      attach({ dp, timers }) {
        dp.flows.main.set('a', { priority: 5, match: {}, actions: [], intent: 'x' });
        timers.every(60, () => undefined);
        return {};
      },
    });
    network.load([request(app)]);
    if (n % 100 === 0) await network.told();
  });
  network.close();
  expect(each).toBeLessThan(MOST_EACH);
});

test('what switches learned: the intents written last are known, no matter how many there were', () => {
  const weaver = createWeaver(createTablePlan());
  const app = { name: 'one', number: 1, tables: new Map() };
  const scope = weaver.scope(app);
  const cookies = Array.from({ length: 2 * TIMES }, (_, n) => scope.stateCookie(`learned at ${n}`));
  expect(weaver.learned(cookies.at(-1)!)).toMatchObject({ intent: { text: `learned at ${2 * TIMES - 1}` } });
  expect(weaver.learned(cookies[TIMES]!)).toBeDefined();
  expect(weaver.learned(cookies[0]!)).toBeUndefined();
});

test('hosts and apps that the file names no more', PATIENCE, async () => {
  let name = '';
  const happenings = createHappenings({
    hosts: () => undefined,
    apps: () => [{ name, error: null, errors: 0, refused: null }],
  });
  const each = await growthOf((n) => {
    name = `app-${n}`;
    happenings.look();
  });
  expect(each).toBeLessThan(MOST_EACH);
});
