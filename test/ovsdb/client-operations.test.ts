/** Every operation, mutator and condition of RFC 7047 §5 through the client, on a real ovsdb-server. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Condition, encodeUuid, type Mutation, uuidIs } from '../../proto/ovsdb/index.ts';
import type { Json } from '../../proto/ovsdb/json.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { type Conformance, startConformance } from './conformance-server.ts';

let ovsdb: Conformance;
beforeAll(async () => {
  ovsdb = await startConformance();
});
afterAll(() => ovsdb.stop());

async function insertValue(row: Record<string, Json>): Promise<string> {
  const [result] = await ovsdb.transact({ op: 'insert', table: 'Value', row });
  return result!.uuid!;
}

describe('insert (§5.2.1)', () => {
  test('every type of column comes back as it was written', async () => {
    const row = {
      integer: -42,
      real: 0.1,
      boolean: true,
      string: 'é€😀"\\\n\u0001',
      uuid: ['uuid', '0a1b2c3d-0000-4000-8000-000000000001'],
      optional: 7,
      integers: ['set', [-1, 2, 3]],
      strings: ['set', ['', 'a', 'b']],
      map: [
        'map',
        [
          ['', 'x'],
          ['k', ''],
        ],
      ],
      counts: ['map', [['n', 5]]],
      word: 'red',
      ephemeral: 'gone after a restart',
    };
    const uuid = await insertValue(row);
    expect(await ovsdb.select('Value', Object.keys(row), uuidIs(uuid))).toEqual([row]);
  });

  test('integers have 64 bits, to the last digit', async () => {
    const least = -(2n ** 63n);
    const uuid = await insertValue({ integer: 2n ** 63n - 1n, integers: ['set', [least, 2n ** 53n + 1n, 2]] });
    expect(await ovsdb.select('Value', ['integer', 'integers'], uuidIs(uuid))).toEqual([
      { integer: 9223372036854775807n, integers: ['set', [least, 2, 9007199254740993n]] },
    ]);
    expect(await ovsdb.select('Value', ['integer'], [['integer', '==', 9223372036854775807n]])).toHaveLength(1);
    expect(await ovsdb.select('Value', ['integer'], [['integer', '==', 9223372036854775806n]])).toHaveLength(0);
  });

  test('named rows refer to each other, before and after their insert', async () => {
    const [parent, child] = await ovsdb.transact(
      { op: 'insert', table: 'Parent', row: { name: 'named', children: ['named-uuid', 'c'] } },
      { op: 'insert', table: 'Child', row: { name: 'c' }, 'uuid-name': 'c' },
      {
        op: 'mutate',
        table: 'Parent',
        where: [['name', '==', 'named']],
        mutations: [['favourites', 'insert', ['named-uuid', 'c']]],
      },
    );
    expect(await ovsdb.select('Parent', ['children', 'favourites'], uuidIs(parent!.uuid!))).toEqual([
      { children: encodeUuid(child!.uuid!), favourites: encodeUuid(child!.uuid!) },
    ]);
  });

  test('the client may choose the UUID', async () => {
    const uuid = crypto.randomUUID();
    const [result] = await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'chosen' }, uuid });
    expect(result).toEqual({ uuid });
    expect(await ovsdb.select('Value', ['string'], uuidIs(uuid))).toEqual([{ string: 'chosen' }]);
  });
});

describe('select, update, delete (§5.2.2, 3, 5)', () => {
  test('give and change the rows that match, and only the columns named', async () => {
    const uuids = [];
    for (const integer of [1, 2, 3]) uuids.push(await insertValue({ string: 'family', integer, boolean: true }));
    const family: Condition[] = [['string', '==', 'family']];
    const [selected, updated, deleted, left] = await ovsdb.transact(
      { op: 'select', table: 'Value', where: [...family, ['integer', '>', 1]], columns: ['_uuid', 'integer'] },
      { op: 'update', table: 'Value', where: [...family, ['integer', '>', 1]], row: { integer: 9 } },
      { op: 'delete', table: 'Value', where: uuidIs(uuids[2]!) },
      { op: 'select', table: 'Value', where: family, columns: ['integer', 'boolean'] },
    );
    expect(selected!.rows).toHaveLength(2);
    expect(selected!.rows).toContainEqual({ _uuid: encodeUuid(uuids[1]!), integer: 2 });
    expect(updated).toEqual({ count: 2 });
    expect(deleted).toEqual({ count: 1 });
    expect(left!.rows).toHaveLength(2);
    expect(left!.rows).toContainEqual({ integer: 1, boolean: true });
    expect(left!.rows).toContainEqual({ integer: 9, boolean: true });
    const [all] = await ovsdb.transact({ op: 'select', table: 'Value', where: uuidIs(uuids[0]!) });
    expect(Object.keys(all!.rows![0]!)).toEqual(expect.arrayContaining(['_uuid', '_version', 'integer', 'ephemeral']));
  });

  test('a row that no strong reference holds any more is gone, and weak ones with it', async () => {
    const [parent, watcher] = await ovsdb.transact(
      { op: 'insert', table: 'Parent', row: { children: ['named-uuid', 'x'] } },
      { op: 'insert', table: 'Parent', row: { favourites: ['named-uuid', 'x'] } },
      { op: 'insert', table: 'Child', row: { name: 'collected' }, 'uuid-name': 'x' },
    );
    await ovsdb.transact({
      op: 'update',
      table: 'Parent',
      where: uuidIs(parent!.uuid!),
      row: { children: ['set', []] },
    });
    expect(await ovsdb.select('Child', ['name'], [['name', '==', 'collected']])).toEqual([]);
    expect(await ovsdb.select('Parent', ['favourites'], uuidIs(watcher!.uuid!))).toEqual([{ favourites: ['set', []] }]);
  });
});

describe('mutate (§5.2.4)', () => {
  test.each<[string, Json, Mutation, Json]>([
    ['integer', 7, ['integer', '+=', 3], 10],
    ['integer', 7, ['integer', '-=', 9], -2],
    ['integer', 7, ['integer', '*=', -3], -21],
    ['integer', 7, ['integer', '/=', 2], 3],
    ['integer', 7, ['integer', '%=', 4], 3],
    ['integer', 2n ** 62n, ['integer', '+=', 2n ** 61n], 2n ** 62n + 2n ** 61n],
    ['real', 1.5, ['real', '+=', 0.25], 1.75],
    ['real', 1.5, ['real', '-=', 2], -0.5],
    ['real', 1.5, ['real', '*=', 2], 3],
    ['real', 1.5, ['real', '/=', 4], 0.375],
    ['integers', ['set', [1, 2]], ['integers', '+=', 10], ['set', [11, 12]]],
    ['integers', ['set', [8, 12]], ['integers', '/=', 4], ['set', [2, 3]]],
    ['integers', ['set', [8, 14]], ['integers', '%=', 5], ['set', [3, 4]]],
    ['reals', ['set', [0.5, 1.5]], ['reals', '*=', 3], ['set', [1.5, 4.5]]],
    ['optional', 4, ['optional', '+=', 1], 5],
    ['optional', ['set', []], ['optional', '+=', 1], ['set', []]],
    ['strings', ['set', ['a']], ['strings', 'insert', ['set', ['a', 'b']]], ['set', ['a', 'b']]],
    ['strings', ['set', ['a', 'b']], ['strings', 'delete', ['set', ['b', 'c']]], 'a'],
    [
      'map',
      ['map', [['a', '1']]],
      [
        'map',
        'insert',
        [
          'map',
          [
            ['a', '2'],
            ['b', '3'],
          ],
        ],
      ],
      [
        'map',
        [
          ['a', '1'],
          ['b', '3'],
        ],
      ],
    ],
    [
      'map',
      [
        'map',
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
      [
        'map',
        'delete',
        [
          'map',
          [
            ['a', '1'],
            ['b', '9'],
          ],
        ],
      ],
      ['map', [['b', '2']]],
    ],
    [
      'map',
      [
        'map',
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
      ['map', 'delete', ['set', ['a', 'z']]],
      ['map', [['b', '2']]],
    ],
  ])('%s', async (column, from, mutation, to) => {
    const uuid = await insertValue({ [column]: from });
    const where = uuidIs(uuid);
    expect(await ovsdb.transact({ op: 'mutate', table: 'Value', where, mutations: [mutation] })).toEqual([
      { count: 1 },
    ]);
    expect(await ovsdb.select('Value', [column], where)).toEqual([{ [column]: to }]);
  });

  test('several mutations go in order', async () => {
    const where = uuidIs(await insertValue({ integer: 1 }));
    const mutations: Mutation[] = [
      ['integer', '+=', 2],
      ['integer', '*=', 5],
    ];
    await ovsdb.transact({ op: 'mutate', table: 'Value', where, mutations });
    expect(await ovsdb.select('Value', ['integer'], where)).toEqual([{ integer: 15 }]);
  });
});

describe('conditions (§5.1)', () => {
  test.each<[Condition, number[]]>([
    [['integer', '<', 2], [1]],
    [
      ['integer', '<=', 2],
      [1, 2],
    ],
    [['integer', '==', 2], [2]],
    [
      ['integer', '!=', 2],
      [1, 3],
    ],
    [
      ['integer', '>=', 2],
      [2, 3],
    ],
    [['integer', '>', 2], [3]],
    [['real', '>', 1.25], [3]],
    [['integer', 'includes', 2], [2]],
    [
      ['integer', 'excludes', 2],
      [1, 3],
    ],
    [
      ['boolean', '==', true],
      [1, 3],
    ],
    [['strings', '==', ['set', ['x', 'y']]], [2]],
    [
      ['strings', '!=', ['set', ['x', 'y']]],
      [1, 3],
    ],
    [
      ['strings', 'includes', 'x'],
      [1, 2],
    ],
    [
      ['strings', 'excludes', ['set', ['y', 'z']]],
      [1, 3],
    ],
    [['map', 'includes', ['map', [['k', 'v']]]], [3]],
    [
      ['map', 'excludes', ['map', [['k', 'v']]]],
      [1, 2],
    ],
    [['optional', '==', ['set', []]], [1]],
    [['optional', '<', 3], [2]],
    [
      ['_uuid', '!=', ['uuid', '0a1b2c3d-0000-4000-8000-000000000001']],
      [1, 2, 3],
    ],
  ])('%j', async (condition, expected) => {
    const group = `condition ${JSON.stringify(condition)}`;
    await insertValue({ string: group, integer: 1, real: 0.5, boolean: true, strings: 'x' });
    await insertValue({ string: group, integer: 2, real: 1.25, strings: ['set', ['x', 'y']], optional: 2 });
    await insertValue({ string: group, integer: 3, real: 2, boolean: true, map: ['map', [['k', 'v']]], optional: 3 });
    const rows = await ovsdb.select('Value', ['integer'], [['string', '==', group], condition]);
    expect(rows.map(({ integer }) => integer).sort()).toEqual(expected);
  });
});

describe('wait (§5.2.6)', () => {
  test('== and != that are met let the rest be done', async () => {
    const where = uuidIs(await insertValue({ integer: 5 }));
    const results = await ovsdb.transact(
      { op: 'wait', table: 'Value', where, columns: ['integer'], until: '==', rows: [{ integer: 5 }], timeout: 0 },
      { op: 'wait', table: 'Value', where, columns: ['integer'], until: '!=', rows: [{ integer: 6 }], timeout: 0 },
      { op: 'update', table: 'Value', where, row: { integer: 6 } },
    );
    expect(results).toEqual([{}, {}, { count: 1 }]);
  });

  test.each(['==', '!='] as const)('%s without a time-out waits until another client makes it so', async (until) => {
    const where = uuidIs(await insertValue({ integer: 1 }));
    const rows = [{ integer: until === '==' ? 2 : 1 }];
    let done = false;
    const waiting = ovsdb
      .transact(
        { op: 'wait', table: 'Value', where, columns: ['integer'], until, rows },
        { op: 'mutate', table: 'Value', where, mutations: [['integer', '*=', 10]] },
      )
      .finally(() => {
        done = true;
      });
    const other = await connectOvsdb(ovsdb.server.target);
    await other.transact('Conformance', [{ op: 'update', table: 'Value', where, row: { string: 'something else' } }]);
    expect(done).toBe(false);
    await other.transact('Conformance', [{ op: 'update', table: 'Value', where, row: { integer: 2 } }]);
    other.close();
    expect(await waiting).toEqual([{}, { count: 1 }]);
    expect(await ovsdb.select('Value', ['integer'], where)).toEqual([{ integer: 20 }]);
  });

  test('a transaction of a few milliseconds more than its time-out fails whole', async () => {
    const where = uuidIs(await insertValue({ integer: 1 }));
    const waiting = ovsdb.transact(
      { op: 'update', table: 'Value', where, row: { string: 'never' } },
      { op: 'wait', table: 'Value', where, columns: ['integer'], until: '==', rows: [{ integer: 2 }], timeout: 30 },
    );
    await expect(waiting).rejects.toMatchObject({
      failure: { index: 1, error: 'timed out' },
      operation: { op: 'wait' },
      outcome: 'nothing',
    });
    expect(await ovsdb.select('Value', ['string'], where)).toEqual([{ string: '' }]);
  });
});

describe('commit, abort, comment, assert (§5.2.7–10)', () => {
  test('a durable commit is there after kill -9', async () => {
    const uuid = crypto.randomUUID();
    const other = await startConformance();
    expect(
      await other.transact(
        { op: 'insert', table: 'Value', row: { string: 'durable', ephemeral: 'not this' }, uuid },
        { op: 'commit', durable: true },
      ),
    ).toEqual([{ uuid }, {}]);
    await other.server.kill('SIGKILL');
    await other.server.start();
    const client = await connectOvsdb(other.server.target);
    const [found] = await client.transact('Conformance', [
      { op: 'select', table: 'Value', where: uuidIs(uuid), columns: ['string', 'ephemeral'] },
    ]);
    expect(found!.rows).toEqual([{ string: 'durable', ephemeral: '' }]);
    client.close();
    await other.stop();
  });

  test('abort undoes all, comment does nothing, assert holds with the lock', async () => {
    const uuid = crypto.randomUUID();
    await expect(
      ovsdb.transact({ op: 'insert', table: 'Value', row: {}, uuid }, { op: 'abort' }),
    ).rejects.toMatchObject({ failure: { index: 1, error: 'aborted' } });
    expect(await ovsdb.select('Value', ['string'], uuidIs(uuid))).toEqual([]);
    await ovsdb.client.lock('conformance');
    expect(
      await ovsdb.transact(
        { op: 'assert', lock: 'conformance' },
        { op: 'comment', comment: 'why' },
        { op: 'commit', durable: false },
      ),
    ).toEqual([{}, {}, {}]);
    await ovsdb.client.unlock('conformance');
    await expect(ovsdb.transact({ op: 'assert', lock: 'conformance' })).rejects.toMatchObject({
      failure: { error: 'not owner' },
    });
  });
});
