/** Rows as a server describes them, read as a program knows them: whole, and by differences. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ColumnType,
  createRowReader,
  type Json,
  map,
  OvsdbDecodeError,
  optional,
  scalar,
  set,
  typeMismatch,
  zeroUuid,
} from '../../../proto/ovsdb/index.ts';

const id = '0a1b2c3d-0000-4000-8000-000000000001';
const columns = {
  name: scalar('string'),
  tag: optional('integer'),
  ports: set('uuid'),
  targets: set('string', { min: 1 }),
  ids: map('string', 'string'),
};
const reader = createRowReader(columns, columns);

describe('a reader of rows', () => {
  test('fills in what is left out, passes over what it does not know, and freezes', () => {
    const row = reader.read(id, JSON.parse('{"name": "br0", "strange": 1, "__proto__": {"tag": 5}}'), 'Bridge');
    expect(row).toEqual({ _uuid: id, name: 'br0', tag: undefined, ports: [], targets: [''], ids: new Map() });
    expect(Object.keys(row)).toEqual(['_uuid', ...Object.keys(columns)]);
    expect(Object.isFrozen(row)).toBe(true);
    expect(() => reader.read(id, { name: 1 }, 'Bridge x')).toThrow('Bridge x.name: string expected, found 1');
    expect(() => reader.read(id, [], 'Bridge x')).toThrow('Bridge x: an object was expected');
  });

  test('makes another row of a changed one, and none of one that did not change', () => {
    const row = reader.read(id, { name: 'br0', tag: 5, ids: ['map', [['a', 'b']]] }, 'Bridge');
    const next = reader.modify(row, { tag: ['set', []], strange: 1, ids: ['map', [['c', 'd']]] }, 'Bridge');
    expect(next).toMatchObject({ _uuid: id, name: 'br0', tag: undefined });
    expect(next.ids).toEqual(new Map([...(row.ids as Map<string, string>), ['c', 'd']]));
    expect([row.tag, Object.isFrozen(next)]).toEqual([5, true]);
    expect(reader.modify(row, { tag: 5, strange: 2, ports: ['set', []] }, 'Bridge')).toBe(row);
    expect(reader.same(row, { ...row, _uuid: zeroUuid, ids: new Map([['a', 'b']]) })).toBe(true);
    expect(reader.same(row, next)).toBe(false);
  });

  test('what a schema cannot mean is said in words', () => {
    expect(typeMismatch(map('string', 'string'), map('string', 'integer'))).toBe(
      'is map of string to integer there, known here as map of string to string',
    );
    expect(typeMismatch(optional('real'), set('integer'))).toBeUndefined();
    expect(typeMismatch(optional('integer'), set('real'))).toBe('is set of real there, known here as optional integer');
  });
});

const written = (type: ColumnType, list: number[]): Json => (type.kind === 'scalar' ? list[0]! : ['set', list]);

/** What update2 tells of a column that went from one list of elements to another (ovsdb-server(7) §4.1.14). */
function difference(type: ColumnType, from: number[], to: number[]): Json {
  if (type.max === 1) return written(type, to);
  return ['set', [...from, ...to].filter((each) => from.includes(each) !== to.includes(each))];
}

test('whatever the two types, a row reached by differences is the row read whole, or its values do not fit', () => {
  const kinds = fc.constantFrom<ColumnType>(scalar('integer'), optional('integer'), set('integer'));
  const elements = fc.uniqueArray(fc.nat(3), { maxLength: 3 });
  let refused = 0;
  let read = 0;
  fc.assert(
    fc.property(kinds, kinds, fc.array(elements, { minLength: 1, maxLength: 6 }), (known, there, steps) => {
      const fits = (list: number[]) => list.length >= there.min && list.length <= there.max;
      const lists = steps.filter(fits);
      const { read: whole, modify, same } = createRowReader({ c: known }, { c: there });
      try {
        let row = whole(id, lists[0] === undefined ? {} : { c: written(there, lists[0]) }, 'T');
        for (const [index, list] of lists.entries()) {
          if (index > 0) row = modify(row, { c: difference(there, lists[index - 1]!, list) }, 'T');
          expect(same(row, whole(id, { c: written(there, list) }, 'T'))).toBe(true);
          const value = row.c;
          expect(Array.isArray(value) ? value.toSorted() : value).toEqual(
            known.kind === 'set' ? list.toSorted() : list[0],
          );
        }
        read++;
      } catch (error) {
        if (!(error instanceof OvsdbDecodeError)) throw error;
        refused++;
        const most = known.kind === 'set' ? 3 : 1;
        const least = known.kind === 'scalar' ? 1 : 0;
        expect((lists.length === 0 ? [[]] : lists).some((list) => list.length > most || list.length < least)).toBe(
          true,
        );
      }
    }),
    { numRuns: 500 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(20);
});
