/** An OVSDB client on one connection: RFC 7047 §4.1's methods, and Open vSwitch's monitor_cond and monitor_cond_since. */
import type { Duplex } from 'node:stream';
import { formatErrorValue } from '../../proto/ovsdb/error.ts';
import { expectArray, expectString, type Json } from '../../proto/ovsdb/json.ts';
import {
  decodeMonitorSinceReply,
  decodeTableUpdates,
  decodeTableUpdates2,
  type MonitorRequests,
  type MonitorSinceReply,
  type TableUpdate,
} from '../../proto/ovsdb/monitor.ts';
import {
  decodeTransactResult,
  type Operation,
  type OperationResult,
  type TransactionFailure,
} from '../../proto/ovsdb/operation.ts';
import { type DatabaseSchema, decodeSchema } from '../../proto/ovsdb/schema.ts';
import { type ConnectionClosedError, createRpc, RpcError, type RpcOptions } from './rpc.ts';

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
}

export interface MonitorReply extends Omit<MonitorSinceReply, 'lastTransaction'> {
  method: MonitorMethod;
  lastTransaction: string | undefined;
}

export interface OvsdbClient {
  listDatabases(): Promise<string[]>;
  getSchema(database: string): Promise<DatabaseSchema>;
  /** All operations or none; throws a TransactionError where the server refused one of them. */
  transact(database: string, operations: readonly Operation[], timeout?: number): Promise<OperationResult[]>;
  /** `onUpdate` may be called before the reply was looked at: hold its updates back until then. */
  monitor(database: string, options: MonitorOptions): Promise<MonitorReply>;
  cancelMonitor(id: string): Promise<void>;
  echo(params?: Json[]): Promise<void>;
  /** Any other method. */
  request(method: string, params: Json[], timeout?: number): Promise<Json>;
  probe(): void;
  close(reason?: string): void;
  readonly closed: Promise<ConnectionClosedError>;
}

/** The server refused a transaction: nothing of it was done. */
export class TransactionError extends Error {
  readonly failure: TransactionFailure;
  /** The operation that was refused; undefined: the commit was. */
  readonly operation: Operation | undefined;

  constructor(failure: TransactionFailure, operations: readonly Operation[]) {
    const operation = failure.index === undefined ? undefined : operations[failure.index];
    const where =
      operation === undefined ? 'commit' : `${operation.op}${'table' in operation ? ` ${operation.table}` : ''}`;
    super(`${where}: ${formatErrorValue(failure)}`);
    this.name = 'TransactionError';
    this.failure = failure;
    this.operation = operation;
  }
}

const everyMethod: readonly MonitorMethod[] = ['monitor_cond_since', 'monitor_cond', 'monitor'];
const noTransaction = '00000000-0000-0000-0000-000000000000';

export function createClient(stream: Duplex, options: Omit<RpcOptions, 'onNotification'> = {}): OvsdbClient {
  const monitors = new Map<string, MonitorOptions['onUpdate']>();
  const rpc = createRpc(stream, { ...options, onNotification });

  function onNotification(method: string, params: Json[]): void {
    const handler = typeof params[0] === 'string' ? monitors.get(params[0]) : undefined;
    if (handler === undefined) return;
    if (method === 'update3') handler(decodeTableUpdates2(params[2]), expectString(params[1], 'update3'));
    else if (method === 'update2') handler(decodeTableUpdates2(params[1]), undefined);
    else if (method === 'update') handler(decodeTableUpdates(params[1]), undefined);
  }

  async function startMonitor(database: string, method: MonitorMethod, options: MonitorOptions): Promise<MonitorReply> {
    const requests = options.requests as unknown as Json;
    if (method === 'monitor_cond_since') {
      const params = [database, options.id, requests, options.since ?? noTransaction];
      return { method, ...decodeMonitorSinceReply(await rpc.request(method, params)) };
    }
    const reply = await rpc.request(method, [database, options.id, requests]);
    const updates = method === 'monitor_cond' ? decodeTableUpdates2(reply) : decodeTableUpdates(reply);
    return { method, found: false, lastTransaction: undefined, updates };
  }

  return {
    closed: rpc.closed,
    request: rpc.request,
    probe: rpc.probe,
    close: (reason = 'closed') => rpc.close(reason),
    async listDatabases() {
      const names = expectArray(await rpc.request('list_dbs', []), 'list_dbs');
      return names.map((name) => expectString(name, 'list_dbs'));
    },
    async getSchema(database) {
      return decodeSchema(await rpc.request('get_schema', [database]));
    },
    async transact(database, operations, timeout) {
      const reply = await rpc.request('transact', [database, ...(operations as unknown as Json[])], timeout);
      const outcome = decodeTransactResult(operations.length, reply);
      if ('failure' in outcome) throw new TransactionError(outcome.failure, operations);
      return outcome.results;
    },
    async monitor(database, options) {
      monitors.set(options.id, options.onUpdate);
      const methods = options.methods ?? everyMethod;
      for (const [index, method] of methods.entries()) {
        try {
          return await startMonitor(database, method, options);
        } catch (error) {
          const older = error instanceof RpcError && error.value.error === 'unknown method';
          if (!older || index === methods.length - 1) {
            monitors.delete(options.id);
            throw error;
          }
        }
      }
      throw new TypeError('no monitor method was given');
    },
    async cancelMonitor(id) {
      monitors.delete(id);
      await rpc.request('monitor_cancel', [id]);
    },
    async echo(params = []) {
      await rpc.request('echo', params);
    },
  };
}
