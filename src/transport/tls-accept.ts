/** The passive side of TLS: shakes hands on sockets that were accepted, with the keys as they are now. */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { peerAddress } from './peer-address.ts';
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
    const from = socket.remoteAddress === undefined ? 'a peer that is gone' : peerAddress(socket);
    let server: Server;
    try {
      server = await createShaker(tls);
    } catch (error) {
      onRefused(socketErrorText(error), from);
      socket.destroy();
      return;
    }
    if (socket.destroyed) return;
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

/** One for each socket, so that whose handshake failed is known. It never listens: the socket is given to it. */
async function createShaker(tls: TlsOptions | undefined): Promise<Server> {
  const { key, cert, ca, minVersion } = await readTls(tls);
  const material = { key, cert, minVersion, ...(ca === undefined ? {} : { ca }) };
  return createServer({ requestCert: true, rejectUnauthorized: true, handshakeTimeout, ...material });
}
