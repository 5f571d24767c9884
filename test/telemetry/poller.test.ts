/** How often a switch is asked: hardly while nobody looks, what is watched each second, what is large less often. */

import { expect, test } from 'vitest';
import { createDemands } from '../../src/telemetry/counters/demand.ts';
import { createPoller, type Statistics } from '../../src/telemetry/counters/poller.ts';
import { createFakeClock } from './fake-clock.ts';

/** A switch whose answers take so long, by what is asked. */
function start({ tables = { 0: 3 } as Record<number, number>, takes = (_: Statistics): number => 0, delay = 0 } = {}) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const demands = createDemands(() => poller?.reschedule());
  const sizes = new Map(Object.entries(tables).map(([table, size]) => [Number(table), size]));
  const nameOf = ({ kind, table }: Statistics) => (table === undefined ? kind : `${kind} ${table}`);
  const poller: ReturnType<typeof createPoller> = createPoller({
    ...{ dpid: 'a1', clock, demands, delay },
    sizes: () => sizes,
    done: () => undefined,
    async read(what) {
      asked.push(nameOf(what));
      const wait = takes(what);
      if (wait > 0) await new Promise<void>((resolve) => clock.after(wait, resolve));
      if (what.kind === 'flow') return what.table === undefined ? 3 : (sizes.get(what.table) ?? 0);
      return what.kind === 'port' || what.kind === 'table' ? 3 : 0;
    },
  });
  poller.begin();
  /** How often each was asked for meanwhile. */
  async function during(milliseconds: number): Promise<Record<string, number>> {
    asked.length = 0;
    await clock.pass(milliseconds);
    const counts: Record<string, number> = {};
    for (const name of asked) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }
  return { clock, demands, poller, asked, during };
}

test('nobody looks: six questions in a minute, the ports before all others', async () => {
  const { during, asked } = start({ delay: 4000 });
  expect(await during(3999)).toEqual({});
  expect(await during(1)).toEqual({ port: 1, table: 1, flow: 1, queue: 1, meter: 1, group: 1 });
  expect(asked[0]).toBe('port');
  expect(await during(60_000)).toEqual({ port: 2, table: 2, flow: 2 });
});

test('what is watched is read each second, and nothing else more often', async () => {
  const { during, demands } = start();
  await during(1);
  const stop = demands.add({ kinds: ['port'], every: 1000 });
  expect(await during(10_000)).toEqual({ port: 10 });
  const others = [
    demands.add({ kinds: ['flow'], every: 1000 }),
    demands.add({ kinds: ['flow'], every: 5000 }),
    demands.add({ kinds: ['meter'], dpid: 'b2', every: 1000 }),
  ];
  await during(2000);
  expect(await during(10_000)).toEqual({ port: 10, flow: 10 });
  stop();
  for (const other of others) other();
  await during(20_000);
  expect(await during(60_000)).toEqual({ port: 2, table: 2, flow: 2 });
});

test('one table among few flows is read by itself, as often as somebody wants it', async () => {
  const { during, demands } = start({ tables: { 0: 3, 22: 5 } });
  await during(1);
  demands.add({ kinds: ['flow'], tables: [22], every: 1000 });
  expect(await during(10_000)).toEqual({ 'flow 22': 10 });
  const all = demands.add({ kinds: ['flow'], every: 1000 });
  await during(1000);
  expect(await during(10_000)).toEqual({ flow: 10 });
  all();
  await during(1000);
  expect((await during(10_000))['flow 22']).toBe(10);
});

test('many flows are read table by table: the large one by what it takes, the small ones each second', async () => {
  const takes = ({ table }: Statistics) => (table === 90 ? 800 : 1);
  const { during, demands } = start({ tables: { 0: 3, 90: 100_000, 120: 40 }, takes });
  demands.add({ kinds: ['flow'], every: 1000 });
  await during(20_000);
  const counts = await during(40_000);
  expect(counts['flow 90']).toBe(5);
  expect(counts['flow 0']).toBeGreaterThan(30);
  expect(counts['flow 120']).toBeGreaterThan(30);
  expect(counts.flow).toBeUndefined();
});

test('many flows that nobody watches are read when they have taken 1/500 of the time, ten minutes apart at most', async () => {
  const { during } = start({ tables: { 90: 100_000 }, takes: ({ table }) => (table === 90 ? 500 : 0) });
  await during(60_000);
  expect((await during(1_000_000))['flow 90']).toBe(4);
});

test('a question has read what is not fresh, once for all that ask at the same time', async () => {
  const { during, clock, poller, asked } = start({ takes: ({ kind }) => (kind === 'flow' ? 50 : 0) });
  await during(5000);
  asked.length = 0;
  const questions = [poller.fresh(['flow']), poller.fresh(['flow', 'port']), poller.fresh(['flow'])];
  await clock.pass(60);
  await Promise.all(questions);
  expect(asked.toSorted()).toEqual(['flow', 'port']);
  await poller.fresh(['flow', 'port']);
  expect(asked).toHaveLength(2);
  // What took 50 ms is fresh for ten times as long, a second at least.
  await clock.pass(1001);
  const again = poller.fresh(['flow']);
  await clock.pass(60);
  await again;
  expect(asked).toHaveLength(3);
});

test('who refuses is asked like one that has nothing; a poller that has not begun, or was stopped, asks nothing', async () => {
  const clock = createFakeClock();
  let asked = 0;
  const poller = createPoller({
    ...{ dpid: 'a1', clock, demands: createDemands(() => undefined), delay: 0 },
    sizes: () => new Map(),
    done: () => undefined,
    async read() {
      asked++;
      throw new Error('the switch refused it');
    },
  });
  await clock.pass(1000);
  expect(asked).toBe(0);
  poller.begin();
  await clock.pass(1000);
  expect(asked).toBe(6);
  await clock.pass(298_000);
  expect(asked).toBe(6);
  poller.stop();
  await clock.pass(1_000_000);
  await poller.fresh(['flow']).catch(() => undefined);
  expect(asked).toBe(6);
});
