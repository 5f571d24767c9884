/** What an app is given, on each switch and for the whole network. */

import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Config } from '../config/model.ts';
import type { AppStore } from './app-store.ts';
import type { Emit } from './events.ts';
import type { Publish, Tell } from './published.ts';
import type { AppServices, NetworkServices } from './services.ts';
import type { AdoptedFlow, AppDatapath } from './switch-view.ts';
import type { TableSpec } from './table-spec.ts';

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
  /** What it keeps beyond the process, the same on every switch. */
  store: AppStore;
  /** Announces to all apps what this one has found out. */
  emit: Emit;
  /** Shows state of the network to the API, `status` and the dashboard: rows that are asked for when somebody looks. */
  publish: Publish;
  /** Tells people what happened: a line of the log with the fields, and an event of the API and the dashboard. */
  tell: Tell;
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
  /** As in AppContext. */
  store: AppStore;
  emit: Emit;
  publish: Publish;
  tell: Tell;
}

export interface Counter {
  add(count?: number): void;
  readonly value: number;
}

/** Stopped by themselves when the app leaves the switch. */
export interface Timers {
  /** Milliseconds since 1970 that never go back, by the clock that the timers go by; in a lab that is the lab's. */
  now(): number;
  every(seconds: number, run: () => void): void;
  /** `after(0, …)` puts off the rest of the same work; what it declares counts as declared by whoever put it off. */
  after(seconds: number, run: () => void): void;
}
