/** The server is killed in mid-transaction, or comes back with another schema: what was done is found out, nothing is half done or done twice. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Operation, uuidIs } from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { keepOvsdb, type OvsdbKeeper } from '../../src/ovsdb/client/keep.ts';
import { SOON } from '../support/soon.ts';
import { type Conformance, conformanceSchema, startConformance } from './conformance-server.ts';

const run = promisify(execFile);
const database = conformanceSchema.name;

let ovsdb: Conformance;
let keeper: OvsdbKeeper;
beforeEach(async () => {
  ovsdb = await startConformance();
  const reconnect = { minBackoff: 20, maxBackoff: 100 };
  keeper = keepOvsdb({ remotes: ovsdb.server.target, database, reconnect, onConnect() {} });
});
afterEach(async () => {
  keeper.stop();
  await ovsdb.stop();
});

async function connection(): Promise<OvsdbClient> {
  return await vi.waitFor(() => {
    if (keeper.client === undefined) throw new Error(`not connected to ${keeper.remote}`);
    return keeper.client;
  }, SOON);
}

/**
 * The recipe for a transaction that is to be done once, whatever happens: it inserts a row whose UUID the client has
 * chosen. After an error whose outcome is unknown that row tells whether it was done; if not, it is sent again, and
 * should the first attempt come through after all, the UUID is taken and the second fails as a whole.
 */
async function once(operations: (marker: Operation) => Operation[]): Promise<'at once' | 'found' | 'repeated'> {
  const uuid = crypto.randomUUID();
  const marker: Operation = { op: 'insert', table: 'Value', row: { string: 'marker' }, uuid };
  for (let attempt = 1; ; attempt++) {
    const client = await connection();
    try {
      if (attempt > 1) {
        const [seen] = await client.transact(database, [{ op: 'select', table: 'Value', where: uuidIs(uuid) }]);
        if (seen!.rows!.length > 0) return 'found';
      }
      await client.transact(database, operations(marker));
      return attempt === 1 ? 'at once' : 'repeated';
    } catch (error) {
      const { outcome } = error as { outcome?: string };
      const { failure } = error as { failure?: { error: string } };
      if (failure?.error === 'duplicate uuid') return 'found';
      if (failure !== undefined || outcome === undefined) throw error;
      await client.closed;
    }
  }
}

test('kill -9 in mid-transaction, 30 times: each is done once and whole', async () => {
  const rounds = 30;
  const [counter] = await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'counter' } });
  const where = uuidIs(counter!.uuid!);
  const ways = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    await connection();
    const done = once((marker) => [
      { op: 'mutate', table: 'Value', where, mutations: [['integer', '+=', 1]] },
      marker,
      // Much to write, so that the end also comes in the midst of it.
      ...Array.from(
        { length: 20 },
        (): Operation => ({ op: 'insert', table: 'Value', row: { string: `part ${round}` } }),
      ),
      { op: 'commit', durable: true },
    ]);
    // From before it is sent until after it was answered.
    for (let turn = 0; turn < round % 6; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (round % 3 === 2) await new Promise((resolve) => setTimeout(resolve, (round % 5) / 2));
    await ovsdb.server.kill('SIGKILL');
    await ovsdb.server.start();
    const way = await done;
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  const client = await connection();
  const count = async (string: string) => {
    const [rows] = await client.transact(database, [
      { op: 'select', table: 'Value', where: [['string', '==', string]] },
    ]);
    return rows!.rows!.length;
  };
  const [rows] = await client.transact(database, [{ op: 'select', table: 'Value', where, columns: ['integer'] }]);
  expect(rows!.rows).toEqual([{ integer: rounds }]);
  expect(await count('marker')).toBe(rounds);
  for (let round = 0; round < rounds; round++) expect(await count(`part ${round}`)).toBe(20);
  // Otherwise this test has shown nothing: some were cut off before, some after the server had done them.
  expect((ways.get('found') ?? 0) + (ways.get('repeated') ?? 0)).toBeGreaterThan(3);
});

test('a server that comes back with another schema is taken as it is now', async () => {
  const client = await connection();
  const requests = { Value: [{ columns: ['string', 'word'] }] };
  await client.monitor(database, { id: 'm', requests, onUpdate() {} });
  await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'kept', word: 'red' } });
  await ovsdb.server.kill('SIGTERM');
  await client.closed;

  const { word: _gone, ...columns } = conformanceSchema.tables.Value.columns;
  const next = {
    ...conformanceSchema,
    version: '2.0.0',
    tables: { Value: { isRoot: true, columns: { ...columns, added: { type: 'integer' } } } },
  };
  const schema = join(ovsdb.server.folder, 'next.ovsschema');
  await writeFile(schema, JSON.stringify(next));
  await run('ovsdb-tool', ['convert', join(ovsdb.server.folder, 'conf.db'), schema]);
  await ovsdb.server.start();

  const again = await connection();
  expect((await again.getSchema(database)).version).toBe('2.0.0');
  await expect(again.monitor(database, { id: 'm', requests, onUpdate() {} })).rejects.toMatchObject({
    name: 'RpcError',
    value: { error: 'syntax error' },
  });
  await expect(again.transact(database, [{ op: 'select', table: 'Parent', where: [] }])).rejects.toThrow(
    'No table named Parent',
  );
  const found = { Value: [{ columns: ['string', 'added'] }] };
  const reply = await again.monitor(database, { id: 'm', requests: found, onUpdate() {} });
  expect(reply.updates.map(({ update }) => update)).toEqual([{ kind: 'insert', row: { string: 'kept' } }]);
});
