/** A connection that ends in mid-transaction: the outcome is found out, nothing half done, nothing twice. On a real ovsdb-server. */

import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type VswitchTables, vswitch } from '../../proto/ovsdb/index.ts';
import { type OvsdbClient, TransactionError } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica } from '../../src/ovsdb/replica/replica.ts';
import { transact } from '../../src/ovsdb/transaction/transact.ts';
import type { Transaction } from '../../src/ovsdb/transaction/transaction.ts';
import { type Outcome, UnknownOutcomeError } from '../../src/ovsdb/transaction/transaction-outcome.ts';
import { freePort, type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

type Tx = Transaction<VswitchTables>;
const seed = Number(process.env.FLOWLOOM_SEED ?? 1);

let server: OvsdbServer;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  server = await startOvsdbServer();
  cleanups.push(() => server.stop());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(target = server.target): Promise<[OvsdbClient, Replica<VswitchTables>]> {
  const client = await connectOvsdb(target);
  cleanups.push(() => client.close());
  const replica = createReplica(vswitch);
  await replica.follow(client);
  return [client, replica];
}

const addBridge = (name: string) => (tx: Tx) => {
  const root = tx.findAll('Open_vSwitch')[0] ?? tx.insert('Open_vSwitch', {});
  const face = tx.insert('Interface', { name, type: 'internal' });
  const bridge = tx.insert('Bridge', { name, ports: [tx.insert('Port', { name, interfaces: [face] })] });
  tx.add(root, 'bridges', bridge);
  return bridge;
};
const setMode = (mode: 'secure' | 'standalone') => (tx: Tx) =>
  tx.update(tx.find('Bridge', { name: 'br0' })!, { fail_mode: mode });

/** The error of a transaction whose answer is not known. */
async function unknown(promise: Promise<unknown>): Promise<UnknownOutcomeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UnknownOutcomeError)) throw new Error(`no UnknownOutcomeError but ${error}`);
  return error;
}

/** Stands before the server, and cuts the connection instead of passing on the next answer to a transaction. */
async function answersLost(): Promise<{ target: string; cut(): void }> {
  const port = await freePort();
  let cutting = false;
  const relay = createServer((socket) => {
    const upstream = connect(server.target.slice('unix:'.length));
    socket.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (cutting) socket.destroy();
      else socket.write(bytes);
    });
    for (const one of [socket, upstream]) one.on('error', () => {});
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => relay.close(resolve)));
  return {
    target: `tcp:127.0.0.1:${port}`,
    cut() {
      cutting = true;
    },
  };
}

describe('the answer is lost', () => {
  test.each<[string, (tx: Tx) => unknown, string]>([
    ['rows inserted', addBridge('br1'), 'br0\nbr1'],
    ['a row updated', setMode('secure'), 'br0'],
    [
      'a row taken out',
      (tx) => tx.remove(tx.findAll('Open_vSwitch')[0]!, 'bridges', tx.find('Bridge', { name: 'br0' })!),
      '',
    ],
  ])('and it was carried out: %s', async (_, decide, bridges) => {
    const [direct, shown] = await open();
    await transact(shown, direct, addBridge('br0'));
    const lossy = await answersLost();
    const [client, replica] = await open(lossy.target);
    lossy.cut();
    const error = await unknown(transact(replica, client, decide));
    expect(error.message).toMatch(
      /whether the transaction was carried out is not known, for the peer .* findOut\(client\)/,
    );
    expect(await error.findOut(direct)).toBe('committed');
    expect(await server.vsctl('list-br')).toBe(bridges);
  });

  test.each<[string, (tx: Tx) => unknown]>([
    ['rows inserted', addBridge('br1')],
    ['a row updated', setMode('secure')],
  ])('and it was not: %s', async (_, decide) => {
    const [client, replica] = await open();
    await transact(replica, client, addBridge('br0'));
    server.signal('SIGSTOP');
    const lost = unknown(transact(replica, client, decide));
    await server.kill('SIGKILL');
    const error = await lost;
    await server.start();
    const [later] = await open();
    expect(await error.findOut(later)).toBe('not committed');
    expect(await server.vsctl('list-br')).toBe('br0');
  });

  test('and somebody changed the same since: nobody can tell', async () => {
    const [direct, shown] = await open();
    await transact(shown, direct, addBridge('br0'));
    await transact(shown, direct, setMode('standalone'));
    const lossy = await answersLost();
    const [client, replica] = await open(lossy.target);
    lossy.cut();
    const error = await unknown(transact(replica, client, setMode('secure')));
    expect(await error.findOut(direct)).toBe('committed');
    await server.vsctl('clear', 'bridge', 'br0', 'fail_mode');
    expect(await error.findOut(direct)).toBe('unknown');
  });

  test('a connection that had ended before is no such case: nothing was sent', async () => {
    const [client, replica] = await open();
    client.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await expect(transact(replica, client, addBridge('br0'))).rejects.toThrow('the copy of Open_vSwitch is stale');
  });
});

test('the server is killed at any moment of a transaction, again and again: each outcome is as it was told', {
  timeout: 120_000,
}, async () => {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const told: Record<Outcome | 'answered', number> = { answered: 0, committed: 0, 'not committed': 0, unknown: 0 };
  const portsOf = (name: string) => Array.from({ length: 60 }, (_, index) => `${name}p${index}`);
  /** Big, so that there is a middle. */
  const addMany = (name: string) => (tx: Tx) => {
    const bridge = addBridge(name)(tx);
    for (const port of portsOf(name)) {
      tx.add(bridge, 'ports', tx.insert('Port', { name: port, interfaces: [tx.insert('Interface', { name: port })] }));
    }
  };
  const [first, its] = await open();
  const began = performance.now();
  await transact(its, first, addMany('br0'));
  /** From the begin of a transaction: it ends within. Follows the machine, which is now slow and now fast. */
  let span = performance.now() - began;
  first.close();
  for (let round = 1; round <= 12; round++) {
    const [client, replica] = await open();
    const name = `br${round}`;
    const made = transact(replica, client, addMany(name)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const moment = performance.now() + random() * span;
    while (performance.now() < moment) await new Promise((resolve) => setImmediate(resolve));
    await server.kill('SIGKILL');
    const error = await made;
    await server.start();
    const [later, copy] = await open();
    const there = (await server.vsctl('list-br')).split('\n').includes(name);
    if (error instanceof UnknownOutcomeError) {
      const outcome = await error.findOut(later);
      told[outcome]++;
      span *= 1.3;
      expect({ round, outcome }).toEqual({ round, outcome: there ? 'committed' : 'not committed' });
      // Nothing twice: what was not carried out is done again, what was is not.
      if (outcome === 'not committed') await transact(copy, later, addMany(name));
    } else {
      expect(error).toBeUndefined();
      told.answered++;
      span *= 0.6;
      expect(there).toBe(true);
    }
    // Nothing half done.
    expect((await server.vsctl('list-ports', name)).split('\n')).toEqual(portsOf(name).sort());
    client.close();
    later.close();
  }
  const expected = Array.from({ length: 13 }, (_, round) => `br${round}`).sort();
  expect((await server.vsctl('list-br')).split('\n')).toEqual(expected);
  expect(told.unknown).toBe(0);
  // Had every answer come, nothing would have been shown.
  expect(told.committed + told['not committed']).toBeGreaterThan(0);
});

describe('a server before Open vSwitch 2.13, which does not let a client choose UUIDs', () => {
  /** Refuses as a real one does what it does not know. */
  async function older(client: OvsdbClient): Promise<OvsdbClient> {
    const refusal = await client
      .transact('Open_vSwitch', [{ op: 'insert', table: 'Bridge', row: {}, uuie: '' } as never])
      .catch((error: unknown) => error);
    if (!(refusal instanceof TransactionError)) throw new Error('a member that the server does not know was accepted');
    return {
      ...client,
      async transact(database, operations, options) {
        const index = operations.findIndex((item) => item.op === 'insert' && 'uuid' in item);
        if (index < 0) return client.transact(database, operations, options);
        const { error, details } = refusal.failure;
        throw new TransactionError({ index, error, details: details.replace('uuie', 'uuid') }, operations);
      },
    };
  }

  test('rows get the UUIDs that it chose, and refer to each other by them', async () => {
    const [plain, replica] = await open();
    const client = await older(plain);
    const sent = vi.spyOn(client, 'transact');
    const bridge = await transact(replica, client, addBridge('br0'));
    expect(await server.vsctl('get', 'bridge', 'br0', '_uuid')).toBe(bridge._uuid);
    expect(await server.vsctl('get', 'port', 'br0', '_uuid')).toBe(bridge.ports[0]);
    expect(replica.snapshot().Bridge.get(bridge._uuid)?.ports).toEqual(bridge.ports);
    expect(sent).toHaveBeenCalledTimes(2);
    // It is remembered.
    await transact(replica, client, addBridge('br1'));
    expect(sent).toHaveBeenCalledTimes(3);
  });

  test('and an answer that was lost cannot be made up for where rows were inserted', async () => {
    const [direct, shown] = await open();
    await transact(shown, direct, addBridge('br0'));
    const lossy = await answersLost();
    const [plain, replica] = await open(lossy.target);
    const client = await older(plain);
    await transact(replica, client, addBridge('br1'));
    lossy.cut();
    const error = await unknown(transact(replica, client, addBridge('br2')));
    expect(await server.vsctl('list-br')).toBe('br0\nbr1\nbr2');
    expect(await error.findOut(direct)).toBe('unknown');
  });
});
