/** What a simulated switch consists of, as its pipeline sees it: tables, groups, meters, ports, and who hears of packets. */

import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { Key } from './key/key.ts';
import type { TlvTable } from './key/tlv-table.ts';
import type { Step } from './pipeline/program.ts';
import type { FlowEntry } from './table/flow-entry.ts';

/** By the specification's names: `flowModFailed`, `tableFull`, for instance; or of an experimenter. */
export interface Refusal {
  errorType: string;
  code: string;
  /** With errorType `experimenter`: its number and its own type. */
  experimenter?: number;
  expType?: number;
}

export interface SwitchPort {
  readonly portNo: number;
  readonly name: string;
  readonly hwAddr: string;
  /** OpenFlow's port-mod (7.2.1): portDown, noRecv, noFwd, noPacketIn. */
  config: readonly ('portDown' | 'noRecv' | 'noFwd' | 'noPacketIn')[];
  /** There is a carrier. */
  live: boolean;
  /** As the OVSDB's columns tag, trunks and vlan_mode say; they act on NORMAL alone. */
  readonly vlan: {
    mode: 'access' | 'trunk' | 'nativeTagged' | 'nativeUntagged';
    tag: number;
    trunks: readonly number[];
  };
  /** A port of a tunnel: what is sent by it takes the tunnel fields of its key along, what comes by it brings them. */
  readonly tunnel: TunnelPort | undefined;
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  /** Milliseconds of the switch's clock. */
  readonly since: number;
}

/** options:remote_ip, local_ip and key of an interface; `flow`: the packet's key says. */
export interface TunnelPort {
  kind: 'vxlan' | 'geneve' | 'gre';
  remote: string | 'flow';
  local: string;
  key: bigint | 'flow';
}

export interface Bucket {
  readonly weight: number;
  readonly watchPort: GroupMod['buckets'][number]['watchPort'];
  readonly watchGroup: GroupMod['buckets'][number]['watchGroup'];
  readonly actions: GroupMod['buckets'][number]['actions'];
  /** Its action set, in the order in which it is carried out. */
  readonly steps: readonly Step[];
  packets: number;
  bytes: number;
}

export interface Group {
  readonly groupId: number;
  readonly groupType: GroupMod['groupType'];
  readonly buckets: readonly Bucket[];
  packets: number;
  bytes: number;
  readonly created: number;
}

/** A packet for the controllers. */
export interface PacketForController {
  reason: 'tableMiss' | 'applyAction' | 'invalidTtl' | 'actionSet' | 'group' | 'packetOut';
  tableId: number;
  /** Of the flow that sent it; all ones where there is none. */
  cookie: bigint;
  frame: Uint8Array;
  maxLen: number;
  /** Of the connections meant; 0 is every one's that has set none. */
  controllerId: number;
  /** Metadata, registers, tunnel and connection of the packet, in_port: what a packet-in's match tells. */
  match: Match;
  userdata: Uint8Array | undefined;
  meterId: number | undefined;
  /** With `pause`: what NXT_RESUME brings back. */
  continuation: unknown;
}

/** A flow that `learn` makes, refreshes or deletes. */
export interface LearnedFlow {
  mod: FlowMod;
  finIdleTimeout: number;
  finHardTimeout: number;
  /** Flows with this cookie and table that there may be; 0: any number. */
  limit: number;
}

/** What the switch's configuration says of fragments (OpenFlow 1.4, 7.3.2). */
export type FragmentHandling = 'normal' | 'drop' | 'reasm' | 'nxMatch';

export interface SwitchState {
  /** Milliseconds; never goes back. */
  now(): number;
  /** Counts nothing. */
  lookup(tableId: number, key: Key): FlowEntry | undefined;
  /** How many lookups a table had, and how many of them met a flow. */
  counted(tableId: number, matched: boolean): void;
  readonly groups: ReadonlyMap<number, Group>;
  /** Whether the packet may pass the meter, which counts it. A meter that there is not lets everything pass. */
  meter(meterId: number, bytes: number): boolean;
  readonly ports: ReadonlyMap<number, SwitchPort>;
  readonly fields: TlvTable;
  readonly fragments: () => FragmentHandling;
  transmit(portNo: number, frame: Uint8Array, tunnel: Key | undefined): void;
  punt(packet: PacketForController): void;
  /** Whether there is room: of `limit` there may be enough, those that are `pending` included. */
  mayLearn(flow: LearnedFlow, pending: readonly LearnedFlow[]): boolean;
  learn(flow: LearnedFlow): void;
  /** `fin_timeout`: the flow's timeouts, in seconds, become these where they are longer; 0 leaves one as it is. */
  shorten(flow: FlowEntry, idleTimeout: number, hardTimeout: number): void;
  /** 0 ≤ number < 1, from the switch's own seed. */
  random(): number;
}
