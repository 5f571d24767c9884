/** The OVSDB client against a real ovsdb-server: requests, monitors, errors, the end of a connection. */

import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeUuid, uuidIs } from '../../proto/ovsdb/index.ts';
import type { Json } from '../../proto/ovsdb/json.ts';
import { createClient, type OvsdbClient, TransactionError } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { listenOvsdb } from '../../src/ovsdb/client/listen.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

describe('client on a real ovsdb-server', () => {
  let server: OvsdbServer;
  let client: OvsdbClient;
  beforeEach(async () => {
    server = await startOvsdbServer();
    client = await connectOvsdb(server.target);
  });
  afterEach(async () => {
    client.close();
    await server.stop();
  });

  test('lists databases, reads the schema, answers and sends echo', async () => {
    expect(await client.listDatabases()).toContain('Open_vSwitch');
    const schema = await client.getSchema('Open_vSwitch');
    expect(schema.name).toBe('Open_vSwitch');
    const bridge = schema.tables.get('Bridge')!;
    expect(bridge.get('name')).toMatchObject({ kind: 'scalar', key: 'string' });
    expect(bridge.get('fail_mode')).toMatchObject({ kind: 'optional', key: 'string' });
    expect(bridge.get('ports')).toMatchObject({ kind: 'set', key: 'uuid' });
    expect(bridge.get('flow_tables')).toMatchObject({ kind: 'map', key: 'integer', value: 'uuid' });
    await client.echo(['hello', 1]);
    const tcp = await connectOvsdb(server.tcpTarget);
    await tcp.echo();
    tcp.close();
  });

  test('transacts: insert with named rows, select, update, mutate, delete', async () => {
    const [root, bridge] = await client.transact('Open_vSwitch', [
      { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['named-uuid', 'b'] } },
      { op: 'insert', table: 'Bridge', row: { name: 'br0' }, 'uuid-name': 'b' },
    ]);
    const [updated, mutated, selected] = await client.transact('Open_vSwitch', [
      { op: 'update', table: 'Bridge', where: uuidIs(bridge!.uuid!), row: { fail_mode: 'secure' } },
      {
        op: 'mutate',
        table: 'Bridge',
        where: uuidIs(bridge!.uuid!),
        mutations: [['other_config', 'insert', ['map', [['a', 'b']]]]],
      },
      { op: 'select', table: 'Bridge', where: [], columns: ['name', 'fail_mode', 'other_config'] },
    ]);
    expect(updated).toEqual({ count: 1 });
    expect(mutated).toEqual({ count: 1 });
    expect(selected).toEqual({ rows: [{ name: 'br0', fail_mode: 'secure', other_config: ['map', [['a', 'b']]] }] });
    await client.transact('Open_vSwitch', [
      {
        op: 'mutate',
        table: 'Open_vSwitch',
        where: uuidIs(root!.uuid!),
        mutations: [['bridges', 'delete', encodeUuid(bridge!.uuid!)]],
      },
    ]);
    expect(await server.vsctl('list-br')).toBe('');
  });

  test('says which operation was refused, or that the commit was', async () => {
    const bad = client.transact('Open_vSwitch', [
      { op: 'comment', comment: 'first' },
      { op: 'insert', table: 'Bridge', row: { name: 'br0', fail_mode: 'sometimes' } },
      { op: 'comment', comment: 'never reached' },
    ]);
    await expect(bad).rejects.toThrow(TransactionError);
    await expect(bad).rejects.toMatchObject({
      failure: { index: 1, error: 'constraint violation' },
      operation: { op: 'insert', table: 'Bridge' },
    });
    const twice = client.transact('Open_vSwitch', [
      { op: 'insert', table: 'Open_vSwitch', row: {} },
      { op: 'insert', table: 'Open_vSwitch', row: {} },
    ]);
    await expect(twice).rejects.toMatchObject({ failure: { index: undefined, error: 'constraint violation' } });
    await expect(client.request('no_such_method', [])).rejects.toThrow('no_such_method: unknown method');
    await expect(client.getSchema('nothing')).rejects.toThrow('get_schema: unknown database');
  });

  test('what is pending fails when the server is gone, and at its time-out', async () => {
    server.signal('SIGSTOP');
    await expect(client.request('list_dbs', [], { timeout: 50 })).rejects.toThrow('list_dbs: no answer within 0.05 s');
    const pending = client.listDatabases();
    const failed = expect(pending).rejects.toThrow(/the peer (closed|reset) the connection/);
    await server.kill('SIGKILL');
    await failed;
    await client.closed;
    await expect(client.listDatabases()).rejects.toThrow('connection');
  });
});

describe('servers that dial in', () => {
  test.each(['ptcp:0:127.0.0.1', 'punix'])('are clients like any other, over %s', async (where) => {
    const server = await startOvsdbServer();
    const clients: OvsdbClient[] = [];
    const listener = await listenOvsdb(where === 'punix' ? `punix:${server.folder}/manager` : where, {
      onConnect: (client) => clients.push(client),
    });
    const port = listener.target.split(':')[1];
    await server.vsctl('set-manager', where === 'punix' ? `unix:${port}` : `tcp:127.0.0.1:${port}`);
    await vi.waitFor(() => expect(clients).toHaveLength(1), SOON);
    expect(await clients[0]!.listDatabases()).toContain('Open_vSwitch');
    await listener.close();
    expect((await clients[0]!.closed).message).not.toBe('');
    await expect(listenOvsdb('tcp:127.0.0.1:1', { onConnect() {} })).rejects.toThrow('here a target to listen on');
    await server.stop();
  });
});

describe('client on a strange peer', () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  async function pair(): Promise<{ client: OvsdbClient; peer: Socket; received: () => string }> {
    const accepted = Promise.withResolvers<Socket>();
    const server = createServer((socket) => accepted.resolve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const socket = connect({ port: typeof address === 'object' && address !== null ? address.port : 0 });
    const peer = await accepted.promise;
    let text = '';
    peer.on('data', (bytes) => {
      text += bytes.toString();
    });
    peer.on('error', () => {});
    cleanups.push(
      () => server.close(),
      () => peer.destroy(),
      () => socket.destroy(),
    );
    return { client: createClient(socket), peer, received: () => text };
  }

  test('answers its echo', async () => {
    const { peer } = await pair();
    const answer = new Promise<Json>((resolve) =>
      peer.once('data', (bytes) => resolve(JSON.parse(bytes.toString()) as Json)),
    );
    peer.write('{"method":"echo","params":["x",{"y":1}],"id":"e"}');
    expect(await answer).toEqual({ id: 'e', result: ['x', { y: 1 }], error: null });
  });

  test.each([
    ['hello', 'a JSON object was expected'],
    ['[1]', 'a JSON-RPC message was expected'],
    ['{"id":1}', 'neither request nor reply'],
    ['{"method":"update","params":{},"id":null}', 'params must be an array'],
  ])('%s ends the connection with a reason', async (text, reason) => {
    const { client, peer } = await pair();
    const pending = client.listDatabases();
    const failed = expect(pending).rejects.toThrow(reason);
    peer.write(text);
    await failed;
    expect((await client.closed).message).toContain(reason);
  });

  test('wrong ids, unknown notifications and answers of a wrong form do no harm', async () => {
    const { client, peer } = await pair();
    const pending = client.listDatabases();
    const failed = expect(pending).rejects.toThrow('list_dbs: an array was expected, found {}');
    peer.write('{"id":99,"result":[],"error":null}{"id":"x","result":1,"error":null}{"id":null,"error":"bad request"}');
    peer.write('{"method":"update2","params":["nobody",{}],"id":null}{"method":"x","params":[],"id":null}');
    peer.write('{"id":0,"result":{},"error":null}');
    await failed;
    const next = client.listDatabases();
    peer.write('{"id":1,"result":["a"],"error":null}');
    expect(await next).toEqual(['a']);
  });
});
