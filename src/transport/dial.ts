/** Opens one connection to a target. */
import { connect, type Socket } from 'node:net';
import { SocketError } from './socket-error.ts';
import { type ActiveTarget, formatTarget } from './target.ts';

export interface DialOptions {
  /** Gives up after so many milliseconds. */
  timeout?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

export function dial(target: ActiveTarget, options: DialOptions = {}): Promise<Socket> {
  const name = formatTarget(target);
  return new Promise((resolve, reject) => {
    const socket =
      target.kind === 'tcp'
        ? connect({ host: target.address, port: target.port, noDelay: true, keepAlive: true })
        : connect({ path: target.path });
    const timer =
      options.timeout === undefined
        ? undefined
        : setTimeout(() => fail(new Error(`no answer within ${options.timeout} ms`)), options.timeout);
    const abort = () => fail(new Error('given up'));

    function settle(): void {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      socket.off('error', fail);
      socket.off('connect', succeed);
    }
    function fail(cause: unknown): void {
      settle();
      // What still comes from a socket that was given up concerns nobody.
      socket.on('error', () => {});
      socket.destroy();
      reject(new SocketError(name, cause));
    }
    function succeed(): void {
      settle();
      resolve(socket);
    }

    socket.once('error', fail);
    socket.once('connect', succeed);
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted === true) abort();
  });
}
