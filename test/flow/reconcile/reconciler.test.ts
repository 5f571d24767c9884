/** The reconciler on a switch that refuses, stalls, or knows less than Open vSwitch. */

import { afterEach, expect, test, vi } from 'vitest';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { cookieOf, STATE } from '../../../src/flow/cookie.ts';
import { MAIN } from '../../../src/flow/namespace.ts';
import { flowAdd } from '../../../src/flow/reconcile/messages.ts';
import { parseInstructions } from '../../../src/flow/text/instructions.ts';
import { createDesiredSet, goto, ids, tableFlow, throughMeter, toGroup } from './desired-set.ts';
import { createStubbornSwitch, type Stubbornness, type StubbornSwitch } from './stubborn-switch.ts';

const open: StubbornSwitch[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.end();
});

function start(wanted: ReturnType<typeof createDesiredSet>, stubbornness?: Stubbornness): StubbornSwitch {
  const stubborn = createStubbornSwitch(wanted.weave, stubbornness);
  open.push(stubborn);
  return stubborn;
}

const ports = (flows: Iterable<{ match: { inPort?: unknown } }>) =>
  Array.from(flows, ({ match }) => Number(match.inPort)).toSorted((a, b) => a - b);

const portOf = (mod: unknown) => Number((mod as FlowMod).match?.inPort);

for (const when of ['add', 'commit'] as const) {
  test.for([2, 3, 7])(`every %i-th flow is refused at ${when}: all others are in, each refusal told`, async (k) => {
    const wanted = createDesiredSet();
    for (let port = 1; port <= 60; port++) wanted.set(port, goto(5));
    const stubborn = start(wanted, { refuses: (mod, at) => at === when && portOf(mod) % k === 0 });
    await stubborn.reconciler.begin();
    const all = Array.from({ length: 60 }, (_, i) => i + 1);
    expect(ports(stubborn.table.flows.values())).toEqual(all.filter((port) => port % k !== 0));
    expect(ports(stubborn.reconciler.actual.values())).toEqual(all.filter((port) => port % k !== 0));
    expect(stubborn.refused).toHaveLength(Math.floor(60 / k));
    for (const port of all.filter((each) => each % k === 0))
      expect(stubborn.refused).toContain(`a: port ${port} (f.yaml:${port}): BAD_ACTION/BAD_OUT_PORT`);
    expect(stubborn.reconciler.problems()).toHaveLength(Math.floor(60 / k));
    // What was wrong with the messages shows at once; a commit names one culprit, and after three nothing is bundled.
    expect(stubborn.asked.get('bundle openRequest')).toBe(when === 'add' ? 2 : 3);
    expect(stubborn.asked.get('bundle discardRequest')).toBe(when === 'add' ? 1 : undefined);
    expect(stubborn.asked.get('flowMod') ?? 0).toBe(when === 'add' ? 0 : 57);

    // Nothing of it is sent again; one that is declared otherwise is.
    const before = stubborn.done.length;
    await stubborn.reconciler.read();
    expect(stubborn.done).toHaveLength(before);
    wanted.set(1, goto(6));
    stubborn.reconciler.schedule();
    await stubborn.reconciler.settled();
    expect(stubborn.done).toHaveLength(before + 1);
    expect(stubborn.failures).toEqual([]);
  });
}

test('a switch without bundles gets each change on its own, what goes last', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  wanted.set(1, toGroup(groupId));
  const stubborn = start(wanted, { bundles: 'unknown' });
  stubborn.table.apply(flowAdd(tableFlow(9, goto(5)) as never));
  await stubborn.reconciler.begin();
  expect(
    stubborn.done.map((mod) => ('groupId' in mod ? 'group' : `${(mod as FlowMod).command} ${portOf(mod)}`)),
  ).toEqual(['group', 'add 1', 'deleteStrict 9']);
  expect(stubborn.refused).toEqual([]);
});

test.for([
  undefined,
  'unknown',
] as const)('make before break, bundles %s: meter, group, flow; then what leaves', async (bundles) => {
  const wanted = createDesiredSet();
  const first = wanted.group('old', 1);
  wanted.set(1, throughMeter(wanted.meter('old', 100).meterId));
  wanted.set(2, toGroup(first.groupId));
  const stubborn = start(wanted, bundles && { bundles });
  await stubborn.reconciler.begin();
  stubborn.done.length = 0;
  wanted.delete(1);
  wanted.delete(2);
  wanted.deleteGroup('old');
  wanted.deleteMeter('old');
  // Flows are declared first, here and in apps: the order is not theirs.
  const [meter, group] = [ids.idOf('a', 'new meter'), ids.idOf('a', 'new group')];
  wanted.set(3, throughMeter(meter));
  wanted.set(4, toGroup(group));
  wanted.group('new group', 2);
  wanted.meter('new meter', 200);
  stubborn.reconciler.schedule();
  await stubborn.reconciler.settled();
  const order = stubborn.done.map((mod) => `${mod.command} ${mod.type === 'flowMod' ? portOf(mod) : mod.type}`);
  expect([...order.slice(0, 2), ...order.slice(2, 4).toSorted(), ...order.slice(4, 6).toSorted()]).toEqual([
    'add meterMod',
    'add groupMod',
    'add 3',
    'add 4',
    'deleteStrict 1',
    'deleteStrict 2',
  ]);
  expect(order.slice(6)).toEqual(['delete groupMod', 'delete meterMod']);
  expect([stubborn.refused, stubborn.failures]).toEqual([[], []]);
});

test('flows that go through a refused group wait for it, and come when it can stand', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 99);
  wanted.set(1, toGroup(groupId));
  wanted.set(2, goto(5));
  const isBad = (mod: unknown) => JSON.stringify(mod).includes('"port":99');
  const stubborn = start(wanted, { refuses: (mod, when) => when === 'add' && mod.type === 'groupMod' && isBad(mod) });
  await stubborn.reconciler.begin();
  expect(ports(stubborn.table.flows.values())).toEqual([2]);
  const [group, flow] = stubborn.refused;
  expect(group).toBe('group a/g: BAD_ACTION/BAD_TYPE');
  expect(flow).toMatch(/^a: port 1 \(f.yaml:1\): the switch refused what it goes through: group a\/g: BAD_ACTION/);
  expect(stubborn.reconciler.problems()).toEqual(stubborn.refused);

  wanted.group('g', 4);
  stubborn.reconciler.schedule();
  await stubborn.reconciler.settled();
  expect(ports(stubborn.table.flows.values())).toEqual([1, 2]);
  expect(stubborn.reconciler.problems()).toEqual([]);
});

/** Another controller's, where ours of that port would stand. */
const theirs = (port: number) => flowAdd(tableFlow(port, goto(9), 7n) as never);

test('a foreign flow that comes while a bundle is sent stays: the bundle is discarded, the others come in the next', async () => {
  const wanted = createDesiredSet();
  for (let port = 1; port <= 60; port++) wanted.set(port, goto(5));
  let came = 0;
  const stubborn = start(wanted, {
    between() {
      if (came > 0 || stubborn.asked.get('bundleAdd') !== 30) return;
      came++;
      stubborn.foreign(theirs(9));
    },
  });
  await stubborn.reconciler.begin();
  const foreign = [...stubborn.table.flows.values()].filter(({ cookie }) => cookie === 7n);
  expect(ports(foreign)).toEqual([9]);
  expect(stubborn.table.flows.size).toBe(60);
  expect(stubborn.reconciler.actual.size).toBe(60);
  expect(stubborn.refused).toEqual([expect.stringMatching(/^a: port 9 .*: a foreign flow \(cookie 0x7\) stands at/)]);
  expect(stubborn.asked.get('bundle discardRequest')).toBe(1);
  expect(stubborn.asked.get('bundle commitRequest')).toBe(1);
  expect(stubborn.failures).toEqual([]);
});

test('one foreign flow after the other comes in the way: all stay, and what they leave room for is in at the end', async () => {
  const wanted = createDesiredSet();
  for (let port = 1; port <= 60; port++) wanted.set(port, goto(5));
  let came = 0;
  const stubborn = start(wanted, {
    options: { bytes: 1024 },
    between() {
      const { asked } = stubborn;
      const isBundled = asked.get('bundle closeRequest') === came + 1;
      // After the fifth bundle each comes on its own.
      if (came < 5 ? !isBundled : came > 5 || asked.get('flowMod') !== 3) return;
      came++;
      stubborn.foreign(theirs(60 - came));
    },
  });
  await stubborn.reconciler.begin();
  const foreign = [...stubborn.table.flows.values()].filter(({ cookie }) => cookie === 7n);
  expect(ports(foreign)).toEqual([54, 55, 56, 57, 58, 59]);
  expect(stubborn.table.flows.size).toBe(60);
  expect(stubborn.refused).toHaveLength(6);
  expect(stubborn.asked.get('bundle commitRequest')).toBeUndefined();
  expect(stubborn.failures).toEqual([]);
});

test('a group that somebody deletes while a bundle is sent comes back, and nothing that goes through it is refused', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  const usesGroup = (port: number) => port > 1 && port < 60;
  let isThere = false;
  let wasDeleted = false;
  const stubborn = start(wanted, {
    refuses(mod, when) {
      // What comes before it in its bundle counts.
      if (mod.type === 'groupMod' && when === 'add') isThere = true;
      return when === 'commit' && usesGroup(portOf(mod)) && !isThere && 'badOutGroup';
    },
    between() {
      if (wasDeleted || (stubborn.asked.get('bundleAdd') ?? 0) < 30) return;
      wasDeleted = true;
      isThere = false;
      stubborn.groups.delete(groupId);
    },
  });
  await stubborn.reconciler.begin();
  expect(isThere).toBe(true);
  for (let port = 1; port <= 60; port++) wanted.set(port, usesGroup(port) ? toGroup(groupId) : goto(5));
  stubborn.reconciler.schedule();
  await stubborn.reconciler.settled();
  expect(wasDeleted).toBe(true);
  expect(stubborn.groups.has(groupId)).toBe(true);
  expect(stubborn.table.flows.size).toBe(60);
  expect([stubborn.refused, stubborn.failures]).toEqual([[], []]);
});

test('a group that a flow must go on using stays, and goes with the last of them', async () => {
  const wanted = createDesiredSet();
  const { groupId } = wanted.group('g', 1);
  wanted.set(1, toGroup(groupId));
  let refusing = false;
  const stubborn = start(wanted, { refuses: (mod, when) => refusing && when === 'add' && portOf(mod) === 1 });
  await stubborn.reconciler.begin();
  expect(stubborn.groups.size).toBe(1);
  // Its successor is refused: the old flow stands, and a switch would delete it with its group.
  refusing = true;
  wanted.deleteGroup('g');
  wanted.set(1, goto(5));
  stubborn.reconciler.schedule();
  await stubborn.reconciler.settled();
  expect([stubborn.groups.size, ports(stubborn.table.flows.values())]).toEqual([1, [1]]);
  refusing = false;
  wanted.set(1, goto(6));
  stubborn.reconciler.schedule();
  await stubborn.reconciler.settled();
  expect(stubborn.groups.size).toBe(0);
});

test('a refused flow monitor is survived: drift is found by reading again', async () => {
  const wanted = createDesiredSet();
  wanted.set(1, goto(5));
  const stubborn = start(wanted, { monitor: 'refused', options: { blindAuditSeconds: 0.05 } });
  await stubborn.reconciler.begin();
  expect(stubborn.reconciler.monitor.state).toBe('off');
  expect(stubborn.failures).toEqual([]);
  stubborn.foreign({ ...flowAdd(tableFlow(1, []) as never), command: 'delete' });
  await expect.poll(() => stubborn.reconciler.driftCount).toBe(1);
  await stubborn.reconciler.settled();
  expect(ports(stubborn.table.flows.values())).toEqual([1]);
  expect(stubborn.reconciler.drift[0]?.text).toBe('a: port 1 (f.yaml:1) was gone');
  expect(stubborn.untold).toEqual([]);
});

test('never more than a window of unacknowledged bytes; a switch that stalls is dropped', async () => {
  const wanted = createDesiredSet();
  for (let port = 1; port <= 3000; port++) wanted.set(port, goto(5));
  const bytes = 32 << 10;
  const sound = start(wanted, { options: { bytes } });
  let most = 0;
  const { window } = sound.reconciler;
  const { sent } = window;
  window.sent = (bytes) => {
    sent(bytes);
    most = Math.max(most, window.unacknowledged);
  };
  await sound.reconciler.begin();
  expect(sound.table.flows.size).toBe(3000);
  expect(most).toBeGreaterThan(bytes / 2);
  expect(most).toBeLessThanOrEqual(bytes);
  // The answer to a packet goes out at once; where it is much, it waits as all else.
  for (let port = 1; port <= 3000; port++) wanted.set(port, goto(6));
  sound.reconciler.flush();
  await sound.reconciler.settled();
  expect(sound.asked.get('bundle commitRequest')).toBe(2);
  expect(most).toBeLessThanOrEqual(bytes);

  const stalling = createDesiredSet();
  stalling.set(1, goto(5));
  const stubborn = start(stalling, { stalls: 'barriers', options: { stallSeconds: 0.1 } });
  await stubborn.reconciler.begin();
  expect(stubborn.closed).toEqual(['the switch stalls: no answer to a barrier within 0.1 s']);
});

test('a switch that never tells its flows is dropped too', async () => {
  const wanted = createDesiredSet();
  const silent = start(wanted, { stalls: 'flows', options: { stallSeconds: 0.1 } });
  await silent.reconciler.begin();
  expect(silent.closed).toEqual(['the switch stalls: no answer to a question for its flows within 0.1 s']);
});

test('a group that a packet-in brings and the switch refuses: its flows wait, and come when it can stand', async () => {
  const wanted = createDesiredSet();
  const isBad = (mod: unknown) => JSON.stringify(mod).includes('"port":99');
  const stubborn = start(wanted, {
    // Sent behind it without a bundle, the flow would find no group to go through.
    refuses: (mod) =>
      (mod.type === 'groupMod' && isBad(mod)) || (mod.type === 'flowMod' && !stubborn.asked.has('bundle openRequest')),
  });
  await stubborn.reconciler.begin();
  const { groupId } = wanted.group('g', 99);
  wanted.set(1, toGroup(groupId));
  stubborn.reconciler.flush();
  await stubborn.reconciler.settled();
  expect(stubborn.refused[0]).toBe('group a/g: BAD_ACTION/BAD_TYPE');
  expect(stubborn.refused[1]).toMatch(/^a: port 1 .*the switch refused what it goes through/);
  wanted.group('g', 4);
  stubborn.reconciler.flush();
  await stubborn.reconciler.settled();
  expect([stubborn.groups.size, ports(stubborn.table.flows.values())]).toEqual([1, [1]]);
  expect(stubborn.reconciler.problems()).toEqual([]);
});

test('a release that finds the connection ended says so, and hangs for nobody', async () => {
  const stubborn = start(createDesiredSet());
  await stubborn.reconciler.begin();
  stubborn.reconciler.stop();
  await expect(stubborn.reconciler.released()).rejects.toThrow('it is not connected any more');
});

test('a release takes out what the switch puts back, as it counts packets of before', async () => {
  const wanted = createDesiredSet();
  const cookie = cookieOf(MAIN, 1, STATE | 5n);
  wanted.set(1, parseInstructions('learn(table=3,priority=4,output:NXM_OF_IN_PORT[])'));
  const stubborn = start(wanted);
  await stubborn.reconciler.begin();
  const learned = flowAdd(tableFlow(2, goto(5), cookie));
  stubborn.foreign(learned);
  const released = stubborn.reconciler.released();
  await vi.waitFor(() => expect(stubborn.table.flows.size).toBe(0));
  stubborn.foreign(learned);
  expect(await released).toEqual({ flows: 2, groups: 0, meters: 0, left: [] });
  expect(stubborn.table.flows.size).toBe(0);
});
