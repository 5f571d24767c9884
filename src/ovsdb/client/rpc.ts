/** JSON-RPC 1.0 as OVSDB uses it (RFC 7047 §4): ids matched, echo answered, everything bounded. */
import type { Duplex } from 'node:stream';
import { isJsonObject, type Json, type JsonObject, shown } from '../../../proto/ovsdb/json.ts';
import { formatJson } from '../../../proto/ovsdb/json-text.ts';
import { socketErrorText } from '../../transport/socket-error.ts';
import { createFramer, type FramerLimits } from './framer.ts';
import { ConnectionClosedError, RequestTimeoutError, RpcError } from './rpc-error.ts';

export interface RpcOptions {
  onNotification?(method: string, params: Json[]): void;
  /** How long a request may take, in milliseconds, where it does not say itself. */
  timeout?: number | undefined;
  limits?: FramerLimits | undefined;
}

export interface RequestOptions {
  /** How long it may take, in milliseconds. */
  timeout?: number | undefined;
  /** Aborted, it asks the server to cancel the request (RFC 7047 §4.1.4). The answer still decides: it may come too late. */
  signal?: AbortSignal | undefined;
}

export interface Rpc {
  request(method: string, params: Json[], options?: RequestOptions): Promise<Json>;
  notify(method: string, params: Json[]): void;
  /** Sends an echo whose answer nobody waits for: any answer is a sign of life. */
  probe(): void;
  /** Ends the connection; what is pending fails with the reason. */
  close(reason: string): void;
  /** Resolves with why, when the connection has ended. */
  readonly closed: Promise<ConnectionClosedError>;
}

interface Pending {
  method: string;
  resolve(result: Json): void;
  reject(error: Error): void;
  /** Ends the timer and hears the signal no longer. */
  release(): void;
}

const defaultTimeout = 30_000;
/** A peer that reads nothing of what was sent is cut off here. */
const mostUnsent = 64 * 1024 * 1024;

/** Speaks JSON-RPC on a stream, usually a socket. */
export function createRpc(stream: Duplex, options: RpcOptions = {}): Rpc {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let endReason: string | undefined;
  let ended = false;
  const framer = createFramer(receive, options.limits);
  const closed = new Promise<ConnectionClosedError>((resolve) => {
    stream.on('error', (error) => {
      endReason ??= socketErrorText(error);
    });
    stream.once('close', () => {
      ended = true;
      const error = new ConnectionClosedError(endReason ?? 'the peer closed the connection');
      for (const { reject, release } of pending.values()) {
        release();
        reject(error);
      }
      pending.clear();
      resolve(error);
    });
  });
  stream.on('end', () => stream.destroy());
  stream.on('data', (chunk: Uint8Array) => {
    if (ended) return;
    try {
      framer.push(chunk);
    } catch (error) {
      // Neither a broken text nor a handler that cannot go on leaves anything to be read after it.
      close(error instanceof Error ? error.message : String(error));
    }
  });

  function receive(message: Json): void {
    if (ended) return;
    if (!isJsonObject(message)) throw new Error(`a JSON-RPC message was expected, found ${shown(message)}`);
    const { method, params, id } = message;
    if (typeof method === 'string') {
      if (!Array.isArray(params)) throw new Error(`${method}: params must be an array, found ${shown(params)}`);
      if (id === null || id === undefined) options.onNotification?.(method, params);
      else if (method === 'echo') send({ id, result: params, error: null });
      else send({ id, result: null, error: { error: 'unknown method', details: method } });
    } else if ('result' in message || 'error' in message) {
      receiveReply(message);
    } else throw new Error(`neither request nor reply: ${shown(message)}`);
  }

  function receiveReply({ id, result, error }: JsonObject): void {
    const waiting = typeof id === 'number' ? pending.get(id) : undefined;
    // An answer that comes after its time-out, or to a probe, is nobody's.
    if (waiting === undefined) return;
    pending.delete(id as number);
    waiting.release();
    if (error !== null && error !== undefined) waiting.reject(new RpcError(waiting.method, error));
    else waiting.resolve(result ?? null);
  }

  function send(message: JsonObject): void {
    if (ended || stream.destroyed) return;
    if (stream.writableLength > mostUnsent) close('the peer does not read what is sent to it');
    else stream.write(formatJson(message));
  }

  function close(reason: string): void {
    endReason ??= reason;
    ended = true;
    stream.destroy();
  }

  function cancel(id: number): void {
    send({ method: 'cancel', params: [id], id: null });
    // Open vSwitch's server drops a canceled transaction without an answer. It does all in order: with the answer
    // to an echo, what was not answered before will never be.
    const resolve = () => {
      const waiting = pending.get(id);
      if (waiting === undefined) return;
      pending.delete(id);
      waiting.release();
      waiting.reject(new RpcError(waiting.method, 'canceled'));
    };
    const echo = nextId++;
    pending.set(echo, { method: 'echo', resolve, reject: () => {}, release: () => {} });
    send({ method: 'echo', params: [], id: echo });
  }

  return {
    closed,
    close,
    request(method, params, { timeout = options.timeout ?? defaultTimeout, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (ended || stream.destroyed) {
          reject(new ConnectionClosedError(endReason ?? 'the connection is closed', 'nothing'));
          return;
        }
        if (signal?.aborted === true) {
          reject(new RpcError(method, 'canceled', 'nothing'));
          return;
        }
        const id = nextId++;
        const abort = () => cancel(id);
        const timer = setTimeout(() => {
          pending.delete(id);
          signal?.removeEventListener('abort', abort);
          // Otherwise a transaction that waits could still be carried out, long after its caller gave up.
          if (method === 'transact') cancel(id);
          reject(new RequestTimeoutError(method, timeout));
        }, timeout);
        signal?.addEventListener('abort', abort);
        function release(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
        }
        pending.set(id, { method, resolve, reject, release });
        send({ method, params, id });
      });
    },
    notify: (method, params) => send({ method, params, id: null }),
    probe: () => send({ method: 'echo', params: [], id: 'echo' }),
  };
}
