/** What an app is given, on each switch and for the whole network, and what it may give back. */

import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Action } from '../../proto/openflow/action.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import type { AppAction, AppFieldName, AppGroup, AppMatch, AppMeter, CheckedFlow } from '../flow/flow.ts';
import type { PipelineFieldName } from '../flow/pipeline-fields.ts';
import type { FlowTemplate } from '../flow/timed/template.ts';
import type { Template } from '../flow/timed/timed-template.ts';
import type { PriorityRange } from '../flow/weave/priorities.ts';
import type { TableSpec } from './define-app.ts';
import type { Emit, Link, Station } from './events.ts';
import type { AppServices, NetworkServices } from './services.ts';

export interface AppContext<
  S extends z.ZodType,
  T extends Record<string, TableSpec>,
  K extends Record<string, string>,
> {
  dp: AppDatapath<keyof T & string>;
  /** The app's own part of the file, checked by its schema. */
  config: z.output<S>;
  /**
   * The whole file, with the ports that are selected now; undefined where Flowloom runs without one. A new one comes with
   * `networkChanged`.
   */
  network: Config | undefined;
  counters: { readonly [N in keyof K]: Counter };
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  timers: Timers;
  /** What other apps offer, and what this one offers them, on this switch. */
  services: AppServices;
  /** Announces to all apps what this one has found out. */
  emit: Emit;
  /** The app's flows with a timeout that stand in the switch: to rebuild from them what it knew. */
  readonly adopted: readonly AdoptedFlow[];
  /**
   * True: what is declared here is only compared, for `flowloom plan`; packets go nowhere and timers never run. An app that
   * does more in `attach` than declare (opens a socket, writes a file) leaves that out then.
   */
  rehearsal: boolean;
}

/** What `setup` is given: once per app, whatever switches there are. */
export interface SetupContext<
  S extends z.ZodType,
  T extends Record<string, TableSpec>,
  K extends Record<string, string>,
> {
  /** As in AppContext. */
  config: z.output<S>;
  network: Config | undefined;
  counters: { readonly [N in keyof K]: Counter };
  log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  timers: Timers;
  rehearsal: boolean;
  /** The switches that the app is on now, by dpid: between their switchUp and switchDown. */
  switches: ReadonlyMap<string, AppDatapath<keyof T & string>>;
  services: NetworkServices;
  emit: Emit;
}

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
  /** Hands the switch a packet and what to do with it. */
  packetOut(packet: { data: Uint8Array; inPort?: PortNumber; actions: AppAction[] }): void;
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
  /** Of a `learned` table: what the switch learned there goes, and is learned anew. */
  forget(): void;
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

export interface Counter {
  add(count?: number): void;
  readonly value: number;
}

/** Stopped by themselves when the app leaves the switch. */
export interface Timers {
  every(seconds: number, run: () => void): void;
  /** `after(0, …)` puts off the rest of the same work; what it declares counts as declared by whoever put it off. */
  after(seconds: number, run: () => void): void;
}

/**
 * A packet that one of the app's own flows sent to it. It is this packet until the handler returns (or, in an async one,
 * first awaits): what is needed later is kept by `data.slice()`.
 */
export interface PacketInEvent {
  readonly inPort: number;
  /** The app's table whose flow sent it. */
  readonly table: string;
  /** Bytes of the frame that came, from its Ethernet header on. */
  readonly length: number;
  /** The frame; a view, made when it is read. */
  readonly data: Uint8Array;
  /** Where it stood in the pipeline: registers, metadata, tunnel fields, ct fields. Decoded when it is read. */
  readonly match: Match;
  /** MAC addresses as numbers of 48 bits; 0 where the frame is too short. */
  readonly ethDst: number;
  readonly ethSrc: number;
  /** The six bytes at `offset` of the frame, as a number. */
  mac(offset: number): number;
  /** Sends this packet out of the port as it is: the same as `dp.packetOut` with its data, and cheaper. */
  forward(port: PortNumber): void;
}

/** What an app wants to hear, on a switch and network-wide alike. */
interface CommonHandlers<C> {
  /** The app's own part of the file has changed. Without this, `attach` (or `setup`) runs anew instead. */
  configChanged?(config: C): void;
  /** The file was reloaded, the app's own config unchanged; or ports that it selects came to a bridge or left it. */
  networkChanged?(network: Config | undefined): void;
  /** On a switch: one that begins or ends there. */
  linkUp?(link: Link): void;
  linkDown?(link: Link): void;
  /** On a switch: one that is there. */
  stationSeen?(station: Station): void;
  topologyChanged?(): void;
  /** Last words; flows, timers and services need no removal here. */
  detach?(): void;
}

/** What an app wants to hear on a switch. An exception in one of them, and a promise that is rejected, stay in the app. */
export interface Handlers<C = never> extends CommonHandlers<C> {
  packetIn?(packet: PacketInEvent): void;
  /** A port came, went, or its link changed; `dp.ports` is up to date. */
  portUp?(port: AppPort): void;
  portDown?(port: AppPort): void;
  /** A flow with a timeout has ended; it is withdrawn already. */
  flowRemoved?(table: string, key: string): void;
}

/** The same for the whole network: what concerns one switch tells which first. */
export interface NetworkHandlers<T extends string = string, C = never> extends CommonHandlers<C> {
  /** A switch is there, and what `attach` declares on it. */
  switchUp?(dp: AppDatapath<T>): void;
  /** It is gone, or the app leaves it. Its flows stand as they are. */
  switchDown?(dp: AppDatapath<T>): void;
  packetIn?(dp: AppDatapath<T>, packet: PacketInEvent): void;
  portUp?(dp: AppDatapath<T>, port: AppPort): void;
  portDown?(dp: AppDatapath<T>, port: AppPort): void;
  flowRemoved?(dp: AppDatapath<T>, table: string, key: string): void;
}
