/** The instances of apps, on switches and network-wide, as they know each other and the switch that they are on. */

import type { NiciraMessage } from '../../proto/openflow/nicira/message.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/model.ts';
import type { Namespace } from '../flow/namespace.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import type { TimedFlows } from '../flow/timed/timed.ts';
import type { Allowance } from './allowance.ts';
import type { AppStore } from './app-store.ts';
import type { NetworkEvents } from './events.ts';
import type { Handlers, NetworkHandlers, PacketInEvent } from './handlers.ts';
import type { LoadedApp } from './loaded-app.ts';
import type { Marks } from './marks.ts';
import type { PacketSender } from './packet-sender.ts';
import type { Place } from './passing.ts';
import type { Publications } from './publications.ts';
import type { Services } from './services.ts';
import type { AppDatapath, AppPort } from './switch-view.ts';
import type { Teller } from './telling.ts';
import type { Turns } from './turns.ts';

/** What an app on a switch needs of it. */
export interface AppSite {
  readonly dpid: string;
  readonly ports: ReadonlyMap<number, AppPort>;
  /** What the apps share across switches. */
  readonly commons: Commons;
  name(): string;
  host(): string | undefined;
  bridge(): string | undefined;
  /** The apps' flows with a timeout. */
  readonly timed: Pick<TimedFlows, 'set' | 'delete' | 'keys' | 'template' | 'standing'>;
  readonly packets: Pick<PacketSender, 'send'>;
  /** A message that changes nothing that is desired. */
  tell(message: NiciraMessage): void;
  /** An app declared something: it is sent soon, or at the end of the packet-in that is being handled. */
  changed(): void;
  /**
   * Whether the app, by its number, has yet to declare what shall stand here: until then its flows in the switch stay, and
   * no group or meter of ours goes.
   */
  waitFor(app: number, waits: boolean): void;
  /** What the switch learned in a table goes, all or the one of that identity. */
  forget(tableId: number, identity?: string): void;
  /** Whose all of ours is there. */
  readonly namespace: Namespace;
  /** Flows that stand in the table, whosever. */
  standing(tableId: number): Iterable<ActualFlow>;
}

/** One app on one switch. */
export interface AppOnSwitch {
  readonly app: LoadedApp;
  readonly dpid: string;
  /** false: it failed, and is tried again later, unless this is detached. */
  attach(network: Config | undefined): boolean;
  /**
   * In the place of another version of the app, whose flows stay until this one has declared. Gives what went wrong, where
   * all is as before.
   */
  replace(standing: AppOnSwitch, network: Config | undefined): string | undefined;
  packetIn(event: PacketInEvent): void;
  /** What it may send by itself. */
  readonly allowance: Allowance;
  /** Runs what the app gave us besides its handlers. */
  run(what: string, call: () => unknown): void;
  /** `about`: what is declared on news of ports follows from the file and the ports; of traffic, from what has passed. */
  notify(about: 'ports' | 'traffic', what: keyof Handlers, call: (handlers: Handlers) => unknown): void;
  /** The same for handlers of `setup`. */
  notifySetup(
    about: 'ports' | 'traffic',
    what: keyof NetworkHandlers,
    call: (handlers: NetworkHandlers, dp: AppDatapath) => unknown,
  ): void;
  /** Declared or withdrawn because of traffic or by the clock: from the file alone it could not be foreseen. */
  isPassing(place: Place): boolean;
  /** The file was reloaded, perhaps with another config of the app; or other ports are selected. */
  reloaded(network: Config | undefined): void;
  /** Attaches it anew: its setup has begun again. */
  restart(): void;
  detach(): void;
  /** As detach, but its flows stay: another version has them already. */
  giveWay(): void;
}

/** One app's `setup`. */
export interface AppOnNetwork {
  readonly app: LoadedApp;
  /** Runs `setup`. Gives what went wrong; unless it is but a trial, it is tried again later. */
  start(network: Config | undefined, trial?: boolean): string | undefined;
  isRunning(): boolean;
  /** The app is on a switch, or leaves it. */
  switchUp(dp: AppDatapath): void;
  switchDown(dp: AppDatapath): void;
  packetIn(dp: AppDatapath, packet: PacketInEvent): void;
  notify(what: keyof NetworkHandlers, call: (handlers: NetworkHandlers) => unknown): void;
  /** The file was reloaded, perhaps with another config of the app; or other ports are selected. */
  reloaded(network: Config | undefined): void;
  detach(): void;
}

/** What the apps have in common across switches. */
export interface Commons {
  readonly services: Services;
  readonly publications: Publications;
  readonly teller: Teller;
  readonly marks: Marks;
  /** What the apps' timers go by. */
  readonly clock: Clock;
  /** Whose packet-ins are handled when. */
  readonly turns: Turns;
  readonly rehearsal: boolean;
  /** When packets went by a flow last, in milliseconds since 1970; undefined: none since anybody looked. */
  usedAt(dpid: string, flow: string): number | undefined;
  /** Flows without a timeout of one app in one switch: one that declares without end does not fill the memory. */
  readonly mostFlows: number;
  /** What the app of this name keeps beyond the process. */
  storeOf(app: string): AppStore;
  /**
   * Whether apps' code runs now because of the file or the ports, not of traffic or the clock: what they declare could have
   * been foreseen.
   */
  isSteady(): boolean;
  steadily(run: () => boolean): boolean;
  /** Runs the setups of all apps that have one, ends those of apps that are gone, and tells the others of a new file. */
  attach(network: Config | undefined): void;
  /** The app's setup; undefined: it has none. One that is not there yet is begun. */
  setupOf(app: LoadedApp, network: Config | undefined): AppOnNetwork | undefined;
  /** The app's instance on a switch hears of events from now on. */
  join(member: AppOnSwitch): void;
  leave(member: AppOnSwitch): void;
  emit<N extends keyof NetworkEvents>(app: LoadedApp, event: N, told: NetworkEvents[N]): void;
  /** What no app has found out, but what a switch has told. */
  announce<N extends keyof NetworkEvents>(event: N, ...told: NetworkEvents[N]): void;
  /** Ends all setups. */
  close(): void;
}
