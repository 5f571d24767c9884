/** The reconciler on a real Open vSwitch: many flows, others' flows and changes, and leaving. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { isOurs } from '../../src/flow/cookie.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { createDesiredSet, type DesiredSet, goto, OURS, toGroup } from '../flow/reconcile/desired-set.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';
import { type Reconciled, reconcile } from './reconciled.ts';

const LONG = 120_000;

let live: LiveSwitch;
const open: Reconciled[] = [];

beforeAll(async () => {
  live = await startLiveSwitch();
});

afterAll(() => live.stop());

afterEach(async () => {
  for (const each of open.splice(0)) each.end();
  await live.ofctl('del-flows');
  await live.ofctl('del-groups');
  await live.ofctl('del-meters');
});

async function start(wanted: DesiredSet): Promise<Reconciled> {
  const reconciled = await reconcile(live, wanted);
  open.push(reconciled);
  await reconciled.reconciler.begin();
  expect(reconciled.failures).toEqual([]);
  return reconciled;
}

function many(count: number): DesiredSet {
  const wanted = createDesiredSet();
  for (let port = 1; port <= count; port++) wanted.set(port, goto(5));
  return wanted;
}

test('100,000 flows come in one bundle; a restart with all of them in place sends nothing', {
  timeout: LONG,
}, async () => {
  const first = await start(many(100_000));
  expect(first.sent).toEqual({ flowMods: 100_000, groupMods: 0, meterMods: 0, bundles: 1 });
  expect(await live.ofctl('dump-aggregate')).toContain('flow_count=100000');
  first.end();
  const second = await start(many(100_000));
  expect(second.sent).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  expect(second.syncs).toEqual([{ result: { added: 0, deleted: 0, unchanged: 100_000, groups: 0 }, drift: [] }]);
});

test('of 10,000 flows one is changed: one flow-mod goes out', { timeout: LONG }, async () => {
  const wanted = many(10_000);
  const { reconciler, sent, syncs } = await start(wanted);
  wanted.set(777, goto(6));
  reconciler.schedule();
  await reconciler.settled();
  expect(sent).toEqual({ flowMods: 10_001, groupMods: 0, meterMods: 0, bundles: 2 });
  expect(syncs.at(-1)?.result).toEqual({ added: 1, deleted: 0, unchanged: 9_999, groups: 0 });
  expect(await live.ofctl('dump-flows', 'table=3,in_port=777')).toContain('goto_table:6');
});

test('a foreign flow survives a reload, a restart, drift beside it, and that everything of ours leaves', async () => {
  await live.ofctl('add-flow', 'cookie=0x77,table=3,priority=4,in_port=3,actions=drop');
  const foreign = async () => (await live.ofctl('dump-flows', 'cookie=0x77/-1')).match(/cookie=0x77,/g)?.length;
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  wanted.set(1, toGroup(groupId));
  wanted.set(2, goto(5));
  const first = await start(wanted);
  wanted.set(2, goto(6));
  wanted.set(4, goto(6));
  first.reconciler.schedule();
  await first.reconciler.settled();
  await live.ofctl('del-flows', `cookie=${OURS}/-1,table=3`);
  await until(
    () => first.reconciler.driftCount,
    (found) => found === 3,
  );
  await first.reconciler.settled();
  expect(await foreign()).toBe(1);
  first.end();

  const second = await start(wanted);
  expect(second.sent.flowMods).toBe(0);
  // A learned flow and one with a timeout are ours too.
  await live.ofctl('add-flow', `cookie=${OURS | (1n << 38n)},table=9,hard_timeout=300,actions=drop`);
  await live.ofctl('add-flow', `cookie=${OURS | (1n << 39n)},table=9,priority=2,idle_timeout=300,actions=drop`);
  const released = await second.reconciler.released();
  expect(released).toEqual({ flows: 5, groups: 1, meters: 0, left: [] });
  expect((await live.ofctl('dump-flows')).match(/cookie=/g)).toHaveLength(1);
  expect(await foreign()).toBe(1);
  expect(await live.ofctl('dump-groups')).not.toContain('group_id');
  // Nothing comes back.
  second.reconciler.schedule();
  await second.reconciler.settled();
  expect((await live.ofctl('dump-flows')).match(/cookie=/g)).toHaveLength(1);
});

test('a group that a foreign flow goes through is not taken from it', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  wanted.set(1, toGroup(groupId));
  const { reconciler } = await start(wanted);
  await live.ofctl('add-flow', `cookie=0x77,table=8,actions=group:${groupId}`);
  await until(
    () => [...reconciler.actual.values()].filter(({ cookie }) => !isOurs(MAIN, cookie)).length,
    (found) => found === 1,
  );
  wanted.deleteGroup('g');
  wanted.delete(1);
  reconciler.schedule();
  await reconciler.settled();
  expect(await live.ofctl('dump-flows', 'cookie=0x77/-1')).toContain('cookie=0x77,');
  expect((await reconciler.released()).left).toEqual([
    `group ${groupId}: a foreign flow goes through it, and would go with it`,
  ]);
});

test('a group that somebody deletes takes our flows with it: both come back, and are told', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  wanted.set(1, toGroup(groupId));
  const { reconciler, refused } = await start(wanted);
  await live.ofctl('del-groups', `group_id=${groupId}`);
  await until(
    () => reconciler.driftCount,
    (found) => found === 2,
  );
  await reconciler.settled();
  expect(reconciler.drift.map(({ text }) => text).toSorted()).toEqual([
    'a: its group "g" was gone',
    'a: port 1 (f.yaml:1) was gone',
  ]);
  expect(await live.ofctl('dump-flows', 'table=3')).toContain(`group:${groupId}`);
  expect(refused).toEqual([]);
});

test('more changes than the switch tells at once: it pauses, and in the end the mirror is right', {
  timeout: LONG,
}, async () => {
  const { reconciler, failures } = await start(many(10));
  const file = join(live.socket, '..', 'foreign.txt');
  const line = (_: unknown, i: number) =>
    `cookie=0x77,table=7,priority=${i % 60_000},reg1=${i},ip,nw_src=10.${i >> 16}.${(i >> 8) & 255}.${i & 255},actions=set_field:${i}->reg2,output:1`;
  await writeFile(file, Array.from({ length: 40_000 }, line).join('\n'));
  await live.ofctl('add-flows', file);
  await until(
    () => reconciler.actual.size,
    (found) => found === 40_010,
  );
  await live.ofctl('del-flows', 'table=7');
  await until(
    () => reconciler.actual.size,
    (found) => found === 10,
  );
  await reconciler.read();
  expect(reconciler.actual.size).toBe(10);
  expect(failures).toEqual([]);
});
