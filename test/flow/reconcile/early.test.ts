/** A switch that is to get many flows takes them in while others are still woven, in the bundle that brings the rest. */

import { afterEach, expect, test } from 'vitest';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { Weaver } from '../../../src/flow/weave/weaver.ts';
import { createDesiredSet, type DesiredSet, goto, tableFlow, throughMeter, toGroup } from './desired-set.ts';
import { createStubbornSwitch, type Stubbornness, type StubbornSwitch } from './stubborn-switch.ts';

const MANY = 4000;
const open: StubbornSwitch[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.end();
});

/** Takes some turns of the event loop for what is to be woven; `halfway` is called in the middle. */
function slowWeaver(wanted: DesiredSet, halfway: () => void): Pick<Weaver, 'weaving' | 'woven'> {
  const woven = wanted.weave();
  return {
    woven,
    *weaving(fresh) {
      const flows = [...wanted.flows.values()];
      for (const [index, flow] of flows.entries()) {
        fresh?.(flow);
        if (index === flows.length >> 1) halfway();
        if (index % 500 !== 499) continue;
        const end = performance.now() + 10;
        while (performance.now() < end);
        yield;
      }
      return { ...wanted.weave(), touched: [...wanted.flows.keys()] };
    },
  };
}

function start(
  wanted: DesiredSet,
  stubbornness: Stubbornness = {},
  halfway: (stubborn: StubbornSwitch) => void = () => undefined,
) {
  const weaver = slowWeaver(wanted, () => halfway(stubborn));
  const stubborn = createStubbornSwitch(wanted.weave, { ...stubbornness, weaver });
  open.push(stubborn);
  return stubborn;
}

function manyFlows(): DesiredSet {
  const wanted = createDesiredSet();
  for (let port = 1; port <= MANY; port++) wanted.set(port, goto(5));
  return wanted;
}

const portOf = (mod: unknown) => Number((mod as FlowMod).match?.inPort);
const asked = (stubborn: StubbornSwitch, what: string) => stubborn.asked.get(what) ?? 0;

test('half of them are under way when half are woven, each is sent once, and all take effect together', async () => {
  let sent = 0;
  let done = 0;
  const wanted = createDesiredSet();
  // In two tables, not one behind the other.
  for (let port = 1; port <= MANY / 2; port++) {
    wanted.set(60_000 + port, goto(5));
    wanted.set(port, goto(5));
  }
  const stubborn = start(wanted, {}, (at) => {
    sent = asked(at, 'bundleAdd');
    done = at.done.length;
  });
  await stubborn.reconciler.begin();
  expect(sent).toBeGreaterThan(500);
  expect(done).toBe(0);
  expect(asked(stubborn, 'bundleAdd')).toBe(MANY);
  expect(asked(stubborn, 'bundle openRequest')).toBe(1);
  expect(stubborn.table.flows.size).toBe(MANY);
  expect(stubborn.reconciler.actual.size).toBe(MANY);
  expect(stubborn.failures).toEqual([]);
});

test('meters and groups that the flows go through come first', async () => {
  const wanted = manyFlows();
  const { groupId } = wanted.group('g', 1);
  const { meterId } = wanted.meter('m', 100);
  wanted.set(1, toGroup(groupId));
  wanted.set(2, throughMeter(meterId));
  const stubborn = start(wanted);
  await stubborn.reconciler.begin();
  expect(stubborn.done.slice(0, 3).map(({ type }) => type)).toEqual(['meterMod', 'groupMod', 'flowMod']);
  expect(asked(stubborn, 'bundleAdd')).toBe(MANY + 1);
  expect(stubborn.table.flows.size).toBe(MANY);
});

test('where a group is refused, the flow that needs it waits, and all others stand', async () => {
  const wanted = manyFlows();
  const { groupId } = wanted.group('g', 1);
  const { identity } = wanted.set(MANY, toGroup(groupId));
  const stubborn = start(wanted, { refuses: ({ type }) => type === 'groupMod' });
  await stubborn.reconciler.begin();
  expect(stubborn.table.flows.size).toBe(MANY - 1);
  expect(stubborn.reconciler.actual.has(identity)).toBe(false);
  expect(stubborn.reconciler.problems()).toHaveLength(2);
});

test.for(['add', 'commit'] as const)('some are refused at %s: all others stand, each refusal told', async (when) => {
  const isRefused = (port: number) => port % 1000 === 7;
  const stubborn = start(manyFlows(), { refuses: (mod, at) => at === when && isRefused(portOf(mod)) });
  await stubborn.reconciler.begin();
  const ports = Array.from(stubborn.table.flows.values(), ({ match }) => Number(match.inPort));
  expect(ports).toHaveLength(MANY - 4);
  expect(ports.filter(isRefused)).toEqual([]);
  expect(stubborn.refused.toSorted()).toEqual(
    [7, 1007, 2007, 3007].map((port) => `a: port ${port} (f.yaml:${port}): BAD_ACTION/BAD_OUT_PORT`).toSorted(),
  );
  expect(stubborn.reconciler.actual.size).toBe(MANY - 4);
});

test('another controller takes the place of one that is under way: its flow stays, the others come in another bundle', async () => {
  const theirs = { ...tableFlow(1, goto(9), 7n), type: 'flowMod', command: 'add' } as const;
  const stubborn = start(manyFlows(), {}, (at) =>
    at.foreign({ ...theirs, cookieMask: 0n, bufferId: 0xffffffff, outPort: 'any', outGroup: 'any', importance: 0 }),
  );
  await stubborn.reconciler.begin();
  expect(stubborn.table.flows.size).toBe(MANY);
  expect([...stubborn.table.flows.values()].filter(({ cookie }) => cookie === 7n)).toHaveLength(1);
  expect(stubborn.refused).toHaveLength(1);
  expect(stubborn.refused[0]).toContain('a foreign flow (cookie 0x7) stands at the same table');
  expect(asked(stubborn, 'bundle discardRequest')).toBe(1);
  expect(asked(stubborn, 'bundle openRequest')).toBe(2);
});

test('where they stand already, nothing is sent and no bundle opened', async () => {
  const wanted = manyFlows();
  const first = start(wanted);
  await first.reconciler.begin();
  await first.reconciler.begin();
  expect(asked(first, 'bundleAdd')).toBe(MANY);
  expect(asked(first, 'bundle openRequest')).toBe(1);
});
