/** A copy of a database's tables in memory, kept by a monitor (ovsdb-server(7) §4.1.15). Half-filled it is never shown. */
import type { AnyTables, DatabaseDefinition } from '../../proto/ovsdb/definition.ts';
import type { TableUpdate } from '../../proto/ovsdb/monitor.ts';
import {
  type AnyRow,
  applyRowDifference,
  decodeRow,
  type RowOf,
  sameRow,
  type TableColumns,
} from '../../proto/ovsdb/row.ts';
import type { MonitorMethod, OvsdbClient } from './client.ts';
import { liveColumns, monitorRequests, type PlainTables } from './live-columns.ts';

export interface RowChange<T> {
  table: keyof T & string;
  uuid: string;
  /** undefined: the row is new. */
  old: AnyRow | undefined;
  /** undefined: the row is gone. */
  new: AnyRow | undefined;
}

/** Every row of every table, by UUID. */
export type Snapshot<T> = { readonly [N in keyof T]: ReadonlyMap<string, RowOf<T[N]>> };

export interface Replica<T extends AnyTables> {
  readonly definition: DatabaseDefinition<T>;
  /** empty: nothing to read yet · stale: as it was when the connection ended · current: as the server has it. */
  readonly state: 'empty' | 'stale' | 'current';
  /** Fills or resumes the copy from this connection and follows it until it ends. Resolves when current. */
  follow(client: OvsdbClient): Promise<void>;
  /** The tables; throws while the copy is empty. Rows are never changed, a changed one is another object. */
  snapshot(): Snapshot<T>;
  /** Calls back after each change, and with none when the state changed; returns how to stop. */
  onChange(handler: (changes: readonly RowChange<T>[]) => void): () => void;
}

export interface ReplicaOptions {
  /** Which methods to try; default: all, the best first. */
  methods?: readonly MonitorMethod[];
}

type Tables = Map<string, Map<string, AnyRow>>;

let monitors = 0;

export function createReplica<T extends Readonly<Record<string, TableColumns>>>(
  definition: DatabaseDefinition<T>,
  options: ReplicaOptions = {},
): Replica<T> {
  const declared: PlainTables = definition.tables;
  const handlers = new Set<(changes: readonly RowChange<T>[]) => void>();
  let state: Replica<T>['state'] = 'empty';
  let tables: Tables = new Map();
  /** Where to resume: the last transaction seen, and under which columns. */
  let resume: { transaction: string; columns: string } | undefined;
  let followed: OvsdbClient | undefined;

  async function follow(client: OvsdbClient): Promise<void> {
    followed = client;
    const live = liveColumns(definition.name, declared, await client.getSchema(definition.name));
    const columns = JSON.stringify(live);
    const early: [TableUpdate[], string | undefined][] = [];
    let filled = false;
    const reply = await client.monitor(definition.name, {
      id: `flowloom-${++monitors}`,
      requests: monitorRequests(live),
      since: resume?.columns === columns ? resume.transaction : undefined,
      ...(options.methods === undefined ? {} : { methods: options.methods }),
      onUpdate(updates, transaction) {
        if (followed !== client) return;
        if (filled) take(updates, transaction);
        else early.push([updates, transaction]);
      },
    });
    if (followed !== client) throw new Error('another connection took over');
    const next: Tables = reply.found
      ? new Map(Array.from(tables, ([name, rows]) => [name, new Map(rows)]))
      : emptyTables();
    apply(next, reply.updates);
    // Updates may have come in the same read as the reply.
    for (const [updates] of early) apply(next, updates);
    const last = early.at(-1)?.[1] ?? reply.lastTransaction;
    resume = last === undefined ? undefined : { transaction: last, columns };
    const changes = differences(tables, next);
    tables = next;
    filled = true;
    state = 'current';
    void client.closed.then(() => {
      if (followed !== client) return;
      followed = undefined;
      state = 'stale';
      emit([]);
    });
    emit(changes);

    function take(updates: TableUpdate[], transaction: string | undefined): void {
      let taken: RowChange<T>[];
      try {
        taken = apply(tables, updates);
      } catch (error) {
        // The copy can no longer be trusted: the next connection fills it anew.
        resume = undefined;
        throw error;
      }
      if (transaction !== undefined) resume = { transaction, columns };
      emit(taken);
    }
  }

  function emptyTables(): Tables {
    return new Map(Object.keys(declared).map((name) => [name, new Map()]));
  }

  function apply(to: Tables, updates: readonly TableUpdate[]): RowChange<T>[] {
    const changes: RowChange<T>[] = [];
    for (const { table, uuid, update } of updates) {
      const rows = to.get(table);
      const columns = declared[table];
      if (rows === undefined || columns === undefined) continue;
      const path = `${table} ${uuid}`;
      const old = rows.get(uuid);
      let row: AnyRow | undefined;
      if (update.kind === 'insert') row = decodeRow(columns, uuid, update.row, path);
      else if (update.kind === 'modify') {
        if (old === undefined) throw new Error(`${path}: a row that is not there was changed`);
        row = applyRowDifference(columns, old, update.row, path);
      }
      if (row === undefined) rows.delete(uuid);
      else rows.set(uuid, row);
      changes.push({ table, uuid, old, new: row });
    }
    return changes;
  }

  function differences(from: Tables, to: Tables): RowChange<T>[] {
    const changes: RowChange<T>[] = [];
    for (const [table, rows] of to) {
      const before = from.get(table);
      const columns = declared[table] ?? {};
      for (const [uuid, row] of rows) {
        const old = before?.get(uuid);
        if (old === undefined || !sameRow(columns, old, row)) changes.push({ table, uuid, old, new: row });
      }
      for (const [uuid, old] of before ?? []) if (!rows.has(uuid)) changes.push({ table, uuid, old, new: undefined });
    }
    return changes;
  }

  function emit(changes: readonly RowChange<T>[]): void {
    for (const handler of [...handlers]) handler(changes);
  }

  return {
    definition,
    follow,
    get state() {
      return state;
    },
    snapshot() {
      if (state === 'empty') throw new Error(`the copy of ${definition.name} is not filled yet`);
      return Object.fromEntries(tables) as unknown as Snapshot<T>;
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
