/** What apps keep beyond the process: their own, within bounds, read by rehearsals and never written by them. */

import { expect, test } from 'vitest';
import { type AppStore, createAppStore, type StoredValue } from '../../src/app/app-store.ts';
import { defineApp } from '../../src/app/define-app.ts';
import { createAppHost } from '../../src/app/host.ts';
import { rehearse } from '../../src/app/rehearse.ts';
import { type MemorySpace, processMemory } from '../../src/flow/allocate/memory.ts';
import { lab } from '../../src/testing/index.ts';
import { request } from './network.ts';

const space = (): MemorySpace => processMemory().space('app x');

test('what was set is got, listed, and gone when it was deleted', () => {
  const store = createAppStore('x', space(), false);
  const values: StoredValue[] = [null, true, 1.5, 'text', [1, [2]], { a: { b: [null] } }];
  for (const [index, value] of values.entries()) store.set(`key ${index}`, value);
  expect(store.entries()).toEqual(values.map((value, index) => [`key ${index}`, value]));
  expect(store.get('key 5')).toEqual({ a: { b: [null] } });
  store.delete('key 5');
  store.delete('never there');
  expect([store.get('key 5'), store.entries().length]).toEqual([undefined, 5]);
});

test('what was given and got is apart from what is kept', () => {
  const store = createAppStore('x', space(), false);
  const list = [1];
  store.set('list', list);
  list.push(2);
  (store.get('list') as number[]).push(3);
  expect(store.get('list')).toEqual([1]);
});

test('what is no value, too long, or one too many is refused, and nothing of it kept', () => {
  const store = createAppStore('x', space(), false);
  const set = store.set as (key: unknown, value: unknown) => void;
  expect(() => set('', 1)).toThrow('no text of 1 to 256 characters');
  expect(() => set(5, 1)).toThrow('no text of 1 to 256 characters');
  expect(() => set('k'.repeat(257), 1)).toThrow('no text of 1 to 256 characters');
  expect(() => set('k', undefined)).toThrow("JSON can't say");
  expect(() => set('k', () => 1)).toThrow("JSON can't say");
  expect(() => set('k', 'v'.repeat(16_383))).toThrow('16385 characters as k: 16384 at most');
  expect(store.entries()).toEqual([]);
  for (let index = 0; index < 100_000; index++) store.set(`${index}`, 0);
  expect(() => store.set('one more', 0)).toThrow('is full: 100000 values');
  store.set('99999', 1);
  store.delete('0');
  store.set('one more', 0);
  expect(store.get('one more')).toBe(0);
});

test('the sizes of all values together are bounded, those of an earlier run counted', () => {
  const kept = space();
  const earlier = createAppStore('x', kept, false);
  const large = 'v'.repeat(16_000);
  for (let index = 0; index < 2000; index++) earlier.set(`${index}`, large);
  const store = createAppStore('x', kept, false);
  let count = 2000;
  expect(() => {
    for (; count < 3000; count++) store.set(`${count}`, large);
  }).toThrow('is full');
  expect(count).toBeLessThan(2100);
  store.set('5', 'short');
  store.set(`${count}`, large.slice(100));
});

const counting = (seen: (store: AppStore) => void) =>
  defineApp({
    name: 'counting',
    setup({ store }) {
      store.set('runs', Number(store.get('runs') ?? 0) + 1);
      seen(store);
      return {};
    },
    attach({ store, dp }) {
      store.set(dp.dpid, true);
      return {};
    },
  });

test('a rehearsal reads what is kept, finds what it sets itself, and leaves nothing behind', () => {
  const memory = processMemory();
  const host = createAppHost({ memory });
  let found: [string, StoredValue][] = [];
  const app = counting((store) => {
    store.delete('old');
    found = store.entries();
  });
  memory.space('app counting').set('runs', 7);
  memory.space('app counting').set('old', 'x');
  expect(host.load([request(app)])).toEqual([]);
  const shadow = { dpid: '1', name: 's1', host: undefined, bridge: undefined, ports: new Map(), flows: new Map() };
  rehearse(host.copy(), shadow, undefined);
  expect(found).toEqual([['runs', 8]]);
  expect(memory.space('app counting').entries()).toEqual([
    ['runs', 7],
    ['old', 'x'],
  ]);
});

test('in a lab it is kept over a restart, the same for setup and every switch', async () => {
  let kept: [string, StoredValue][] = [];
  const app = counting((store) => {
    kept = store.entries();
  });
  const net = await lab({ apps: [app], switches: { s1: ['a'], s2: ['b'] } });
  expect(kept).toEqual([['runs', 1]]);
  await net.restart();
  expect(kept.map(([key]) => key)).toEqual(['runs', expect.stringMatching(/1$/), expect.stringMatching(/2$/)]);
  expect(kept[0]).toEqual(['runs', 2]);
});
