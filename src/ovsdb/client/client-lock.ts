/** Locks (RFC 7047 §4.1.8–10): asked for, stolen, given back, and what the server tells of them. */
import { isJsonObject, type Json } from '../../../proto/ovsdb/json.ts';
import type { Rpc } from './rpc.ts';
import { RequestTimeoutError } from './rpc-error.ts';

export interface LockHandlers {
  /** The lock is ours now, after we waited for it. */
  onLocked?: (() => void) | undefined;
  /** Another client took it. It comes back by `onLocked` when that one gives it up, unless we `unlock`. */
  onStolen?: (() => void) | undefined;
}

export interface Locks {
  lock(id: string, handlers?: LockHandlers): Promise<boolean>;
  steal(id: string, handlers?: LockHandlers): Promise<boolean>;
  unlock(id: string): Promise<void>;
  /** Takes a notification; false: it is not about locks. */
  notice(method: string, params: Json[]): boolean;
}

export function createLocks(rpc: Rpc): Locks {
  const held = new Map<string, LockHandlers>();

  async function ask(method: 'lock' | 'steal', id: string, handlers: LockHandlers = {}): Promise<boolean> {
    if (held.has(id)) throw new Error(`${method}: "${id}" is asked for already on this connection; unlock it before`);
    held.set(id, handlers);
    try {
      const reply = await rpc.request(method, [id]);
      return isJsonObject(reply) && reply.locked === true;
    } catch (error) {
      held.delete(id);
      // The server may give it all the same, to somebody who no longer knows of it.
      if (error instanceof RequestTimeoutError) rpc.request('unlock', [id]).catch(() => {});
      throw error;
    }
  }

  return {
    lock: (id, handlers) => ask('lock', id, handlers),
    steal: (id, handlers) => ask('steal', id, handlers),
    async unlock(id) {
      await rpc.request('unlock', [id]);
      held.delete(id);
    },
    notice(method, [id]) {
      const handlers = typeof id === 'string' ? held.get(id) : undefined;
      if (method === 'locked') handlers?.onLocked?.();
      else if (method === 'stolen') handlers?.onStolen?.();
      else return false;
      return true;
    },
  };
}
