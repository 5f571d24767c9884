/** The reconciler on a real Open vSwitch when things go wrong: no room, many changes at once, a lost connection. */

import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ReconcilerOptions } from '../../src/flow/reconcile/reconciler.ts';
import type { Weaver } from '../../src/flow/weave/weaver.ts';
import { createDesiredSet, type DesiredSet, goto, ids, throughMeter, toGroup } from '../flow/reconcile/desired-set.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';
import { type Reconciled, reconcile } from './reconciled.ts';

const LONG = { timeout: 60_000 };

let live: LiveSwitch;
const open: Reconciled[] = [];

beforeAll(async () => {
  live = await startLiveSwitch();
});

afterAll(() => live.stop());

afterEach(async () => {
  for (const each of open.splice(0)) each.end();
  await live.vsctl('clear', 'bridge', 'br0', 'flow_tables');
  await live.ofctl('del-flows');
  await live.ofctl('del-groups');
  await live.ofctl('del-meters');
});

async function connectTo(
  wanted: DesiredSet,
  options?: ReconcilerOptions,
  slow?: Pick<Weaver, 'weaving' | 'woven'>,
): Promise<Reconciled> {
  const reconciled = await reconcile(live, wanted, options, slow);
  open.push(reconciled);
  return reconciled;
}

function many(count: number): DesiredSet {
  const wanted = createDesiredSet();
  for (let port = 1; port <= count; port++) wanted.set(port, goto(5));
  return wanted;
}

async function flowCount(): Promise<number> {
  return Number(/flow_count=(\d+)/.exec(await live.ofctl('dump-aggregate'))?.[1]);
}

test('a full table: what had no room comes when something leaves, or when an audit finds room', LONG, async () => {
  const limit = ['--id=@table', 'create', 'Flow_Table', 'flow_limit=100'];
  await live.vsctl(...limit, '--', 'set', 'bridge', 'br0', 'flow_tables:3=@table');
  const wanted = many(100);
  const { reconciler, refused, sent } = await connectTo(wanted);
  await reconciler.begin();

  // What is to come goes before what leaves.
  wanted.delete(5);
  wanted.set(105, goto(5));
  reconciler.schedule();
  await reconciler.settled();
  expect(await live.ofctl('dump-flows', 'table=3,in_port=105')).toContain('goto_table:5');
  expect(reconciler.problems()).toEqual([]);

  refused.length = 0;
  for (let port = 201; port <= 220; port++) wanted.set(port, goto(5));
  reconciler.schedule();
  await reconciler.settled();
  const told = Array.from(
    { length: 20 },
    (_, i) => `a: port ${201 + i} (f.yaml:${201 + i}): FLOW_MOD_FAILED/TABLE_FULL`,
  );
  expect(refused.toSorted()).toEqual(told);

  // As long as it is full an audit tries one, and tells nothing anew.
  const before = sent.flowMods;
  await reconciler.read();
  expect(sent.flowMods - before).toBeLessThanOrEqual(4);
  expect(reconciler.problems().toSorted()).toEqual(told);
  await live.vsctl('clear', 'bridge', 'br0', 'flow_tables');
  await reconciler.read();
  expect(await flowCount()).toBe(120);
  expect(reconciler.problems()).toEqual([]);
  expect(refused).toHaveLength(20);
});

test(
  'changes that come while others are on their way: the last word stands, and a restart finds it so',
  LONG,
  async () => {
    const wanted = many(20_000);
    const first = await connectTo(wanted);
    const started = first.reconciler.begin();
    for (let round = 0; round < 20; round++) {
      await setTimeout(15);
      for (let port = 1 + round; port <= 20_000; port += 97) wanted.set(port, goto(6 + (round % 5)));
      for (let port = 50 + round; port <= 20_000; port += 501) wanted.delete(port);
      if (round % 2 === 0) first.reconciler.flush();
      else first.reconciler.schedule();
      if (round % 7 === 0) void first.reconciler.read();
    }
    await started;
    first.reconciler.schedule();
    await first.reconciler.settled();
    expect(await flowCount()).toBe(wanted.flows.size);
    expect([first.failures, first.refused, first.reconciler.drift]).toEqual([[], [], []]);
    first.end();
    const second = await connectTo(wanted);
    await second.reconciler.begin();
    expect(second.sent.flowMods).toBe(0);
  },
);

test(
  'a connection that is lost in the middle of a bundle: nothing hangs, and the next one brings all',
  LONG,
  async () => {
    const wanted = many(30_000);
    const first = await connectTo(wanted);
    const started = first.reconciler.begin();
    await until(
      () => first.sent.bundles,
      (bundles) => bundles === 1,
    );
    first.end();
    await started;
    expect(await flowCount()).toBe(0);
    const second = await connectTo(wanted);
    await second.reconciler.begin();
    expect(await flowCount()).toBe(30_000);
  },
);

test('a flow whose group or meter the switch did not know comes with that, once it does', LONG, async () => {
  const wanted = many(3);
  const byGroup = wanted.set(4, toGroup(ids.idOf('a', 'late group')));
  const byMeter = wanted.set(5, throughMeter(ids.idOf('a', 'late meter')));
  const { reconciler, refused, failures } = await connectTo(wanted);
  await reconciler.begin();
  expect(refused.toSorted()).toEqual([
    expect.stringMatching(/port 4 .*BAD_OUT_GROUP/),
    expect.stringMatching(/port 5 .*METER/),
  ]);
  expect(await flowCount()).toBe(3);

  wanted.group('late group', 1);
  wanted.meter('late meter', 100);
  wanted.set(4, toGroup(ids.idOf('a', 'late group')));
  wanted.set(5, throughMeter(ids.idOf('a', 'late meter')));
  reconciler.schedule();
  await reconciler.settled();
  expect([reconciler.actual.has(byGroup.identity), reconciler.actual.has(byMeter.identity)]).toEqual([true, true]);
  expect(await flowCount()).toBe(5);
  expect([reconciler.problems(), failures]).toEqual([[], []]);
});

test('the switch throws away a bundle that waits too long for the rest: all come in another one', LONG, async () => {
  await live.vsctl('set', 'Open_vSwitch', '.', 'other_config:bundle-idle-timeout=1');
  const wanted = many(4000);
  const woven = wanted.weave();
  const reconciled = await connectTo(wanted, undefined, {
    woven,
    *weaving(fresh) {
      const flows = [...wanted.flows.values()];
      for (const flow of flows.slice(0, 2000)) fresh?.(flow);
      while (!reconciled.errors.includes('BUNDLE_FAILED/TIMEOUT')) yield;
      for (const flow of flows.slice(2000)) fresh?.(flow);
      return { ...woven, touched: [...wanted.flows.keys()] };
    },
  });
  await reconciled.reconciler.begin();
  expect(await flowCount()).toBe(4000);
  expect([reconciled.failures, reconciled.refused]).toEqual([[], []]);
  await live.vsctl('remove', 'Open_vSwitch', '.', 'other_config', 'bundle-idle-timeout');
});

test(
  'somebody deletes everything while a reload is under way: all of it comes back, as the reload wants it',
  LONG,
  async () => {
    const wanted = many(10_000);
    const { groupId } = wanted.group('g', 1);
    wanted.set(20_000, toGroup(groupId));
    const { reconciler, failures, refused } = await connectTo(wanted);
    await reconciler.begin();
    const deleted = Promise.all([live.ofctl('del-flows'), live.ofctl('del-groups')]);
    for (let port = 1; port <= 10; port++) {
      wanted.set(port, goto(7));
      reconciler.schedule();
      await setTimeout(3);
    }
    await deleted;
    await until(flowCount, (count) => count === 10_001);
    await reconciler.settled();
    expect(await live.ofctl('dump-groups')).toContain(`group_id=${groupId}`);
    expect((await live.ofctl('dump-flows', 'table=3')).match(/goto_table:7/g)).toHaveLength(10);
    expect([failures, refused]).toEqual([[], []]);
  },
);

test('groups that somebody changes, deletes or adds as ours: told at once, and as they were', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  const unused = wanted.group('unused', 1).groupId;
  wanted.set(1, toGroup(groupId));
  const { reconciler, failures } = await connectTo(wanted);
  await reconciler.begin();
  const found = (count: number) =>
    until(
      () => reconciler.driftCount,
      (drift) => drift === count,
    ).then(() => reconciler.settled());

  await live.ofctl('mod-group', `group_id=${groupId},type=all,bucket=actions=output:2`);
  await found(1);
  await live.ofctl('del-groups', `group_id=${unused}`);
  await found(2);
  const nobodys = wanted.group('nobodys', 1).groupId;
  wanted.deleteGroup('nobodys');
  await live.ofctl('add-group', `group_id=${nobodys},type=all,bucket=actions=output:3`);
  await found(3);

  expect(reconciler.drift.map(({ text }) => text)).toEqual([
    'a: its group "g" was changed',
    'a: its group "unused" was gone',
    `a group of ours that no app declared was there: ${nobodys}`,
  ]);
  const groups = await live.ofctl('dump-groups');
  expect([...groups.matchAll(/group_id=(\d+),.*?actions=(\S+)/g)].map(([, ...each]) => each).toSorted()).toEqual(
    [groupId, unused].map((id) => [String(id), 'output:1']).toSorted(),
  );
  expect(reconciler.monitor).toEqual({ state: 'on', audits: 0, untold: 0 });
  expect(failures).toEqual([]);
});

test('groups and meters of others are theirs: nothing is said and nothing sent', async () => {
  const wanted = createDesiredSet();
  wanted.group('g', 1);
  const { reconciler, sent, syncs, failures } = await connectTo(wanted);
  await reconciler.begin();
  const before = { ...sent };
  await live.ofctl('add-group', 'group_id=7,type=all,bucket=actions=output:2');
  await live.ofctl('mod-group', 'group_id=7,type=all,bucket=actions=output:3');
  await live.ofctl('add-meter', 'meter=7,pktps,bands=type=drop,rate=7');
  await reconciler.read();
  await reconciler.settled();
  expect([sent, syncs.length, reconciler.drift, failures]).toEqual([before, 1, [], []]);
  expect(await live.ofctl('dump-groups')).toContain('group_id=7,type=all,bucket=actions=output:3');
  expect(await live.ofctl('dump-meters')).toContain('meter=7 ');
});

test('a meter that somebody deletes or changes: it and what went through it are as they were', async () => {
  const wanted = createDesiredSet();
  const { meterId } = wanted.meter('m', 100);
  wanted.set(1, throughMeter(meterId));
  const { reconciler, failures, refused } = await connectTo(wanted);
  await reconciler.begin();
  expect(await live.ofctl('dump-flows', 'table=3')).toContain(`meter:${meterId}`);

  await live.ofctl('del-meters');
  await until(
    () => reconciler.driftCount,
    (found) => found === 2,
  );
  await reconciler.settled();
  expect(await live.ofctl('dump-flows', 'table=3')).toContain(`meter:${meterId}`);

  await live.ofctl('mod-meter', `meter=${meterId},pktps,stats,bands=type=drop,rate=7`);
  await until(
    () => reconciler.driftCount,
    (found) => found === 3,
  );
  await reconciler.settled();
  expect(reconciler.monitor.audits).toBe(0);
  expect(await live.ofctl('dump-meters')).toContain('rate=100');
  expect(reconciler.drift.map(({ text }) => text).toSorted()).toEqual([
    'a: its meter "m" was changed',
    'a: its meter "m" was gone',
    'a: port 1 (f.yaml:1) was gone',
  ]);
  expect([failures, refused]).toEqual([[], []]);
});

test('a meter that a foreign flow goes through is not taken from it, nor is the meter of others', async () => {
  const wanted = createDesiredSet();
  const { meterId } = wanted.meter('m', 100);
  wanted.set(1, throughMeter(meterId));
  const { reconciler } = await connectTo(wanted);
  await reconciler.begin();
  await live.ofctl('add-meter', 'meter=7,pktps,bands=type=drop,rate=7');
  await live.ofctl('add-flow', `cookie=0x77,table=8,actions=meter:${meterId},output:1`);
  await until(
    () => [...reconciler.actual.values()].length,
    (found) => found === 2,
  );
  wanted.deleteMeter('m');
  wanted.delete(1);
  reconciler.schedule();
  await reconciler.settled();
  const released = await reconciler.released();
  expect(released.left).toEqual([`meter ${meterId}: a foreign flow goes through it, and would go with it`]);
  expect(await live.ofctl('dump-flows')).toContain('cookie=0x77,');
  expect(await live.ofctl('dump-meters')).toContain('meter=7 ');
});

test(
  'of 3,000 flows it refuses some when they are added and some at the commit: each is told, all others are in',
  LONG,
  async () => {
    const wanted = createDesiredSet();
    const bad: string[] = [];
    for (let port = 1; port <= 3000; port++) {
      // A port that cannot be shows when it is read, a group that is not there when it would be used.
      if (port % 7 === 0)
        wanted.set(port, [{ type: 'applyActions', actions: [{ type: 'output', port: 0xfff0, maxLen: 0 }] }]);
      else if (port % 11 === 0) wanted.set(port, toGroup(12));
      else wanted.set(port, goto(5));
      if (port % 7 === 0) bad.push(`a: port ${port} (f.yaml:${port}): BAD_ACTION/BAD_OUT_PORT`);
      else if (port % 11 === 0) bad.push(`a: port ${port} (f.yaml:${port}): BAD_ACTION/BAD_OUT_GROUP`);
    }
    const { reconciler, refused, failures } = await connectTo(wanted);
    await reconciler.begin();
    expect(refused.toSorted()).toEqual(bad.toSorted());
    expect(await flowCount()).toBe(3000 - bad.length);
    expect(failures).toEqual([]);
  },
);

test('a switch that stops answering in a bundle is dropped, and has all when it comes back', LONG, async () => {
  const wanted = many(20_000);
  const first = await connectTo(wanted, { stallSeconds: 0.5 });
  const started = first.reconciler.begin();
  await until(
    () => first.sent.bundles,
    (bundles) => bundles === 1,
  );
  live.signal('SIGSTOP');
  try {
    await started;
    expect(first.ended[0]).toMatch(/^the switch stalls: no answer to .* within 0.5 s$/);
  } finally {
    live.signal('SIGCONT');
  }
  const second = await connectTo(wanted);
  await second.reconciler.begin();
  expect(await flowCount()).toBe(20_000);
});
