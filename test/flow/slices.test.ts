/** Many flows of one app are woven and compared in slices: switches are heard in between. */

import { expect, test } from 'vitest';
import { output } from '../../src/flow/actions.ts';
import { createTablePlan } from '../../src/flow/allocate/table-plan.ts';
import { createFlowIndex } from '../../src/flow/flow-index.ts';
import { MAIN } from '../../src/flow/namespace.ts';
import { type ActualFlow, actualFlow, diffFlows, diffingFlows } from '../../src/flow/reconcile/diff.ts';
import { atOnce, inSlices, SLICE, type Sliced } from '../../src/flow/slices.ts';
import { createWeaver, type DesiredFlow } from '../../src/flow/weave/weaver.ts';

const FLOWS = 200_000;

/** How long it took, how often others had their turn meanwhile, and the longest that they waited. */
async function watched<T>(work: Promise<T>): Promise<{ value: T; turns: number; longest: number; all: number }> {
  const begun = performance.now();
  let last = begun;
  let longest = 0;
  let turns = 0;
  let over = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    turns++;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  const value = await work;
  over = true;
  return { value, turns, longest, all: performance.now() - begun };
}

test(`${FLOWS} flows: others have their turn while they are woven and compared`, { timeout: 120_000 }, async () => {
  const plan = createTablePlan();
  const app = { name: 'a', number: 1, tables: plan.allocate('a', { t: { stage: 'admit' } }) };
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const weaver = createWeaver(plan, undefined, index);
  for (let i = 0; i < FLOWS; i++) {
    const ipv4Dst = `10.${i >> 16}.${(i >> 8) & 0xff}.${i & 0xff}`;
    weaver.set(app, 't', String(i), {
      priority: 9,
      match: { ethType: 0x0800, ipv4Dst },
      actions: [output(1)],
      intent: 'x',
    });
  }
  const weaving = await watched(inSlices(weaver.weaving()));
  // And the first table's default miss.
  expect(weaving.value.flows.size).toBe(FLOWS + 1);
  // A map that has grown full is copied at once, and memory is cleaned up at once: those are the longest.
  expect(weaving.turns).toBeGreaterThan(15);
  expect(weaving.longest).toBeLessThan(weaving.all / 2);

  for (const { identity, content } of weaving.value.flows.values())
    index.standing.set(identity, actualFlow(identity, content));
  // That is done within two turns on many machines: how often it would let others have theirs is counted.
  const comparing = counted(diffingFlows(MAIN, index.pairs(), () => false));
  expect([comparing.value.unchanged, comparing.value.add, comparing.value.remove]).toEqual([FLOWS + 1, [], []]);
  expect(comparing.yields).toBe(Math.floor((FLOWS + 1) / SLICE));
  expect(diffFlows(MAIN, index.pairs(), () => false)).toEqual(comparing.value);
});

function counted<T>(work: Sliced<T>): { value: T; yields: number } {
  for (let yields = 0; ; yields++) {
    const step = work.next();
    if (step.done === true) return { value: step.value, yields };
  }
}

test('at once and in slices it is the same work', async () => {
  function* counting(): Sliced<number> {
    let sum = 0;
    for (let i = 0; i < 5; i++) {
      sum += i;
      yield;
    }
    return sum;
  }
  expect([atOnce(counting()), await inSlices(counting())]).toEqual([10, 10]);
});

test('where what is done between two turns fails, the work is done to its end before that is told', async () => {
  const done: number[] = [];
  function* long(): Sliced<void> {
    for (let i = 0; i < 4; i++) {
      const end = performance.now() + 10;
      while (performance.now() < end);
      done.push(i);
      yield;
    }
  }
  const failing = inSlices(long(), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(done).toEqual([0, 1, 2, 3]);
});
