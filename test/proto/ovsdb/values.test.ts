/** OVSDB's values: atoms, sets, maps and rows, there and back. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AtomType,
  applyDifference,
  type ColumnType,
  decodeColumn,
  decodeErrorValue,
  decodeMonitorSinceReply,
  decodeRow,
  decodeTableUpdates,
  decodeTableUpdates2,
  decodeTransactResult,
  encodeColumn,
  encodeRow,
  map,
  namedUuid,
  OvsdbDecodeError,
  optional,
  sameValue,
  scalar,
  set,
} from '../../../proto/ovsdb/index.ts';
import { formatJson, parseJson } from '../../../proto/ovsdb/json-text.ts';

const uuid = fc.uuid().map((text) => text.toLowerCase());
const atoms = {
  // A number where it holds it exactly, else a bigint: all 64 bits.
  integer: fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  boolean: fc.boolean(),
  string: fc.string({ unit: 'grapheme' }),
  uuid,
};
const atomType = fc.constantFrom<AtomType>('integer', 'real', 'boolean', 'string', 'uuid');
const mapOf = (key: AtomType, value: AtomType) =>
  fc
    .array(fc.tuple(atoms[key] as fc.Arbitrary<string>, atoms[value] as fc.Arbitrary<string>))
    .map((pairs) => new Map(pairs));
const typed: fc.Arbitrary<[ColumnType, never]> = fc.oneof(
  atomType.chain((key) => fc.tuple(fc.constant(scalar(key)), atoms[key] as fc.Arbitrary<never>)),
  atomType.chain((key) =>
    fc.tuple(
      fc.constant(optional(key)),
      fc.option(atoms[key] as fc.Arbitrary<string>, { nil: undefined }) as fc.Arbitrary<never>,
    ),
  ),
  atomType.chain((key) =>
    fc.tuple(fc.constant(set(key)), fc.uniqueArray(atoms[key] as fc.Arbitrary<string>) as fc.Arbitrary<never>),
  ),
  fc
    .tuple(atomType, atomType)
    .chain(([key, value]) => fc.tuple(fc.constant(map(key, value)), mapOf(key, value) as fc.Arbitrary<never>)),
);
const id = '0a1b2c3d-0000-4000-8000-000000000001';

describe('values', () => {
  test('what is written reads back the same, through JSON', () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const json = parseJson(formatJson(encodeColumn(type, value)), true);
        expect(sameValue(decodeColumn(type, json, 'x'), value)).toBe(true);
      }),
    );
  });

  test('a set of one may be bare, and a row to be inserted is named', () => {
    expect(decodeColumn(set('string'), 'a', 'x')).toEqual(['a']);
    expect(decodeColumn(set('uuid'), ['uuid', id], 'x')).toEqual([id]);
    expect(decodeColumn(optional('integer'), 7, 'x')).toBe(7);
    expect(decodeColumn(optional('integer'), ['set', []], 'x')).toBeUndefined();
    expect(decodeColumn(scalar('real'), 2n ** 60n, 'x')).toBe(2 ** 60);
    expect(() => decodeColumn(scalar('string'), 2n ** 60n, 'x')).toThrow('string expected, found 1152921504606846976');
    expect(encodeColumn(set('uuid'), [id, namedUuid('row1')])).toEqual([
      'set',
      [
        ['uuid', id],
        ['named-uuid', 'row1'],
      ],
    ]);
    expect(() => namedUuid('1row')).toThrow('is no name of a row');
  });

  test.each<[ColumnType, unknown, string]>([
    [scalar('integer'), 'a', 'T.c: integer expected, found "a"'],
    [scalar('integer'), 1.5, 'T.c: integer expected, found 1.5'],
    [scalar('uuid'), id, 'T.c: uuid expected'],
    [scalar('uuid'), ['uuid', 'zzz'], 'T.c: uuid expected'],
    [optional('string'), ['set', ['a', 'b']], 'T.c: at most one value'],
    [set('string'), ['set', [1]], 'T.c[0]: string expected'],
    [map('string', 'string'), ['set', []], 'T.c: a map was expected'],
    [map('string', 'string'), ['map', [['a']]], 'T.c: string expected, found nothing'],
    [map('string', 'string'), ['map', [['a', 'b', 'c']]], 'T.c: a pair was expected'],
  ])('%j refuses %j', (type, json, problem) => {
    expect(() => decodeColumn(type, json as never, 'T.c')).toThrow(OvsdbDecodeError);
    expect(() => decodeColumn(type, json as never, 'T.c')).toThrow(problem);
  });

  test('any JSON is read or refused with an OvsdbDecodeError', () => {
    fc.assert(
      fc.property(typed, fc.jsonValue(), ([type], json) => {
        try {
          decodeColumn(type, json as never, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(OvsdbDecodeError);
        }
      }),
    );
  });

  test('a difference of sets and maps, applied, gives the new value', () => {
    const strings = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(strings, strings, (old, next) => {
        const difference = [
          ...old.filter((item) => !next.includes(item)),
          ...next.filter((item) => !old.includes(item)),
        ];
        expect(sameValue(applyDifference(set('string'), old, ['set', difference], 'x'), next)).toBe(true);
      }),
    );
    const old = new Map([
      ['same', '1'],
      ['gone', '2'],
      ['other', '3'],
    ]);
    const difference = [
      'map',
      [
        ['gone', '2'],
        ['other', '4'],
        ['new', '5'],
      ],
    ];
    expect(applyDifference(map('string', 'string'), old, difference as never, 'x')).toEqual(
      new Map([
        ['same', '1'],
        ['other', '4'],
        ['new', '5'],
      ]),
    );
    expect(applyDifference(optional('string'), 'old', ['set', []], 'x')).toBeUndefined();
  });
});

describe('rows', () => {
  const columns = {
    name: scalar('string'),
    tag: optional('integer'),
    ports: set('uuid'),
    ids: map('string', 'string'),
  };

  test('columns left out have their default, unknown ones are passed over', () => {
    expect(decodeRow(columns, id, { name: 'br0', strange: 1 }, 'Bridge')).toEqual({
      _uuid: id,
      name: 'br0',
      tag: undefined,
      ports: [],
      ids: new Map(),
    });
    expect(() => decodeRow(columns, id, { name: 1 }, 'Bridge')).toThrow('Bridge.name: string expected, found 1');
  });

  test('are written column by column', () => {
    expect(encodeRow(columns, { name: 'br0', tag: undefined, ids: new Map([['a', 'b']]) })).toEqual({
      name: 'br0',
      tag: ['set', []],
      ids: ['map', [['a', 'b']]],
    });
    expect(() => encodeRow(columns, { nmae: 'x' } as never)).toThrow('no column "nmae"');
  });
});

describe('answers', () => {
  test('of a transaction', () => {
    expect(decodeTransactResult(2, [{ uuid: ['uuid', id] }, { count: 1 }])).toEqual({
      results: [{ uuid: id }, { count: 1 }],
    });
    expect(decodeTransactResult(3, [{}, { error: 'timed out', details: 'wait' }, null])).toEqual({
      failure: { index: 1, error: 'timed out', details: 'wait' },
    });
    expect(decodeTransactResult(1, [{}, { error: 'constraint violation' }])).toEqual({
      failure: { index: undefined, error: 'constraint violation', details: '' },
    });
    expect(() => decodeTransactResult(2, [{}])).toThrow('2 results were expected, found 1');
    expect(decodeErrorValue({ strange: 1 })).toEqual({ error: 'unknown error', details: '{"strange":1}' });
  });

  test('of monitors', () => {
    expect(decodeTableUpdates({ Bridge: { [id]: { new: { name: 'a' } }, x: { old: {} } } })).toEqual([
      { table: 'Bridge', uuid: id, update: { kind: 'insert', row: { name: 'a' } } },
      { table: 'Bridge', uuid: 'x', update: { kind: 'delete' } },
    ]);
    expect(
      decodeTableUpdates2({ T: { a: { initial: {} }, b: { modify: {} }, c: { delete: null } } }).map(
        ({ update }) => update.kind,
      ),
    ).toEqual(['insert', 'modify', 'delete']);
    expect(() => decodeTableUpdates2({ T: { a: { strange: {} } } })).toThrow(
      'initial, insert, modify or delete was expected',
    );
    expect(() => decodeMonitorSinceReply(['x'])).toThrow('no truth value');
  });
});
