/** Priorities in order: falling, inside their range, and the same as before for as many as can be. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignPriorities, createPriorityMemory } from '../../../src/flow/weave/priorities.ts';

const range = { above: 0, below: 100 };

function expectInOrder(priorities: number[], { above, below }: { above: number; below: number }): void {
  for (const [i, priority] of priorities.entries()) {
    expect(Number.isInteger(priority)).toBe(true);
    expect(priority).toBeLessThan(i === 0 ? below : priorities[i - 1]!);
    expect(priority).toBeGreaterThan(above);
  }
}

test('new ones lie evenly in the range', () => {
  expect(assignPriorities([undefined, undefined, undefined], range)).toEqual([75, 50, 25]);
});

test('one more moves nobody: between two, at the head, at the end', () => {
  expect(assignPriorities([75, undefined, 50, 25], range)).toEqual([75, 63, 50, 25]);
  expect(assignPriorities([undefined, 75, 50, 25], range)).toEqual([88, 75, 50, 25]);
  expect(assignPriorities([75, 50, 25, undefined], range)).toEqual([75, 50, 25, 13]);
});

test('one that moved takes a new one, the others stay', () => {
  expect(assignPriorities([25, 75, 50], range)).toEqual([88, 75, 50]);
  expect(assignPriorities([50, 25, 75], range)).toEqual([50, 25, 13]);
});

test('where there is no room the nearest neighbours move', () => {
  const priorities = assignPriorities([90, 51, undefined, 50, 10], range);
  expectInOrder(priorities, range);
  expect(priorities[0]).toBe(90);
  expect(priorities[4]).toBe(10);
});

test('a list that no range can hold is refused with both numbers', () => {
  expect(assignPriorities(new Array(99).fill(undefined), range)).toEqual(Array.from({ length: 99 }, (_, i) => 99 - i));
  expect(() => assignPriorities(new Array(100).fill(undefined), range)).toThrow(
    '100 flows in order need 100 priorities',
  );
});

test('whatever was remembered: falling, in range, and none moves that need not', () => {
  const priority = fc.option(fc.integer({ min: -3, max: 43 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(priority, { maxLength: 39 }), (remembered) => {
      const small = { above: 0, below: 40 };
      const priorities = assignPriorities(remembered, small);
      expectInOrder(priorities, small);
      const known = remembered.filter((each) => each !== undefined);
      const fits = known.every((each, i) => each > 0 && each < 40 && (i === 0 || each < known[i - 1]!));
      const room = remembered.every((each, i) => each !== undefined || roomFor(remembered, i));
      if (fits && room)
        for (const [i, each] of remembered.entries()) if (each !== undefined) expect(priorities[i]).toBe(each);
    }),
    { numRuns: 2000 },
  );
});

/** Whether the run of new ones that holds `at` fits between its neighbours. */
function roomFor(remembered: (number | undefined)[], at: number): boolean {
  let from = at;
  while (from > 0 && remembered[from - 1] === undefined) from--;
  let to = at;
  while (to < remembered.length && remembered[to] === undefined) to++;
  return (remembered[from - 1] ?? 40) - (remembered[to] ?? 0) - 1 >= to - from;
}

const idOf = (intent: string) => BigInt(intent.length);

test('memory: what is declared again keeps its priority, also one of several that say the same', () => {
  const memory = createPriorityMemory(() => [], idOf);
  const [a, b, c] = memory.assign(['a', 'same', 'same'], range);
  expect(memory.assign(['a', 'new', 'same', 'same'], range)).toEqual(
    [a, Math.floor((a! + b!) / 2), b, c].map((x) => expect.closeTo(x!, -0.5)),
  );
  expect(memory.assign(['same'], range)).toEqual([b]);
});

test('memory: at the start it is what stands in the switch, of this table and in range', () => {
  const standing = () => [
    { intentId: 1n, priority: 70 },
    { intentId: 1n, priority: 70 },
    { intentId: 1n, priority: 60_000 },
    { intentId: 3n, priority: 33 },
  ];
  expect(createPriorityMemory(standing, idOf).assign(['a', 'bb', 'ccc'], range)).toEqual([70, 52, 33]);
});

test('memory: whatever changes in a list, it falls, in range, and what has room around it keeps its own', () => {
  const edit = fc.record({
    at: fc.nat(30),
    out: fc.nat(2),
    into: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
      const memory = createPriorityMemory(() => [], idOf);
      const wide = { above: 0, below: 100_000 };
      let list: string[] = Array.from({ length: 12 }, (_, i) => `rule ${i}`);
      let had = memory.assign(list, wide);
      for (const { at, out, into } of edits) {
        const from = at % (list.length + 1);
        const next = list.toSpliced(from, out, ...into);
        const priorities = memory.assign(next, wide);
        expectInOrder(priorities, wide);
        // Where several say the same, the first has what the first had.
        const isPlain = [list, next].every((each) => new Set(each).size === each.length);
        for (const [i, text] of isPlain ? next.entries() : []) {
          if (text.startsWith('rule')) expect(priorities[i]).toBe(had[list.indexOf(text)]);
        }
        list = next;
        had = priorities;
      }
    }),
    { numRuns: 300 },
  );
});
