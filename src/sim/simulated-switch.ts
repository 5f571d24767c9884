/**
 * A simulated Open vSwitch: OpenFlow 1.4 from controllers, frames from ports, and time are all that moves it. It knows
 * no socket and no timer: bytes go to whom they were promised, and what is due is done when somebody says what time it
 * is.
 */

import { createConntrack } from './conntrack/conntrack.ts';
import { createGroupTable } from './group-table.ts';
import type { Key } from './key/key.ts';
import { createTlvTable } from './key/tlv-table.ts';
import { createMeterTable, METER_NUMBERS } from './meter-table.ts';
import { wants } from './openflow/async-config.ts';
import { expireBundles, nextBundleExpiry } from './openflow/bundle.ts';
import { createActionsCheck } from './openflow/check/actions.ts';
import { createMatchCheck } from './openflow/check/match.ts';
import { BAD_ACTION } from './openflow/check/refusals.ts';
import { type ConnectionEnds, createSwitchConnection, type SwitchConnection } from './openflow/connection.ts';
import type { SwitchCore, SwitchDescription } from './openflow/core.ts';
import { preparedOf } from './openflow/flow-mod.ts';
import { type Link, refuse } from './openflow/link.ts';
import type { Requester } from './openflow/modifications.ts';
import { expireMultipart, PART_TIMEOUT } from './openflow/multipart-assembly.ts';
import { puntPacket } from './openflow/packet-in.ts';
import { portDescription } from './openflow/port-mod.ts';
import { durationOf } from './openflow/stats.ts';
import { tellVacancy } from './openflow/table-mod.ts';
import { matchOnWire } from './openflow/wire-form.ts';
import { isRefusal } from './pipeline/compile-refusal.ts';
import type { PacketInConntrack } from './pipeline/execute.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { compileActions } from './pipeline/step-of.ts';
import type { Watcher } from './pipeline/watcher.ts';
import { createLocalPort, createPort, type PortOptions } from './ports.ts';
import { createRandom } from './random.ts';
import type { LearnedFlow, Refusal, SwitchPort, SwitchState } from './switch-state.ts';
import type { FlowEntry } from './table/flow-entry.ts';
import { createFlowTables, type FlowChange } from './table/flow-tables.ts';
import { hasRoomToLearn, learnedFlowMod, learnFlow } from './table/learned.ts';
import { groupsIn, metersIn } from './table/references.ts';

export interface SimulatedSwitchOptions {
  dpid: bigint;
  /** Of its own port, too. */
  name?: string;
  ports: readonly PortOptions[];
  /** Milliseconds; never goes back. */
  clock: { now(): number };
  /** A frame leaves. `tunnel`: where the port is a tunnel's, a key whose tunnel words go with it; it is used again. */
  transmit(portNo: number, frame: Uint8Array, tunnel: Key | undefined): void;
  /** Of all its chance; the same seed, the same run. */
  seed?: number;
  limits?: {
    /** Flows in one table. */
    flows?: number;
    groups?: number;
    connections?: number;
  };
  /** What it does while it has no controller: `secure` what its flows say, `standalone` what NORMAL does. */
  failMode?: 'secure' | 'standalone';
  description?: Partial<SwitchDescription>;
  /** Told of each flow that comes, goes or changes. */
  flowChanged?(change: FlowChange): void;
  /** VLAN tags that are read (other_config:vlan-limit). */
  vlanLimit?: number;
}

export type SimulatedSwitch = ReturnType<typeof createSimulatedSwitch>;

const INVALID_METER: Refusal = { errorType: 'meterModFailed', code: 'invalidMeter' };
const DEFAULT_SEED = 1;
const DEFAULT_VLAN_LIMIT = 1;
const MOST_FLOWS = Number.MAX_SAFE_INTEGER;
const MOST_GROUPS = 0xffff_ff00;
const HANDLING = { normal: 'normal', drop: 'drop', 3: 'nxMatch' } as const;
/** As Open vSwitch 3.1 says of itself. */
const DESCRIPTION: SwitchDescription = {
  mfrDesc: 'Nicira, Inc.',
  hwDesc: 'Open vSwitch',
  swDesc: '3.1.0',
  serialNum: 'None',
  dpDesc: 'None',
};

export function createSimulatedSwitch(options: SimulatedSwitchOptions) {
  const { dpid, name = 'br0', limits = {}, failMode = 'secure' } = options;
  const now = () => options.clock.now();
  const fields = createTlvTable();
  const random = createRandom(options.seed ?? DEFAULT_SEED);
  const links = new Set<Link>();
  const ports = new Map<number, SwitchPort>();
  const config: SwitchCore['config'] = { flags: 'normal' };
  const { connections } = limits;
  const conntrack = createConntrack<PacketInConntrack>({
    random,
    ...(connections === undefined ? {} : { limits: { connections } }),
  });
  const mostFlows = () => limits.flows ?? MOST_FLOWS;
  const tables = createFlowTables({
    now,
    mostFlows,
    check,
    changed,
    vacancyChanged: (...told) => tellVacancy(core, ...told),
  });
  const groups = createGroupTable(now, fields, limits.groups ?? MOST_GROUPS);
  const meters = createMeterTable(now, (meterId) => tables.remove(tables.meterUsers(meterId), 'meterDelete'));

  /** Groups and meters that instructions name are there. */
  function check(instructions: FlowEntry['instructions']): Refusal | undefined {
    for (const meterId of metersIn(instructions)) if (!meters.all.has(meterId)) return INVALID_METER;
    for (const groupId of groupsIn(instructions)) if (!groups.all.has(groupId)) return BAD_ACTION.badOutGroup;
    return undefined;
  }

  function changed(change: FlowChange, by: unknown): void {
    options.flowChanged?.(change);
    if (links.size === 0) return;
    const requester = by as Requester | undefined;
    const { before, reason } = change;
    const isTold = change.type === 'removed' && before?.flags.includes('sendFlowRem') === true;
    for (const link of links) {
      if (isTold && link.greeted && wants(link.async, 'flowRemoved', reason!, link.role === 'slave')) {
        tellRemoved(link, before, reason!);
      }
      link.monitors.report(change, requester?.link === link ? requester.xid : undefined);
    }
  }

  function tellRemoved(link: Link, flow: FlowEntry, reason: NonNullable<FlowChange['reason']>): void {
    const { cookie, priority, tableId, idleTimeout, hardTimeout, packets, bytes, match } = flow;
    link.send({
      type: 'flowRemoved',
      ...{ cookie, priority, reason, tableId, idleTimeout, hardTimeout, xid: 0 },
      ...durationOf(flow.created, now()),
      packetCount: BigInt(packets),
      byteCount: BigInt(bytes),
      match: matchOnWire(match),
    });
  }

  function mayLearn({ mod, limit }: LearnedFlow, pending: readonly LearnedFlow[]): boolean {
    if (limit === 0) return true;
    const prepared = preparedOf(core, mod);
    const others = pending.filter((each) => each.mod.tableId === mod.tableId && each.mod.cookie === mod.cookie);
    const more = others.map((each) => preparedOf(core, each.mod)).filter((each) => 'selection' in each);
    return !('errorType' in prepared) && hasRoomToLearn(tables, prepared, limit, more);
  }

  function learn(learned: LearnedFlow): void {
    const prepared = preparedOf(core, learnedFlowMod(learned));
    if (!('errorType' in prepared)) learnFlow(tables, prepared, now());
  }

  function shorten(flow: FlowEntry, idleTimeout: number, hardTimeout: number): void {
    flow.idleTimeout = shorter(flow.idleTimeout, idleTimeout);
    flow.hardTimeout = shorter(flow.hardTimeout, hardTimeout);
    if (!flow.removed) tables.shortened(flow);
  }

  function transmit(portNo: number, frame: Uint8Array, tunnel: Key | undefined): void {
    const port = ports.get(portNo);
    if (port === undefined) return;
    if (port.config.includes('portDown')) {
      port.txDropped++;
      return;
    }
    port.txPackets++;
    port.txBytes += frame.length;
    options.transmit(portNo, frame, tunnel);
  }

  const state: SwitchState = {
    now,
    lookup: (tableId, key) => tables.peek(tableId)?.flows.lookup(key),
    counted(tableId, matched) {
      const table = tables.table(tableId);
      table.lookups++;
      if (matched) table.matches++;
    },
    groups: groups.all,
    meter: meters.pass,
    ports,
    fields,
    fragments: () => HANDLING[config.flags],
    transmit,
    punt(packet) {
      const meterId = packet.meterId ?? METER_NUMBERS.controller;
      if (meters.pass(meterId, packet.frame.length)) puntPacket(core, packet);
    },
    mayLearn,
    learn,
    shorten,
    random,
  };
  const { vlanLimit = DEFAULT_VLAN_LIMIT } = options;
  const pipeline = createPipeline({ state, conntrack, vlanLimit });

  function portChanged(reason: 'add' | 'delete' | 'modify', port: SwitchPort, by: Link | undefined): void {
    for (const link of links) {
      // Who asked for it knows (7.3.4.3); Open vSwitch tells it over OpenFlow 1.5 alone.
      if (link === by || !link.greeted || !wants(link.async, 'portStatus', reason, link.role === 'slave')) continue;
      link.send({ type: 'portStatus', reason, desc: portDescription(port), xid: 0 });
    }
  }

  const core: SwitchCore = {
    ...{
      dpid,
      name,
      now,
      tables,
      mostFlows,
      groups,
      meters,
      ports,
      fields,
      pipeline,
      conntrack,
      links,
      config,
      vlanLimit,
    },
    description: { ...DESCRIPTION, ...options.description },
    generationId: undefined,
    matches: createMatchCheck(fields),
    actions: createActionsCheck(fields),
    paused: new Map(),
    portChanged,
  };
  const local = createLocalPort(dpid, name, now());
  ports.set(local.portNo, local);
  for (const port of options.ports) ports.set(port.portNo, createPort(dpid, port, now()));
  const normal = compileActions([{ type: 'output', port: 'normal', maxLen: 0 }], fields);

  function tellMonitors(): void {
    for (const link of links) link.monitors.flush();
  }

  return {
    dpid,
    name,
    /** A controller's connection: hello is written at once. */
    connect: (ends: ConnectionEnds): SwitchConnection => createSwitchConnection(core, ends),
    /** A frame comes in by a port. `tunnel`: a key whose tunnel words came with it. */
    receive(portNo: number, frame: Uint8Array, tunnel?: Key, watcher?: Watcher): void {
      const port = ports.get(portNo);
      if (port === undefined) return;
      if (port.config.includes('portDown')) {
        port.rxDropped++;
        return;
      }
      port.rxPackets++;
      port.rxBytes += frame.length;
      const isAlone = failMode === 'standalone' && ![...links].some(({ greeted }) => greeted);
      if (isAlone && !isRefusal(normal)) pipeline.packetOut(portNo, frame, normal, watcher);
      else pipeline.receive(portNo, frame, tunnel, watcher);
      tellMonitors();
    },
    addPort(port: PortOptions): void {
      const made = createPort(dpid, port, now());
      ports.set(made.portNo, made);
      portChanged('add', made, undefined);
    },
    removePort(portNo: number): void {
      const port = ports.get(portNo);
      if (port === undefined || !ports.delete(portNo)) return;
      portChanged('delete', port, undefined);
    },
    setPortLive(portNo: number, live: boolean): void {
      const port = ports.get(portNo);
      if (port === undefined || port.live === live) return;
      port.live = live;
      portChanged('modify', port, undefined);
    },
    /** Does what is due at the clock's time: flows and bundles whose time is up, and connections of conntrack. */
    advance(): void {
      const moment = now();
      tables.expire(moment);
      for (const link of links) {
        expireBundles(link, moment);
        const late = expireMultipart(link, moment);
        if (late !== undefined) refuse(link, late.first, late.refusal);
      }
      conntrack.sweep(moment);
      tellMonitors();
    },
    /** When `advance` will have something to do, as far as that is known; undefined: nothing waits. */
    nextDue(): number | undefined {
      let next = tables.nextExpiry();
      for (const link of links) {
        const bundle = nextBundleExpiry(link);
        const part = link.multipart === undefined ? undefined : link.multipart.since + PART_TIMEOUT;
        for (const due of [bundle, part]) if (due !== undefined) next = Math.min(next ?? due, due);
      }
      return next;
    },
    /** What stands, live: not to be changed. */
    flows: (): IterableIterator<FlowEntry> => tables.all(),
    flowCount: (): number => tables.size,
    groups: groups.all,
    meters: meters.all,
    ports: ports as ReadonlyMap<number, SwitchPort>,
    connections: () => conntrack.entries(now()),
    /** Stations that NORMAL has learned. */
    stations: pipeline.macs,
    pipeline,
  };
}

/** 0 is for ever, and a wish of 0 none. */
function shorter(timeout: number, wish: number): number {
  return wish > 0 && (timeout === 0 || timeout > wish) ? wish : timeout;
}
