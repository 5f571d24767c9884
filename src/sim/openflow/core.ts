/** What the messages of controllers act on: the switch's parts, put together in simulated-switch.ts. */

import type { Conntrack } from '../conntrack/conntrack.ts';
import type { GroupTable } from '../group-table.ts';
import type { TlvTable } from '../key/tlv-table.ts';
import type { MeterTable } from '../meter-table.ts';
import type { PacketInConntrack } from '../pipeline/execute.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { SwitchPort } from '../switch-state.ts';
import type { FlowTables } from '../table/flow-tables.ts';
import type { ActionsCheck } from './check/actions.ts';
import type { MatchCheck } from './check/match.ts';
import type { Link } from './link.ts';

export interface SwitchDescription {
  mfrDesc: string;
  hwDesc: string;
  swDesc: string;
  serialNum: string;
  dpDesc: string;
}

export interface SwitchCore {
  /** VLAN tags that are read of a packet. */
  readonly vlanLimit: number;
  readonly dpid: bigint;
  readonly name: string;
  readonly description: SwitchDescription;
  now(): number;
  readonly tables: FlowTables;
  mostFlows(tableId: number): number;
  readonly groups: GroupTable;
  readonly meters: MeterTable;
  /** The switch's own port is among them. */
  readonly ports: Map<number, SwitchPort>;
  readonly fields: TlvTable;
  readonly pipeline: Pipeline;
  readonly conntrack: Conntrack<PacketInConntrack>;
  readonly links: Set<Link>;
  /** Number 3 is Open vSwitch's own (OFPC_FRAG_NX_MATCH). */
  readonly config: { flags: 'normal' | 'drop' | 3 };
  /** Of the master's election; undefined: there was none. */
  generationId: bigint | undefined;
  readonly matches: MatchCheck;
  readonly actions: ActionsCheck;
  /** Packets that wait at controllers, by what their continuation says. */
  readonly paused: Map<string, unknown>;
  /** A port has changed by itself, or by a port-mod of `by`, who is not told. */
  portChanged(reason: 'add' | 'delete' | 'modify', port: SwitchPort, by: Link | undefined): void;
}
