/** An OVSDB client on one connection: every method of RFC 7047 §4.1, and those that Open vSwitch adds (ovsdb-server(7) §4.1.11–21). */
import type { Duplex } from 'node:stream';
import { expectArray, expectString, type Json } from '../../../proto/ovsdb/json.ts';
import type { MonitorRequests, MonitorSinceReply, TableUpdate } from '../../../proto/ovsdb/monitor.ts';
import { decodeTransactResult, type Operation, type OperationResult } from '../../../proto/ovsdb/operation.ts';
import { type DatabaseSchema, decodeSchema } from '../../../proto/ovsdb/schema.ts';
import { createLocks, type LockHandlers } from './client-lock.ts';
import { createMonitors } from './client-monitor.ts';
import { createRpc, type RequestOptions, type RpcOptions } from './rpc.ts';
import type { ConnectionClosedError } from './rpc-error.ts';
import { TransactionError } from './transaction-error.ts';

export { TransactionError } from './transaction-error.ts';

/** From the one that tells most to the one that every server knows. */
export type MonitorMethod = 'monitor_cond_since' | 'monitor_cond' | 'monitor';

export interface MonitorOptions {
  /** Names the monitor on this connection. */
  id: string;
  requests: MonitorRequests;
  /** Ask only for what came after this transaction, where the server still has it. */
  since?: string | undefined;
  /** The methods to try, in this order; default: all three. */
  methods?: readonly MonitorMethod[];
  onUpdate(updates: TableUpdate[], lastTransaction: string | undefined): void;
  /**
   * The server ended the monitor, as the database was removed or converted; it tells only clients that called
   * `setDatabaseChangeAware`, and disconnects others. Without this the connection is closed, so that nothing stays frozen.
   */
  onCanceled?: (() => void) | undefined;
}

export interface MonitorReply extends Omit<MonitorSinceReply, 'lastTransaction'> {
  method: MonitorMethod;
  lastTransaction: string | undefined;
}

export interface OvsdbClient {
  listDatabases(): Promise<string[]>;
  getSchema(database: string): Promise<DatabaseSchema>;
  /**
   * All operations or none; throws a TransactionError where the server refused one of them.
   * Aborting the `signal` cancels a transaction that waits; after the `timeout` (a number alone is one) it is canceled too.
   * Every error of a request says in `outcome` whether it may have been carried out.
   */
  transact(
    database: string,
    operations: readonly Operation[],
    options?: RequestOptions | number,
  ): Promise<OperationResult[]>;
  /** `onUpdate` may be called before the reply was looked at: hold its updates back until then. */
  monitor(database: string, options: MonitorOptions): Promise<MonitorReply>;
  /** Other conditions (`where`) for the tables named; what comes and goes by them is told as inserts and deletes. */
  changeMonitor(id: string, requests: MonitorRequests): Promise<void>;
  cancelMonitor(id: string): Promise<void>;
  /**
   * Asks for a lock; true: it is ours now, false: `onLocked` will tell. Another client may steal it: `onStolen`.
   * Locks are of one server: two servers of a cluster give the same one twice, so that they own nothing there.
   */
  lock(id: string, handlers?: LockHandlers): Promise<boolean>;
  /** Takes the lock from whoever has it. */
  steal(id: string, handlers?: LockHandlers): Promise<boolean>;
  /** Gives the lock back, or waits for it no longer. */
  unlock(id: string): Promise<void>;
  echo(params?: Json[]): Promise<void>;
  /** Instead of disconnecting us when a database is added, removed or converted, the server ends its monitors and tells so. */
  setDatabaseChangeAware(aware: boolean): Promise<void>;
  /** Another after each start of the server. */
  getServerId(): Promise<string>;
  /** Converts a clustered or standalone database to another schema, given as it stands in an .ovsschema file. */
  convert(database: string, schema: Json, options?: RequestOptions): Promise<void>;
  /** Any other method. */
  request(method: string, params: Json[], options?: RequestOptions): Promise<Json>;
  probe(): void;
  close(reason?: string): void;
  readonly closed: Promise<ConnectionClosedError>;
}

export type ClientOptions = Omit<RpcOptions, 'onNotification'>;

/** Speaks OVSDB on a stream, usually a socket. */
export function createClient(stream: Duplex, options: ClientOptions = {}): OvsdbClient {
  const rpc = createRpc(stream, { ...options, onNotification });
  const monitors = createMonitors(rpc);
  const locks = createLocks(rpc);

  function onNotification(method: string, params: Json[]): void {
    if (!monitors.notice(method, params)) locks.notice(method, params);
  }

  return {
    closed: rpc.closed,
    request: rpc.request,
    probe: rpc.probe,
    close: (reason = 'closed') => rpc.close(reason),
    monitor: monitors.start,
    changeMonitor: monitors.change,
    cancelMonitor: monitors.cancel,
    lock: locks.lock,
    steal: locks.steal,
    unlock: locks.unlock,
    async listDatabases() {
      const names = expectArray(await rpc.request('list_dbs', []), 'list_dbs');
      return names.map((name) => expectString(name, 'list_dbs'));
    },
    async getSchema(database) {
      return decodeSchema(await rpc.request('get_schema', [database]));
    },
    async transact(database, operations, given) {
      const requestOptions = typeof given === 'number' ? { timeout: given } : given;
      const params = [database, ...(operations as unknown as Json[])];
      const outcome = decodeTransactResult(operations.length, await rpc.request('transact', params, requestOptions));
      if ('failure' in outcome) throw new TransactionError(outcome.failure, operations);
      return outcome.results;
    },
    async echo(params = []) {
      await rpc.request('echo', params);
    },
    async setDatabaseChangeAware(aware) {
      await rpc.request('set_db_change_aware', [aware]);
    },
    async getServerId() {
      return expectString(await rpc.request('get_server_id', []), 'get_server_id');
    },
    async convert(database, schema, requestOptions) {
      await rpc.request('convert', [database, schema], requestOptions);
    },
  };
}
