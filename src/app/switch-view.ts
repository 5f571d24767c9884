/** A switch as an app sees it: its ports, the app's flows, groups and meters there, and those that stand in it. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { AppAction, AppFieldName, AppGroup, AppMatch, AppMeter, CheckedFlow } from '../flow/flow.ts';
import type { PipelineFieldName } from '../flow/pipeline-fields.ts';
import type { FlowTemplate } from '../flow/timed/template.ts';
import type { Template } from '../flow/timed/timed-template.ts';
import type { PriorityRange } from '../flow/weave/priorities.ts';
import type { TrackedConnection } from './end-connection.ts';
import type { StandingLearnedFlow } from './learned-flow.ts';

/** A switch, as far as an app may go. */
export interface AppDatapath<T extends string = string> {
  /** 16 hex digits. */
  readonly dpid: string;
  /** `hv1/br0`, or the dpid. */
  readonly name: string;
  /** The host and bridge of the file that it is; undefined where no file names it. */
  readonly host: string | undefined;
  readonly bridge: string | undefined;
  /** By port number. */
  readonly ports: ReadonlyMap<number, AppPort>;
  port(name: string): AppPort | undefined;
  readonly flows: { readonly [N in T]: FlowTable };
  readonly groups: { set(key: string, group: AppGroup): void; replace(entries: Iterable<[string, AppGroup]>): void };
  /** Limits of rates, for `meter(key)` and `punt(…, { meter: key })`. */
  readonly meters: { set(key: string, meter: AppMeter): void; replace(entries: Iterable<[string, AppMeter]>): void };
  /** What the match says of a field by its name, of the pipeline or of an app; undefined: nothing, or not all its bits. */
  read(match: Match, field: PipelineFieldName | AppFieldName): number | undefined;
  /** The same of a field that a number does not hold, as an IPv6 address is (`addressOfBits`). */
  readBits(match: Match, field: AppFieldName): bigint | undefined;
  /** Hands the switch a packet and what to do with it. */
  packetOut(packet: { data: Uint8Array; inPort?: PortNumber; actions: AppAction[] }): void;
  /** Ends one connection of conntrack. Open vSwitch can since 3.1. */
  endConnection(connection: TrackedConnection): void;
  /** Number of a conntrack zone, the same on every run. Zones of the same name are the same zone. */
  ctZone(name: string): number;
}

export interface AppPort {
  number: number;
  name: string;
  mac: string;
  /** The link is there and the port is not switched off. */
  up: boolean;
}

/** The app's flows in one table, by the app's own keys. Declaring the same again changes nothing. */
export interface FlowTable {
  set<const M extends AppMatch>(key: string, flow: CheckedFlow<M>): void;
  delete(key: string): void;
  /** These and no others. */
  replace<const M extends readonly AppMatch[]>(
    entries: { [I in keyof M]: [key: string, flow: CheckedFlow<M[I]>] },
  ): void;
  /** The app's own flows that stand in the switch, as read or sent last; when the app comes to it, those of an earlier run. */
  standing(): StandingFlow[];
  /** Of a `learned` table: what the switch learned there, as it told last; a flow is the same object until it is another. */
  learned(): StandingLearnedFlow[];
  /** Of a `learned` table: what the switch learned there goes, all or this flow, and is learned anew. */
  forget(flow?: StandingLearnedFlow): void;
  /**
   * A priority for each of these intents' flows, falling in the order given. They lie apart; what is named again keeps its
   * own where it can, also over a restart (read back from the flows in the switch by their intents), so that one more in
   * between is sent alone.
   */
  priorities(intents: readonly string[], range: PriorityRange): number[];
  /**
   * For flows with a timeout that are set as packets come, and differ in a few numbers only: `slot(0)`, `slot(1)` … in the
   * template are the numbers that its `set` and `delete` are called with. `ended` hears those of a flow that is gone.
   */
  template(template: FlowTemplate, ended?: (...numbers: number[]) => void): Template;
}

/** A flow with a timeout that the app set in an earlier run of Flowloom, or before it failed; it stands in the switch. */
export interface AdoptedFlow {
  /** The app's own name of it. */
  table: string;
  priority: number;
  match: Match;
  actions: readonly Action[];
  idleTimeout: number;
  hardTimeout: number;
}

/** A flow as the switch tells it: `dp.read` tells the fields of its match that have names in the pipeline. */
export interface StandingFlow {
  priority: number;
  match: Match;
  idleTimeout: number;
  hardTimeout: number;
}
