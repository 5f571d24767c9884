/** The passive side of TLS: shakes hands on sockets that were accepted, with the keys as they are now. */
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { socketErrorText } from './socket-error.ts';
import { readTls, type TlsOptions } from './tls.ts';

/** A peer that says nothing is not waited for longer. */
const handshakeTimeout = 10_000;

/** Takes sockets that were not read from; hands over each whose peer showed a certificate of the CA. */
export function acceptTls(
  tls: TlsOptions | undefined,
  onSocket: (socket: TLSSocket) => void,
  onRefused: (reason: string, from: string) => void = () => {},
): (socket: Socket) => void {
  // It never listens itself: sockets are given to it.
  const server = createServer({ requestCert: true, rejectUnauthorized: true, handshakeTimeout, minVersion: 'TLSv1.2' });
  /** Whose handshake runs, with where they are: a socket that has ended no longer knows. */
  const pending = new Map<Socket, string>();
  const ended = (): string => {
    const gone = [...pending].filter(([socket]) => socket.destroyed);
    for (const [socket] of gone) pending.delete(socket);
    return gone.length === 1 ? (gone[0]?.[1] ?? nobody) : nobody;
  };
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    socket.setNoDelay(true);
    onSocket(socket);
  });
  server.on('tlsClientError', (error, socket) => {
    // Node's own refusal of a certificate shows as a connection that was reset.
    const code: unknown = socket.authorizationError;
    onRefused(
      socketErrorText(typeof code === 'string' ? Object.assign(new Error(code), { code }) : error),
      socket.remoteAddress === undefined ? ended() : peerOf(socket),
    );
  });

  async function shakeHands(socket: Socket): Promise<void> {
    try {
      const { key, cert, ca, minVersion } = await readTls(tls);
      server.setSecureContext({ key, cert, minVersion, ...(ca === undefined ? {} : { ca }) });
    } catch (error) {
      onRefused(error instanceof Error ? error.message : String(error), peerOf(socket));
      socket.destroy();
      return;
    }
    if (socket.destroyed) return;
    pending.set(socket, peerOf(socket));
    // A refusal is told before this.
    socket.once('close', () => setImmediate(() => pending.delete(socket)));
    server.emit('connection', socket);
  }
  return (socket) => void shakeHands(socket);
}

const nobody = 'a peer that is gone';

function peerOf(socket: Socket): string {
  return socket.remoteAddress === undefined
    ? nobody
    : `${socket.remoteAddress.replace(/^::ffff:/, '')}:${socket.remotePort}`;
}
