/** Monitors: what is asked for, and the three forms in which the server tells changes (RFC 7047 §4.1.5–6; ovsdb-server(7) §4.1.12–15). */
import type { Condition } from './condition.ts';
import { OvsdbDecodeError } from './error.ts';
import { expectArray, expectObject, expectString, type Json, shown } from './json.ts';

/** <monitor-request> and <monitor-cond-request>. */
export interface MonitorRequest {
  columns?: string[];
  where?: Condition[] | boolean[];
  select?: { initial?: boolean; insert?: boolean; delete?: boolean; modify?: boolean };
}
export type MonitorRequests = Record<string, MonitorRequest[]>;

/** One row's change, whichever form it came in. */
export type RowUpdate =
  /** The whole row; columns left out have their default. */
  | { kind: 'insert'; row: Json }
  /** The columns that changed; sets and maps as differences. */
  | { kind: 'modify'; row: Json }
  | { kind: 'delete' };

export interface TableUpdate {
  table: string;
  uuid: string;
  update: RowUpdate;
}

/** <table-updates> of `monitor`: old and new values. */
export function decodeTableUpdates(json: Json | undefined): TableUpdate[] {
  return decodeRows(json, (row, path) => {
    if (row.new === undefined) {
      if (row.old === undefined) throw new OvsdbDecodeError(path, 'neither old nor new');
      return { kind: 'delete' };
    }
    // `new` holds every monitored column, so it replaces what was there.
    return { kind: 'insert', row: row.new };
  });
}

/** <table-updates2> of `monitor_cond` and `monitor_cond_since`: differences. */
export function decodeTableUpdates2(json: Json | undefined): TableUpdate[] {
  return decodeRows(json, (row, path) => {
    if ('initial' in row) return { kind: 'insert', row: row.initial! };
    if ('insert' in row) return { kind: 'insert', row: row.insert! };
    if ('modify' in row) return { kind: 'modify', row: row.modify! };
    if ('delete' in row) return { kind: 'delete' };
    throw new OvsdbDecodeError(path, `initial, insert, modify or delete was expected, found ${shown(row)}`);
  });
}

function decodeRows(
  json: Json | undefined,
  decode: (row: Record<string, Json>, path: string) => RowUpdate,
): TableUpdate[] {
  const updates: TableUpdate[] = [];
  for (const [table, rows] of Object.entries(expectObject(json, 'table-updates'))) {
    for (const [uuid, row] of Object.entries(expectObject(rows, table))) {
      const path = `${table} ${uuid}`;
      updates.push({ table, uuid, update: decode(expectObject(row, path), path) });
    }
  }
  return updates;
}

/** The answer to `monitor_cond_since`: whether the server still had what came after the transaction asked for. */
export interface MonitorSinceReply {
  /** true: `updates` are those since then. false: they are everything. */
  found: boolean;
  lastTransaction: string;
  updates: TableUpdate[];
}

export function decodeMonitorSinceReply(json: Json | undefined): MonitorSinceReply {
  const [found, last, updates] = expectArray(json, 'monitor_cond_since');
  if (typeof found !== 'boolean') throw new OvsdbDecodeError('monitor_cond_since', `no truth value: ${shown(found)}`);
  return {
    found,
    lastTransaction: expectString(last, 'monitor_cond_since'),
    updates: decodeTableUpdates2(updates),
  };
}
