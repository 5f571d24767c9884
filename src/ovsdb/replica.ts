/** A copy of a database's tables in memory, kept by a monitor (ovsdb-server(7) §4.1.12–15). Half-filled it is never shown. */
import type { Atom } from '../../proto/ovsdb/atom.ts';
import type { AnyTables, DatabaseDefinition } from '../../proto/ovsdb/definition.ts';
import { formatJson } from '../../proto/ovsdb/json-text.ts';
import type { MonitorRequest, TableUpdate } from '../../proto/ovsdb/monitor.ts';
import type { AnyRow, RowOf } from '../../proto/ovsdb/row.ts';
import type { MonitorMethod, OvsdbClient } from './client.ts';
import { type LiveTables, liveTables } from './live-columns.ts';
import { columnKeys, createRowIndex, type KeptIndex, type KeysOf, type RowIndex } from './row-index.ts';
import { ConnectionClosedError, RpcError } from './rpc-error.ts';
import { type Selected, type Selection, selectColumns } from './select-columns.ts';
import { type AnyRowChange, createTableCopy } from './table-copy.ts';
import { type Conditions, type EncodedWhere, encodeWhere } from './where.ts';

/** One row's change; `table` tells which rows they are. */
export type RowChange<T> = {
  [N in keyof T & string]: {
    table: N;
    uuid: string;
    /** undefined: the row is new. */
    old: RowOf<T[N]> | undefined;
    /** undefined: the row is gone. */
    new: RowOf<T[N]> | undefined;
  };
}[keyof T & string];

/** Every row of every table, by UUID. */
export type Snapshot<T> = { readonly [N in keyof T]: ReadonlyMap<string, RowOf<T[N]>> };

export interface RowHandlers<R> {
  added?(row: R): void;
  changed?(row: R, old: R): void;
  removed?(row: R): void;
}

export interface Replica<T extends AnyTables> {
  readonly definition: DatabaseDefinition<T>;
  /** empty: nothing to read yet · stale: as it was when the connection ended · current: as the server has it. */
  readonly state: 'empty' | 'stale' | 'current';
  /** Fills or resumes the copy from this connection and follows it until it ends. Resolves when current. */
  follow(client: OvsdbClient): Promise<void>;
  /** Resolves when the copy is current; rejects when the signal is aborted. */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * The tables as they are now: neither they nor their rows ever change. A table or a row that is the same object as
   * in an earlier snapshot is the same in all it holds. Throws a ReplicaEmptyError while the copy is empty.
   */
  snapshot(): Snapshot<T>;
  /** One row as it is now, or undefined; throws a ReplicaEmptyError while the copy is empty. */
  get<N extends keyof T & string>(table: N, uuid: string): RowOf<T[N]> | undefined;
  /**
   * Rows by what is in a column: an atom's value, an element of a set, a key of a map. With `key`, by what a map holds
   * under it: `index('Interface', 'external_ids', 'iface-id')`. Kept as rows change; asked twice, it is the same index.
   */
  index<N extends keyof T & string>(table: N, column: keyof T[N] & string, key?: Atom): RowIndex<RowOf<T[N]>>;
  /** Rows by anything that they tell of themselves. Each call makes an index: keep it. */
  index<N extends keyof T & string>(table: N, by: KeysOf<RowOf<T[N]>>): RowIndex<RowOf<T[N]>>;
  /**
   * Calls back with what a transaction changed, and with none when the state changed; returns how to stop. After a
   * reconnect the changes are the differences to what was known before.
   */
  onChange(handler: (changes: readonly RowChange<T>[]) => void): () => void;
  /** Calls back for each row of a table: those that are there now as added, then each change; returns how to stop. */
  watch<N extends keyof T & string>(table: N, handlers: RowHandlers<RowOf<T[N]>>): () => void;
  /**
   * Holds other rows from now on. Resolves when the copy shows it; without a connection at once, and the next one asks
   * so. Rejects where the server refuses, and what was held before stays.
   */
  setWhere(where: Conditions<T>): Promise<void>;
  /** Tables of which only the rows with the conditions of `where` are held. */
  readonly partial: ReadonlySet<string>;
  /** `Table` or `Table.column` that the server at hand lacks: they read as empty and as defaults. */
  readonly missing: ReadonlySet<string>;
}

export interface ReplicaOptions<T = AnyTables> {
  /** Which methods to try; default: all, the best first. */
  methods?: readonly MonitorMethod[];
  /** Which rows to hold; default: all. */
  where?: Conditions<T>;
}

/** A replica was read before it was filled for the first time. */
export class ReplicaEmptyError extends Error {
  constructor(database: string) {
    super(`the copy of ${database} is not filled yet: wait for its ready() or for follow() to resolve`);
    this.name = 'ReplicaEmptyError';
  }
}

const everyMethod: readonly MonitorMethod[] = ['monitor_cond_since', 'monitor_cond', 'monitor'];
const noneMissing: ReadonlySet<string> = new Set();
let monitors = 0;

/** A connection that is followed. */
interface Session {
  client: OvsdbClient;
  turn: number;
  /** The monitor's name on it. */
  id: string;
  live: LiveTables;
  method: MonitorMethod;
  /** The conditions that the server has taken. */
  where: EncodedWhere;
}

export function createReplica<T extends AnyTables>(
  definition: DatabaseDefinition<T>,
  options?: ReplicaOptions<T>,
): Replica<T>;
/** `select`: only these tables and columns, as `selectColumns` does. */
export function createReplica<T extends AnyTables, const S extends Selection<T>>(
  definition: DatabaseDefinition<T>,
  options: ReplicaOptions<Selected<T, S>> & { select: S },
): Replica<Selected<T, S>>;
export function createReplica(
  whole: DatabaseDefinition,
  options: ReplicaOptions & { select?: Selection<AnyTables> } = {},
): Replica<AnyTables> {
  const definition = options.select === undefined ? whole : selectColumns(whole, options.select);
  const copy = createTableCopy(Object.keys(definition.tables));
  const handlers = new Set<(changes: readonly AnyRowChange[]) => void>();
  const indexes = new Map<string, KeptIndex[]>();
  const namedIndexes = new Map<string, RowIndex<AnyRow>>();
  let filled = false;
  let wanted = encodeWhere(definition, options.where ?? {});
  /** Where to resume: after the last transaction seen, if types and conditions are still these. */
  let lastTransaction: string | undefined;
  let terms: string | undefined;
  /** Counts calls of follow: only the last one's connection is heeded. */
  let turn = 0;
  let session: Session | undefined;
  let filling: Promise<void> = Promise.resolve();
  let missing = noneMissing;
  /** Changes of conditions come one after the other. */
  let queue: Promise<void> = Promise.resolve();

  async function follow(client: OvsdbClient): Promise<void> {
    const mine = ++turn;
    const before = session;
    if (before !== undefined) end();
    void client.closed.then(() => {
      if (turn === mine && session !== undefined) end();
    });
    if (before?.client === client) await client.cancelMonitor(before.id);
    const live = liveTables(definition.tables, await client.getSchema(definition.name));
    heed(mine);
    filling = fill(client, live, mine);
    await filling;
  }

  function heed(mine: number): void {
    if (turn !== mine) throw new ConnectionClosedError('another connection took over');
  }

  async function fill(client: OvsdbClient, live: LiveTables, mine: number): Promise<void> {
    const early: [TableUpdate[], string | undefined][] = [];
    const where = wanted;
    const asked = termsOf(live, where);
    const id = `flowloom-${++monitors}`;
    let started: Session | undefined;
    const reply = await client.monitor(definition.name, {
      id,
      requests: monitorRequests(live, where),
      since: terms === asked ? lastTransaction : undefined,
      methods: methodsFor(where),
      onUpdate(updates, transaction) {
        if (started !== undefined && started === session) take(started, updates, transaction);
        else if (started === undefined) early.push([updates, transaction]);
      },
      onCanceled() {
        if (started !== undefined && started === session) canceled(client);
        else if (started === undefined) client.close(`${definition.name} was removed or converted`);
      },
    });
    heed(mine);
    const { found, updates, method } = reply;
    const changes = found ? copy.differences(updates, live.readers) : copy.differencesOfAll(updates, live.readers);
    started = { client, turn: mine, id, live, method, where };
    session = started;
    filled = true;
    missing = live.missing;
    lastTransaction = reply.lastTransaction;
    terms = asked;
    commit(changes);
    if (changes.length === 0) emit([]);
    // Updates may have come in the same read as the reply.
    for (const [later, transaction] of early) if (session === started) take(started, later, transaction);
  }

  function take(from: Session, updates: readonly TableUpdate[], transaction: string | undefined): void {
    let changes: AnyRowChange[];
    try {
      changes = copy.differences(updates, from.live.readers);
    } catch (error) {
      // The copy can no longer follow: the next connection fills it anew.
      terms = undefined;
      throw error;
    }
    lastTransaction = transaction;
    commit(changes);
  }

  /** Everything is in place before anybody is told. */
  function commit(changes: readonly AnyRowChange[]): void {
    copy.commit(changes);
    if (indexes.size > 0) {
      for (const { table, old, new: row } of changes) {
        for (const index of indexes.get(table) ?? []) index.change(old, row);
      }
    }
    if (changes.length > 0) emit(changes);
  }

  function end(): void {
    session = undefined;
    emit([]);
  }

  function emit(changes: readonly AnyRowChange[]): void {
    for (const handler of [...handlers]) guarded(() => handler(changes));
  }

  async function changeWhere(next: EncodedWhere): Promise<void> {
    await filling.catch(() => {});
    const at = session;
    if (at === undefined) return;
    const before = at.where;
    const changes = conditionChanges(at.live, before, next);
    if (Object.keys(changes).length === 0) return;
    if (at.method === 'monitor') {
      wanted = before;
      throw new Error(noConditions(definition.name));
    }
    // Until the answer the copy may be of the old conditions or the new: it could not be resumed.
    terms = undefined;
    try {
      await at.client.changeMonitor(at.id, changes);
    } catch (error) {
      // The next connection asks for the new ones.
      if (error instanceof ConnectionClosedError) return;
      if (wanted === next) wanted = before;
      if (error instanceof RpcError && session === at) await refill(at);
      else at.client.close(messageOf(error));
      throw error;
    }
    if (session !== at) return;
    at.where = next;
    terms = termsOf(at.live, next);
  }

  /** The database was converted, which shows as another schema, or removed: then the connection is of no use. */
  function canceled(client: OvsdbClient): void {
    end();
    const again = follow(client);
    const mine = turn;
    again.catch((error: unknown) => {
      if (turn === mine) client.close(messageOf(error));
    });
  }

  /** What of a refused change the server has taken is not known: the copy is made anew. */
  async function refill(at: Session): Promise<void> {
    end();
    try {
      await at.client.cancelMonitor(at.id);
      await fill(at.client, at.live, at.turn);
    } catch (error) {
      at.client.close(messageOf(error));
    }
  }

  function readable(): void {
    if (!filled) throw new ReplicaEmptyError(definition.name);
  }

  function state(): Replica<AnyTables>['state'] {
    return session !== undefined ? 'current' : filled ? 'stale' : 'empty';
  }

  function addIndex(what: string, table: string, keysOf: KeysOf<AnyRow>): RowIndex<AnyRow> {
    const index = createRowIndex(what, keysOf);
    for (const row of copy.rows(table)) index.change(undefined, row);
    indexes.set(table, [...(indexes.get(table) ?? []), index]);
    const get: RowIndex<AnyRow>['get'] = (value) => {
      readable();
      return index.get(value);
    };
    const one: RowIndex<AnyRow>['one'] = (value) => {
      readable();
      return index.one(value);
    };
    return { get, one };
  }

  function onChange(handler: (changes: readonly AnyRowChange[]) => void): () => void {
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  return {
    definition,
    follow,
    onChange,
    get state() {
      return state();
    },
    get partial() {
      return new Set(Object.keys(wanted));
    },
    get missing() {
      return missing;
    },
    ready(signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (session !== undefined) {
          resolve();
          return;
        }
        const aborted = () => {
          stop();
          reject(signal?.reason);
        };
        const stop = onChange(() => {
          if (session === undefined) return;
          stop();
          signal?.removeEventListener('abort', aborted);
          resolve();
        });
        signal?.addEventListener('abort', aborted, { once: true });
      });
    },
    snapshot() {
      readable();
      return copy.snapshot();
    },
    get(table, uuid) {
      readable();
      return copy.get(table, uuid);
    },
    index(table: string, by: string | KeysOf<AnyRow>, key?: Atom) {
      const columns = Object.hasOwn(definition.tables, table) ? definition.tables[table] : undefined;
      if (columns === undefined) throw new TypeError(`${definition.name} has no table "${table}"`);
      if (typeof by === 'function') return addIndex(`${table} ${by.name || 'index'}`, table, by);
      if (by !== '_uuid' && !Object.hasOwn(columns, by)) throw new TypeError(`table ${table} has no column "${by}"`);
      const what = `${table}.${by}${key === undefined ? '' : `:${key}`}`;
      const index = namedIndexes.get(what) ?? addIndex(what, table, columnKeys(by, key));
      namedIndexes.set(what, index);
      return index;
    },
    watch(table, { added, changed, removed }) {
      if (!Object.hasOwn(definition.tables, table)) throw new TypeError(`${definition.name} has no table "${table}"`);
      for (const row of [...copy.rows(table)]) guarded(() => added?.(row));
      return onChange((changes) => {
        for (const { table: of, old, new: row } of changes) {
          if (of !== table) continue;
          guarded(() => {
            if (row === undefined) removed?.(old!);
            else if (old === undefined) added?.(row);
            else changed?.(row, old);
          });
        }
      });
    },
    setWhere(where) {
      const next = encodeWhere(definition, where);
      wanted = next;
      const done = queue.then(() => changeWhere(next));
      queue = done.catch(() => {});
      return done;
    },
  };

  /** With conditions the plain `monitor` will not do: it knows none. */
  function methodsFor(where: EncodedWhere): readonly MonitorMethod[] {
    const methods = options.methods ?? everyMethod;
    if (Object.keys(where).length === 0) return methods;
    const left = methods.filter((method) => method !== 'monitor');
    if (left.length === 0) throw new Error(noConditions(definition.name));
    return left;
  }
}

/** A handler's error is its own: what it is told of has happened, and others are told too. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function noConditions(database: string): string {
  return `${database}: the plain monitor method knows no conditions; leave \`where\` out for servers before Open vSwitch 2.6`;
}

function monitorRequests(live: LiveTables, where: EncodedWhere): Record<string, MonitorRequest[]> {
  return Object.fromEntries(
    Object.entries(live.columns).map(([table, columns]) => {
      const conditions = where[table];
      return [table, [conditions === undefined ? { columns } : { columns, where: conditions }]];
    }),
  );
}

/** Under which a transaction id is worth resuming from. */
function termsOf(live: LiveTables, where: EncodedWhere): string {
  return `${live.fingerprint} ${formatJson(Object.entries(where).sort())}`;
}

function conditionChanges(live: LiveTables, before: EncodedWhere, next: EncodedWhere) {
  const changes: Record<string, { where: EncodedWhere[string] }[]> = {};
  for (const table of Object.keys(live.columns)) {
    const where = next[table] ?? [true];
    if (formatJson(where) !== formatJson(before[table] ?? [true])) changes[table] = [{ where }];
  }
  return changes;
}
