/** Waits for OVSDB servers that dial in, as `ovs-vsctl set-manager tcp:ADDR:PORT` tells them to, and gives a client for each. */
import type { Socket } from 'node:net';
import { watchInactivity } from '../../transport/keepalive.ts';
import { type ListenOptions, listen } from '../../transport/listen.ts';
import { peerAddress } from '../../transport/peer-address.ts';
import { formatTarget, parsePassiveTarget } from '../../transport/target.ts';
import { type ClientOptions, createClient, type OvsdbClient } from './client.ts';
import { defaultOvsdbPort } from './connect.ts';

export interface ListenOvsdbOptions extends ListenOptions, Pick<ClientOptions, 'limits' | 'timeout'> {
  /** A server that is silent so long is probed, and given up after as long again; in milliseconds, default 5,000. 0: never. */
  probeInterval?: number | undefined;
  /** Each server that connects; `from` is its address. Whose it is, `external_ids:system-id` of its Open_vSwitch row tells. */
  onConnect(client: OvsdbClient, from: string): void;
}

export interface OvsdbListener {
  /** What is listened on, with the real port where 0 was asked for. */
  readonly target: string;
  /** Stops listening and ends the connections. */
  close(): Promise<void>;
}

/** Listens on `ptcp:PORT[:ADDR]`, `pssl:PORT[:ADDR]` or `punix:PATH`. */
export async function listenOvsdb(target: string, options: ListenOvsdbOptions): Promise<OvsdbListener> {
  const { limits, timeout, probeInterval } = options;
  const parsed = parsePassiveTarget(target, { defaultPort: defaultOvsdbPort, tls: true });
  const listener = await listen(parsed, accept, options);

  function accept(socket: Socket): void {
    const client = createClient(socket, { limits, timeout });
    watchInactivity(socket, client, probeInterval === undefined ? {} : { probeInterval });
    options.onConnect(client, peerAddress(socket));
  }
  return { target: formatTarget(listener.target), close: () => listener.close() };
}
