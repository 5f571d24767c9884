/** Dials a host's database and stays connected. */
import type { Logger } from 'pino';
import { type Keeper, keepConnected } from '../../transport/keepalive.ts';
import { parseActiveTarget } from '../../transport/target.ts';
import type { TlsOptions } from '../../transport/tls.ts';
import { createClient } from '../client/client.ts';
import { defaultOvsdbPort } from '../client/connect.ts';
import type { HostRunner } from './host-runner.ts';

/** A failure is told once, not at each attempt. */
export function dialHost(runner: HostRunner, ovsdb: string, tls: TlsOptions | undefined, log: Logger): Keeper {
  let toldError: string | undefined;
  return keepConnected({
    target: parseActiveTarget(ovsdb, { defaultPort: defaultOvsdbPort, tls: true }),
    tls,
    attach(socket) {
      const client = createClient(socket);
      void runner.attach(client, socket.localAddress);
      void client.closed.then(({ message }) => {
        if (runner.stopped) return;
        toldError = message;
        log.warn(`${runner.host.name}: the connection to ${ovsdb} ended: ${message}`);
      });
      return client;
    },
    onState(state, error) {
      if (state === 'connected') toldError = undefined;
      runner.connection(state, error);
      if (error !== undefined && error !== toldError && runner.client === undefined) {
        toldError = error;
        log.warn(`${runner.host.name}: ${error}; trying on (${runner.host.source})`);
      }
    },
  });
}
