/** Fills a copy of a database from one connection after the other, and follows each by a monitor (ovsdb-server(7) §4.1.12–16). */
import type { DatabaseDefinition } from '../../../proto/ovsdb/definition.ts';
import { formatJson } from '../../../proto/ovsdb/json-text.ts';
import type { MonitorRequest, TableUpdate } from '../../../proto/ovsdb/monitor.ts';
import type { MonitorMethod, OvsdbClient } from '../client/client.ts';
import { everyMethod } from '../client/client-monitor.ts';
import { ConnectionClosedError, RpcError } from '../client/rpc-error.ts';
import { type LiveTables, liveTables } from './live-columns.ts';
import type { AnyRowChange, TableCopy } from './table-copy.ts';
import { conditionChanges, type EncodedWhere } from './where.ts';

export interface FollowerOptions {
  definition: DatabaseDefinition;
  methods: readonly MonitorMethod[] | undefined;
  where: EncodedWhere;
  /** Read here, never written. */
  copy: TableCopy;
  /** What a transaction changed, to be put into the copy; none: the state did. */
  onChanges(changes: readonly AnyRowChange[]): void;
}

export interface Follower {
  readonly state: 'empty' | 'stale' | 'current';
  /** The conditions of the next connection, and of this one as soon as may be. */
  readonly where: EncodedWhere;
  readonly missing: ReadonlySet<string>;
  follow(client: OvsdbClient): Promise<void>;
  setWhere(where: EncodedWhere): Promise<void>;
}

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

export function createFollower(options: FollowerOptions): Follower {
  const { definition, copy, onChanges } = options;
  let filled = false;
  let wanted = options.where;
  /** Where to resume: after the last transaction seen, if types and conditions are still these. */
  let lastTransaction: string | undefined;
  let terms: string | undefined;
  /** Counts calls of follow: only the last one's connection is heeded. */
  let turn = 0;
  let session: Session | undefined;
  let filling: Promise<void> = Promise.resolve();
  let missing: ReadonlySet<string> = new Set();
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
    else if (before !== undefined) forget(before.client, before.id);
    const live = liveTables(definition.tables, await client.getSchema(definition.name));
    heed(mine);
    filling = fill(client, live, mine);
    await filling;
  }

  /** A connection that goes on without us need not tell us anything more. */
  function forget(client: OvsdbClient, id: string): void {
    client.cancelMonitor(id).catch(() => {});
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
    if (turn !== mine) forget(client, id);
    heed(mine);
    const { found, updates, method } = reply;
    const changes = found ? copy.differences(updates, live.readers) : copy.differencesOfAll(updates, live.readers);
    started = { client, turn: mine, id, live, method, where };
    session = started;
    filled = true;
    missing = live.missing;
    lastTransaction = reply.lastTransaction;
    terms = asked;
    onChanges(changes);
    // Updates may have come in the same read as the reply.
    try {
      for (const [later, transaction] of early) if (session === started) take(started, later, transaction);
    } catch (error) {
      end();
      throw error;
    }
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
    if (changes.length > 0) onChanges(changes);
  }

  function end(): void {
    session = undefined;
    onChanges([]);
  }

  async function changeWhere(next: EncodedWhere): Promise<void> {
    await filling.catch(() => {});
    const at = session;
    if (at === undefined) return;
    const before = at.where;
    const changes = conditionChanges(Object.keys(at.live.columns), before, next);
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

  return {
    follow,
    get state() {
      return session !== undefined ? 'current' : filled ? 'stale' : 'empty';
    },
    get where() {
      return wanted;
    },
    get missing() {
      return missing;
    },
    setWhere(where) {
      wanted = where;
      const done = queue.then(() => changeWhere(where));
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
