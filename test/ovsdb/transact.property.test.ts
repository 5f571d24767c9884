/** Whatever is written in whatever order: what the transaction said it would be is what the database then holds. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AnyColumnValue,
  type AnyRow,
  type Atom,
  type BridgeRow,
  type ColumnType,
  decodeRow,
  type VswitchTables,
  vswitch,
} from '../../proto/ovsdb/index.ts';
import type { OvsdbClient } from '../../src/ovsdb/client/client.ts';
import { connectOvsdb } from '../../src/ovsdb/client/connect.ts';
import { createReplica, type Replica } from '../../src/ovsdb/replica/replica.ts';
import { transact } from '../../src/ovsdb/transaction/transact.ts';
import type { Transaction } from '../../src/ovsdb/transaction/transaction.ts';
import { type OvsdbServer, startOvsdbServer } from '../support/ovsdb-server.ts';

type Tx = Transaction<VswitchTables>;
type Contents = Map<string, Map<string, AnyRow>>;
const watched = ['Open_vSwitch', 'Bridge', 'Port', 'Interface', 'Mirror'] as const;

/** One step; the numbers choose what it is done to. */
const steps = {
  bridge(tx: Tx, _a: number, _b: number, name: string) {
    tx.add(root(tx), 'bridges', tx.insert('Bridge', { name }));
  },
  port(tx: Tx, a: number, b: number, name: string) {
    const face = tx.insert('Interface', { name, type: 'internal' });
    const port = tx.insert('Port', { name, interfaces: [face], tag: b % 5 === 0 ? undefined : b });
    withOne(tx.findAll('Bridge'), a, (bridge) => tx.add(bridge, 'ports', port));
  },
  orphan(tx: Tx, _a: number, b: number, name: string) {
    const port = tx.insert('Port', { name, interfaces: [tx.insert('Interface', { name })] });
    if (b % 2 === 0) tx.delete(port);
  },
  update(tx: Tx, a: number, b: number) {
    withOne(tx.findAll('Port'), a, (port) => {
      if (b % 3 === 0) tx.update(port, { tag: b % 2 === 0 ? undefined : b });
      else if (b % 3 === 1) tx.update(port, { trunks: [b, b + 1], vlan_mode: 'trunk' });
      else tx.update(port, { trunks: port.trunks.map((vlan) => (Number(vlan) + 1) % 4096), tag: 9 });
    });
  },
  trunks(tx: Tx, a: number, b: number) {
    withOne(
      tx.findAll('Port', (port) => port.trunks.length < 100),
      a,
      (port) => {
        tx.add(port, 'trunks', b, b + 2);
        if (b % 2 === 0) tx.remove(port, 'trunks', b + 1, b + 2);
      },
    );
  },
  ids(tx: Tx, a: number, b: number) {
    withOne(tx.findAll('Bridge'), a, (bridge) => {
      tx.set(bridge, 'external_ids', `k${b % 4}`, `v${b % 3}`);
      if (b % 3 === 0) tx.unset(bridge, 'external_ids', `k${b % 2}`, 'k3');
      if (b % 7 === 0) tx.update(bridge, { external_ids: new Map([['whole', String(b)]]) });
    });
  },
  move(tx: Tx, a: number, b: number) {
    withOne(tx.findAll('Port'), a, (port) => {
      for (const bridge of tx.findAll('Bridge', (row) => row.ports.includes(port._uuid)))
        tx.remove(bridge, 'ports', port);
      if (b % 3 !== 0) withOne(tx.findAll('Bridge'), b, (bridge) => tx.add(bridge, 'ports', port));
    });
  },
  drop(tx: Tx, a: number, b: number) {
    withOne(tx.findAll('Bridge'), a, (bridge) => {
      tx.remove(root(tx), 'bridges', bridge);
      if (b % 2 === 0) tx.delete(bridge);
    });
  },
  mirror(tx: Tx, a: number, b: number, name: string) {
    withOne(tx.findAll('Bridge'), a, (bridge) =>
      withOne(tx.findAll('Port'), b, (port) => {
        const mirror = tx.insert('Mirror', { name, output_port: port, select_dst_port: [port] });
        tx.add(bridge, 'mirrors', mirror);
      }),
    );
  },
  count(tx: Tx, _a: number, b: number) {
    if (b % 4 === 0) tx.update(root(tx), { next_cfg: Number(root(tx).next_cfg) + 1 });
    else tx.increment(root(tx), 'next_cfg', b);
  },
} satisfies Record<string, (tx: Tx, a: number, b: number, name: string) => void>;

const root = (tx: Tx) => tx.findAll('Open_vSwitch')[0] ?? tx.insert('Open_vSwitch', {});
function withOne<T>(list: readonly T[], index: number, act: (item: T) => void): void {
  const item = list[index % Math.max(1, list.length)];
  if (item !== undefined) act(item);
}

const step = fc.tuple(fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])), fc.nat(50), fc.nat(4000));
const transactions = fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });

let server: OvsdbServer;
let client: OvsdbClient;
let replica: Replica<VswitchTables>;
beforeAll(async () => {
  server = await startOvsdbServer();
  client = await connectOvsdb(server.target);
  replica = createReplica(vswitch);
  await replica.follow(client);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

/** What the transaction shows of every row. */
const readAll = (tx: Tx): Contents =>
  new Map(watched.map((table) => [table, new Map(tx.findAll(table).map((row) => [row._uuid, { ...row } as AnyRow]))]));

const references = (type: ColumnType, value: AnyColumnValue, strength: 'strong' | 'weak'): Atom[] => {
  const { refTable, refType = 'strong' } = type.keyRules;
  if (type.key !== 'uuid' || refTable === undefined || refType !== strength || value === undefined) return [];
  return Array.isArray(value) ? value : [value as Atom];
};

/** What the server does at the commit: rows that nothing refers to go, and with rows the weak references to them. */
function collected(contents: Contents): Contents {
  const kept = new Map<string, Map<string, AnyRow>>(watched.map((table) => [table, new Map()]));
  const waiting = [...contents.get('Open_vSwitch')!.keys()];
  for (let uuid = waiting.pop(); uuid !== undefined; uuid = waiting.pop()) {
    for (const table of watched) {
      const row = contents.get(table)?.get(uuid);
      if (row === undefined || kept.get(table)?.has(uuid)) continue;
      kept.get(table)?.set(uuid, row);
      for (const [name, type] of Object.entries(vswitch.tables[table]))
        waiting.push(...(references(type, row[name], 'strong') as string[]));
    }
  }
  const there = new Set([...kept.values()].flatMap((rows) => [...rows.keys()]));
  for (const table of watched) {
    for (const [uuid, row] of kept.get(table)!) {
      const pruned: Record<string, AnyColumnValue> & { _uuid: string } = { ...row };
      for (const [name, type] of Object.entries<ColumnType>(vswitch.tables[table])) {
        const gone = references(type, row[name], 'weak').filter((atom) => !there.has(String(atom)));
        if (gone.length === 0) continue;
        pruned[name] = type.kind === 'set' ? (row[name] as Atom[]).filter((atom) => !gone.includes(atom)) : undefined;
      }
      kept.get(table)!.set(uuid, pruned);
    }
  }
  return kept;
}

async function readServer(): Promise<Contents> {
  const results = await client.transact(
    'Open_vSwitch',
    watched.map((table) => ({ op: 'select', table, where: [] })),
  );
  return new Map(
    watched.map((table, index) => {
      const rows = (results[index]?.rows ?? []).map((row) =>
        decodeRow(vswitch.tables[table], (row._uuid as string[])[1]!, row, table),
      );
      return [table, new Map(rows.map((row) => [row._uuid, row]))];
    }),
  );
}

/** Sets and maps have no order. */
function plain(contents: Contents): unknown {
  const sorted = (value: AnyColumnValue) =>
    Array.isArray(value) ? [...value].sort() : value instanceof Map ? Object.fromEntries([...value].sort()) : value;
  return Object.fromEntries(
    Array.from(contents, ([table, rows]) => [
      table,
      [...rows.keys()]
        .sort()
        .map((uuid) =>
          Object.fromEntries(Object.entries(rows.get(uuid)!).map(([name, value]) => [name, sorted(value)])),
        ),
    ]),
  );
}

test('what a transaction shows at its end is what server and replica have after it', async () => {
  let names = 0;
  await fc.assert(
    fc.asyncProperty(transactions, async (list) => {
      for (const each of list) {
        let shown: Contents = new Map();
        await transact(replica, client, (tx) => {
          for (const [name, a, b] of each) steps[name](tx, a, b, `n${++names}`);
          shown = readAll(tx);
        });
        const expected = plain(collected(shown));
        const follows = replica.snapshot();
        expect(
          plain(new Map(watched.map((table) => [table, new Map(follows[table] as ReadonlyMap<string, BridgeRow>)]))),
        ).toEqual(expected);
        expect(plain(await readServer())).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});
