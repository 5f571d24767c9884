/** The replica against a real ovsdb-server: equal rows after every change and every reconnect. */

import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type AnyRow,
  decodeRow,
  isJsonObject,
  type JsonObject,
  type Operation,
  uuidIs,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import type { MonitorMethod, OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica, type RowChange } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

type Tables = typeof vswitch.tables;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer(options?: OvsdbServerOptions): Promise<OvsdbServer> {
  const server = await startOvsdbServer(options);
  cleanups.push(() => server.stop());
  return server;
}
async function open(target: string): Promise<OvsdbClient> {
  const client = await connectOvsdb(target);
  cleanups.push(() => client.close());
  return client;
}

/** What the server itself says, row by row, in the replica's own form. */
async function truth(client: OvsdbClient): Promise<Record<string, Map<string, AnyRow>>> {
  const result: Record<string, Map<string, AnyRow>> = {};
  for (const [table, columns] of Object.entries(vswitch.tables)) {
    const [selected] = await client.transact('Open_vSwitch', [
      { op: 'select', table, where: [], columns: ['_uuid', ...Object.keys(columns)] },
    ]);
    const rows = (selected?.rows ?? []).filter(isJsonObject);
    const decoded = rows.map((row) => decodeRow(columns, (row._uuid as string[])[1]!, row, table));
    result[table] = new Map(decoded.map((row) => [row._uuid, row]));
  }
  return result;
}

function sorted(tables: Record<string, ReadonlyMap<string, unknown>>): unknown {
  const plain = (value: unknown): unknown =>
    Array.isArray(value)
      ? [...value].sort()
      : value instanceof Map
        ? [...value].map(([key, inner]) => `${key}=${inner}`).sort()
        : value;
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      Object.fromEntries(
        [...rows]
          .sort()
          .map(([uuid, row]) => [
            uuid,
            Object.fromEntries(Object.entries(row as object).map(([name, value]) => [name, plain(value)])),
          ]),
      ),
    ]),
  );
}
const same = async (replica: Replica<Tables>, client: OvsdbClient) =>
  expect(sorted(replica.snapshot())).toEqual(sorted(await truth(client)));

/** A small generator of its own, so that a failure can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

/** Changes of every kind: scalars, optionals, sets and maps gaining, losing and changing. */
async function churn(client: OvsdbClient, steps: number, seed: number): Promise<void> {
  const below = random(seed);
  const map = (): JsonObject[string] => ['map', Array.from({ length: below(4) }, (_, n) => [`k${n}`, `v${below(3)}`])];
  for (let step = 0; step < steps; step++) {
    const { Bridge, Open_vSwitch } = await truth(client);
    const root = [...Open_vSwitch!.keys()][0];
    const bridges = [...Bridge!.keys()];
    const uuid = bridges[below(Math.max(1, bridges.length))];
    const operations: Operation[] = [];
    if (root === undefined) operations.push({ op: 'insert', table: 'Open_vSwitch', row: {} });
    else if (uuid === undefined || below(4) === 0) {
      const row: JsonObject = { name: `b${seed}-${step}`, other_config: map(), external_ids: map() };
      operations.push(
        { op: 'insert', table: 'Bridge', row, 'uuid-name': 'b' },
        { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['bridges', 'insert', ['named-uuid', 'b']]] },
      );
    } else if (below(6) === 0) {
      operations.push({
        op: 'mutate',
        table: 'Open_vSwitch',
        where: [],
        mutations: [['bridges', 'delete', ['uuid', uuid]]],
      });
    } else {
      const protocols = ['OpenFlow10', 'OpenFlow13', 'OpenFlow14'].filter(() => below(2) === 0);
      const row: JsonObject = {
        other_config: map(),
        protocols: ['set', protocols],
        fail_mode: [['set', []], 'secure', 'standalone'][below(3)]!,
        datapath_type: ['', 'netdev'][below(2)]!,
      };
      operations.push(
        { op: 'update', table: 'Bridge', where: uuidIs(uuid), row },
        { op: 'mutate', table: 'Open_vSwitch', where: [], mutations: [['next_cfg', '+=', 1]] },
      );
    }
    await client.transact('Open_vSwitch', operations);
  }
}

describe('replica', () => {
  test.each<MonitorMethod>([
    'monitor_cond_since',
    'monitor_cond',
    'monitor',
  ])('over %s equals what the server has, after each of many changes', async (method) => {
    const server = await startServer();
    const writer = await open(server.target);
    await churn(writer, 15, 1);
    const replica = createReplica(vswitch, { methods: [method] });
    expect(() => replica.snapshot()).toThrow('not filled yet');
    const mirror = new Map<string, AnyRow>();
    replica.onChange((changes) => {
      for (const change of changes) {
        if (change.table !== 'Bridge') continue;
        expect(mirror.get(change.uuid)).toEqual(change.old);
        if (change.new === undefined) mirror.delete(change.uuid);
        else mirror.set(change.uuid, change.new);
      }
    });
    await replica.follow(await open(server.target));
    await same(replica, writer);
    for (let seed = 2; seed < 6; seed++) {
      await churn(writer, 10, seed);
      await vi.waitFor(() => same(replica, writer), SOON);
    }
    expect(mirror).toEqual(replica.snapshot().Bridge);
  });

  test('after a new connection only real differences are told, and the old copy stays readable meanwhile', async () => {
    const server = await startServer();
    const writer = await open(server.target);
    await churn(writer, 20, 7);
    const replica = createReplica(vswitch);
    const client = await open(server.target);
    await replica.follow(client);
    const before = replica.snapshot();
    client.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    expect(replica.snapshot()).toEqual(before);
    const uuid = [...before.Bridge.keys()][0]!;
    await writer.transact('Open_vSwitch', [
      { op: 'update', table: 'Bridge', where: uuidIs(uuid), row: { datapath_type: 'changed' } },
    ]);
    const told: RowChange<Tables>[] = [];
    replica.onChange((changes) => told.push(...changes));
    await replica.follow(await open(server.target));
    expect(told).toMatchObject([{ table: 'Bridge', uuid, new: { datapath_type: 'changed' } }]);
    await same(replica, writer);
  });

  test('resumes where a clustered server remembers, and swaps where it does not', async () => {
    const server = await startServer({ clustered: true });
    const writer = await open(server.target);
    const names = Array.from({ length: 50 }, (_, number) => `b${number}`);
    const config: JsonObject[string] = ['map', Array.from({ length: 20 }, (_, number) => [`k${number}`, 'v'])];
    await writer.transact('Open_vSwitch', [
      { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['set', names.map((name) => ['named-uuid', name])] } },
      ...names.map(
        (name): Operation => ({
          op: 'insert',
          table: 'Bridge',
          row: { name, other_config: config },
          'uuid-name': name,
        }),
      ),
    ]);
    // The history reaches only as far back as it is smaller than the database: few and small changes.
    const [uuid] = (await truth(writer)).Bridge!.keys();
    const touch = (type: string) =>
      writer.transact('Open_vSwitch', [
        { op: 'update', table: 'Bridge', where: uuidIs(uuid!), row: { datapath_type: type } },
      ]);
    await touch('one');
    const replica = createReplica(vswitch);
    const first = await open(server.target);
    await replica.follow(first);
    first.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await touch('two');
    await touch('three');
    const second = await open(server.target);
    const monitor = vi.spyOn(second, 'monitor');
    await replica.follow(second);
    expect(await monitor.mock.results[0]!.value).toMatchObject({ found: true, updates: [{ uuid }] });
    await same(replica, writer);
    second.close();
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    writer.close();
    await server.kill('SIGKILL');
    await server.start();
    const later = await open(server.target);
    await churn(later, 5, 5);
    await replica.follow(await open(server.target));
    await same(replica, later);
  });

  test('an older server without monitor_cond is followed with plain monitor', async () => {
    const server = await startServer();
    const writer = await open(server.target);
    await churn(writer, 10, 9);
    const old = await startOldServer(server);
    const replica = createReplica(vswitch);
    await replica.follow(await open(`tcp:127.0.0.1:${old.port}`));
    await churn(writer, 10, 10);
    await vi.waitFor(() => same(replica, writer), SOON);
    expect(old.refused).toEqual(['monitor_cond_since', 'monitor_cond']);
  });

  test('a column that the server lacks reads as its default, one of another type is refused', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0');
    const { map, optional, scalar, set } = await import('../../proto/ovsdb/index.ts');
    const tables = {
      Bridge: { name: scalar('string'), future: set('string'), later: map('string', 'string') },
      Future: { name: scalar('string') },
    };
    const newer = createReplica({ name: 'Open_vSwitch', tables });
    await newer.follow(await open(server.target));
    expect([...newer.snapshot().Bridge.values()]).toEqual([
      { _uuid: expect.any(String), name: 'br0', future: [], later: new Map() },
    ]);
    expect(newer.snapshot().Future.size).toBe(0);
    const other = createReplica({ name: 'Open_vSwitch', tables: { Bridge: { name: optional('integer') } } });
    await expect(other.follow(await open(server.target))).rejects.toThrow(
      'Open_vSwitch 8.3.1: column Bridge.name is string there, known here as optional integer',
    );
  });

  test('a change of an unknown row ends the connection instead of corrupting the copy', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0');
    const old = await startOldServer(server);
    const client = await open(`tcp:127.0.0.1:${old.port}`);
    const replica = createReplica(vswitch);
    await replica.follow(client);
    const id = '00000000-0000-4000-8000-000000000001';
    old.say({ method: 'update2', params: [old.monitor(), { Bridge: { [id]: { modify: { name: 'x' } } } }], id: null });
    expect((await client.closed).message).toContain('a row that is not there was changed');
    expect(replica.state).toBe('stale');
  });
});

/** Stands in front of the real server and knows only what an Open vSwitch before 2.6 knew. */
async function startOldServer(server: OvsdbServer) {
  const refused: string[] = [];
  let monitor = '';
  let say: (message: JsonObject) => void = () => {};
  const relay: Server = createServer((socket) => {
    const upstream = connect(server.target.slice('unix:'.length));
    say = (message) => socket.write(JSON.stringify(message));
    upstream.pipe(socket);
    socket.on('data', (bytes) => {
      const message = JSON.parse(bytes.toString()) as { method: string; id: number; params: unknown[] };
      if (message.method.startsWith('monitor')) monitor = String(message.params[1]);
      if (message.method.startsWith('monitor_cond')) {
        refused.push(message.method);
        socket.write(JSON.stringify({ id: message.id, result: null, error: 'unknown method' }));
      } else upstream.write(bytes);
    });
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
    cleanups.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => relay.close(resolve)));
  const address = relay.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, refused, monitor: () => monitor, say: (message: JsonObject) => say(message) };
}
