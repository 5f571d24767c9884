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
  async function shakeHands(socket: Socket): Promise<void> {
    // A socket that has ended no longer knows.
    const from = peerOf(socket);
    const material = await readTls(tls).catch((error: unknown) => {
      onRefused(error instanceof Error ? error.message : String(error), from);
      socket.destroy();
    });
    if (material === undefined || socket.destroyed) return;
    const { ca, ...own } = material;
    // One for each socket, with the keys of now; it never listens itself.
    const server = createServer({
      ...own,
      ...(ca === undefined ? {} : { ca }),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout,
    });
    server.once('secureConnection', (secure) => {
      secure.on('error', () => {});
      secure.setNoDelay(true);
      onSocket(secure);
    });
    server.once('tlsClientError', (error, secure) => {
      // Node's own refusal of a certificate shows as a connection that was reset.
      const code: unknown = secure.authorizationError;
      onRefused(socketErrorText(typeof code === 'string' ? Object.assign(new Error(code), { code }) : error), from);
    });
    server.emit('connection', socket);
  }
  return (socket) => void shakeHands(socket);
}

function peerOf(socket: Socket): string {
  return socket.remoteAddress === undefined
    ? 'a peer that is gone'
    : `${socket.remoteAddress.replace(/^::ffff:/, '')}:${socket.remotePort}`;
}
