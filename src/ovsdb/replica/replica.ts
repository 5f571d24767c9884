/** A copy of a database's tables in memory, kept by a monitor (ovsdb-server(7) §4.1.12–15). Half-filled it is never shown. */
import type { Atom } from '../../../proto/ovsdb/atom.ts';
import type { AnyTables, DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import type { AnyRow, RowOf } from '../../../proto/ovsdb/row.ts';
import type { MonitorMethod, OvsdbClient } from '../client/client.ts';
import { createFollower } from './follower.ts';
import { columnKeys, createRowIndex, type KeptIndex, type KeysOf, type RowIndex } from './row-index.ts';
import { type Selected, type Selection, selectColumns } from './select-columns.ts';
import { type AnyRowChange, createTableCopy } from './table-copy.ts';
import { type Conditions, encodeWhere } from './where.ts';

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
  const { methods } = options;
  const where = encodeWhere(definition, options.where ?? {});
  const follower = createFollower({ definition, methods, where, copy, onChanges });
  /** Everything is in place before anybody is told. */
  function onChanges(changes: readonly AnyRowChange[]): void {
    copy.commit(changes);
    if (indexes.size > 0) {
      for (const { table, old, new: row } of changes) {
        for (const index of indexes.get(table) ?? []) index.change(old, row);
      }
    }
    for (const handler of [...handlers]) guarded(() => handler(changes));
  }

  function readable(): void {
    if (follower.state === 'empty') throw new ReplicaEmptyError(definition.name);
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
    follow: follower.follow,
    onChange,
    get state() {
      return follower.state;
    },
    get partial() {
      return new Set(Object.keys(follower.where));
    },
    get missing() {
      return follower.missing;
    },
    ready(signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        if (follower.state === 'current') {
          resolve();
          return;
        }
        const aborted = () => {
          stop();
          reject(signal?.reason);
        };
        const stop = onChange(() => {
          if (follower.state !== 'current') return;
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
    setWhere: (where) => follower.setWhere(encodeWhere(definition, where)),
  };
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
