/** The two switches that are compared: Open vSwitch with controllers that it connects to, and the simulated one. */

import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { macBytes } from '../../../proto/wire/address.ts';
import { createSimulatedSwitch, type SimulatedSwitchOptions } from '../../../src/sim/simulated-switch.ts';
import { startOvsdbServer } from '../../support/ovsdb-server.ts';
import { SOON } from '../../support/soon.ts';
import { openUnixctl } from '../../verdict/unixctl.ts';
import { createPeer, HELLO_MESSAGE, type Peer } from './peer.ts';

export const DATAPATH_ID = 0x0000_5e00_5300_0001n;
export const PORTS = [1, 2, 3, 4] as const;
/** As messages name it: the addresses of Open vSwitch's dummy ports are its own, and exchanged on the way. */
export const addressOf = (portNo: number) => `02:00:5e:00:53:0${portNo}`;

export interface Side {
  /** Its connections; one that a switch has closed is made again by `renew`. */
  readonly peers: Peer[];
  renew(): Promise<void>;
  receive(portNo: number, frame: Uint8Array): Promise<void>;
  /** Milliseconds go by. */
  warp(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Time stands still in it, but for `warp`. `more`: further arguments for ovs-vsctl. */
export async function startReal(links: number, ...more: string[]): Promise<Side> {
  const ovs = await startOvsdbServer();
  const peers: Peer[] = [];
  const exchange: Exchange = [];
  const servers = Array.from({ length: links }, (_, i) =>
    serve(join(ovs.folder, `c${i}`), exchange, (peer) => {
      peers[i] = peer;
    }),
  );
  try {
    await ovs.startSwitch();
    const hex = DATAPATH_ID.toString(16).padStart(16, '0');
    await ovs.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...['protocols=OpenFlow14', `other_config:datapath-id=${hex}`, 'other_config:hwaddr=5e:00:53:00:00:01'],
      ...PORTS.flatMap((n) => [
        ...['--', 'add-port', 'br0', `p${n}`, '--', 'set', 'interface', `p${n}`, 'type=dummy'],
        `ofport_request=${n}`,
      ]),
      ...more,
    );
    const targets = servers.map(({ path }) => `unix:${path}`);
    await ovs.vsctl('set-controller', 'br0', ...targets);
    await until(() => peers.filter(Boolean).length === links);
    for (const n of PORTS) {
      const address = await ovs.vsctl('get', 'interface', `p${n}`, 'mac_in_use');
      exchange.push({ real: macBytes(JSON.parse(address) as string)!, told: macBytes(addressOf(n))! });
    }
    const control = await openUnixctl(join(ovs.folder, 'sw.ctl'));
    await control.call('time/stop');
    return {
      peers,
      async renew() {
        while (peers.some((peer) => peer.isClosed())) await control.call('time/warp', '1000', '500');
      },
      receive: async (portNo, frame) =>
        void (await control.call('netdev-dummy/receive', `p${portNo}`, Buffer.from(frame).toString('hex'))),
      async warp(milliseconds) {
        await control.call('time/warp', String(milliseconds), '500');
        await control.call('revalidator/wait');
        await control.call('revalidator/purge');
      },
      async stop() {
        control.close();
        for (const { close } of servers) close();
        await ovs.stop();
      },
    };
  } catch (error) {
    for (const { close } of servers) close();
    await ovs.stop();
    throw error;
  }
}

type Exchange = { real: Uint8Array; told: Uint8Array }[];

/** Each address in the bytes by its other name. */
function exchanged(bytes: Uint8Array, exchange: Exchange, from: 'real' | 'told', to: 'real' | 'told'): Buffer {
  const copy = Buffer.from(bytes);
  for (const each of exchange) {
    for (let at = copy.indexOf(each[from]); at >= 0; at = copy.indexOf(each[from], at + 1)) copy.set(each[to], at);
  }
  return copy;
}

/** A controller that the switch connects to. */
function serve(path: string, exchange: Exchange, connected: (peer: Peer) => void): { path: string; close(): void } {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const peer = createPeer((bytes) => void socket.write(exchanged(bytes, exchange, 'told', 'real')));
    socket.on('data', (chunk) => peer.take(exchanged(chunk, exchange, 'real', 'told')));
    socket.on('close', peer.closed);
    socket.on('error', peer.closed);
    socket.write(HELLO_MESSAGE);
    connected(peer);
  });
  server.listen(path);
  return {
    path,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + SOON.timeout;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('Open vSwitch did not connect');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function startSimulated(links: number, limits: SimulatedSwitchOptions['limits'] = {}): Side {
  let now = 0;
  const device = createSimulatedSwitch({
    dpid: DATAPATH_ID,
    ports: PORTS.map((portNo) => ({ portNo, hwAddr: addressOf(portNo) })),
    clock: { now: () => now },
    transmit: () => undefined,
    limits,
  });
  const peers: Peer[] = [];

  function connect(i: number): void {
    let peer: Peer | undefined;
    const waiting: Uint8Array[] = [];
    const connection = device.connect({
      write: (bytes) => void (peer === undefined ? waiting.push(bytes) : peer.take(bytes)),
      end: () => peer?.closed(),
    });
    peer = createPeer((bytes) => connection.receive(bytes));
    for (const bytes of waiting) peer.take(bytes);
    connection.receive(HELLO_MESSAGE);
    peers[i] = peer;
  }

  for (let i = 0; i < links; i++) connect(i);
  return {
    peers,
    async renew() {
      peers.forEach((peer, i) => {
        if (peer.isClosed()) connect(i);
      });
    },
    receive: async (portNo, frame) => device.receive(portNo, frame),
    async warp(milliseconds) {
      now += milliseconds;
      device.advance();
    },
    stop: async () => undefined,
  };
}
