/**
 * What the REST API, the WebSocket stream and the commands read: plain data, made by `main` from the live parts.
 * Counters are sums that never fall (exact up to 2^53): a flow that is installed again, and a switch that restarts, go on
 * where they left off. Rates are per second between the last two readings. Times are milliseconds since 1970.
 */

import type { CounterKind, StatisticsKind } from '../telemetry/counters/kinds.ts';
import type { Unconfirmed } from './apply.ts';

export interface Snapshot {
  version: string;
  startedAt: number;
  /** The user's file, or null where Flowloom runs without one. */
  file: { path: string; loadedAt: number; error: string | null; unconfirmed: Unconfirmed | null } | null;
  /** Listening addresses, as given: `ptcp:6653`. */
  listening: { openflow: string | null; ovsdb: string | null; http: string | null };
  hosts: HostStatus[];
  switches: SwitchStatus[];
  segments: SegmentStatus[];
  /** By switch, segment and MAC address. */
  stations: StationStatus[];
  macTables: MacTableStatus[];
  topology: TopologyStatus;
  apps: AppStatus[];
  /** Since the start: what was sent to all switches. A restart on a network that is as it should be leaves it at 0. */
  sent: { flowMods: number; groupMods: number; bundles: number };
}

export interface HostStatus {
  name: string;
  source: string;
  /** Target that is dialled, or `(dials in)`. */
  ovsdb: string;
  state: 'connected' | 'connecting' | 'waiting';
  /** When this state began. */
  since: number;
  /** The last error of the connection or of a transaction, in a person's words; null: none. */
  error: string | null;
  ovsVersion: string | null;
  /** Version of its database's schema. */
  dbVersion: string | null;
  /** DPDK's version where it runs. */
  dpdk: string | null;
  /** Changes written since the start, one line each, newest last, at most 100. */
  changes: string[];
  /**
   * Ports of the file whose device does not exist yet, `br0/web1: …why (flowloom.yaml:12)`; and selectors of one certain
   * port that is not there.
   */
  waiting: string[];
  warnings: string[];
  /** What others changed of Flowloom's rows. `recent`: what puts it right, newest last, at most 100; `left`: not put right. */
  drift: { mode: 'repair' | 'report'; seen: number; recent: string[]; left: string[] };
  /** Of all bridges, others' too. */
  interfaces: InterfaceStatus[];
}

export interface InterfaceStatus {
  name: string;
  bridge: string;
  /** `system` or `netdev`: of its bridge. */
  datapath: string;
  /** Interface.type, `system` where Open vSwitch writes none. */
  type: string;
  /** OpenFlow port; null: not had (yet). */
  ofport: number | null;
  /** `up`, `down`; null: not known. */
  link: string | null;
  mtu: number | null;
  mac: string | null;
  /** What Open vSwitch says is wrong with it. */
  error: string | null;
  /** State of its BFD session; null: none. */
  bfd: string | null;
  /** Whether it is Flowloom's. */
  owned: boolean;
}

export interface SwitchStatus {
  /** 16 hex digits. */
  dpid: string;
  /** `hv1/br0`, or the dpid where no host of the file owns it. */
  name: string;
  host: string | null;
  bridge: string | null;
  state: 'connecting' | 'synchronising' | 'up' | 'down';
  since: number;
  /** Remote address of the OpenFlow connection. */
  address: string | null;
  description: string | null;
  flows: number;
  foreignFlows: number;
  /** The last synchronisation: how many flows it added and deleted. */
  sync: { at: number; added: number; deleted: number; unchanged: number } | null;
  /** Flows the switch refused: what and why. */
  refused: string[];
  /** What others changed of ours and was repaired: how often, and what it was last. */
  drift: { seen: number; last: string | null };
  ports: PortStatus[];
}

export interface PortStatus {
  number: number;
  name: string;
  mac: string;
  up: boolean;
  /** Segments by name, as the file says. */
  segments: string[];
  rxPackets: number;
  txPackets: number;
  rxBytes: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  /** Bits per second. */
  rxRate: number;
  txRate: number;
}

export interface SegmentStatus {
  name: string;
  source: string;
  id: number;
  vlan: number | null;
  vni: number | null;
  /** The largest IP packet that guests of it can send everywhere; null: not limited by a tunnel. */
  mtu: number | null;
  /** Where that number comes from, in words. */
  mtuReason: string | null;
}

/** An end system, as one switch has learned it. Switches with a segment in common each know its stations. */
export interface StationStatus {
  mac: string;
  /** By name; its number where the file has no such segment any more. */
  segment: string;
  dpid: string;
  switch: string;
  /** The port that leads there, by name. */
  port: string;
  /** Underlay address of the host behind which it is; null: not behind a tunnel. */
  peer: string | null;
  peerHost: string | null;
  /** Seconds since the switch learned it first. */
  known: number;
  /** Seconds since it was last heard, to within a reading of the switch; null: not since Flowloom began to look. */
  age: number | null;
  /** Seconds until it is forgotten if it stays silent; null: not known. */
  expires: number | null;
}

/** Who keeps the MAC table of a bridge of the file. */
export interface MacTableStatus {
  /** `hv1/br0` */
  switch: string;
  keptBy: 'flows' | 'open-vswitch';
  /** Seconds after which a silent station is forgotten. */
  aging: number;
  /** null: Open vSwitch tells its own table only on the host, by `command`. */
  stations: number | null;
  command: string | null;
}

/** Cables between switches, as probes found them, and what is closed so that no frame goes round. */
export interface TopologyStatus {
  /** False: after a start not all switches have been heard yet, and what stands closed stays so. */
  settled: boolean;
  cables: CableStatus[];
  closedPorts: ClosedPortStatus[];
}

export interface CableStatus {
  a: CableEnd;
  b: CableEnd;
  /** `blocked`: it would close a loop. `one way`: heard in one direction only, from `a` to `b`. */
  state: 'carrying' | 'blocked' | 'one way';
  /** The switches of the loop that it would close, by name, once round. */
  loop: string[];
}

export interface CableEnd {
  dpid: string;
  switch: string;
  /** By number, and by name. */
  port: number;
  name: string;
}

export interface ClosedPortStatus extends CableEnd {
  /** By name; null: nothing passes. */
  segments: string[] | null;
  why: string;
}

export interface AppStatus {
  name: string;
  /** Where the file or the command line names it; null: it is always there. */
  source: string | null;
  state: 'running' | 'failed';
  error: string | null;
  /** How often it has failed. */
  errors: number;
  /** As it was checked, with its defaults. */
  config: unknown;
  /** The app's own, by name. */
  counters: Record<string, number>;
  flows: number;
  packets: number;
  bytes: number;
  packetIns: number;
  /** Not handled: the app had more than its share of the time, or their switch is behind. */
  packetInsDropped: number;
  /** Packet-outs and flows with a timeout of the app that were too many, and not sent. */
  sendsDropped: number;
}

/** One flow of one switch; its rows are sent under the stream's topic `flows`. */
export interface FlowStatus {
  /** Stable while the flow stands: `dpid/table/priority/match`. */
  id: string;
  dpid: string;
  switch: string;
  table: number;
  /** `firewall`, or the number where it is not ours. */
  tableName: string;
  priority: number;
  /** In ovs-ofctl's text. */
  match: string;
  actions: string;
  /** `0x…`, 16 hex digits. */
  cookie: string;
  /** null: a foreign flow. */
  app: string | null;
  intent: string | null;
  source: string | null;
  packets: number;
  bytes: number;
  packetRate: number;
  /** Bits per second. */
  bitRate: number;
  /** Seconds since the switch installed it. */
  duration: number;
}

/** What one flow, intent, app, port, table, queue, meter or group has counted. */
export interface CounterStatus {
  of: CounterKind;
  /** For `history`: a flow's id, an intent's cookie, an app's name; of others `dpid/name`. */
  id: string;
  /** For people: a port's or table's name, an intent's text, a flow's match. */
  name: string;
  /** null: a sum over all switches. */
  dpid: string | null;
  switch: string | null;
  app: string | null;
  intent: string | null;
  source: string | null;
  /** By what is counted: packets, bytes and so on; null: the switch does not keep it. */
  counts: Record<string, number | null>;
  /** Per second, by the same names. */
  rates: Record<string, number>;
}

/** How a counter rose. */
export interface CounterHistory {
  of: CounterKind;
  id: string;
  /** When the first step begins. */
  from: number;
  /** Length of a step in seconds. */
  step: number;
  /** Per second, step by step, by what is counted. */
  rates: Record<string, number[]>;
}

/** Which counters shall be fresh, of all switches or one. */
export interface Wanted {
  kinds: readonly StatisticsKind[];
  dpid?: string | undefined;
}

export interface DriftStatus {
  switches: SwitchDrift[];
  hosts: HostDrift[];
}

export interface SwitchDrift {
  dpid: string;
  switch: string;
  /** How often since it connected. */
  seen: number;
  /** The last of it, newest last. All of it was repaired. */
  recent: { time: number; text: string; app: string | null; intent: string | null; source: string | null }[];
}

export type HostDrift = HostStatus['drift'] & { host: string };

export const EVENT_KINDS = ['file', 'host', 'switch', 'drift', 'refused', 'app'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface EventStatus {
  /** Rises by one. */
  id: number;
  time: number;
  kind: EventKind;
  /** The file, host, switch or app. */
  subject: string;
  text: string;
}

/** Topics of `/api/v1/stream`. */
export type Topic = 'status' | 'flows';

/** Client → server: which topics it wants from now on. */
export interface Subscribe {
  subscribe: Topic[];
}

/** Server → client: for each topic one snapshot, then deltas. `status` is always sent whole. */
export type StreamMessage =
  | { topic: 'status'; type: 'snapshot'; data: Snapshot }
  | { topic: 'flows'; type: 'snapshot'; data: FlowStatus[] }
  | { topic: 'flows'; type: 'delta'; upsert: FlowStatus[]; remove: string[] };

/** What the API is given by `main`. What it returns at once never is a live object that a reader could hold on to. */
export interface SnapshotSource {
  status(): Snapshot;
  flows(): FlowStatus[];
  counters(of: CounterKind): CounterStatus[];
  drift(): DriftStatus;
  /** The last of them, oldest first. */
  events(): readonly EventStatus[];
  /** undefined: nothing of the kind is known. */
  history(of: CounterKind, id: string, step: number): CounterHistory | undefined;
  /** Reads what is older than a second, and no longer than some seconds. */
  fresh(wanted: Wanted): Promise<void>;
  /** Calls back after each polling round and each change worth showing, at most a few times a second; returns how to stop.
   * While somebody watches, what the topics show is polled once a second. */
  watch(changed: () => void, topics: readonly Topic[]): () => void;
}
