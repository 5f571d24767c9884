/** A transaction in the making: what it reads, what it refuses, and the operations that come of it. Against no server. */

import { describe, expect, test } from 'vitest';
import { type AnyRow, decodeRow, type JsonObject, type VswitchTables, vswitch } from '../../proto/ovsdb/index.ts';
import type { Snapshot } from '../../src/ovsdb/replica/replica.ts';
import { openTransaction } from '../../src/ovsdb/transaction/transaction.ts';
import { transactionOperations } from '../../src/ovsdb/transaction/transaction-operations.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const uuid = (n: number) => ['uuid', id(n)];

function snapshot(tables: Partial<Record<keyof VswitchTables, Record<number, JsonObject>>>): Snapshot<VswitchTables> {
  const rows = Object.entries(vswitch.tables).map(([table, columns]): [string, Map<string, AnyRow>] => [
    table,
    new Map(
      Object.entries(tables[table as keyof VswitchTables] ?? {}).map(([n, row]) => {
        return [id(Number(n)), decodeRow(columns, id(Number(n)), row, table)];
      }),
    ),
  ]);
  return Object.fromEntries(rows) as unknown as Snapshot<VswitchTables>;
}

const host = () =>
  snapshot({
    Open_vSwitch: { 1: { bridges: ['set', [uuid(2)]], next_cfg: 4 } },
    Bridge: { 2: { name: 'br0', ports: ['set', [uuid(3)]], other_config: ['map', [['a', '1']]] } },
    Port: { 3: { name: 'p1', interfaces: uuid(4), tag: 5 } },
    Interface: { 4: { name: 'p1' } },
  });
const open = (of = host()) => openTransaction(vswitch, of);
const bridge = { op: 'wait', table: 'Bridge', where: [['_uuid', '==', uuid(2)]], until: '==', timeout: 0 };

describe('reads', () => {
  test('see what was written before, whichever way', () => {
    const { transaction: tx } = open();
    const port = tx.find('Port', { name: 'p1' })!;
    tx.update(port, { tag: 7, trunks: [1, 2] });
    expect(port.tag).toBe(7);
    expect(tx.find('Port', { tag: 5 })).toBeUndefined();
    expect(tx.find('Port', { tag: 7 })).toBe(port);
    expect(tx.findAll('Port', (row) => row.trunks.includes(2))).toEqual([port]);
    tx.add(port, 'trunks', 2, 3);
    tx.remove(port, 'trunks', 1);
    expect(port.trunks).toEqual([2, 3]);
    tx.add(port, 'trunks', 4);
    tx.update(port, { trunks: [8] });
    expect(port.trunks).toEqual([8]);
    tx.set(port, 'external_ids', 'k', 'v');
    tx.set(port, 'external_ids', 'l', 'w');
    tx.unset(port, 'external_ids', 'k', 'never');
    expect(port.external_ids).toEqual(new Map([['l', 'w']]));
    const root = tx.findAll('Open_vSwitch')[0]!;
    tx.increment(root, 'next_cfg');
    tx.increment(root, 'next_cfg', 2);
    expect(root.next_cfg).toBe(7);
    tx.delete(port);
    expect(tx.get('Port', id(3))).toBeUndefined();
    expect(tx.findAll('Port')).toEqual([]);
  });

  test('of a new row, its defaults and its references', () => {
    const { transaction: tx } = open();
    const face = tx.insert('Interface', { name: 'p2' });
    const port = tx.insert('Port', { name: 'p2', interfaces: [face] });
    expect(tx.get('Port', port._uuid)).toBe(port);
    expect(tx.find('Port', { name: 'p2' })).toBe(port);
    expect(port).toMatchObject({ interfaces: [face._uuid], tag: undefined, trunks: [], external_ids: new Map() });
    tx.delete(port);
    expect(tx.find('Port', { name: 'p2' })).toBeUndefined();
  });

  test('a row is looked for in its table only, and spread like any object', () => {
    const { transaction: tx } = open();
    expect(tx.get('Bridge', id(3))).toBeUndefined();
    expect(tx.get('Port', id(99))).toBeUndefined();
    const port = tx.get('Port', id(3))!;
    tx.add(port, 'trunks', 9);
    expect({ ...port }).toMatchObject({ _uuid: id(3), name: 'p1', trunks: [9] });
  });
});

describe('operations', () => {
  test('of nothing, and of what changes nothing, are none', () => {
    const { transaction: tx, contents } = open();
    const found = tx.find('Bridge', { name: 'br0' })!;
    tx.update(found, { fail_mode: undefined });
    tx.set(found, 'other_config', 'a', '1');
    tx.delete(tx.insert('Port', { name: 'x' }));
    tx.verify(found, 'ports');
    tx.comment('nothing');
    expect(transactionOperations(contents, 'uuid').operations).toEqual([]);
  });

  test('writes to a row become one update and one mutate, elements alone are touched', () => {
    const { transaction: tx, contents } = open();
    const found = tx.get('Bridge', id(2))!;
    tx.update(found, { fail_mode: 'standalone' });
    tx.update(found, { fail_mode: 'secure', stp_enable: true });
    tx.set(found, 'other_config', 'b', '2');
    tx.unset(found, 'other_config', 'a');
    tx.remove(found, 'ports', tx.get('Port', id(3))!);
    tx.comment('why');
    const where = bridge.where;
    expect(transactionOperations(contents, 'uuid').operations).toEqual([
      { ...bridge, columns: ['_uuid'], rows: [{ _uuid: uuid(2) }] },
      { op: 'update', table: 'Bridge', where, row: { fail_mode: 'secure', stp_enable: true } },
      {
        op: 'mutate',
        table: 'Bridge',
        where,
        mutations: [
          ['other_config', 'delete', ['set', ['b', 'a']]],
          ['other_config', 'insert', ['map', [['b', '2']]]],
          ['ports', 'delete', ['set', [uuid(3)]]],
        ],
      },
      { op: 'comment', comment: 'why' },
    ]);
  });

  test('new rows go by a UUID of our own, or by name', () => {
    for (const naming of ['uuid', 'uuid-name'] as const) {
      const { transaction: tx, contents } = open();
      const port = tx.insert('Port', { name: 'p2' });
      const face = tx.insert('Interface', { name: 'p2' });
      tx.add(port, 'interfaces', face);
      tx.add(tx.get('Bridge', id(2))!, 'ports', port);
      const { operations, inserted } = transactionOperations(contents, naming);
      const [, first, second, third] = operations;
      const named = naming === 'uuid-name';
      const name = (n: string, row: AnyRow) => (named ? { 'uuid-name': n } : { uuid: row._uuid });
      const refer = (n: string, row: AnyRow) => (named ? ['named-uuid', n] : ['uuid', row._uuid]);
      const added = tx.find('Bridge', {})!;
      expect(added.ports).toEqual([id(3), port._uuid]);
      expect(first).toEqual({
        op: 'insert',
        table: 'Port',
        row: { name: 'p2', interfaces: ['set', [refer('row2', face)]] },
        ...name('row1', port),
      });
      expect(second).toEqual({ op: 'insert', table: 'Interface', row: { name: 'p2' }, ...name('row2', face) });
      expect(third).toMatchObject({ mutations: [['ports', 'insert', ['set', [refer('row1', port)]]]] });
      expect([...inserted.keys()]).toEqual([1, 2]);
    }
  });

  test('a column that was read and is then replaced is verified, one that was only written is not', () => {
    const waits = (write: (of: ReturnType<typeof open>['transaction']) => void) => {
      const { transaction, contents } = open();
      write(transaction);
      const { operations } = transactionOperations(contents, 'uuid');
      return operations.filter(({ op }) => op === 'wait').map((item) => ('columns' in item ? item.columns : []));
    };
    const port = (tx: ReturnType<typeof open>['transaction']) => tx.get('Port', id(3))!;
    expect(waits((tx) => tx.update(port(tx), { tag: 6 }))).toEqual([['_uuid']]);
    expect(waits((tx) => tx.update(port(tx), { tag: Number(port(tx).tag) + 1 }))).toEqual([['tag']]);
    expect(waits((tx) => tx.update(tx.find('Port', { tag: 5 })!, { tag: 6 }))).toEqual([['tag']]);
    expect(waits((tx) => tx.update(tx.find('Port', (row) => row.tag === 5)!, { tag: 6 }))).toEqual([['tag']]);
    // What was read is what this transaction gave: nothing of the database was.
    expect(
      waits((tx) => {
        tx.update(port(tx), { tag: 6 });
        tx.update(port(tx), { tag: Number(port(tx).tag) + 1 });
      }),
    ).toEqual([['_uuid']]);
    expect(
      waits((tx) => {
        tx.verify(tx.get('Bridge', id(2))!, 'fail_mode', 'name');
        tx.update(port(tx), { tag: 6 });
      }),
    ).toEqual([['fail_mode', 'name'], ['_uuid']]);
    expect(waits((tx) => tx.delete(port(tx)))).toEqual([]);
  });

  test('what was looked for by values and not found must not be there when one is inserted', () => {
    const waits = (name: string, table: 'Port' | 'Interface') => {
      const { transaction: tx, contents } = open();
      tx.find('Port', { name });
      tx.insert(table, { name: 'x' });
      return transactionOperations(contents, 'uuid').operations.filter(({ op }) => op === 'wait');
    };
    expect(waits('p1', 'Port')).toEqual([]);
    expect(waits('x', 'Interface')).toEqual([]);
    const absent = { op: 'wait', table: 'Port', where: [['name', '==', 'x']], columns: ['_uuid'], rows: [] };
    expect(waits('x', 'Port')).toMatchObject([absent]);
  });

  test('the lock is asserted first', () => {
    const { transaction: tx, contents } = open();
    tx.update(tx.get('Port', id(3))!, { tag: 6 });
    tx.assert('mine');
    tx.assert('mine');
    const { operations } = transactionOperations(contents, 'uuid');
    expect(operations.map(({ op }) => op)).toEqual(['assert', 'wait', 'update']);
  });
});

describe('refused before anything is written', () => {
  const { transaction: tx, contents } = open();
  const port = tx.get('Port', id(3))!;
  const found = tx.get('Bridge', id(2))!;
  test.each<[() => void, string]>([
    // @ts-expect-error a bridge where a port belongs
    [() => tx.add(found, 'ports', found), 'Bridge.ports: a row of Port was expected, found one of Bridge'],
    // @ts-expect-error a UUID where a row belongs
    [() => tx.update(found, { ports: [id(3)] }), 'Bridge.ports: a row of Port was expected, found 00000000-'],
    [() => tx.add(found, 'ports', { _uuid: id(99) }), `row ${id(99)} is not in the replica`],
    [() => tx.update(port, { tag: 1, trunks: [5000] }), 'Port.trunks: 5000: from 0 to 4095 is allowed'],
    // @ts-expect-error no such word
    [() => tx.update(port, { vlan_mode: 'sometimes' }), 'Port.vlan_mode: "sometimes" is none of trunk'],
    // @ts-expect-error no such column
    [() => tx.update(port, { nmae: 'x' }), 'Port has no column nmae'],
    [() => tx.update(port, { name: 'x' }), 'Port.name is only set when a row is inserted'],
    // @ts-expect-error no set
    [() => tx.add(port, 'tag', 5), 'Port.tag is no set'],
    // @ts-expect-error no map
    [() => tx.set(port, 'trunks', 5, 5), 'Port.trunks is no map'],
    // @ts-expect-error no number
    [() => tx.increment(port, 'name'), 'Port.name is no number'],
    [() => tx.increment(tx.findAll('Open_vSwitch')[0]!, 'next_cfg', 0.5), 'integer expected, found 0.5'],
    // @ts-expect-error no such table
    [() => tx.insert('Prot', {}), 'Open_vSwitch has no table Prot'],
    // @ts-expect-error no such column
    [() => tx.find('Port', { nmae: 'x' }), 'Port has no column nmae'],
    [() => Object.assign(port, { tag: 7 }), "Port.tag: a row is not assigned to; use the transaction's update"],
  ])('%s', (act, problem) => {
    expect(act).toThrow(problem);
    expect(port.tag).toBe(5);
    expect(transactionOperations(contents, 'uuid').operations).toEqual([]);
  });

  test('a row that this transaction deleted, and a transaction that is over', () => {
    const { transaction: other, close } = open();
    const gone = other.get('Port', id(3))!;
    other.delete(gone);
    expect(() => other.update(gone, { tag: 1 })).toThrow('was deleted by this transaction');
    close();
    expect(() => other.insert('Port', {})).toThrow('this transaction is over');
    expect(() => other.update(other.get('Bridge', id(2))!, {})).toThrow('this transaction is over');
  });
});
