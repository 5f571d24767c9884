/** Servers whose schema is older or newer than the program's, also one that changes it: read where that is sound, else refused. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import {
  type ColumnType,
  map,
  omitColumns,
  optional,
  type Replica,
  scalar,
  selectColumns,
  set,
  vswitch,
} from '../../src/ovsdb/index.ts';
import { createReplica } from '../../src/ovsdb/replica/replica.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

const run = promisify(execFile);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Schema = {
  version: string;
  tables: Record<string, { columns: Record<string, { type: unknown }>; [rule: string]: unknown }>;
};
const text = readFileSync('/usr/share/openvswitch/vswitch.ovsschema', 'utf8');

async function startServer(): Promise<OvsdbServer> {
  const server = await startOvsdbServer();
  cleanups.push(() => server.stop());
  return server;
}
async function open(server: OvsdbServer): Promise<OvsdbClient> {
  const client = await connectOvsdb(server.target);
  cleanups.push(() => client.close());
  return client;
}
function schemaFile(server: OvsdbServer, edit: (schema: Schema) => void): string {
  const schema = JSON.parse(text) as Schema;
  edit(schema);
  const file = join(server.folder, 'other.ovsschema');
  writeFileSync(file, JSON.stringify({ ...schema, cksum: undefined }));
  return file;
}
/** As an upgrade does it: the server ends, the database is converted, the server starts. */
async function restartWith(server: OvsdbServer, edit: (schema: Schema) => void): Promise<void> {
  const file = schemaFile(server, edit);
  await server.kill();
  await run('ovsdb-tool', ['convert', join(server.folder, 'conf.db'), file]);
  await server.start();
}
const only = <R>(rows: ReadonlyMap<string, R>): R => [...rows.values()][0]!;
const set3 = { type: { key: 'integer', min: 0, max: 3 } };

describe('a server restarted with another schema', () => {
  test('an older one: tables and columns that are gone read as empty, are listed, and come back', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'tag=7', 'external_ids:a=b');
    const replica = createReplica(vswitch);
    const first = await open(server);
    await replica.follow(first);
    expect([...replica.missing]).toEqual([]);
    const told: unknown[] = [];
    replica.onChange((changes) => told.push(...changes.map(({ table, new: row }) => [table, row])));

    await restartWith(server, (schema) => {
      delete schema.tables.Port!.columns.tag;
      delete schema.tables.Port!.columns.external_ids;
      delete schema.tables.Interface!.columns.mtu;
      for (const table of ['AutoAttach', 'Datapath', 'CT_Zone', 'CT_Timeout_Policy']) delete schema.tables[table];
      delete schema.tables.Bridge!.columns.auto_attach;
      delete schema.tables.Open_vSwitch!.columns.datapaths;
    });
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    expect(only(replica.snapshot().Port).tag).toBe(7);
    told.length = 0;
    await replica.follow(await open(server));
    expect([...replica.missing].sort()).toEqual([
      'AutoAttach',
      'Bridge.auto_attach',
      'CT_Timeout_Policy',
      'CT_Zone',
      'Datapath',
      'Interface.mtu',
      'Open_vSwitch.datapaths',
      'Port.external_ids',
      'Port.tag',
    ]);
    const port = only(replica.snapshot().Port);
    expect([port.tag, port.external_ids]).toEqual([undefined, new Map()]);
    expect(replica.snapshot().AutoAttach.size).toBe(0);
    expect(told).toEqual([['Port', port]]);

    await restartWith(server, () => {});
    await vi.waitFor(() => expect(replica.state).toBe('stale'), SOON);
    await server.vsctl('set', 'port', 'br0', 'tag=9');
    await replica.follow(await open(server));
    expect([...replica.missing]).toEqual([]);
    expect(only(replica.snapshot().Port).tag).toBe(9);
  });

  test('a newer one: unknown tables, columns and words do no harm', async () => {
    const server = await startServer();
    await restartWith(server, (schema) => {
      schema.version = '9.0.0';
      schema.tables.Novelty = { columns: { name: { type: 'string' } }, isRoot: true };
      schema.tables.Bridge!.columns.novelties = { type: { key: 'string', min: 0, max: 'unlimited' } };
      schema.tables.Bridge!.columns.fail_mode = {
        type: { key: { type: 'string', enum: ['set', ['standalone', 'secure', 'brand-new']] }, min: 0, max: 1 },
      };
    });
    const replica = createReplica(vswitch);
    await replica.follow(await open(server));
    await server.vsctl('add-br', 'br0');
    const writer = await open(server);
    await writer.transact('Open_vSwitch', [
      { op: 'insert', table: 'Novelty', row: { name: 'x' } },
      { op: 'update', table: 'Bridge', where: [], row: { fail_mode: 'brand-new', novelties: 'x' } },
    ]);
    await vi.waitFor(() => expect(only(replica.snapshot().Bridge).fail_mode).toBe('brand-new'), SOON);
    expect(only(replica.snapshot().Bridge)).not.toHaveProperty('novelties');
    expect([...replica.missing]).toEqual([]);
  });

  test('convert while connected: the connection ends, the next one knows the new schema', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'tag=7');
    const replica = createReplica(vswitch);
    const client = await open(server);
    await replica.follow(client);
    const file = schemaFile(server, (schema) => {
      delete schema.tables.Port!.columns.tag;
    });
    await run('ovsdb-client', ['convert', server.target, file]);
    await client.closed;
    await replica.follow(await open(server));
    expect([...replica.missing]).toEqual(['Port.tag']);
    expect(only(replica.snapshot().Port).tag).toBeUndefined();
  });

  test('convert under a client that is told of it: the same connection goes on with the new schema', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'tag=7');
    const replica = createReplica(vswitch);
    const client = await open(server);
    await client.setDatabaseChangeAware(true);
    await replica.follow(client);
    const file = schemaFile(server, (schema) => {
      delete schema.tables.Port!.columns.tag;
    });
    await run('ovsdb-client', ['convert', server.target, file]);
    await vi.waitFor(() => expect([...replica.missing]).toEqual(['Port.tag']), SOON);
    expect(replica.state).toBe('current');
    await server.vsctl('set', 'port', 'br0', 'external_ids:a=b');
    await vi.waitFor(() => expect(only(replica.snapshot().Port).external_ids.get('a')).toBe('b'), SOON);
  });
});

/** A program that knows Port.trunks (or another column) as this type, and a server that has it as that. */
const kinds: [string, ColumnType, unknown][] = [
  ['optional, a set there', optional('integer'), set3],
  ['set, optional there', set('integer'), { type: { key: 'integer', min: 0, max: 1 } }],
  ['set, scalar there', set('integer'), { type: 'integer' }],
  ['optional, scalar there', optional('integer'), { type: 'integer' }],
  ['scalar, a set there', scalar('integer'), set3],
];

test('a map of at most one pair is told whole when it changes', async () => {
  const server = await startServer();
  await restartWith(server, (schema) => {
    schema.tables.Port!.columns.other_config = { type: { key: 'string', value: 'string', min: 0, max: 1 } };
  });
  await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'other_config:a=1');
  const replica = createReplica(vswitch);
  await replica.follow(await open(server));
  const config = () => [...only(replica.snapshot().Port).other_config];
  expect(config()).toEqual([['a', '1']]);
  for (const pair of [
    ['a', '2'],
    ['b', '2'],
  ] as const) {
    await server.vsctl('set', 'port', 'br0', `other_config={${pair.join('=')}}`);
    await vi.waitFor(() => expect(config()).toEqual([pair]), SOON);
  }
});

describe('a column of another type', () => {
  test.each(kinds)('%s: read as long as the values fit, changes included', async (_, known, there) => {
    const server = await startServer();
    await restartWith(server, (schema) => {
      schema.tables.Port!.columns.trunks = there as { type: unknown };
    });
    await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'trunks=3');
    const replica = createReplica({ name: 'Open_vSwitch', tables: { Port: { trunks: known } } });
    await replica.follow(await open(server));
    const value = () => (only(replica.snapshot().Port) as unknown as { trunks: unknown }).trunks;
    const as = (one: number) => (known.kind === 'set' ? [one] : one);
    expect(value()).toEqual(as(3));
    await server.vsctl('set', 'port', 'br0', 'trunks=4');
    await vi.waitFor(() => expect(value()).toEqual(as(4)), SOON);
    if (known.kind === 'scalar' || there !== set3) return;
    await server.vsctl('clear', 'port', 'br0', 'trunks');
    await vi.waitFor(() => expect(value()).toBeUndefined(), SOON);
  });

  test.each<[string, ColumnType, string]>([
    ['optional', optional('integer'), '1,2'],
    ['scalar', scalar('integer'), '[]'],
  ])('a value that %s cannot hold is refused with both types, at once and later', async (_, known, bad) => {
    const server = await startServer();
    await restartWith(server, (schema) => {
      schema.tables.Port!.columns.trunks = set3;
    });
    await server.vsctl('add-br', 'br0', '--', 'set', 'port', 'br0', 'trunks=3');
    const replica: Replica<{ Port: { trunks: ColumnType } }> = createReplica({
      name: 'Open_vSwitch',
      tables: { Port: { trunks: known } },
    });
    const client = await open(server);
    await replica.follow(client);
    const before = replica.snapshot();
    await server.vsctl('set', 'port', 'br0', `trunks=${bad}`);
    const words = `is set of integer there, known here as ${known.kind === 'scalar' ? '' : 'optional '}integer`;
    expect((await client.closed).message).toContain(words);
    expect(replica.snapshot()).toBe(before);
    await expect(replica.follow(await open(server))).rejects.toThrow(words);
    expect(replica.state).toBe('stale');
    // Once it fits again, so does the copy.
    await server.vsctl('set', 'port', 'br0', 'trunks=5');
    await replica.follow(await open(server));
    expect(only(replica.snapshot().Port)).toMatchObject({ trunks: 5 });
  });

  test.each<[ColumnType, string]>([
    [scalar('integer'), 'column Port.name is string there, known here as integer'],
    [map('string', 'string'), 'column Port.name is string there, known here as map of string to string'],
  ])('that can never be read is refused before anything is', async (known, words) => {
    const server = await startServer();
    const replica = createReplica({ name: 'Open_vSwitch', tables: { Port: { name: known } } });
    await expect(replica.follow(await open(server))).rejects.toThrow(`Open_vSwitch ${vswitch.version}: ${words}`);
    expect(replica.state).toBe('empty');
  });
});

describe('part of a database', () => {
  test('selected tables and columns are all that is asked for and held, and all that types allow', async () => {
    const server = await startServer();
    await server.vsctl('add-br', 'br0', '--', 'set', 'interface', 'br0', 'external_ids:a=b');
    const replica = createReplica(vswitch, { select: { Interface: ['name', 'ofport'], Bridge: true } });
    const client = await open(server);
    const request = vi.spyOn(client, 'monitor');
    await replica.follow(client);
    expect(Object.keys(request.mock.calls[0]![1].requests)).toEqual(['Bridge', 'Interface']);
    expect(request.mock.calls[0]![1].requests.Interface).toEqual([{ columns: ['name', 'ofport'] }]);
    const face = only(replica.snapshot().Interface);
    expect(face).toEqual({ _uuid: expect.any(String), name: 'br0', ofport: undefined });
    // @ts-expect-error not selected
    expect(face.external_ids).toBeUndefined();
    // @ts-expect-error not selected
    expect(replica.snapshot().Port).toBeUndefined();
    expect(only(replica.snapshot().Bridge).name).toBe('br0');
    let changes = 0;
    replica.onChange(() => changes++);
    await server.vsctl('set', 'interface', 'br0', 'external_ids:a=c');
    await server.vsctl('set', 'bridge', 'br0', 'external_ids:a=c');
    await vi.waitFor(() => expect(only(replica.snapshot().Bridge).external_ids.get('a')).toBe('c'), SOON);
    expect(changes).toBe(1);
  });

  test('omitted ones are left out, others stay', () => {
    const rest = omitColumns(vswitch, { Interface: ['statistics'], Mirror: true });
    expect(Object.keys(rest.tables.Interface)).not.toContain('statistics');
    expect(Object.keys(rest.tables.Interface)).toContain('name');
    expect(Object.keys(rest.tables)).toEqual(Object.keys(vswitch.tables).filter((name) => name !== 'Mirror'));
    // @ts-expect-error omitted
    expect(rest.tables.Mirror).toBeUndefined();
    // @ts-expect-error omitted
    expect(rest.tables.Interface.statistics).toBeUndefined();
  });

  test('a name that is none is refused', () => {
    expect(() => selectColumns(vswitch, { Nope: true } as never)).toThrow('Open_vSwitch has no table "Nope"');
    expect(() => selectColumns(vswitch, { Port: ['nmae'] } as never)).toThrow('table Port has no column "nmae"');
  });
});
