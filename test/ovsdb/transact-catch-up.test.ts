/** A transaction waits for its replica by what it shows: RFC 7047 does not say that the update comes before the reply. */

import { createServer, connect as dialSocket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type VswitchTables, vswitch } from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica } from '../../src/ovsdb/replica/replica.ts';
import { transact } from '../../src/ovsdb/transaction/transact.ts';
import type { Transaction } from '../../src/ovsdb/transaction/transaction.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

type Tx = Transaction<VswitchTables>;
let server: OvsdbServer;
/** Its answers come at once; the replica follows another connection. */
let client: OvsdbClient;
let replica: Replica<VswitchTables>;
/** Nothing that the server says reaches the replica until it is released. */
let held: Uint8Array[] | undefined;
let release: () => void;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  held = undefined;
  server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  const relay = createServer((socket) => {
    const upstream = dialSocket(server.target.slice('unix:'.length));
    socket.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (held === undefined) socket.write(bytes);
      else held.push(bytes);
    });
    release = () => {
      for (const bytes of held ?? []) socket.write(bytes);
      held = undefined;
    };
    for (const one of [socket, upstream]) one.on('error', () => {});
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => relay.close(resolve)));
  const address = relay.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  client = await connectOvsdb(server.target);
  const slow = await connectOvsdb(`tcp:127.0.0.1:${port}`, { probeInterval: 0 });
  cleanups.push(() => client.close());
  cleanups.push(() => slow.close());
  replica = createReplica(vswitch);
  await replica.follow(slow);
  await transact(replica, client, (tx) => tx.insert('Open_vSwitch', {}));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const root = (tx: Tx) => tx.findAll('Open_vSwitch')[0]!;
const shownCount = () => [...replica.snapshot().Open_vSwitch.values()][0]?.next_cfg;
const count = async () => Number(await server.vsctl('get', 'open_vswitch', '.', 'next_cfg'));
/** So many transactions were asked of the server by now. */
const calls = (spy: { mock: { calls: unknown[] } }, number: number) =>
  vi.waitFor(() => expect(spy.mock.calls.length).toBeGreaterThanOrEqual(number), SOON);

test.each<[string, (tx: Tx) => unknown]>([
  ['an update', (tx) => tx.update(root(tx), { next_cfg: 1 })],
  ['an increment', (tx) => tx.increment(root(tx), 'next_cfg')],
  ['a row', (tx) => tx.add(root(tx), 'bridges', tx.insert('Bridge', { name: 'br0' }))],
])('%s that the server has is waited for until the replica shows it', async (_, decide) => {
  held = [];
  const asked = vi.spyOn(client, 'transact');
  let resolved = false;
  const committed = transact(replica, client, decide).then(() => {
    resolved = true;
  });
  // The transaction and the question for its rows were answered, and not one of it is in the replica.
  await calls(asked, 2);
  await Promise.all(asked.mock.results.map(({ value }) => value));
  await client.echo();
  expect({ resolved, shown: shownCount(), bridges: replica.snapshot().Bridge.size }).toEqual({
    resolved: false,
    shown: 0,
    bridges: 0,
  });
  release();
  await committed;
  expect(replica.snapshot().Bridge.size + Number(shownCount())).toBe(1);
});

test('a conflict with what the replica does not show yet is decided again only when it does', async () => {
  held = [];
  await server.vsctl('set', 'open_vswitch', '.', 'next_cfg=41');
  const asked = vi.spyOn(client, 'transact');
  let decisions = 0;
  const committed = transact(replica, client, (tx) => {
    decisions++;
    tx.update(root(tx), { next_cfg: Number(root(tx).next_cfg) + 1 });
  });
  await calls(asked, 2);
  await Promise.all(asked.mock.results.map(({ value }) => (value as Promise<unknown>).catch(() => {})));
  await client.echo();
  expect({ decisions, shown: shownCount() }).toEqual({ decisions: 1, shown: 0 });
  release();
  await committed;
  expect(decisions).toBe(2);
  expect(await count()).toBe(42);
  expect(shownCount()).toBe(42);
});

test('a replica that never shows it ends the waiting, and the error says what was done', async () => {
  held = [];
  const committed = transact(replica, client, (tx) => tx.increment(root(tx), 'next_cfg'), { timeout: 500 });
  await expect(committed).rejects.toThrow(
    /^Open_vSwitch: the transaction was carried out, but the replica does not show it within .* does it follow this server\?$/,
  );
  expect(await count()).toBe(1);
});

test('a connection of the replica that ends is waited for no longer', async () => {
  held = [];
  const asked = vi.spyOn(client, 'transact');
  const committed = transact(replica, client, (tx) => {
    tx.increment(root(tx), 'next_cfg');
    return 'done';
  });
  await calls(asked, 2);
  await server.kill('SIGKILL');
  expect(await committed).toBe('done');
  await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
});
