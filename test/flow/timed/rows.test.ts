/** Rows of numbers against a plain map: whatever is put in and taken out, the same rows. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRows } from '../../../src/flow/timed/rows.ts';

const MAC = 2 ** 48 - 1;
/** Few and far apart, so that they meet again. */
const aNumber = fc.oneof(fc.constantFrom(0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, MAC), fc.nat(40));
const anAction = fc.record({ removes: fc.boolean(), values: fc.tuple(aNumber, aNumber, aNumber) });

test('put, find and remove, as a map does', () => {
  fc.assert(
    fc.property(fc.array(anAction, { minLength: 100, maxLength: 400, size: 'max' }), (actions) => {
      const rows = createRows(3, [0, 2], 1000);
      const model = new Map<string, number[]>();
      for (const { removes, values } of actions) {
        const key = `${values[0]}/${values[2]}`;
        const numbers = Float64Array.from(values);
        if (removes) {
          const row = rows.find(numbers);
          expect(row >= 0).toBe(model.delete(key));
          if (row >= 0) rows.remove(row);
          expect(rows.find(numbers)).toBe(-1);
        } else {
          const row = rows.put(numbers);
          model.set(key, values);
          expect(rows.find(numbers)).toBe(row);
        }
      }
      const found = Array.from(rows, (row) => [rows.at(row, 0), rows.at(row, 1), rows.at(row, 2)]);
      expect(found.map(String).sort()).toEqual([...model.values()].map(String).sort());
      expect(rows.size).toBe(model.size);
      for (const values of model.values()) expect(rows.at(rows.find(Float64Array.from(values)), 1)).toBe(values[1]);
    }),
  );
});

test('no more than there may be, and room again when one goes', () => {
  const rows = createRows(1, [0], 100);
  for (let i = 0; i < 100; i++) expect(rows.put(Float64Array.of(i))).toBeGreaterThanOrEqual(0);
  expect(rows.put(Float64Array.of(100))).toBe(-1);
  expect(rows.put(Float64Array.of(7))).toBeGreaterThanOrEqual(0);
  rows.remove(rows.find(Float64Array.of(3)));
  expect(rows.put(Float64Array.of(100))).toBeGreaterThanOrEqual(0);
  expect(rows.size).toBe(100);
});
