/** Listens on a target and hands over each socket that connects. */
import { unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { dial } from './dial.ts';
import { SocketError } from './socket-error.ts';
import { formatTarget, type PassiveTarget } from './target.ts';
import { readTls, type TlsOptions } from './tls.ts';
import { acceptTls } from './tls-accept.ts';

export interface Listener {
  /** What is listened on; the port is the real one where 0 was asked for. */
  readonly target: PassiveTarget;
  /** Stops listening and ends every connection that came by it. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** What `pssl:` needs. */
  tls?: TlsOptions | undefined;
  /** A peer was turned away as TLS failed: why, and where it came from. */
  onRefused?: ((reason: string, from: string) => void) | undefined;
}

export async function listen(
  target: PassiveTarget,
  onSocket: (socket: Socket) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const secure = target.kind === 'pssl' ? await secureWith(target, onSocket, options) : undefined;
  const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: secure !== undefined }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The handler reads errors from 'close'; an 'error' that nobody hears would end the process.
    socket.on('error', () => {});
    if (secure === undefined) onSocket(socket);
    else secure(socket);
  });
  try {
    await bind(server, target);
  } catch (error) {
    if (target.kind !== 'punix' || !(await isStale(error, target.path)))
      throw new SocketError(formatTarget(target), error);
    await unlink(target.path);
    await bind(server, target).catch((again: unknown) => {
      throw new SocketError(formatTarget(target), again);
    });
  }
  // Running out of file descriptors refuses one connection; the listener goes on.
  server.on('error', () => {});
  return {
    target: boundTarget(server, target),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Keys that cannot be read, or do not fit, are told when it begins, not at the first peer. */
async function secureWith(
  target: PassiveTarget,
  onSocket: (socket: Socket) => void,
  { tls, onRefused }: ListenOptions,
): Promise<(socket: Socket) => void> {
  try {
    createSecureContext(await readTls(tls));
  } catch (cause) {
    throw new SocketError(formatTarget(target), cause);
  }
  return acceptTls(tls, onSocket, onRefused);
}

function bind(server: Server, target: PassiveTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(error);
    server.once('error', fail);
    const done = () => {
      server.off('error', fail);
      resolve();
    };
    if (target.kind === 'punix') server.listen({ path: target.path }, done);
    else server.listen({ port: target.port, ...(target.address === undefined ? {} : { host: target.address }) }, done);
  });
}

/** A socket's file that a killed process left: in use by its name, yet nobody answers. */
async function isStale(error: unknown, path: string): Promise<boolean> {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return false;
  try {
    (await dial({ kind: 'unix', path }, { timeout: 1000 })).destroy();
    return false;
  } catch (refusal) {
    return refusal instanceof SocketError && refusal.code === 'ECONNREFUSED';
  }
}

function boundTarget(server: Server, target: PassiveTarget): PassiveTarget {
  const address = server.address();
  if (target.kind === 'punix' || address === null || typeof address === 'string') return target;
  return { ...target, port: address.port };
}
