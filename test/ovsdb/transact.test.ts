/** Transactions on a real ovsdb-server: what was decided on is verified, others lose nothing, the replica shows the result. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyTables, type Operation, type VswitchTables, vswitch } from '../../proto/ovsdb/index.ts';
import { type OvsdbClient, TransactionError } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica } from '../../src/ovsdb/replica/replica.ts';
import { transact } from '../../src/ovsdb/transaction/transact.ts';
import type { Transaction } from '../../src/ovsdb/transaction/transaction.ts';
import { ConflictError } from '../../src/ovsdb/transaction/transaction-outcome.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';

type Tx = Transaction<VswitchTables>;

function addBridge(tx: Tx, name: string) {
  const root = tx.findAll('Open_vSwitch')[0] ?? tx.insert('Open_vSwitch', {});
  const face = tx.insert('Interface', { name, type: 'internal' });
  const bridge = tx.insert('Bridge', { name, ports: [tx.insert('Port', { name, interfaces: [face] })] });
  tx.add(root, 'bridges', bridge);
  return bridge;
}

describe.each([{ clustered: false }, { clustered: true }])('transact, clustered: $clustered', ({ clustered }) => {
  let server: OvsdbServer;
  let client: OvsdbClient;
  let replica: Replica<VswitchTables>;
  /** Somebody else. */
  let other: OvsdbClient;
  const closers: (() => void)[] = [];

  async function follower<T extends AnyTables>(make: () => Replica<T>): Promise<[OvsdbClient, Replica<T>]> {
    const opened = await connectOvsdb(server.target);
    closers.push(() => opened.close());
    const made = make();
    await made.follow(opened);
    return [opened, made];
  }
  const root = () => [...replica.snapshot().Open_vSwitch.values()][0]!;
  const write = (...operations: Operation[]) => other.transact('Open_vSwitch', operations);
  /** Notes how often the function was called, and lets somebody else in before the first `disturbances` times it is sent. */
  async function disturbed<R>(decide: (tx: Tx) => R, disturbances: number, disturb: (tx: Tx) => Operation[]) {
    let calls = 0;
    let pending: Operation[] = [];
    const meddled: OvsdbClient = {
      ...client,
      async transact(...args) {
        const operations = pending;
        pending = [];
        if (operations.length > 0) await write(...operations);
        return client.transact(...args);
      },
    };
    const result = await transact(replica, meddled, (tx) => {
      const decided = decide(tx);
      if (calls++ < disturbances) pending = disturb(tx);
      return decided;
    });
    return { calls, result };
  }

  beforeEach(async () => {
    server = await startOvsdbServer({ clustered });
    [client, replica] = await follower(() => createReplica(vswitch));
    other = await connectOvsdb(server.target);
    closers.push(() => other.close());
    const [another, its] = await follower(() => createReplica(vswitch));
    // The one row of the root table is made by whoever comes first.
    await Promise.all([
      transact(its, another, (tx) => tx.find('Open_vSwitch', {}) ?? tx.insert('Open_vSwitch', {})),
      transact(replica, client, (tx) => addBridge(tx, 'br0')),
    ]);
    another.close();
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) close();
    await server.stop();
  });

  test('what was written is in the replica when it resolves, under the UUIDs that the rows have', async () => {
    const { port, face } = await transact(replica, client, (tx) => {
      const face = tx.insert('Interface', { name: 'p1' });
      const port = tx.insert('Port', { name: 'p1', interfaces: [face], tag: 5 });
      tx.add(tx.find('Bridge', { name: 'br0' })!, 'ports', port);
      return { port, face };
    });
    expect(replica.snapshot().Port.get(port._uuid)).toMatchObject({ name: 'p1', tag: 5, interfaces: [face._uuid] });
    expect(replica.snapshot().Interface.get(face._uuid)?.name).toBe('p1');
    expect(await server.vsctl('get', 'port', 'p1', '_uuid', 'tag')).toBe(`${port._uuid}\n5`);
    await transact(replica, client, (tx) => tx.remove(tx.find('Bridge', { name: 'br0' })!, 'ports', port));
    expect(replica.snapshot().Port.has(port._uuid)).toBe(false);
    expect(await server.vsctl('list-ports', 'br0')).toBe('');
  });

  test('a row that nothing refers to is gone with the commit, and nobody waits for it', async () => {
    const lost = await transact(replica, client, (tx) =>
      tx.insert('Port', { name: 'lost', interfaces: [tx.insert('Interface', { name: 'lost' })] }),
    );
    expect(replica.snapshot().Port.has(lost._uuid)).toBe(false);
  });

  test('a function that writes nothing sends nothing', async () => {
    const silent: OvsdbClient = { ...client, transact: () => Promise.reject(new Error('sent')) };
    const names = await transact(replica, silent, (tx) => tx.findAll('Bridge').map((row) => row.name));
    expect(names).toEqual(['br0']);
  });

  test('what was read and is replaced is verified: the function decides again', async () => {
    const { calls } = await disturbed(
      (tx) => {
        const row = tx.findAll('Open_vSwitch')[0]!;
        tx.update(row, { next_cfg: Number(row.next_cfg) + 1 });
      },
      3,
      () => [{ op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 10]] }],
    );
    expect(calls).toBe(4);
    expect(root().next_cfg).toBe(31);
  });

  test('what was verified: a change of it counts, of another column not; so does one that was undone', async () => {
    const decide = (tx: Tx) => {
      const bridge = tx.find('Bridge', { name: 'br0' })!;
      tx.verify(bridge, 'fail_mode');
      tx.set(bridge, 'external_ids', 'mode', bridge.fail_mode ?? 'none');
    };
    const set = (row: Record<string, string>): Operation => ({ op: 'update', table: 'Bridge', where: [], row });
    expect(await disturbed(decide, 1, () => [set({ fail_mode: 'secure' })])).toMatchObject({ calls: 2 });
    expect(await server.vsctl('get', 'bridge', 'br0', 'external_ids')).toBe('{mode=secure}');
    const touch = (tx: Tx) => {
      decide(tx);
      tx.increment(tx.findAll('Open_vSwitch')[0]!, 'next_cfg');
    };
    expect(await disturbed(touch, 1, () => [set({ datapath_type: 'netdev' })])).toMatchObject({ calls: 1 });
  });

  test('get or create: two that create the same at once make one', async () => {
    const [second, its] = await follower(() => createReplica(vswitch));
    const ensure = (tx: Tx) => tx.find('Bridge', { name: 'shared' }) ?? addBridge(tx, 'shared');
    const made = await Promise.all([
      transact(replica, client, ensure),
      transact(its, second, ensure),
      transact(replica, client, ensure),
    ]);
    expect(new Set(made.map((row) => row._uuid)).size).toBe(1);
    expect(await server.vsctl('list-br')).toBe('br0\nshared');
  });

  test('a row that went is noticed: changed, referred to, deleted', async () => {
    const drop = (uuid: string): Operation => ({
      op: 'mutate',
      table: 'Open_vSwitch',
      where: [],
      mutations: [['bridges', 'delete', ['uuid', uuid]]],
    });
    const change = await disturbed(
      (tx) => {
        const bridge = tx.find('Bridge', { name: 'br0' });
        if (bridge !== undefined) tx.update(bridge, { fail_mode: 'secure' });
        return bridge?._uuid;
      },
      1,
      (tx) => [drop(tx.find('Bridge', { name: 'br0' })!._uuid)],
    );
    expect(change).toEqual({ calls: 2, result: undefined });
    await transact(replica, client, (tx) => addBridge(tx, 'br1'));
    // Only an update of a row is verified: that a row is referred to the server sees itself.
    const mirror = await transact(replica, client, (tx) => {
      const made = tx.insert('Mirror', { name: 'm' });
      tx.add(tx.find('Bridge', { name: 'br1' })!, 'mirrors', made);
      return made;
    });
    await transact(replica, client, (tx) => addBridge(tx, 'br2'));
    const refer = await disturbed(
      (tx) => {
        const [here] = [tx.get('Mirror', mirror._uuid)];
        const bridge = tx.find('Bridge', { name: 'br2' })!;
        if (here === undefined) tx.set(bridge, 'external_ids', 'mirror', 'gone');
        else tx.add(bridge, 'mirrors', here);
      },
      1,
      () => [{ op: 'mutate', table: 'Bridge', where: [], mutations: [['mirrors', 'delete', ['uuid', mirror._uuid]]] }],
    );
    expect(refer.calls).toBe(2);
    expect(await server.vsctl('get', 'bridge', 'br2', 'external_ids')).toBe('{mirror=gone}');
    const [uuid] = await transact(replica, client, (tx) => [addBridge(tx, 'br3')._uuid]);
    const remove = await disturbed(
      (tx) => {
        const bridge = tx.get('Bridge', uuid);
        if (bridge === undefined) return;
        tx.remove(tx.findAll('Open_vSwitch')[0]!, 'bridges', bridge);
        tx.delete(bridge);
      },
      1,
      () => [drop(uuid)],
    );
    expect(remove.calls).toBe(1);
    expect(replica.snapshot().Bridge.has(uuid)).toBe(false);
  });

  test('it is tried so often and no more, and the error names what moved; nothing was done', async () => {
    let calls = 0;
    const endless: OvsdbClient = {
      ...client,
      async transact(database, operations, timeout) {
        if (operations.some(({ op }) => op === 'wait')) {
          await write({
            op: 'update',
            table: 'Bridge',
            where: [],
            row: { datapath_type: `t${calls}`, fail_mode: 'secure' },
          });
        }
        return client.transact(database, operations, timeout);
      },
    };
    const failed = transact(
      replica,
      endless,
      (tx) => {
        calls++;
        const bridge = tx.find('Bridge', { name: 'br0' })!;
        tx.verify(bridge, 'datapath_type', 'stp_enable');
        tx.set(bridge, 'external_ids', 'seen', bridge.datapath_type);
      },
      { attempts: 3 },
    );
    await expect(failed).rejects.toThrow(
      'Bridge br0: datapath_type changed before the transaction was carried out, each of 3 times',
    );
    await expect(failed).rejects.toThrow(ConflictError);
    await expect(failed).rejects.toMatchObject({ table: 'Bridge', columns: ['datapath_type'], attempts: 3 });
    expect(calls).toBe(3);
    expect(await server.vsctl('get', 'bridge', 'br0', 'external_ids')).toBe('{}');
  });

  test('a row is found by a value of an index, in the database or as it was given here', async () => {
    const manager = await transact(replica, client, (tx) => {
      const made = tx.insert('Manager', { target: 'ptcp:1' });
      tx.add(tx.findAll('Open_vSwitch')[0]!, 'manager_options', made);
      return made;
    });
    await transact(replica, client, (tx) => {
      const row = tx.get('Manager', manager._uuid)!;
      expect(tx.find('Manager', { target: 'ptcp:1' })).toBe(row);
      tx.update(row, { target: 'ptcp:2' });
      expect(tx.find('Manager', { target: 'ptcp:2' })).toBe(row);
      expect(tx.find('Manager', { target: 'ptcp:1' })).toBeUndefined();
    });
    expect(await server.vsctl('get-manager')).toBe('ptcp:2');
  });

  test('a replica of some rows and columns is enough, and what it does not hold is not waited for', async () => {
    const [, its] = await follower(() =>
      createReplica(vswitch, {
        select: {
          Open_vSwitch: ['bridges'],
          Bridge: ['name', 'ports'],
          Port: ['name', 'interfaces'],
          Interface: ['name'],
        },
        where: { Port: [['name', '==', 'held']], Interface: [['name', '==', 'held']] },
      }),
    );
    for (const name of ['held', 'other']) {
      const port = await transact(its, client, (tx) => {
        const made = tx.insert('Port', { name, interfaces: [tx.insert('Interface', { name })] });
        tx.add(tx.find('Bridge', { name: 'br0' })!, 'ports', made);
        return made;
      });
      expect(its.snapshot().Bridge.values().next().value?.ports).toContain(port._uuid);
      expect(its.snapshot().Port.has(port._uuid)).toBe(name === 'held');
    }
    expect(await server.vsctl('list-ports', 'br0')).toBe('held\nother');
  });

  test('what the server refuses for another reason is not tried again', async () => {
    let calls = 0;
    const twice = transact(replica, client, (tx) => {
      calls++;
      addBridge(tx, 'twin');
      addBridge(tx, 'twin');
    });
    await expect(twice).rejects.toThrow(/constraint violation: .*twin/);
    await expect(twice).rejects.toThrow(TransactionError);
    const held = transact(replica, client, (tx) => {
      calls++;
      tx.delete(tx.find('Bridge', { name: 'br0' })!);
    });
    await expect(held).rejects.toThrow('referential integrity violation: cannot delete Bridge row');
    const locked = transact(replica, client, (tx) => {
      calls++;
      tx.assert('nobody');
      tx.increment(tx.findAll('Open_vSwitch')[0]!, 'next_cfg');
    });
    await expect(locked).rejects.toThrow('not owner');
    expect(calls).toBe(3);
    await expect(transact(replica, client, async () => {})).rejects.toThrow('must not be async');
    await expect(transact(createReplica(vswitch), client, () => {})).rejects.toThrow(
      'the copy of Open_vSwitch is empty',
    );
  });

  test('a comment is in the log of the database', async () => {
    await transact(replica, client, (tx) => {
      tx.comment('told by the test');
      tx.increment(tx.findAll('Open_vSwitch')[0]!, 'next_cfg');
    });
    expect(root().next_cfg).toBe(1);
    const { stdout } = await promisify(execFile)('ovsdb-tool', ['show-log', '-m', join(server.folder, 'conf.db')]);
    expect(stdout).toContain('told by the test');
  });

  test('two clients count to 400 together, 200 each', async () => {
    const [second, its] = await follower(() => createReplica(vswitch));
    let calls = 0;
    const count = async (on: Replica<VswitchTables>, through: OvsdbClient) => {
      for (let n = 0; n < 200; n++) {
        const before = await transact(on, through, (tx) => {
          calls++;
          const row = tx.findAll('Open_vSwitch')[0]!;
          const next_cfg = Number(row.next_cfg);
          tx.update(row, { next_cfg: next_cfg + 1 });
          return next_cfg;
        });
        // It reads what it wrote.
        expect([...on.snapshot().Open_vSwitch.values()][0]!.next_cfg).toBeGreaterThan(before);
      }
    };
    await Promise.all([count(replica, client), count(its, second)]);
    expect(await server.vsctl('get', 'open_vswitch', '.', 'next_cfg')).toBe('400');
    // Had nobody been in the way, this would have shown nothing.
    expect(calls).toBeGreaterThan(400);
  });

  test('bridges of three clients come and go at once, and none is lost', async () => {
    const [second, its] = await follower(() => createReplica(vswitch));
    const [third, theirs] = await follower(() => createReplica(vswitch));
    const build = async (on: Replica<VswitchTables>, through: OvsdbClient, prefix: string) => {
      for (let n = 0; n < 30; n++) {
        const made = await transact(on, through, (tx) => addBridge(tx, `${prefix}${n}`), { attempts: 1 });
        if (n % 3 !== 0) continue;
        const remove = (tx: Tx) => tx.remove(tx.findAll('Open_vSwitch')[0]!, 'bridges', made);
        await transact(on, through, remove, { attempts: 1 });
      }
    };
    await Promise.all([build(replica, client, 'a'), build(its, second, 'b'), build(theirs, third, 'c')]);
    const expected = ['a', 'b', 'c'].flatMap((prefix) =>
      Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? [] : [`${prefix}${n}`])).flat(),
    );
    expect((await server.vsctl('list-br')).split('\n')).toEqual(['br0', ...expected].sort());
  });
});
