/** One connected switch with the apps on it: from its asynchronous messages to their handlers, from their flows to it. */

import type { Logger } from 'pino';
import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import type { PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import type { Port } from '../../proto/openflow/port.ts';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import { appOf, isOurs } from '../flow/cookie.ts';
import { type ActualFlow, standingIn } from '../flow/diff.ts';
import { createReconciler, type Reconciler, type ReconcilerEvents } from '../flow/reconciler.ts';
import { createWeaver, type Weaver } from '../flow/weaver.ts';
import type { Datapath, FlowMonitorReply } from '../openflow/datapath.ts';
import { type AppOnSwitch, createAppOnSwitch } from './app-on-switch.ts';
import type { Commons } from './commons.ts';
import type { AppPort } from './context.ts';
import type { AppHost, LoadedApp } from './host.ts';
import { PacketInView } from './packet-in-view.ts';
import type { Place } from './passing.ts';

/** Which bridge of the file a switch is. */
export interface Binding {
  host: string;
  bridge: string;
}

export interface SwitchSite {
  readonly dpid: string;
  readonly datapath: Datapath;
  readonly reconciler: Reconciler;
  readonly ports: ReadonlyMap<number, AppPort>;
  /** What the apps share across switches. */
  readonly commons: Commons;
  name(): string;
  host(): string | undefined;
  bridge(): string | undefined;
  send(message: MessageBody): void;
  /** An app declared something: it is sent soon, or at the end of the packet-in that is being handled. */
  changed(): void;
  /** What the switch learned in a table goes. */
  forget(tableId: number): void;
  /** Why there is a flow that the switch learned. */
  learned: Weaver['learned'];
  readonly woven: Weaver['woven'];
  /** Puts the host's apps on it, or takes it that the file has changed. */
  attach(network: Config | undefined): void;
  attached(): boolean;
  /** Whether an app declared or withdrew it because of traffic. */
  isPassing(app: string, place: Place): boolean;
  /** Flows that stand in the table, whosever. */
  standing(tableId: number): Iterable<ActualFlow>;
  /** `place` is another packet-in's after the call. */
  receivePacketIn(place: PacketInPlace): void;
  receivePort(change: 'added' | 'changed' | 'removed', port: Port): void;
  receiveFlowRemoved(message: FlowRemoved): void;
  receiveFlowUpdates(reply: FlowMonitorReply): void;
  close(): void;
}

export function createSwitchSite(
  datapath: Datapath,
  binding: () => Binding | undefined,
  host: AppHost,
  events: ReconcilerEvents,
  log: Logger,
): SwitchSite {
  const allocation = host.allocation(datapath.dpid);
  const weaver = createWeaver(host.plan, allocation);
  const ports = new Map<number, AppPort>();
  const reconciler = createReconciler(datapath.connection, weaver, events, host.sent, (port) => ports.has(port), {
    zones: allocation.zones,
  });
  const apps = new Map<string, AppOnSwitch>();
  const packet = new PacketInView(datapath.connection, (id) => host.plan.owners.get(id)?.table ?? '');
  let handling = false;
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

  const site: SwitchSite = {
    dpid: datapath.dpid,
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
    send: (message) => {
      datapath.connection.send(message);
    },
    changed() {
      if (!handling) reconciler.schedule();
    },
    forget(tableId) {
      if (isAttached) reconciler.forget(tableId);
    },
    learned: weaver.learned,
    woven: weaver.woven,
    attached: () => isAttached,
    standing: (tableId) => standingIn(reconciler.actual, tableId),
    isPassing: (app, place) => apps.get(app)?.isPassing(place) === true,
    attach(network) {
      isAttached = true;
      for (const [name, standing] of apps) {
        if (host.apps.has(name)) continue;
        standing.detach();
        apps.delete(name);
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
    },
    receivePacketIn(place) {
      const cookie = (BigInt(place.cookieHigh) << 32n) | BigInt(place.cookieLow);
      if (!isOurs(cookie)) return;
      const app = host.byNumber(appOf(cookie));
      const standing = app === undefined ? undefined : apps.get(app.name);
      if (standing === undefined || place.inPort < 0) return;
      handling = true;
      packet.show(place);
      standing.packetIn(packet);
      packet.end();
      handling = false;
      reconciler.flush();
    },
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
    receiveFlowUpdates: (reply) => reconciler.receiveUpdates(reply),
    receiveFlowRemoved(message) {
      const flow = reconciler.flowRemoved(message);
      if (flow === undefined || message.reason === 'delete') return;
      const standing = apps.get(flow.app);
      const table = host.plan.owners.get(flow.tableId)?.table;
      if (standing === undefined || table === undefined) return;
      weaver.delete({ name: flow.app, number: standing.app.number, tables: standing.app.tables }, table, flow.key);
      standing.notify('traffic', 'flowRemoved', (handlers) => handlers.flowRemoved?.(table, flow.key));
      standing.notifySetup('traffic', 'flowRemoved', (handlers, dp) => handlers.flowRemoved?.(dp, table, flow.key));
    },
    close() {
      for (const app of apps.values()) app.detach();
      apps.clear();
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
