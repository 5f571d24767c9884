/** One connected switch with the apps on it: from its asynchronous messages to their handlers, from their flows to it. */

import type { Logger } from 'pino';
import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import { tellsOnlyOf } from '../../proto/openflow/own-updates.ts';
import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import type { Port } from '../../proto/openflow/port.ts';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import { createFlowIndex } from '../flow/flow-index.ts';
import { type ActualFlow, actualFlow } from '../flow/reconcile/diff.ts';
import { createReconciler, type Reconciler, type ReconcilerEvents } from '../flow/reconcile/reconciler.ts';
import type { Released } from '../flow/reconcile/release.ts';
import { createTimedFlows, type Ended, type TimedFlows } from '../flow/timed/timed.ts';
import { createWeaver, type DesiredFlow, type Weaver } from '../flow/weave/weaver.ts';
import type { Datapath, FlowMonitorReply, RequestForward } from '../openflow/datapath.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import { createAppOnSwitch } from './app-on-switch.ts';
import type { AppHost } from './host.ts';
import type { AppOnSwitch, AppSite } from './instances.ts';
import { stationReader } from './learned-flow.ts';
import type { LoadedApp } from './loaded-app.ts';
import { createDelivery } from './packet-in-delivery.ts';
import { PacketInView } from './packet-in-view.ts';
import { createPacketSender, type PacketSender } from './packet-sender.ts';
import type { Place } from './passing.ts';
import { createStationBook, type KnownStation } from './station-book.ts';
import type { AppPort } from './switch-view.ts';

/** Which bridge of the file a switch is. */
export interface Binding {
  host: string;
  bridge: string;
}

export interface SwitchSite extends AppSite {
  readonly datapath: Datapath;
  readonly reconciler: Reconciler;
  readonly timed: TimedFlows;
  readonly packets: PacketSender;
  /** Why there is a flow that the switch learned, or that has a timeout. */
  learned: Weaver['learned'];
  readonly woven: Weaver['woven'];
  /** All that are known to stand in the switch. */
  flows(): Iterable<ActualFlow>;
  /** What the switch learned of them by itself. */
  stations(): Iterable<KnownStation>;
  /** Puts the host's apps on it, or takes it that the file has changed. */
  attach(network: Config | undefined): void;
  attached(): boolean;
  /** Whether an app declared or withdrew it because of traffic. */
  isPassing(app: string, place: Place): boolean;
  /** `place` is another packet-in's after the call. */
  receivePacketIn(place: PacketInPlace): void;
  receivePort(change: 'added' | 'changed' | 'removed', port: Port): void;
  receiveFlowRemoved(message: FlowRemoved): void;
  /** Whether a message, as it came, says nothing but that flows with a timeout were set as they were sent. */
  isKnown(bytes: Uint8Array): boolean;
  receiveFlowUpdates(reply: FlowMonitorReply): void;
  receiveForwarded(message: RequestForward): void;
  /** True: it was about something that was sent here. */
  takeError(error: OpenFlowError): boolean;
  /** Takes the apps off it, and everything of ours out of it, for good. */
  release(): Promise<Released>;
  close(): void;
}

export interface SwitchEvents extends ReconcilerEvents {
  /** The switch has learned it: new, at another place, or with an address more. */
  stationSeen?(station: KnownStation, address: string | undefined): void;
}

export function createSwitchSite(
  datapath: Datapath,
  binding: () => Binding | undefined,
  host: AppHost,
  events: SwitchEvents,
  log: Logger,
): SwitchSite {
  const { namespace } = host;
  const allocation = host.allocation(datapath.dpid);
  const index = createFlowIndex<DesiredFlow, ActualFlow>();
  const weaver = createWeaver(host.plan, allocation, index);
  const ports = new Map<number, AppPort>();
  const told: ReconcilerEvents = {
    ...events,
    synchronised(result, drift) {
      events.synchronised(result, drift);
      timed.follow();
    },
  };
  const isTimed = (xid: number) => timed.sent(xid);
  const hasPort = (port: number) => ports.has(port);
  const waitingFor = new Set<number>();
  const stationOf = stationReader(host, (text) => log.error(text));
  const book = createStationBook(stationOf, (station, address) => events.stationSeen?.(station, address));
  const learned = {
    isLearned: (tableId: number) => host.plan.owners.get(tableId)?.learned === true,
    changed: book.changed,
  };
  /** The apps that tell of stations, when the book was written. */
  let readers: LoadedApp[] = [];
  const reconciler = createReconciler(namespace, datapath.connection, weaver, index, told, host.sent, hasPort, {
    waitingFor,
    zones: allocation.zones,
    isTimed,
    learned,
    clock: host.clock,
  });
  const apps = new Map<string, AppOnSwitch>();
  const timed = createTimedFlows({
    namespace,
    connection: datapath.connection,
    window: reconciler.window,
    weaver,
    actual: reconciler.actual,
    sent: host.sent,
    refused: events.refused,
    changed: () => site.changed(),
  });
  const packets = createPacketSender(datapath.connection, timed.window);
  const delivery = createDelivery({
    namespace,
    turns: host.commons.turns,
    packet: new PacketInView(packets, (id) => host.plan.owners.get(id)?.table ?? ''),
    reconciler: {
      schedule: reconciler.schedule,
      flush() {
        reconciler.flush();
        timed.followMoved();
      },
    },
    isBehind: () => timed.window.full,
    name: () => site.name(),
    log,
  });
  let isAttached = false;
  for (const [number, port] of appPorts(datapath)) ports.set(number, port);

  /** Another version of an app: one that can't begin leaves the standing one as it is. */
  function replace(standing: AppOnSwitch, app: LoadedApp, network: Config | undefined): void {
    const fresh = createAppOnSwitch(app, site, weaver, log);
    if (host.isRefused(standing.app)) {
      standing.detach();
      apps.set(app.name, fresh);
      fresh.attach(network);
      return;
    }
    const reason = fresh.replace(standing, network);
    if (reason === undefined) apps.set(app.name, fresh);
    else host.putBack(standing.app, app, reason);
  }

  function tellEnded(ended: Ended): void {
    const standing = apps.get(ended.app);
    if (standing === undefined) return;
    if ('numbers' in ended) {
      const { numbers, tell } = ended;
      if (tell !== undefined) standing.run('a flow that ended', () => tell(...numbers));
      return;
    }
    const { table, key } = ended;
    standing.notify('traffic', 'flowRemoved', (handlers) => handlers.flowRemoved?.(table, key));
    standing.notifySetup('traffic', 'flowRemoved', (handlers, dp) => handlers.flowRemoved?.(dp, table, key));
  }

  /** Another version of an app may read its flows otherwise, or have them in other tables. */
  function followReaders(): void {
    const now = [...host.apps.values()].filter(({ definition }) => definition.station !== undefined);
    const isSame = now.length === readers.length && now.every((app, index) => app === readers[index]);
    readers = now;
    if (isSame) return;
    const tables = [...host.plan.owners.keys()].filter(learned.isLearned);
    book.reread(tables.flatMap((tableId) => [...reconciler.actual.inTable(tableId)]));
  }

  const site: SwitchSite = {
    dpid: datapath.dpid,
    namespace,
    datapath,
    reconciler,
    ports,
    commons: host.commons,
    name: () => {
      const bound = binding();
      return bound === undefined ? datapath.dpid : `${bound.host}/${bound.bridge}`;
    },
    host: () => binding()?.host,
    bridge: () => binding()?.bridge,
    timed,
    packets,
    tell: (message) => datapath.connection.send(message),
    changed() {
      if (!delivery.noteDeclared()) reconciler.schedule();
    },
    waitFor(app, waits) {
      if (waits === waitingFor.has(app)) return;
      if (waits) waitingFor.add(app);
      else waitingFor.delete(app);
      reconciler.schedule('everything');
    },
    forget(tableId, identity) {
      if (isAttached) reconciler.forget(tableId, identity);
    },
    learned: (cookie) => weaver.learned(cookie) ?? timed.whose(cookie),
    *flows() {
      yield* reconciler.actual.values();
      for (const flow of timed.flows()) {
        if (!reconciler.actual.has(flow.identity)) yield actualFlow(flow.identity, flow.content);
      }
    },
    stations: book.stations,
    woven: weaver.woven,
    attached: () => isAttached,
    standing: reconciler.actual.inTable,
    isPassing: (app, place) => apps.get(app)?.isPassing(place) === true,
    attach(network) {
      isAttached = true;
      for (const [name, standing] of apps) {
        if (host.apps.has(name)) continue;
        standing.detach();
        apps.delete(name);
        timed.forget(standing.app);
      }
      // New versions first: they may leave tables that a new app has got.
      for (const app of host.apps.values()) {
        const standing = apps.get(app.name);
        if (standing !== undefined && standing.app !== app) replace(standing, app, network);
      }
      for (const app of host.apps.values()) {
        const standing = apps.get(app.name);
        if (standing === undefined) {
          const fresh = createAppOnSwitch(app, site, weaver, log);
          apps.set(app.name, fresh);
          fresh.attach(network);
        } else standing.reloaded(network);
      }
      delivery.setApps(apps.values());
      followReaders();
      book.tell();
    },
    receivePacketIn: delivery.receive,
    receivePort(change, port) {
      const number = numberOf(port);
      const described = appPort(port);
      const before = ports.get(number);
      if (change === 'removed') ports.delete(number);
      else ports.set(number, described);
      const isUp = change !== 'removed' && described.up;
      // What the switch learned at a port that is no more goes.
      if (change === 'removed') reconciler.schedule('everything');
      if (change === 'changed' && before?.up === described.up && before.name === described.name) return;
      const what = isUp ? 'portUp' : 'portDown';
      for (const app of apps.values()) {
        app.notify('ports', what, (handlers) => handlers[what]?.(described));
        app.notifySetup('ports', what, (handlers, dp) => handlers[what]?.(dp, described));
      }
    },
    isKnown: (bytes) => reconciler.isWatching && tellsOnlyOf(isTimed, bytes),
    receiveFlowUpdates: (reply) => reconciler.receiveUpdates(reply),
    receiveForwarded: (message) => reconciler.receiveForwarded(message),
    receiveFlowRemoved(message) {
      const ended = timed.flowRemoved(message);
      if (ended !== undefined) tellEnded(ended);
      reconciler.flowRemoved(message);
    },
    takeError: (error) => timed.takeError(error) || reconciler.takeError(error),
    release() {
      const released = reconciler.released();
      for (const app of apps.values()) app.detach();
      apps.clear();
      delivery.setApps(apps.values());
      return released;
    },
    close() {
      for (const app of apps.values()) app.detach();
      apps.clear();
      delivery.setApps(apps.values());
      book.close();
      reconciler.stop();
    },
  };
  return site;
}

/** A switch's ports as apps see them. */
export function appPorts(datapath: Datapath): Map<number, AppPort> {
  return new Map(Array.from(datapath.ports.values(), (port) => [numberOf(port), appPort(port)]));
}

function numberOf(port: Port): number {
  return typeof port.portNo === 'number' ? port.portNo : RESERVED_PORTS[port.portNo];
}

function appPort(port: Port): AppPort {
  return {
    number: numberOf(port),
    name: port.name,
    mac: port.hwAddr,
    up: !port.config.includes('portDown') && !port.state.includes('linkDown'),
  };
}
