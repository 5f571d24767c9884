/** What the tests of the replica share: the server's own dump as rows, and a copy that is kept by events alone. */
import { expect } from 'vitest';
import { type AnyRow, type AnyTables, decodeRow, type JsonObject, vswitch } from '../../proto/ovsdb/index.ts';
import type { Replica, RowChange } from '../../src/ovsdb/replica/replica.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';

export type Tables = typeof vswitch.tables;

/** `ovsdb-client dump`, decoded: every row of these tables. */
export async function dumped(
  server: OvsdbServer,
  tables: AnyTables = vswitch.tables,
): Promise<Record<string, Map<string, AnyRow>>> {
  const result: Record<string, Map<string, AnyRow>> = {};
  for (const [table, columns] of Object.entries(tables)) {
    const { headings, data } = JSON.parse(await server.dump(table)) as { headings: string[]; data: unknown[][] };
    const rows = data.map((cells): [string, AnyRow] => {
      const json = Object.fromEntries(headings.map((name, index) => [name, cells[index]])) as JsonObject;
      const uuid = (json._uuid as string[])[1]!;
      return [uuid, decodeRow(columns, uuid, json, table)];
    });
    result[table] = new Map(rows);
  }
  return result;
}

/** The order of rows, and of elements in sets and maps, means nothing. */
export function sorted(tables: Readonly<Record<string, ReadonlyMap<string, object>>>): Record<string, object> {
  const plain = (value: unknown): unknown =>
    Array.isArray(value)
      ? [...value].sort()
      : value instanceof Map
        ? [...value].map(([key, inner]) => `${key}=${inner}`).sort()
        : value;
  const row = (columns: object) =>
    Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, plain(value)]));
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([uuid, columns]) => [uuid, row(columns)])),
    ]),
  );
}

export interface Shadow {
  tables: Record<string, Map<string, AnyRow>>;
  /** Every change that was told. */
  told: RowChange<Tables>[];
  /** What was wrong with a change: of another row than the one known, or no change at all. */
  wrong: string[];
}

/** Kept by nothing but events, each of which must fit what came before and really change something. */
export function createShadow(replica: Replica<Tables>): Shadow {
  const shadow: Shadow = { tables: {}, told: [], wrong: [] };
  for (const table of Object.keys(vswitch.tables)) shadow.tables[table] = new Map();
  replica.onChange((changes) => {
    for (const change of changes) {
      const rows = shadow.tables[change.table]!;
      const { uuid, old, new: row } = change;
      if (rows.get(uuid) !== old) shadow.wrong.push(`${change.table} ${uuid}: another old row`);
      if (row === undefined) rows.delete(uuid);
      else rows.set(uuid, row);
      if (old === row || (old !== undefined && row !== undefined && same(old, row))) {
        shadow.wrong.push(`${change.table} ${uuid}: told and not changed`);
      }
      shadow.told.push(change);
    }
  });
  return shadow;
}

const same = (a: AnyRow, b: AnyRow) => {
  const [left, right] = [a, b].map((row) => JSON.stringify(sorted({ t: new Map([['', row]]) })));
  return left === right;
};

/** Replica, shadow and server hold the same. */
export async function expectSame(replica: Replica<Tables>, shadow: Shadow, server: OvsdbServer): Promise<void> {
  const truth = sorted(await dumped(server));
  expect(sorted(replica.snapshot())).toEqual(truth);
  expect(sorted(shadow.tables)).toEqual(truth);
  expect(shadow.wrong).toEqual([]);
}
