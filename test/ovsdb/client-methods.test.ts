/** Monitors, locks and the methods that Open vSwitch adds to RFC 7047 §4.1, on a real ovsdb-server. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TableUpdate, uuidIs } from '../../proto/ovsdb/index.ts';
import type { MonitorMethod, OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { SOON } from '../support/soon.ts';
import { type Conformance, conformanceSchema, startConformance } from './conformance-server.ts';

let ovsdb: Conformance;
let other: OvsdbClient;
beforeEach(async () => {
  ovsdb = await startConformance();
  other = await connectOvsdb(ovsdb.server.target);
});
afterEach(async () => {
  other.close();
  await ovsdb.stop();
});

const database = conformanceSchema.name;
const names = (updates: TableUpdate[]) =>
  updates.map(({ update }) => [update.kind, 'row' in update ? (update.row as { string?: string }).string : undefined]);

describe('monitors', () => {
  test.each<MonitorMethod>([
    'monitor_cond_since',
    'monitor_cond',
    'monitor',
  ])('%s tells each change', async (method) => {
    const told: TableUpdate[] = [];
    const [first] = await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'first' } });
    const reply = await other.monitor(database, {
      id: 'm',
      requests: { Value: [{ columns: ['string', 'integer'] }] },
      methods: [method],
      onUpdate: (updates) => told.push(...updates),
    });
    expect(reply.method).toBe(method);
    expect(names(reply.updates)).toEqual([['insert', 'first']]);
    await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'second' } });
    await ovsdb.transact({ op: 'update', table: 'Value', where: uuidIs(first!.uuid!), row: { string: 'changed' } });
    await ovsdb.transact({ op: 'delete', table: 'Value', where: uuidIs(first!.uuid!) });
    await other.echo();
    // The plain monitor tells a changed row whole.
    const modify = method === 'monitor' ? 'insert' : 'modify';
    expect(names(told)).toEqual([
      ['insert', 'second'],
      [modify, 'changed'],
      ['delete', undefined],
    ]);
    await other.cancelMonitor('m');
    await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'third' } });
    await other.echo();
    expect(told).toHaveLength(3);
  });

  test('an older server gets an older method', async () => {
    await ovsdb.server.appctl('ovsdb-server/disable-monitor-cond');
    const old = await connectOvsdb(ovsdb.server.target);
    const reply = await old.monitor(database, { id: 'm', requests: { Value: [{}] }, onUpdate() {} });
    expect(reply.method).toBe('monitor');
    old.close();
  });

  test('a condition that is changed shows what it now lets in and takes away what it does not', async () => {
    const told: TableUpdate[] = [];
    for (const string of ['a', 'b', 'c']) await ovsdb.transact({ op: 'insert', table: 'Value', row: { string } });
    const requests = (letter: string) => ({
      Value: [{ columns: ['string'], where: [['string', '==', letter] as [string, '==', string]] }],
    });
    const reply = await other.monitor(database, {
      id: 'm',
      requests: requests('a'),
      onUpdate: (updates) => told.push(...updates),
    });
    expect(names(reply.updates)).toEqual([['insert', 'a']]);
    await other.changeMonitor('m', requests('b'));
    await other.echo();
    expect(names(told).sort()).toEqual([
      ['delete', undefined],
      ['insert', 'b'],
    ]);
    await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'b' } });
    await ovsdb.transact({ op: 'insert', table: 'Value', row: { string: 'a' } });
    await other.echo();
    expect(names(told).at(-1)).toEqual(['insert', 'b']);
    expect(told).toHaveLength(3);
  });

  test('one name for two monitors is refused, and the first goes on', async () => {
    const told: TableUpdate[] = [];
    const monitor = () =>
      other.monitor(database, { id: 'm', requests: { Value: [{}] }, onUpdate: (updates) => told.push(...updates) });
    await monitor();
    await expect(monitor()).rejects.toThrow('monitor: "m" names a monitor of this connection already');
    await ovsdb.transact({ op: 'insert', table: 'Value', row: {} });
    await other.echo();
    expect(told).toHaveLength(1);
  });

  test('a database that goes away is told to the monitor’s owner, or ends the connection', async () => {
    const requests = { Value: [{}] };
    const canceled = vi.fn();
    await other.setDatabaseChangeAware(true);
    await other.monitor(database, { id: 'told', requests, onUpdate() {}, onCanceled: canceled });
    const silent = await connectOvsdb(ovsdb.server.target);
    await silent.setDatabaseChangeAware(true);
    await silent.monitor(database, { id: 'untold', requests, onUpdate() {} });
    const unaware = await connectOvsdb(ovsdb.server.target);
    await unaware.monitor(database, { id: 'unaware', requests, onUpdate() {} });
    await ovsdb.server.appctl('ovsdb-server/remove-db', database);
    expect((await silent.closed).message).toContain(`no longer tells of ${database}`);
    expect((await unaware.closed).message).toContain('closed the connection');
    await vi.waitFor(() => expect(canceled).toHaveBeenCalledOnce(), SOON);
    expect(await other.listDatabases()).toEqual(['_Server']);
  });

  test('a conversion cancels monitors too, and the new schema is there', async () => {
    const canceled = vi.fn();
    await other.setDatabaseChangeAware(true);
    await other.monitor(database, { id: 'm', requests: { Value: [{}] }, onUpdate() {}, onCanceled: canceled });
    await ovsdb.client.setDatabaseChangeAware(true);
    await ovsdb.transact({ op: 'insert', table: 'Single', row: { term: 4 } });
    const { Single } = conformanceSchema.tables;
    const columns = { ...Single.columns, holder: { type: 'string' } };
    await ovsdb.client.convert(database, {
      ...conformanceSchema,
      version: '2.0.0',
      tables: { Single: { ...Single, columns } },
    });
    await vi.waitFor(() => expect(canceled).toHaveBeenCalledOnce(), SOON);
    const schema = await other.getSchema(database);
    expect([...schema.tables.keys()]).toEqual(['Single']);
    expect(await ovsdb.select('Single', ['term', 'holder'])).toEqual([{ term: 4, holder: '' }]);
  });
});

describe('locks (RFC 7047 §4.1.8–10)', () => {
  test('the second waits, is told, and its assert holds then', async () => {
    const onLocked = vi.fn();
    expect(await ovsdb.client.lock('l')).toBe(true);
    expect(await other.lock('l', { onLocked })).toBe(false);
    const assert = () => other.transact(database, [{ op: 'assert', lock: 'l' }]);
    await expect(assert()).rejects.toMatchObject({ failure: { error: 'not owner' } });
    await ovsdb.client.unlock('l');
    await vi.waitFor(() => expect(onLocked).toHaveBeenCalledOnce(), SOON);
    expect(await assert()).toEqual([{}]);
  });

  test('a stolen lock is told to the one who had it, and comes back', async () => {
    const onStolen = vi.fn();
    const onLocked = vi.fn();
    expect(await ovsdb.client.lock('l', { onStolen, onLocked })).toBe(true);
    expect(await other.steal('l')).toBe(true);
    await vi.waitFor(() => expect(onStolen).toHaveBeenCalledOnce(), SOON);
    await expect(ovsdb.transact({ op: 'assert', lock: 'l' })).rejects.toMatchObject({
      failure: { error: 'not owner' },
    });
    await other.unlock('l');
    await vi.waitFor(() => expect(onLocked).toHaveBeenCalledOnce(), SOON);
    expect(await ovsdb.transact({ op: 'assert', lock: 'l' })).toEqual([{}]);
  });

  test('a lock is free when its holder is gone; asking twice and unlocking what is not locked is refused', async () => {
    const onLocked = vi.fn();
    await other.lock('l');
    await ovsdb.client.lock('l', { onLocked });
    await expect(ovsdb.client.lock('l')).rejects.toThrow('"l" is asked for already on this connection');
    await expect(ovsdb.client.unlock('m')).rejects.toThrow('unlock: syntax error');
    await expect(ovsdb.client.lock('no id')).rejects.toMatchObject({ value: { error: 'syntax error' } });
    other.close();
    await vi.waitFor(() => expect(onLocked).toHaveBeenCalledOnce(), SOON);
  });
});

test('the server’s id is another after each start', async () => {
  const id = await other.getServerId();
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await ovsdb.client.getServerId()).toBe(id);
  await ovsdb.server.kill();
  await ovsdb.server.start();
  const again = await connectOvsdb(ovsdb.server.target);
  expect(await again.getServerId()).not.toBe(id);
  again.close();
});
