/** What an app is given on each switch, and what it may give back. */

import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Match } from '../../proto/openflow/match.ts';
import type { PortNumber } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import type { AppAction, AppGroup, AppMatch, CheckedFlow } from '../flow/flow.ts';
import type { TableSpec } from './define-app.ts';

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
  /**
   * True: what is declared here is only compared, for `flowloom plan`; packets go nowhere and timers never run. An app that
   * does more in `attach` than declare (opens a socket, writes a file) leaves that out then.
   */
  rehearsal: boolean;
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

/** What an app wants to hear. An exception in one of them stays in the app. */
export interface Handlers {
  packetIn?(packet: PacketInEvent): void;
  /** A port came, went, or its link changed; `dp.ports` is up to date. */
  portUp?(port: AppPort): void;
  portDown?(port: AppPort): void;
  /** The file was reloaded, the app's own config unchanged; or ports that it selects came to this bridge or left it. */
  networkChanged?(network: Config | undefined): void;
  /** A flow with a timeout has ended; it is withdrawn already. */
  flowRemoved?(table: string, key: string): void;
  /** Last words; flows need no removal here. */
  detach?(): void;
}
