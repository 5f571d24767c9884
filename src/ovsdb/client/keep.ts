/** Keeps one connection to an OVSDB server, or to the leader of a cluster, whatever becomes of servers and networks. */
import { keepConnected } from '../../transport/keepalive.ts';
import type { ReconnectOptions } from '../../transport/reconnect.ts';
import { formatTarget } from '../../transport/target.ts';
import type { TlsOptions } from '../../transport/tls.ts';
import { type ClientOptions, createClient, type OvsdbClient } from './client.ts';
import { parseRemotes } from './connect.ts';
import { type SeenIndexes, type ServerDemands, watchServer } from './server-state.ts';

export interface KeepOvsdbOptions extends ServerDemands, Pick<ClientOptions, 'limits' | 'timeout'> {
  /** Every server of the cluster, or the one that there is: `tcp:ADDR[:PORT]`, `ssl:ADDR[:PORT]`, `unix:PATH`. */
  remotes: string | readonly string[];
  /** Keys and certificates for `ssl:`. */
  tls?: TlsOptions | undefined;
  /** Pauses and probes. */
  reconnect?: Partial<ReconnectOptions> | undefined;
  /** Each new connection, once its server is known to be fit; `client.closed` tells when and why it ended. */
  onConnect(client: OvsdbClient, remote: string): void;
  /** waiting: the attempt or the connection ended, `error` says why. */
  onState?: ((state: 'connecting' | 'connected' | 'waiting', error: string | undefined) => void) | undefined;
}

export interface OvsdbKeeper {
  /** The connection that stands; undefined: none does. */
  readonly client: OvsdbClient | undefined;
  /** Which server it is, or the one that was tried last. */
  readonly remote: string;
  /** Drops the connection, with the reason, and connects anew. */
  reconnect(reason: string): void;
  stop(): void;
}

/**
 * Connects, and again after each failure or end, until stopped; several remotes are tried in turn. Of a clustered
 * database it stays only with the leader, unless `leaderOnly` is false, and leaves a server that has lost its cluster
 * or shows an older copy than was seen before. A transaction that was under way when the connection ended rejects with
 * an error whose `outcome` is `unknown`.
 */
export function keepOvsdb(options: KeepOvsdbOptions): OvsdbKeeper {
  const seen: SeenIndexes = new Map();
  let current: OvsdbClient | undefined;
  let standing: OvsdbClient | undefined;
  const keeper = keepConnected({
    target: parseRemotes(options.remotes),
    tls: options.tls,
    reconnect: options.reconnect ?? {},
    attach(socket) {
      const client = createClient(socket, { limits: options.limits, timeout: options.timeout });
      current = client;
      void client.closed.then(() => {
        if (standing === client) standing = undefined;
      });
      return client;
    },
    admit: (client) =>
      watchServer(client, options, seen, (reason) => {
        keeper.reconnect(`${formatTarget(keeper.target)}: ${reason}`);
        // At once: nothing more is to be sent to it.
        client.close(reason);
      }),
    onState(state, error) {
      if (state === 'connected') standing = current;
      options.onState?.(state, error);
      if (state === 'connected' && standing !== undefined) options.onConnect(standing, formatTarget(keeper.target));
    },
  });
  return {
    get client() {
      return standing;
    },
    get remote() {
      return formatTarget(keeper.target);
    },
    reconnect: (reason) => keeper.reconnect(reason),
    stop() {
      keeper.stop();
      current?.close('stopped');
    },
  };
}
