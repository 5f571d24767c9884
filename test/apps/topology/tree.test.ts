/** The spanning tree: every switch reached, no loop left, the same whatever the order; segments keep their own ways. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cable, placeKey, type Segments, spanningTree, treeOf } from '../../../apps/topology/tree.ts';

/** `1.2-3.4`: port 2 of switch 1 to port 4 of switch 3. */
function cable(text: string): Cable {
  const [a = '', b = ''] = text.split('-');
  const place = (end: string) => {
    const [dpid = '', port] = end.split('.');
    return { dpid: dpid.padStart(16, '0'), port: Number(port) };
  };
  return { a: place(a), b: place(b) };
}

function text({ a, b }: Cable): string {
  return `${Number(a.dpid)}.${a.port}-${Number(b.dpid)}.${b.port}`;
}

const treeTexts = (cables: string[], joined?: ReadonlyMap<string, string>) =>
  [...spanningTree(cables.map(cable), joined)].map(text).toSorted();

const RING = ['1.1-2.1', '2.2-3.1', '1.2-3.2'];

test('a ring of three: the cable far from the lowest datapath id is blocked', () => {
  expect(treeTexts(RING)).toEqual(['1.1-2.1', '1.2-3.2']);
});

test('of two cables between the same switches the one at the lowest port carries', () => {
  expect(treeTexts(['1.7-2.1', '1.3-2.9'])).toEqual(['1.3-2.9']);
});

test('at the same distance the lower datapath id is the parent', () => {
  expect(treeTexts(['1.1-2.1', '1.2-3.1', '2.2-4.1', '3.2-4.2'])).toEqual(['1.1-2.1', '1.2-3.1', '2.2-4.1']);
});

test('a cable from a switch to itself never carries', () => {
  expect(treeTexts(['1.1-1.2', '1.3-2.1'])).toEqual(['1.3-2.1']);
});

test('switches that tunnels join are one: cables between them never carry', () => {
  const joined = new Map(['1', '2'].map((dpid) => [dpid.padStart(16, '0'), '1'.padStart(16, '0')]));
  expect(treeTexts(['1.1-2.1', '2.2-3.1', '1.2-3.2'], joined)).toEqual(['1.2-3.2']);
});

const cables = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(5), fc.integer({ min: 1, max: 8 }), fc.nat(5)),
  { maxLength: 24, selector: (ends) => ends.join() },
);

test('whatever the cables: no loop is left, nothing is cut off, and their order does not matter', () => {
  fc.assert(
    fc.property(cables, fc.func(fc.nat()), (drawn, order) => {
      const all = drawn.map(([a, port, b, other], index) =>
        cable(`${a}.${port * 100 + index}-${b}.${other * 100 + index}`),
      );
      const tree = spanningTree(all);
      const parts = new Map<string, string>();
      const find = (node: string): string => (parts.has(node) ? find(parts.get(node) ?? '') : node);
      for (const { a, b } of tree) {
        expect(find(a.dpid)).not.toBe(find(b.dpid));
        parts.set(find(a.dpid), find(b.dpid));
      }
      for (const { a, b } of all) expect(find(a.dpid)).toBe(find(b.dpid));
      const shuffled = all.map((each) => [order(text(each)), each] as const).toSorted(([a], [b]) => a - b);
      expect(new Set(spanningTree(shuffled.map(([, each]) => each)))).toEqual(tree);
    }),
  );
});

const everywhere: Segments = { of: () => new Set([0]), joined: () => new Map() };

test('both ends of a blocked cable are closed', () => {
  const { closed, carrying } = treeOf(RING.map(cable), everywhere);
  expect([...closed]).toEqual([
    [placeKey(cable('2.2-3.1').a), 'all'],
    [placeKey(cable('2.2-3.1').b), 'all'],
  ]);
  expect([...carrying].map(text)).toEqual(['1.1-2.1', '1.2-3.2']);
});

test('two cables with different segments carry both; a third with both segments is blocked', () => {
  const carried = new Map([
    [1, new Set([10])],
    [2, new Set([20])],
    [3, new Set([10, 20])],
  ]);
  const segments: Segments = { of: ({ port }) => carried.get(port) ?? new Set(), joined: () => new Map() };
  const two = treeOf(['1.1-2.1', '1.2-2.2'].map(cable), segments);
  expect(two.closed.size).toBe(0);
  const three = treeOf(['1.1-2.1', '1.2-2.2', '1.3-2.3'].map(cable), segments);
  expect([...three.closed.values()]).toEqual(['all', 'all']);
  expect([...three.carrying].map(text)).toEqual(['1.1-2.1', '1.2-2.2']);
});

test('where a cable carries one segment and would close a loop of another, only the other is closed', () => {
  const carried: Record<string, number[]> = { '1.1': [10], '1.2': [10, 20] };
  const segments: Segments = {
    of: ({ dpid, port }) => new Set(carried[`1.${port}`] ?? [Number(dpid)]),
    joined: () => new Map(),
  };
  const { closed, carrying } = treeOf(['1.1-2.1', '1.2-2.2'].map(cable), segments);
  expect([...closed.values()]).toEqual([new Set([10]), new Set([10])]);
  expect(carrying.size).toBe(2);
});

test('a cable whose ends have no segment in common is left as it is', () => {
  const segments: Segments = { of: ({ dpid }) => new Set([Number(dpid)]), joined: () => new Map() };
  const { closed, carrying } = treeOf(RING.map(cable), segments);
  expect(closed.size).toBe(0);
  expect(carrying.size).toBe(3);
});
