/** One connection kept through the end of servers, and with the leader of a cluster of three real ovsdb-servers. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Operation } from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { type KeepOvsdbOptions, keepOvsdb, type OvsdbKeeper } from '../../src/ovsdb/client/keep.ts';
import { type ClusterMember, type OvsdbCluster, startOvsdbCluster } from '../support/ovsdb-cluster.ts';
import { freePort } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { conformanceSchema, startConformance } from './conformance-server.ts';

const database = conformanceSchema.name;
const reconnect = { minBackoff: 100, maxBackoff: 500 };
const insert = (string: string): Operation => ({ op: 'insert', table: 'Value', row: { string } });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Watched {
  keeper: OvsdbKeeper;
  connections: string[];
  states: string[];
}

function keep(options: Omit<KeepOvsdbOptions, 'onConnect'>): Watched {
  const connections: string[] = [];
  const states: string[] = [];
  const keeper = keepOvsdb({
    reconnect,
    ...options,
    onConnect: (_client, remote) => connections.push(remote),
    onState: (state, error) => states.push(error === undefined ? state : `${state}: ${error}`),
  });
  cleanups.push(() => keeper.stop());
  return { keeper, connections, states };
}

describe('a lone server', () => {
  test('is waited for, and found again after kill -9', async () => {
    const ovsdb = await startConformance();
    cleanups.push(() => ovsdb.stop());
    const { keeper, connections, states } = keep({ remotes: ovsdb.server.target, database });
    await vi.waitFor(() => expect(connections).toHaveLength(1), SOON);
    const first = keeper.client!;
    await ovsdb.server.kill('SIGKILL');
    await first.closed;
    expect(keeper.client).toBeUndefined();
    await vi.waitFor(() => expect(states.at(-1)).toMatch(/waiting: .*(nothing listens there|no such socket)/), SOON);
    await ovsdb.server.start();
    await vi.waitFor(() => expect(connections).toHaveLength(2), SOON);
    expect(await keeper.client!.listDatabases()).toContain(database);
  });

  test('without the database is none, and said so; several remotes are tried before a pause', async () => {
    const ovsdb = await startConformance();
    cleanups.push(() => ovsdb.stop());
    const dead = `tcp:127.0.0.1:${await freePort()}`;
    const slow = { minBackoff: 60_000, maxBackoff: 60_000 };
    const missing = keep({ remotes: ovsdb.server.target, database: 'Elsewhere' });
    await vi.waitFor(
      () => expect(missing.states).toContain(`waiting: ${ovsdb.server.target}: it has no database Elsewhere`),
      SOON,
    );
    expect(missing.connections).toEqual([]);
    const found = keep({ remotes: `${dead},${dead},${ovsdb.server.tcpTarget}`, database, reconnect: slow });
    await vi.waitFor(() => expect(found.connections).toEqual([ovsdb.server.tcpTarget]), SOON);
    await expect(connectOvsdb([dead, ovsdb.server.target], { database: 'Elsewhere' })).rejects.toThrow(
      /nothing listens there; .*it has no database Elsewhere/,
    );
    const client = await connectOvsdb([dead, ovsdb.server.target], { database });
    expect(await client.listDatabases()).toContain(database);
    client.close();
  });
});

describe('a cluster of three', () => {
  let folder: string;
  let cluster: OvsdbCluster;
  let remotes: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowloom-schema-'));
    const schema = join(folder, 'conformance.ovsschema');
    await writeFile(schema, JSON.stringify(conformanceSchema));
    cluster = await startOvsdbCluster(3, schema, database);
    remotes = cluster.members.map(({ target }) => target);
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the member says of itself now. */
  async function isLeader({ target }: ClusterMember): Promise<boolean> {
    const client = await connectOvsdb(target, { leaderOnly: false });
    const [result] = await client.transact('_Server', [
      { op: 'select', table: 'Database', where: [['name', '==', database]], columns: ['leader'] },
    ]);
    client.close();
    return result!.rows![0]!.leader === true;
  }

  test('connectOvsdb finds the leader, refuses a follower, and takes one where that is wanted', async () => {
    const leader = await cluster.leader();
    const follower = cluster.members.find((member) => member !== leader)!;
    const client = await connectOvsdb(remotes, { database });
    await client.transact(database, [insert('by connectOvsdb')]);
    client.close();
    await expect(connectOvsdb(follower.target, { database })).rejects.toThrow(
      `${follower.target}: ${database}: it is not the leader of its cluster`,
    );
    const reader = await connectOvsdb(follower.target, { leaderOnly: false });
    await vi.waitFor(async () => {
      const [rows] = await reader.transact(database, [
        { op: 'select', table: 'Value', where: [], columns: ['string'] },
      ]);
      expect(rows!.rows).toContainEqual({ string: 'by connectOvsdb' });
    }, SOON);
    reader.close();
  });

  test('the keeper stays with the leader: kill -9 of it, a stopped one, leadership that moves', async () => {
    const { keeper, connections, states } = keep({
      remotes,
      database,
      reconnect: { ...reconnect, probeInterval: 1000 },
    });
    let written = 0;
    const write = async () => {
      await vi.waitFor(async () => {
        const client: OvsdbClient | undefined = keeper.client;
        expect(client).toBeDefined();
        await client!.transact(database, [insert(`write ${written}`)], 5000);
      }, SOON);
      written++;
    };
    await write();
    const first = await cluster.leader();
    expect(keeper.remote).toBe(first.target);

    await first.kill('SIGKILL');
    await vi.waitFor(() => expect(connections).toHaveLength(2), SOON);
    const second = await cluster.leader();
    expect(second).not.toBe(first);
    expect(connections[1]).toBe(second.target);
    await write();
    await first.start();

    // A leader that is held up: the keeper probes it and goes on; one that does not probe hears it from the server itself.
    await vi.waitFor(async () => expect(await isLeader(first)).toBe(false), SOON);
    const patient = keep({ remotes, database, reconnect: { ...reconnect, probeInterval: 0 } });
    await vi.waitFor(() => expect(patient.connections).toEqual([second.target]), SOON);
    const old = keeper.client!;
    second.signal('SIGSTOP');
    await vi.waitFor(() => expect(connections).toHaveLength(3), SOON);
    expect((await old.closed).message).toContain('nothing was received for 2 s, not even an answer to a probe');
    second.signal('SIGCONT');
    await vi.waitFor(() => expect(patient.connections).toHaveLength(2), SOON);
    expect(patient.states).toContain(`waiting: ${second.target}: ${database}: it is not the leader of its cluster`);
    const third = await cluster.leader();
    await write();
    expect(keeper.remote).not.toBe(second.target);
    expect(cluster.members.map(({ target }) => target)).toContain(third.target);
    // Whoever was not the leader was refused before anything was said to it.
    for (const state of states.filter((text) => text.includes('leader'))) {
      expect(state).toMatch(/^waiting: tcp:.*it is not the leader of its cluster$/);
    }
    const client = await connectOvsdb(remotes, { database });
    const [rows] = await client.transact(database, [{ op: 'select', table: 'Value', where: [], columns: ['string'] }]);
    client.close();
    for (let number = 0; number < written; number++) {
      expect(rows!.rows!.some(({ string }) => string === `write ${number}`)).toBe(true);
    }
  });

  test('a member that has lost its cluster is left, and taken back when the others are there', async () => {
    const leader = await cluster.leader();
    const others = cluster.members.filter((member) => member !== leader);
    const { keeper, connections, states } = keep({ remotes: leader.target, database });
    await vi.waitFor(() => expect(connections).toHaveLength(1), SOON);
    for (const other of others) await other.kill('SIGKILL');
    await vi.waitFor(
      () => expect(states).toContainEqual(expect.stringMatching(/it (has lost its|is not the leader of its) cluster/)),
      SOON,
    );
    expect(keeper.client).toBeUndefined();
    const reader = keep({ remotes: leader.target, database, leaderOnly: false });
    await vi.waitFor(
      () => expect(reader.states).toContainEqual(expect.stringContaining('it has lost its cluster')),
      SOON,
    );
    for (const other of others) await other.start();
    await vi.waitFor(() => expect(reader.connections).toHaveLength(1), SOON);
  });
});
