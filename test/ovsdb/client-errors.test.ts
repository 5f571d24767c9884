/** Every error that RFC 7047 names and a real ovsdb-server can be brought to, and that nothing is done where it says so. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeUuid, type Operation, uuidIs } from '../../proto/ovsdb/index.ts';
import type { Json, JsonObject } from '../../proto/ovsdb/json.ts';
import { formatJson } from '../../proto/ovsdb/json-text.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { freePort, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { type Conformance, conformanceSchema, startConformance } from './conformance-server.ts';

let ovsdb: Conformance;
const value = crypto.randomUUID();
const where = uuidIs(value);
beforeAll(async () => {
  ovsdb = await startConformance();
  await ovsdb.transact({ op: 'insert', table: 'Value', row: { integer: 7, optional: 1, fixed: 'x' }, uuid: value });
});
afterAll(() => ovsdb.stop());

/** All tables as one text. */
async function everything(): Promise<string> {
  const tables = ['Value', 'Parent', 'Child', 'Single'];
  const results = await ovsdb.transact(...tables.map((table): Operation => ({ op: 'select', table, where: [] })));
  return formatJson(results.map(({ rows }) => rows!.map((row) => formatJson(row)).sort()));
}
const insert = (row: object): Operation => ({ op: 'insert', table: 'Value', row: row as never });
const nobody = encodeUuid('0a1b2c3d-0000-4000-8000-000000000001');

describe('a transaction is refused', () => {
  /** What is tried, which operation of it is refused (undefined: the commit), and how. */
  const refusals: [string, Operation[], number | undefined, string, string][] = [
    [
      'a strong reference to a row that is not there',
      [{ op: 'insert', table: 'Parent', row: { children: nobody } }],
      undefined,
      'referential integrity violation',
      'Table Parent column children',
    ],
    [
      'a row is deleted that another needs',
      [
        { op: 'insert', table: 'Parent', row: { children: ['named-uuid', 'c'] } },
        { op: 'insert', table: 'Child', row: { name: 'needed' }, 'uuid-name': 'c' },
        { op: 'delete', table: 'Child', where: [['name', '==', 'needed']] },
      ],
      undefined,
      'referential integrity violation',
      'children',
    ],
    [
      'an integer out of range',
      [insert({ ranged: 11 })],
      0,
      'constraint violation',
      '11 is not in the valid range 0 to 10',
    ],
    ['a word that is none of the enum', [insert({ word: 'blue' })], 0, 'constraint violation', 'blue'],
    [
      'more elements than the column has room for',
      [insert({ atMostTwo: ['set', [1, 2, 3]] })],
      0,
      'syntax error',
      'set',
    ],
    [
      'a mutation beyond the range',
      [{ op: 'mutate', table: 'Value', where, mutations: [['ranged', '+=', 20]] }],
      0,
      'constraint violation',
      '20',
    ],
    [
      'a column that cannot be changed',
      [{ op: 'update', table: 'Value', where, row: { fixed: 'y' } }],
      0,
      'constraint violation',
      'immutable column fixed',
    ],
    [
      'two rows with the same value in an index',
      [
        {
          op: 'insert',
          table: 'Parent',
          row: {
            children: [
              'set',
              [
                ['named-uuid', 'a'],
                ['named-uuid', 'b'],
              ],
            ],
          },
        },
        { op: 'insert', table: 'Child', row: { name: 'twin' }, 'uuid-name': 'a' },
        { op: 'insert', table: 'Child', row: { name: 'twin' }, 'uuid-name': 'b' },
      ],
      undefined,
      'constraint violation',
      '(twin) for index on column "name"',
    ],
    [
      'more rows than the table has room for',
      [
        { op: 'insert', table: 'Single', row: { term: 1 } },
        { op: 'insert', table: 'Single', row: { term: 2 } },
      ],
      undefined,
      'constraint violation',
      'greater than the schema-defined limit of 1 row',
    ],
    [
      'one name for two rows',
      [
        { op: 'insert', table: 'Value', row: {}, 'uuid-name': 'a' },
        { op: 'insert', table: 'Value', row: {}, 'uuid-name': 'a' },
      ],
      1,
      'duplicate uuid-name',
      'earlier',
    ],
    [
      'a UUID that is there',
      [{ op: 'insert', table: 'Value', row: {}, uuid: value }],
      0,
      'duplicate uuid',
      'duplicate',
    ],
    [
      'a name of no row',
      [{ op: 'insert', table: 'Parent', row: { children: ['named-uuid', 'nobody'] } }],
      undefined,
      'referential integrity violation',
      'children',
    ],
    [
      'a division by zero',
      [{ op: 'mutate', table: 'Value', where, mutations: [['integer', '/=', 0]] }],
      0,
      'domain error',
      'Division by zero',
    ],
    [
      'a remainder of zero',
      [{ op: 'mutate', table: 'Value', where, mutations: [['integer', '%=', 0]] }],
      0,
      'domain error',
      'Division by zero',
    ],
    [
      'an integer beyond 64 bits',
      [{ op: 'mutate', table: 'Value', where, mutations: [['integer', '*=', 2n ** 62n]] }],
      0,
      'range error',
      'range',
    ],
    [
      'a wait that is not met',
      [{ op: 'wait', table: 'Value', where, columns: ['integer'], until: '==', rows: [{ integer: 8 }], timeout: 0 }],
      0,
      'timed out',
      '"where" clause test failed',
    ],
    ['an abort', [{ op: 'abort' }], 0, 'aborted', 'aborted by request'],
    ['a lock that is not held', [{ op: 'assert', lock: 'nobodys' }], 0, 'not owner', 'nobodys'],
    [
      'a table that is not there',
      [{ op: 'select', table: 'Nothing', where: [] }],
      0,
      'syntax error',
      'No table named Nothing',
    ],
    ['a column that is not there', [insert({ nothing: 1 })], 0, 'unknown column', 'nothing'],
    ['a value of another type', [insert({ integer: 'seven' })], 0, 'syntax error', 'integer'],
    [
      'a key twice in a map',
      [
        insert({
          map: [
            'map',
            [
              ['a', '1'],
              ['a', '2'],
            ],
          ],
        }),
      ],
      0,
      'ovsdb error',
      'duplicate',
    ],
    ['an operation that is none', [{ op: 'destroy' } as never], 0, 'syntax error', 'No operation "destroy"'],
    [
      'a comparison that the type has not',
      [{ op: 'select', table: 'Value', where: [['strings', '<', 'a']] }],
      0,
      'syntax error',
      'operator may not be applied',
    ],
  ];

  test.each(refusals.map((refusal) => [refusal[0], refusal] as const))('%s', async (_what, refusal) => {
    const [, operations, index, error, details] = refusal;
    const before = await everything();
    // The first operation would be seen if anything were done.
    const attempt = ovsdb.transact(
      { op: 'update', table: 'Value', where, row: { string: 'must not be seen' } },
      ...operations,
    );
    const outcome = await attempt.then(
      () => 'done',
      (thrown: unknown) => thrown,
    );
    expect(outcome).toMatchObject({
      name: 'TransactionError',
      failure: { index: index === undefined ? undefined : index + 1, error },
      outcome: 'nothing',
      ...(index === undefined ? { operation: undefined } : { operation: operations[index] }),
    });
    expect((outcome as Error).message).toContain(details);
    expect(await everything()).toEqual(before);
  });
});

describe('a request is refused', () => {
  test('unknown database, unknown monitor, unknown method, duplicate monitor, not allowed', async () => {
    const { client } = ovsdb;
    const select: Operation = { op: 'select', table: 'Value', where: [] };
    await expect(client.transact('Nothing', [select])).rejects.toMatchObject({
      name: 'RpcError',
      method: 'transact',
      value: { error: 'unknown database' },
      outcome: 'nothing',
    });
    await expect(client.getSchema('Nothing')).rejects.toMatchObject({ value: { error: 'unknown database' } });
    await expect(client.cancelMonitor('nobody')).rejects.toMatchObject({ value: { error: 'unknown monitor' } });
    await expect(client.changeMonitor('nobody', {})).rejects.toMatchObject({
      value: { error: 'syntax error', details: 'unknown monitor session' },
    });
    await expect(client.request('nothing', [])).rejects.toMatchObject({ value: { error: 'unknown method' } });
    await expect(client.request('transact', [7])).rejects.toMatchObject({ value: { error: 'syntax error' } });
    const monitor = () => client.request('monitor', ['Conformance', 'twice', { Single: [{}] }]);
    await monitor();
    await expect(monitor()).rejects.toMatchObject({
      value: { error: 'syntax error', details: 'duplicate monitor ID' },
    });
    await expect(client.transact('_Server', [{ op: 'delete', table: 'Database', where: [] }])).rejects.toMatchObject({
      failure: { index: 0, error: 'not allowed' },
    });
  });

  test('a transaction that waits is canceled by its signal, and nothing of it is done', async () => {
    const abort = new AbortController();
    const waiting: Operation[] = [
      { op: 'wait', table: 'Value', where, columns: ['integer'], until: '==', rows: [{ integer: 99 }] },
      { op: 'update', table: 'Value', where, row: { string: 'must not be seen' } },
    ];
    const attempt = ovsdb.client.transact('Conformance', waiting, { signal: abort.signal });
    const canceled = expect(attempt).rejects.toMatchObject({ name: 'RpcError', value: { error: 'canceled' } });
    await ovsdb.client.echo();
    abort.abort();
    await canceled;
    await ovsdb.transact({ op: 'update', table: 'Value', where, row: { integer: 99 } });
    expect(await ovsdb.select('Value', ['string'], where)).toEqual([{ string: '' }]);
    // Aborted before: not even sent. Aborted after: the answer stands.
    await expect(ovsdb.client.transact('Conformance', [], { signal: abort.signal })).rejects.toMatchObject({
      value: { error: 'canceled' },
      outcome: 'nothing',
    });
    const late = new AbortController();
    const [done] = await ovsdb.client.transact('Conformance', [insert({})], { signal: late.signal });
    late.abort();
    expect(done!.uuid).toBeDefined();
  });

  test('a transaction that its caller gave up is canceled at the server too', async () => {
    await ovsdb.transact({ op: 'update', table: 'Value', where, row: { integer: 1 } });
    const waiting = ovsdb.client.transact(
      'Conformance',
      [
        { op: 'wait', table: 'Value', where, columns: ['integer'], until: '==', rows: [{ integer: 2 }] },
        { op: 'update', table: 'Value', where, row: { string: 'must not be seen' } },
      ],
      { timeout: 50 },
    );
    await expect(waiting).rejects.toMatchObject({ name: 'RequestTimeoutError', outcome: 'unknown' });
    await ovsdb.transact({ op: 'update', table: 'Value', where, row: { integer: 2 } });
    expect(await ovsdb.select('Value', ['string'], where)).toEqual([{ string: '' }]);
  });
});

test('a file that can grow no more: I/O error, nothing is done, reading goes on', async () => {
  // The shell's limit of 512-byte blocks stands for a full disk; ignored, its signal becomes an error of write(2).
  const prefix = ['sh', '-c', 'trap \'\' XFSZ; ulimit -f 40; exec "$@"', 'sh'];
  const full = await startConformance({ prefix });
  const failures: unknown[] = [];
  let written = 0;
  for (let attempt = 0; attempt < 40 && failures.length === 0; attempt++) {
    const done = full.transact({ op: 'insert', table: 'Value', row: { string: 'x'.repeat(2000) } });
    await done.then(
      () => written++,
      (error: unknown) => failures.push(error),
    );
  }
  expect(failures[0]).toMatchObject({ failure: { index: undefined, error: 'I/O error' }, outcome: 'nothing' });
  expect(written).toBeGreaterThan(0);
  expect(await full.select('Value', ['_uuid'])).toHaveLength(written);
  await full.stop();
});

test('the errors of a server that is gone say what is known of the outcome', async () => {
  const other = await startConformance();
  const client = await connectOvsdb(other.server.target);
  const pending = client.transact(conformanceSchema.name, [
    { op: 'wait', table: 'Single', where: [], columns: ['term'], until: '==', rows: [{ term: 1 }] },
  ]);
  const lost = expect(pending).rejects.toMatchObject({ name: 'ConnectionClosedError', outcome: 'unknown' });
  await client.echo();
  await other.server.kill('SIGKILL');
  await lost;
  await expect(client.transact(conformanceSchema.name, [])).rejects.toMatchObject({ outcome: 'nothing' });
  await other.stop();
});

test('a role that does not permit it: permission error', async () => {
  const column = (key: Json, min = 1, value?: Json) => ({
    type: { key, ...(value === undefined ? {} : { value }), min, max: min === 0 ? 'unlimited' : 1 },
  });
  const text = column('string');
  const permission = { type: 'uuid', refTable: 'RBAC_Permission', refType: 'weak' };
  const schema: JsonObject = {
    name: 'Roles',
    version: '1.0.0',
    tables: {
      Root: { isRoot: true, columns: { connections: column({ type: 'uuid', refTable: 'Connection' }, 0) } },
      Connection: { columns: { target: text, role: text } },
      Value: { isRoot: true, columns: { name: text } },
      RBAC_Role: { isRoot: true, columns: { name: text, permissions: column('string', 0, permission) } },
      RBAC_Permission: {
        isRoot: true,
        columns: {
          table: text,
          authorization: column('string', 0),
          insert_delete: column('boolean'),
          update: column('string', 0),
        },
      },
    },
  };
  const folder = await mkdtemp(join(tmpdir(), 'flowloom-roles-'));
  await writeFile(join(folder, 'roles.ovsschema'), JSON.stringify(schema));
  const server = await startOvsdbServer({
    schema: join(folder, 'roles.ovsschema'),
    args: ['--remote=db:Roles,Root,connections'],
  });
  const port = await freePort();
  const all = await connectOvsdb(server.target);
  await all.transact('Roles', [
    { op: 'insert', table: 'RBAC_Role', row: { name: 'reader' } },
    { op: 'insert', table: 'Value', row: { name: 'x' } },
    { op: 'insert', table: 'Root', row: { connections: ['named-uuid', 'c'] } },
    {
      op: 'insert',
      table: 'Connection',
      row: { target: `ptcp:${port}:127.0.0.1`, role: 'reader' },
      'uuid-name': 'c',
    },
  ]);
  const reader = await vi.waitFor(() => connectOvsdb(`tcp:127.0.0.1:${port}`), SOON);
  expect(await reader.transact('Roles', [{ op: 'select', table: 'Value', where: [], columns: ['name'] }])).toEqual([
    { rows: [{ name: 'x' }] },
  ]);
  await expect(
    reader.transact('Roles', [{ op: 'update', table: 'Value', where: [], row: { name: 'y' } }]),
  ).rejects.toMatchObject({ failure: { index: 0, error: 'permission error' }, outcome: 'nothing' });
  reader.close();
  all.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
