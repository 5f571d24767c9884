/** What the page reads from the API: its own copy of the shapes, so that it speaks only REST and WebSocket.
 * A test holds them equal to Flowloom's. Counters are exact, rates per second, times milliseconds since 1970. */

import type {
  EventStatus,
  LeaseStatus,
  NeighbourStatus,
  RouterInterfaceStatus,
  RouteStatus,
  RuleStatus,
  ZoneStatus,
} from './wire-rows.ts';

export type * from './wire-rows.ts';

export interface Snapshot {
  version: string;
  startedAt: number;
  file: {
    path: string;
    loadedAt: number;
    error: string | null;
    unconfirmed: { id: string; until: number; back: string } | null;
  } | null;
  listening: { openflow: string | null; ovsdb: string | null; http: string | null };
  hosts: HostStatus[];
  switches: SwitchStatus[];
  segments: SegmentStatus[];
  stations: StationStatus[];
  macTables: MacTableStatus[];
  topology: TopologyStatus;
  zones: ZoneStatus[];
  apps: AppStatus[];
  sent: { flowMods: number; groupMods: number; meterMods: number; bundles: number };
}

export interface HostStatus {
  name: string;
  source: string;
  ovsdb: string;
  state: 'connected' | 'connecting' | 'waiting';
  since: number;
  error: string | null;
  ovsVersion: string | null;
  dbVersion: string | null;
  dpdk: string | null;
  changes: string[];
  waiting: string[];
  warnings: string[];
  drift: { mode: 'repair' | 'report'; seen: number; recent: string[]; left: string[] };
  interfaces: InterfaceStatus[];
}

export interface InterfaceStatus {
  name: string;
  bridge: string;
  datapath: string;
  type: string;
  ofport: number | null;
  link: string | null;
  mtu: number | null;
  mac: string | null;
  error: string | null;
  bfd: string | null;
  owned: boolean;
}

export interface SwitchStatus {
  dpid: string;
  name: string;
  host: string | null;
  bridge: string | null;
  state: 'connecting' | 'synchronising' | 'up' | 'down';
  since: number;
  address: string | null;
  description: string | null;
  flows: number;
  foreignFlows: number;
  sync: { at: number; added: number; deleted: number; unchanged: number } | null;
  refused: string[];
  drift: { seen: number; last: string | null };
  ports: PortStatus[];
}

export interface PortStatus {
  number: number;
  name: string;
  mac: string;
  up: boolean;
  segments: string[];
  rxPackets: number;
  txPackets: number;
  rxBytes: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  rxRate: number;
  txRate: number;
}

export interface SegmentStatus {
  name: string;
  source: string;
  id: number;
  vlan: number | null;
  vni: number | null;
  mtu: number | null;
  mtuReason: string | null;
}

export interface StationStatus {
  mac: string;
  addresses: string[];
  segment: string | null;
  dpid: string;
  switch: string;
  port: string;
  peer: string | null;
  peerHost: string | null;
  known: number | null;
  age: number | null;
  expires: number | null;
}

export interface MacTableStatus {
  switch: string;
  keptBy: 'flows' | 'open-vswitch';
  aging: number;
  stations: number | null;
  command: string | null;
}

export interface TopologyStatus {
  settled: boolean;
  cables: CableStatus[];
  closedPorts: ClosedPortStatus[];
}

export interface CableStatus {
  a: CableEnd;
  b: CableEnd;
  state: 'carrying' | 'blocked' | 'one way';
  loop: string[];
}

export interface CableEnd {
  dpid: string;
  switch: string;
  port: number;
  name: string;
}

export interface ClosedPortStatus extends CableEnd {
  segments: string[] | null;
  why: string;
}

export interface AppStatus {
  name: string;
  source: string | null;
  state: 'running' | 'failed';
  error: string | null;
  errors: number;
  code: { from: string | null; loadedAt: number | null; refused: string | null };
  config: unknown;
  counters: Record<string, number>;
  flows: number;
  packets: number;
  bytes: number;
  packetIns: number;
  packetInsDropped: number;
  sendsDropped: number;
  flowsLeftOut: number;
}

export interface FlowStatus {
  id: string;
  dpid: string;
  switch: string;
  table: number;
  tableName: string;
  priority: number;
  match: string;
  actions: string;
  cookie: string;
  app: string | null;
  intent: string | null;
  source: string | null;
  packets: number;
  bytes: number;
  packetRate: number;
  bitRate: number;
  duration: number;
}

export interface CounterHistory {
  of: 'flow' | 'intent' | 'app' | 'port' | 'table' | 'queue' | 'meter' | 'group';
  id: string;
  from: number;
  step: number;
  rates: Record<string, number[]>;
}

export interface StreamRows {
  flows: FlowStatus;
  rules: RuleStatus;
  events: EventStatus;
  interfaces: RouterInterfaceStatus;
  routes: RouteStatus;
  neighbours: NeighbourStatus;
  leases: LeaseStatus;
}

export type RowTopic = keyof StreamRows;
export type Topic = 'status' | RowTopic;

export interface Subscribe {
  subscribe: Topic[];
}

export type StreamMessage =
  | { topic: 'status'; type: 'snapshot'; data: Snapshot }
  | {
      [T in RowTopic]:
        | { topic: T; type: 'snapshot'; data: StreamRows[T][] }
        | { topic: T; type: 'delta'; upsert: StreamRows[T][]; remove: StreamRows[T]['id'][] };
    }[RowTopic];
