/** Numbers by name, ids of groups and meters, conntrack zones: the same on every run, never two with one number. */

import { expect, test } from 'vitest';
import { type Memory, numberMemory, processMemory, readOnly } from '../../../src/flow/allocate/memory.ts';
import { createNumbering } from '../../../src/flow/allocate/numbering.ts';
import { createOwnIds } from '../../../src/flow/allocate/own-ids.ts';
import { switchAllocation } from '../../../src/flow/allocate/switch-allocation.ts';
import { cookieOf } from '../../../src/flow/cookie.ts';
import { flowContent } from '../../../src/flow/flow-bytes.ts';
import { isOurId, MAIN, namespaceOf } from '../../../src/flow/namespace.ts';
import { createMeterBook } from '../../../src/flow/weave/meter-book.ts';
import { createZoneUse, type ZoneUser, zonesToFlush } from '../../../src/flow/weave/zones.ts';
import { createStore } from '../../../src/store/store.ts';

test('numbers follow from names; where two names want one, the second is remembered', () => {
  const memory = processMemory();
  const space = memory.space('n');
  const names = Array.from({ length: 8 }, (_, i) => `name ${i}`);
  const first = createNumbering(8, numberMemory(space));
  const numbers = names.map(first);
  expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(names.map((name) => first(name))).toEqual(numbers);
  expect(space.entries().length).toBeGreaterThan(0);
  expect(space.entries().length).toBeLessThan(8);
  expect(() => first('one more')).toThrow('no number is left for "one more": all 8 are taken; what');

  const again = createNumbering(8, numberMemory(space));
  expect(names.toReversed().map(again)).toEqual(numbers.toReversed());
  expect(again.nameOf(numbers[3]!)).toBe('name 3');

  again.release('name 3');
  expect(again.nameOf(numbers[3]!)).toBeUndefined();
  expect(again('one more')).toBe(numbers[3]);
  for (const name of [...names, 'one more']) again.release(name);
  expect(space.entries()).toEqual([]);
});

test('a copy goes on by itself, and a memory that is only read takes nothing in', () => {
  const memory = processMemory();
  const numbering = createNumbering(3, numberMemory(readOnly(memory).space('n')));
  ['a', 'b', 'c'].map(numbering);
  expect(memory.space('n').entries()).toEqual([]);
  const small = createNumbering(3);
  small('a');
  const copy = small.copy();
  copy('b');
  expect([small.nameOf(copy('b')), copy('a')]).toEqual([undefined, small('a')]);
});

test('what is remembered wrongly, or by a later version in another shape, is not taken', () => {
  const memory: Memory = createStore();
  const space = memory.space('n');
  space.set('big', 99);
  space.set('text', 'x');
  space.set('a', 2);
  space.set('b', 2);
  const numbering = createNumbering(4, numberMemory(space));
  expect(numbering('a')).toBe(2);
  expect(new Set(['a', 'b', 'big', 'text'].map(numbering)).size).toBe(4);
});

test('ids of groups and meters: ours, of app and key, and free again when released', () => {
  const ids = createOwnIds(MAIN);
  const id = ids.idOf('segments', 'all loc');
  expect(ids.idOf('segments', 'all loc')).toBe(id);
  expect(createOwnIds(MAIN).idOf('segments', 'all loc')).toBe(id);
  expect(isOurId(MAIN, id)).toBe(true);
  const others = [1, 0x4c01_0001, 0x0c00_0001, 0xffff_ff00];
  expect(others.filter((other) => isOurId(MAIN, other))).toEqual([]);
  const lab = namespaceOf('lab');
  expect(createOwnIds(lab).idOf('segments', 'all loc') - lab.ids * 0x1_0000).toBe(id - 0x4c00_0000);
  expect(isOurId(lab, id)).toBe(false);
  const many = new Set(Array.from({ length: 5000 }, (_, i) => ids.idOf('segments', `all ${i}`)));
  expect(many.size).toBe(5000);
});

test('meters: what can not be is told, and what goes by it', () => {
  const book = createMeterBook(createOwnIds(MAIN));
  book.set('a', 'm', { unit: 'packets', rate: 10, burst: 5 });
  const id = book.find('a', 'm') as number;
  expect(book.meters.size).toBe(0);
  expect(book.settle()).toEqual(new Set(['meter a/m']));
  expect(book.settle()).toEqual(new Set());
  expect(book.meters.get(id)).toMatchObject({
    ...{ meterId: id, app: 'a', key: 'm', flags: ['pktps', 'burst', 'stats'] },
    bands: [{ type: 'drop', rate: 10, burstSize: 5 }],
  });
  const restore = book.keep('a');
  book.set('a', 'm', { unit: 'kilobits', rate: 0 });
  expect(book.errors()).toEqual(['app "a", meter "m": rate is 0; it is a whole number from 1 on']);
  expect(book.find('a', 'm')).toBe(`its meter "m" can't be`);
  expect(book.find('b', 'm')).toBe('app "b" has no meter "m"');
  book.settle();
  expect(book.meters.size).toBe(0);
  book.set('a', 'n', { unit: 'kilobits', rate: 8 });
  restore();
  book.settle();
  expect([...book.meters.keys()]).toEqual([id]);
  expect(book.errors()).toEqual([]);
  book.clear('a');
  expect([...book.meters.keys()]).toEqual([id]);
  book.settle();
  expect(book.meters.size).toBe(0);
});

function through(zone: number, cookie: bigint, commit = false): ZoneUser {
  const ct = { type: 'ct', flags: commit ? (['commit'] as const) : [], zone, alg: 0, actions: [] } as const;
  const instructions = [{ type: 'applyActions' as const, actions: [ct] }];
  const content = flowContent({ idleTimeout: 0, hardTimeout: 0, flags: [], cookie, instructions });
  return { app: 'a', content, cookie, instructions };
}

test('a zone is flushed unless it is the same as before: by what is remembered, else by the flows that stand', () => {
  const use = createZoneUse();
  const [mine, other] = [cookieOf(MAIN, 3, 1n), cookieOf(MAIN, 3, 2n)];
  const [five, six] = [through(5, mine), through(6, mine)];
  use.add(five);
  use.add(six);
  const unsure = () => undefined;
  expect(zonesToFlush(MAIN, use.zones, [], unsure)).toEqual(new Set([5, 6]));
  expect(zonesToFlush(MAIN, use.zones, [through(5, mine), through(6, other)], unsure)).toEqual(new Set([6]));
  // Not ours, whatever it looks like.
  expect(zonesToFlush(MAIN, use.zones, [through(5, 7n)], unsure)).toEqual(new Set([5, 6]));
  expect(zonesToFlush(MAIN, use.zones, [through(5, mine)], (zone) => zone === 6)).toEqual(new Set([5]));
  expect(zonesToFlush(MAIN, use.zones, [], () => true)).toEqual(new Set());
  // A rule that commits is the same in any zone; it tells only where nothing is looked up.
  const rule = cookieOf(MAIN, 4, 3n);
  use.add(through(5, rule, true));
  expect(zonesToFlush(MAIN, use.zones, [through(5, rule, true), through(6, mine)], unsure)).toEqual(new Set([5]));
  use.add(through(7, rule, true));
  expect(zonesToFlush(MAIN, use.zones, [through(7, rule, true)], unsure)).toEqual(new Set([5, 6]));
  use.remove(six);
  expect(zonesToFlush(MAIN, use.zones, [], unsure)).toEqual(new Set([5, 7]));
});

test('whose a zone was is remembered by switch and name', () => {
  const memory = createStore();
  const zone = createNumbering(0xffff);
  const edge = zone('router edge');
  switchAllocation('a1', memory, zone, MAIN).zones.remember(edge);
  expect(switchAllocation('a1', memory, zone, MAIN).zones.isSame(edge)).toBe(true);
  expect(switchAllocation('a2', memory, zone, MAIN).zones.isSame(edge)).toBeUndefined();
  zone.release('router edge');
  const others = createNumbering(0xffff, undefined, [['router core', edge]]);
  expect(switchAllocation('a1', memory, others, MAIN).zones.isSame(edge)).toBe(false);
  expect(switchAllocation('a1', memory, zone, MAIN).zones.isSame(edge)).toBe(false);
});
