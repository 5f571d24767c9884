/** The monitors of one connection (RFC 7047 §4.1.5–7; ovsdb-server(7) §4.1.12–16): started, changed, canceled, and their updates. */
import { expectString, type Json } from '../../../proto/ovsdb/json.ts';
import {
  decodeMonitorSinceReply,
  decodeTableUpdates,
  decodeTableUpdates2,
  type MonitorRequests,
} from '../../../proto/ovsdb/monitor.ts';
import { zeroUuid } from '../../../proto/ovsdb/uuid.ts';
import type { MonitorMethod, MonitorOptions, MonitorReply } from './client.ts';
import type { Rpc } from './rpc.ts';
import { RpcError } from './rpc-error.ts';

export interface Monitors {
  start(database: string, options: MonitorOptions): Promise<MonitorReply>;
  change(id: string, requests: MonitorRequests): Promise<void>;
  cancel(id: string): Promise<void>;
  /** Takes a notification; false: it is not about monitors. */
  notice(method: string, params: Json[]): boolean;
}

export const everyMethod: readonly MonitorMethod[] = ['monitor_cond_since', 'monitor_cond', 'monitor'];

export function createMonitors(rpc: Rpc): Monitors {
  const monitors = new Map<string, { database: string; options: MonitorOptions }>();

  async function request(database: string, method: MonitorMethod, options: MonitorOptions): Promise<MonitorReply> {
    const requests = options.requests as unknown as Json;
    if (method === 'monitor_cond_since') {
      const params = [database, options.id, requests, options.since ?? zeroUuid];
      return { method, ...decodeMonitorSinceReply(await rpc.request(method, params)) };
    }
    const reply = await rpc.request(method, [database, options.id, requests]);
    const updates = method === 'monitor_cond' ? decodeTableUpdates2(reply) : decodeTableUpdates(reply);
    return { method, found: false, lastTransaction: undefined, updates };
  }

  async function start(database: string, options: MonitorOptions): Promise<MonitorReply> {
    const methods = options.methods ?? everyMethod;
    if (methods.length === 0) throw new TypeError('monitor: no method was given');
    if (monitors.has(options.id))
      throw new Error(`monitor: "${options.id}" names a monitor of this connection already`);
    monitors.set(options.id, { database, options });
    for (const [index, method] of methods.entries()) {
      try {
        return await request(database, method, options);
      } catch (error) {
        const older = error instanceof RpcError && error.value.error === 'unknown method';
        if (older && index < methods.length - 1) continue;
        monitors.delete(options.id);
        throw error;
      }
    }
    throw new Error('unreachable');
  }

  /** `where` is all that can change. */
  function conditions(requests: MonitorRequests): Json {
    return Object.fromEntries(
      Object.entries(requests).map(([table, list]) => [
        table,
        list.map(({ where }) => ({ where: (where ?? []) as Json })),
      ]),
    );
  }

  function canceled(id: string): void {
    const monitor = monitors.get(id);
    if (monitor === undefined) return;
    monitors.delete(id);
    if (monitor.options.onCanceled !== undefined) monitor.options.onCanceled();
    else rpc.close(`the server no longer tells of ${monitor.database}: the database was removed or converted`);
  }

  return {
    start,
    async change(id, requests) {
      await rpc.request('monitor_cond_change', [id, id, conditions(requests)]);
    },
    async cancel(id) {
      monitors.delete(id);
      await rpc.request('monitor_cancel', [id]);
    },
    notice(method, params) {
      const id = typeof params[0] === 'string' ? params[0] : '';
      // What is still on its way when a monitor was canceled is nobody's.
      const onUpdate = monitors.get(id)?.options.onUpdate;
      if (method === 'update3') onUpdate?.(decodeTableUpdates2(params[2]), expectString(params[1], 'update3'));
      else if (method === 'update2') onUpdate?.(decodeTableUpdates2(params[1]), undefined);
      else if (method === 'update') onUpdate?.(decodeTableUpdates(params[1]), undefined);
      else if (method === 'monitor_canceled') canceled(id);
      else return false;
      return true;
    },
  };
}
