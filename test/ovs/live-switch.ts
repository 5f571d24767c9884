/** A bridge of a real ovs-vswitchd (dummy datapath) and our own connection to it: what the tests of flows stand on. */

import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { Writer } from '../../proto/wire/writer.ts';
import type { AnyApp } from '../../src/app/define-app.ts';
import { type AppHost, createAppHost } from '../../src/app/host.ts';
import { type StationOf, stationReader } from '../../src/app/learned-flow.ts';
import type { KnownStation } from '../../src/app/station-book.ts';
import { createSwitchSite, type SwitchSite } from '../../src/app/switch-site.ts';
import { parseConfig } from '../../src/config/load.ts';
import { formatProblems } from '../../src/config/problem.ts';
import type { Memory } from '../../src/flow/allocate/memory.ts';
import type { SyncResult } from '../../src/flow/reconcile/reconciler.ts';
import { requestApps } from '../../src/main/load-apps.ts';
import type { Datapath } from '../../src/openflow/datapath.ts';
import { handshake } from '../../src/openflow/handshake.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';

const run = promisify(execFile);

export interface Attached {
  site: SwitchSite;
  host: AppHost;
  stationOf: StationOf;
  sent: { flowMods: number; groupMods: number; meterMods: number; bundles: number };
  syncs: { result: SyncResult; drift: string[] }[];
  refused: string[];
  /** Told of as seen, with the address that is news. */
  stations: (KnownStation['place'] & { mac: string; address: string | undefined })[];
  failures: string[];
  /** No port waits any more for what discovery finds behind it: traffic passes. */
  opened(): Promise<void>;
  /** Types of all messages that were sent since the handshake. */
  messages: string[];
  /** That the app got. */
  packetIns(app: string): number;
  close(): void;
}

export interface AttachOptions {
  memory?: Memory;
  /** Beside those of the file. */
  apps?: AnyApp[];
}

/** Types of messages that are sent as bytes. */
const READY = new Map([
  [13, 'packetOut'],
  [14, 'flowMod'],
  [34, 'bundleAdd'],
]);

export interface LiveSwitch {
  /** br0's management socket, for OpenFlow. */
  socket: string;
  ofctl(...args: string[]): Promise<string>;
  vsctl(...args: string[]): Promise<string>;
  appctl(...args: string[]): Promise<string>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Our apps by the file (undefined: without one), attached and synchronised. */
  attach(text: string | undefined, options?: AttachOptions): Promise<Attached>;
  stop(): Promise<void>;
}

/** Bridge br0 with dummy ports p1 … and whatever else the arguments for ovs-vsctl add. */
export async function startLiveSwitch(...added: string[][]): Promise<LiveSwitch> {
  const ovs = await startOvsdbServer();
  const socket = join(ovs.folder, 'br0.mgmt');
  try {
    await ovs.startSwitch();
    await ovs.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...['protocols=OpenFlow14'],
      ...[1, 2, 3, 4].flatMap((n) => [
        '--',
        'add-port',
        'br0',
        `p${n}`,
        '--',
        'set',
        'interface',
        `p${n}`,
        'type=dummy',
      ]),
      ...added.flatMap((each) => ['--', ...each]),
    );
  } catch (error) {
    await ovs.stop();
    throw error;
  }
  const open = new Set<Attached>();
  return {
    socket,
    vsctl: ovs.vsctl,
    signal: ovs.signalSwitch,
    async ofctl(command, ...args) {
      return (
        await run('ovs-ofctl', ['-O', 'OpenFlow14', command ?? '', `unix:${socket}`, ...args], { maxBuffer: 256 << 20 })
      ).stdout;
    },
    async appctl(...args) {
      return (await run('ovs-appctl', ['-t', join(ovs.folder, 'sw.ctl'), ...args])).stdout;
    },
    async attach(text, options) {
      const attached = await attachTo(socket, text, options);
      open.add(attached);
      return attached;
    },
    async stop() {
      for (const attached of open) attached.close();
      await ovs.stop();
    },
  };
}

/** Our apps on the switch behind the socket. */
export async function attachTo(
  path: string,
  text: string | undefined,
  { memory, apps = [] }: AttachOptions = {},
): Promise<Attached> {
  const loaded = text === undefined ? undefined : parseConfig(text, 'f.yaml');
  if (loaded?.ok === false) throw new Error(formatProblems(loaded.problems));
  const config = loaded?.config;
  const host = createAppHost(memory === undefined ? {} : { memory });
  const { requests, problems } = await requestApps(config, []);
  for (const definition of apps) requests.push({ definition, config: {}, source: 'a test', sources: {} });
  const wrong = [...problems, ...host.load(requests)];
  if (wrong.length > 0) throw new Error(formatProblems(wrong));
  let site: SwitchSite | undefined;
  const datapath: Datapath = await handshake(connect(path), 'unix', {
    packetIn: (_, place) => site?.receivePacketIn(place),
    portChanged: (_, change, port) => site?.receivePort(change, port),
    flowRemoved: (_, message) => site?.receiveFlowRemoved(message),
    flowUpdates: (_, reply) => site?.receiveFlowUpdates(reply),
    requestForwarded: (_, message) => site?.receiveForwarded(message),
    error(_, error) {
      if (site?.takeError(error) !== true) failures.push(error.message);
    },
    close: () => undefined,
  });
  const failures: string[] = [];
  const messages: string[] = [];
  const { connection } = datapath;
  const { send } = connection;
  connection.send = (message, ...xid) => {
    messages.push(message.type);
    return send(message, ...xid);
  };
  const { begin, wrote } = connection;
  let ready: Writer | undefined;
  connection.begin = (length) => {
    ready = begin(length);
    return ready;
  };
  connection.wrote = (length) => {
    // Of those that lie ready as bytes.
    messages.push(READY.get(ready?.buffer[ready.position - length + 1] ?? 0) ?? 'unknown');
    wrote(length);
  };
  const syncs: Attached['syncs'] = [];
  const refused: string[] = [];
  const stations: Attached['stations'] = [];
  site = createSwitchSite(
    datapath,
    () => (config === undefined ? undefined : { host: 'hv1', bridge: 'br0' }),
    host,
    {
      synchronised: (result, drift) => syncs.push({ result: { ...result }, drift }),
      refused: (reason) => refused.push(reason),
      untold: (text) => failures.push(text),
      failed: (error) => failures.push(error.message),
      stationSeen: ({ mac, place }, address) => stations.push({ mac, ...place, address }),
    },
    pino({ level: 'silent' }),
  );
  await site.reconciler.read();
  site.attach(config);
  await site.reconciler.begin();
  return {
    site,
    host,
    stationOf: stationReader(host),
    sent: host.sent,
    messages,
    packetIns: (app) => host.apps.get(app)?.packetIns ?? 0,
    syncs,
    refused,
    stations,
    failures,
    async opened() {
      const closed = () =>
        [...site.woven.flows.values()].filter(
          ({ app, instructions }) => app === 'topology' && instructions.length === 0,
        );
      await until(
        () => closed().map(({ identity }) => identity),
        (identities) => identities.length === 0,
      );
      await site.reconciler.settled();
    },
    close() {
      site.close();
      host.commons.close();
      datapath.connection.close('the test ends');
    },
  };
}

/** Asks again until it holds; says what was last seen where it never does. */
export async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + SOON.timeout;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`it never came to be; last seen: ${String(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
