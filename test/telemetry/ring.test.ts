/** Histories in fixed memory: steps of a second, ten, a minute; and how much a counter rose. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistory } from '../../src/telemetry/counters/history.ts';
import { counter, increase, increases, NOT_KEPT, wideCounter } from '../../src/telemetry/counters/increase.ts';
import { createRing, ringBytes, STEPS } from '../../src/telemetry/counters/ring.ts';

const BEGIN = 1_700_000_040_000;

test('what rose between two readings is spread over the steps between them; rest is zeros', () => {
  const ring = createRing(2, BEGIN);
  ring.add(BEGIN, BEGIN + 2000, [10, 1000]);
  ring.add(BEGIN + 2000, BEGIN + 3000, [7, 70]);
  expect(ring.read(1, BEGIN + 5500)).toEqual({
    from: BEGIN,
    rates: [
      [5, 5, 7, 0, 0],
      [500, 500, 70, 0, 0],
    ],
  });
  expect(ring.read(10, BEGIN + 20_000)).toEqual({
    from: BEGIN,
    rates: [
      [1.7, 0],
      [107, 0],
    ],
  });
  expect(ring.read(60, BEGIN + 59_999)?.rates).toEqual([[], []]);
  expect(ring.read(7, BEGIN)).toBeUndefined();
});

test('of a day there is every minute, of an hour every tenth second, of two minutes every second', () => {
  const ring = createRing(1, BEGIN);
  const day = 2 * 86_400_000;
  for (let at = 0; at < day; at += 30_000) ring.add(BEGIN + at, BEGIN + at + 30_000, [30]);
  for (const [seconds, count] of STEPS) {
    expect(ring.read(seconds, BEGIN + day)?.rates[0]).toEqual(Array.from({ length: count }, () => 1));
  }
});

test('whatever is added, the kept steps hold just what fell into them', () => {
  const adding = fc.record({ gap: fc.nat(400_000), span: fc.integer({ min: 1, max: 90_000 }), amount: fc.nat(1e6) });
  fc.assert(
    fc.property(fc.array(adding, { minLength: 1, maxLength: 20 }), (addings) => {
      const ring = createRing(1, BEGIN);
      let now = BEGIN;
      const added: { from: number; to: number; amount: number }[] = [];
      for (const { gap, span, amount } of addings) {
        const from = now + gap;
        now = from + span;
        ring.add(from, now, [amount]);
        added.push({ from, to: now, amount });
      }
      for (const [seconds, count] of STEPS) {
        const { from, rates } = ring.read(seconds, now)!;
        expect(rates[0]!.length).toBeLessThanOrEqual(count);
        for (const [index, rate] of rates[0]!.entries()) {
          const start = from + index * seconds * 1000;
          const end = start + seconds * 1000;
          const fell = added.reduce((sum, one) => {
            const overlap = Math.max(0, Math.min(end, one.to) - Math.max(start, one.from));
            return sum + (one.amount * overlap) / (one.to - one.from);
          }, 0);
          expect(rate * seconds).toBeCloseTo(fell, 4);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('all histories together keep to their memory: what has rested longest makes room, what moves does not', () => {
  const bytes = ringBytes(2);
  const history = createHistory({ budget: 3 * bytes, busy: 60_000 });
  for (const [index, id] of ['a', 'b', 'c'].entries()) history.add(id, BEGIN + index, BEGIN + index + 1000, [1, 1]);
  history.add('d', BEGIN + 10_000, BEGIN + 11_000, [1, 1]);
  expect(history.get('d')).toBeUndefined();
  history.add('a', BEGIN + 100_000, BEGIN + 101_000, [1, 1]);
  history.add('d', BEGIN + 100_000, BEGIN + 101_000, [1, 1]);
  expect(['a', 'b', 'c', 'd'].filter((id) => history.get(id) !== undefined)).toEqual(['a', 'c', 'd']);
  expect(history.bytes).toBe(3 * bytes);
});

test('64 bits as a number, and all ones as not kept', () => {
  expect(counter(0, 5)).toBe(5);
  expect(counter(1, 0xffff_ffff)).toBe(2 ** 33 - 1);
  expect([counter(0xffff_ffff, 0xffff_ffff), wideCounter((1n << 64n) - 1n)]).toEqual([NOT_KEPT, NOT_KEPT]);
  expect(wideCounter((1n << 53n) - 1n)).toBe(Number.MAX_SAFE_INTEGER);
});

test('counters that begin together: where one fell, all did', () => {
  expect(increases([10, 1000], [12, 900], true)).toEqual([12, 900]);
  expect(increases([10, 1000], [12, 1200], true)).toEqual([2, 200]);
  expect(increases([10, NOT_KEPT], [4, NOT_KEPT], true)).toEqual([4, 0]);
});

test('how much a counter rose: never less than nothing', () => {
  expect(increase(10, 15, false)).toBe(5);
  expect(increase(10, 4, false)).toBe(4);
  expect(increase(10, NOT_KEPT, false)).toBe(0);
  expect(increase(NOT_KEPT, 4, false)).toBe(0);
  // 32 bits came to their end; the same after a new begin is one.
  expect(increase(2 ** 32 - 10, 5, false)).toBe(15);
  expect(increase(2 ** 32 - 10, 5, true)).toBe(5);
  // Beyond 2^53 the difference is near.
  expect(increase(2 ** 60, 2 ** 60 + 4096, false)).toBe(4096);
});
