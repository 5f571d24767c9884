/** Opens one connection to a target. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SocketError } from './socket-error.ts';
import { type ActiveTarget, formatTarget } from './target.ts';
import { bootstrapCa, readTls, type TlsMaterial, type TlsOptions } from './tls.ts';

export interface DialOptions {
  /** Gives up after so many milliseconds. */
  timeout?: number | undefined;
  /** Gives up when aborted. */
  signal?: AbortSignal | undefined;
  /** What `ssl:` needs. */
  tls?: TlsOptions | undefined;
}

export async function dial(target: ActiveTarget, options: DialOptions = {}): Promise<Socket> {
  if (target.kind !== 'ssl') return open(target, undefined, options);
  const { tls } = options;
  const material = await readTls(tls, tls?.bootstrap).catch((cause: unknown) => {
    throw new SocketError(formatTarget(target), cause);
  });
  const socket = await open(target, material, options);
  if (tls === undefined || material.ca !== undefined) return socket;
  try {
    await bootstrapCa(socket as TLSSocket, tls.caCert);
  } catch (cause) {
    throw new SocketError(formatTarget(target), cause);
  } finally {
    socket.destroy();
  }
  return dial(target, { ...options, tls: { ...tls, bootstrap: false } });
}

function open(target: ActiveTarget, tls: TlsMaterial | undefined, options: DialOptions): Promise<Socket> {
  const name = formatTarget(target);
  return new Promise((resolve, reject) => {
    let socket: Socket;
    try {
      socket = begin(target, tls);
    } catch (cause) {
      // A key that does not belong to its certificate.
      reject(new SocketError(name, cause));
      return;
    }
    const ready = tls === undefined ? 'connect' : 'secureConnect';
    const timer =
      options.timeout === undefined
        ? undefined
        : setTimeout(() => fail(new Error(`no answer within ${options.timeout} ms`)), options.timeout);
    const abort = () => fail(new Error('given up'));

    function settle(): void {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      socket.off('error', fail);
      socket.off(ready, succeed);
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
    socket.once(ready, succeed);
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted === true) abort();
  });
}

function begin(target: ActiveTarget, tls: TlsMaterial | undefined): Socket {
  if (target.kind === 'unix') return connect({ path: target.path });
  const { address: host, port } = target;
  if (target.kind === 'tcp') return connect({ host, port, noDelay: true, keepAlive: true });
  const socket = connectTls({
    host,
    port,
    ...tls,
    rejectUnauthorized: tls?.ca !== undefined,
    checkServerIdentity: () => undefined,
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  return socket;
}
