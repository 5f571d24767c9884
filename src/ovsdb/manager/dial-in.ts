/** Hosts that connect to us (`ovs-vsctl set-manager`): who they are is read from Open_vSwitch.external_ids. */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { map } from '../../../proto/ovsdb/index.ts';
import { watchInactivity } from '../../transport/keepalive.ts';
import { type Listener, listen } from '../../transport/listen.ts';
import { peerAddress } from '../../transport/peer-address.ts';
import { formatTarget, type PassiveTarget } from '../../transport/target.ts';
import type { TlsOptions } from '../../transport/tls.ts';
import { createClient, type OvsdbClient } from '../client/client.ts';
import { createReplica } from '../replica/replica.ts';

/** What a host says of itself; either may be missing. */
export interface HostIdentity {
  systemId: string | undefined;
  hostname: string | undefined;
}

export interface DialInOptions {
  listen: PassiveTarget;
  /** What `pssl:` needs. */
  tls: TlsOptions | undefined;
  log: Logger;
  /** Takes the connection if it knows the host; false: nobody of the file. */
  accept(identity: HostIdentity, client: OvsdbClient, localAddress: string | undefined, from: string): boolean;
}

export interface DialIn {
  readonly target: PassiveTarget;
  /** Asks again about those that nobody knew: the file has changed. */
  reconsider(): void;
  close(): Promise<void>;
}

const identityTables = {
  name: 'Open_vSwitch',
  tables: { Open_vSwitch: { external_ids: map('string', 'string') } },
} as const;

const MOST_TOLD = 1000;

export async function acceptHosts(options: DialInOptions): Promise<DialIn> {
  const { log } = options;
  /** Connections that belong to nobody yet, with how to try again. */
  const unknown = new Set<() => void>();
  /** Told once each, however often they connect. */
  const told = new Set<string>();
  const onRefused = (reason: string, from: string) => log.warn(`a host at ${from} was turned away: ${reason}`);
  const listener: Listener = await listen(options.listen, take, { tls: options.tls, onRefused });
  log.info(`waiting for hosts on ${formatTarget(listener.target)}`);

  function take(socket: Socket): void {
    const from = peerAddress(socket);
    receive(socket, from).catch((error: unknown) => {
      log.warn(
        `a connection from ${from} is no Open vSwitch database: ${error instanceof Error ? error.message : error}`,
      );
      socket.destroy();
    });
  }

  async function receive(socket: Socket, from: string): Promise<void> {
    const client = createClient(socket);
    watchInactivity(socket, client);
    const replica = createReplica(identityTables);
    await replica.follow(client);
    const stopWatching = replica.onChange(() => consider());
    void client.closed.then(() => unknown.delete(consider));
    unknown.add(consider);
    consider();

    function consider(): void {
      if (!unknown.has(consider) || replica.state !== 'current') return;
      const [row] = replica.snapshot().Open_vSwitch.values();
      const identity = { systemId: row?.external_ids.get('system-id'), hostname: row?.external_ids.get('hostname') };
      if (options.accept(identity, client, socket.localAddress, from)) {
        unknown.delete(consider);
        stopWatching();
      } else tell(identity, from);
    }
  }

  function tell(identity: HostIdentity, from: string): void {
    const key = `${identity.systemId}/${identity.hostname}`;
    if (told.has(key)) return;
    told.add(key);
    // Who says something else each time is told again some day, and fills no memory.
    const [oldest] = told;
    if (told.size > MOST_TOLD && oldest !== undefined) told.delete(oldest);
    const { systemId, hostname } = identity;
    if (systemId === undefined && hostname === undefined) {
      log.warn(
        `a host at ${from} connected that does not say who it is; there: ovs-vsctl set Open_vSwitch . external_ids:system-id=NAME`,
      );
      return;
    }
    const names = [
      ...(systemId === undefined ? [] : [`system-id ${systemId}`]),
      ...(hostname === undefined ? [] : [`hostname ${hostname}`]),
    ];
    log.warn(
      `a host at ${from} connected (${names.join(', ')}) that is none of the file's, and is left as it is; to manage it: hosts: { NAME: { systemId: ${systemId ?? hostname} } }`,
    );
  }

  return {
    target: listener.target,
    reconsider() {
      told.clear();
      for (const consider of [...unknown]) consider();
    },
    close: () => listener.close(),
  };
}
