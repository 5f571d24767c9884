/** An index of flows is two maps of them, whatever comes and goes on which side. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFlowIndex, type FlowView } from '../../src/flow/flow-index.ts';

const SIDES = ['wanted', 'standing'] as const;
/** Of three tables. */
const identity = fc
  .tuple(fc.constantFrom(0, 7, 253), fc.nat(3))
  .map(([id, n]) => `${String.fromCharCode(id)}\0\x01${n}`);
const step = fc.record({ side: fc.constantFrom(...SIDES), identity, flow: fc.option(fc.nat(9), { nil: undefined }) });

/** Some orders differ: of an index it is by table. */
const sorted = (flows: Iterable<number>) => [...flows].toSorted((a, b) => a - b);

function expectSame(side: FlowView<number>, map: ReadonlyMap<string, number>): void {
  expect(side.size).toBe(map.size);
  expect(sorted(side.values())).toEqual(sorted(map.values()));
  for (const [each, flow] of map) expect([side.get(each), side.has(each)]).toEqual([flow, true]);
  for (const id of [0, 7, 253, 9]) {
    const there = [...map].filter(([each]) => each.charCodeAt(0) === id).map(([, flow]) => flow);
    expect(sorted(side.inTable(id))).toEqual(sorted(there));
  }
}

test('each side is as a map of its own, and the pairs are both together', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const index = createFlowIndex<number, number>();
      const maps = { wanted: new Map<string, number>(), standing: new Map<string, number>() };
      for (const { side, identity, flow } of steps) {
        if (flow === undefined) expect(index[side].delete(identity)).toBe(maps[side].delete(identity));
        else {
          index[side].set(identity, flow);
          maps[side].set(identity, flow);
        }
        expectSame(index.wanted, maps.wanted);
        expectSame(index.standing, maps.standing);
      }
      const all = new Set([...maps.wanted.keys(), ...maps.standing.keys()]);
      const pairOf = (each: string) => ({ wanted: maps.wanted.get(each), standing: maps.standing.get(each) });
      expect(index.pairs().flatMap((table) => [...table])).toEqual(expect.arrayContaining([...all].map(pairOf)));
      expect(index.pairs().flatMap((table) => [...table])).toHaveLength(all.size);
      for (const each of all) expect(index.pair(each)).toEqual(pairOf(each));
      expect(index.pair('\x07none')).toBeUndefined();
    }),
  );
});
