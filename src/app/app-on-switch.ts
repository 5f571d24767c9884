/** One app on one switch: its context, its handlers, and the walls around it. */

import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import { appOf, isOurs } from '../flow/cookie.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import type { TimedFlows } from '../flow/timed/timed.ts';
import type { PriorityMemory } from '../flow/weave/priorities.ts';
import type { Weaver, WeaverApp } from '../flow/weave/weaver.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { createAppDatapath } from './app-datapath.ts';
import type { AppOnNetwork } from './app-on-network.ts';
import { appTimers, noTimers } from './app-timers.ts';
import type {
  AdoptedFlow,
  AppContext,
  AppDatapath,
  Counter,
  Handlers,
  NetworkHandlers,
  PacketInEvent,
} from './context.ts';
import { createGuard } from './guard.ts';
import type { LoadedApp } from './host.ts';
import type { PacketSender } from './packet-sender.ts';
import { createPassing, type Place } from './passing.ts';
import type { SwitchSite } from './switch-site.ts';

/** What an app on a switch needs of it. */
export type AppSite = Pick<
  SwitchSite,
  'dpid' | 'name' | 'host' | 'bridge' | 'ports' | 'changed' | 'waitFor' | 'forget' | 'commons' | 'standing'
> & {
  timed: Pick<TimedFlows, 'set' | 'delete' | 'keys' | 'template' | 'standing'>;
  packets: Pick<PacketSender, 'send'>;
};

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

export function createAppOnSwitch(app: LoadedApp, site: AppSite, weaver: Weaver, parentLog: Logger): AppOnSwitch {
  const { commons, dpid } = site;
  const { rehearsal } = commons;
  const log = parentLog.child({ app: app.name, switch: site.name() });
  const weaverApp: WeaverApp = {
    name: app.name,
    number: app.number,
    tables: app.tables,
    learned: app.learned,
    fields: app.fields,
    isZone: (zone) => app.ctZone.nameOf(zone) !== undefined,
  };
  const allowance = createAllowance(
    () => void app.sendsDropped++,
    (count) =>
      log.warn(
        `app "${app.name}" floods: ${count} packet-outs and flows with a timeout to ${site.name()} were not sent`,
      ),
  );
  const services = commons.services.holder(app.name, dpid);
  const packetInWork = commons.marks.work('packetIn');
  let trial = false;
  /** It has said here what shall stand; the weaver has that, whatever comes. */
  let declaredOnce = false;
  let handlers: Handlers = {};
  let setup: AppOnNetwork | undefined;
  /** Of the instance that runs; undefined: none does. */
  let dp: AppDatapath | undefined;
  let network: Config | undefined;
  /** What the app was given last. */
  let config: unknown;
  const passing = createPassing(commons.isSteady);
  const memories = new Map<string, PriorityMemory>();
  const rehearsed = rehearsal ? noTimers(commons.isSteady) : undefined;
  const guard = createGuard({
    app,
    place: dpid,
    marks: commons.marks,
    log,
    isTrial: () => trial,
    whatStays: () => (declaredOnce ? 'its flows stay' : `its flows stay as they stand in ${site.name()}`),
    failed: end,
    restart,
  });

  function end(): void {
    const was = dp;
    dp = undefined;
    handlers = {};
    services.takeBack();
    if (was !== undefined) setup?.switchDown(was);
  }

  function lastWords(): void {
    if (handlers.detach !== undefined) guard.run('detach', () => handlers.detach?.());
    end();
    guard.end();
  }

  function restart(): void {
    lastWords();
    start();
  }

  /** What stood stays where the app does not get as far as to say what shall. */
  function start(): boolean {
    setup = commons.setupOf(app, network);
    // It is attached as soon as its setup is done.
    if (setup?.isRunning() === false) {
      waitForIt();
      return false;
    }
    const restore = [weaver.keep(weaverApp), passing.clear()];
    weaver.clear(weaverApp);
    config = app.config;
    const attached = commons.steadily(() => guard.run('attach', attachNow) && setupHasIt());
    if (attached) guard.began();
    else {
      end();
      for (const each of restore) each();
    }
    if (attached) hasDeclared();
    else waitForIt();
    site.changed();
    return attached;
  }

  function hasDeclared(): void {
    declaredOnce = true;
    site.waitFor(app.number, false);
  }

  /** Right after a restart, or as the switch connects again: what it declared before stands in the switch alone. */
  function waitForIt(): void {
    if (declaredOnce || trial) return;
    site.waitFor(app.number, true);
    // Other apps' packets go on coming to them.
    for (const [name, id] of app.tables) if (!app.learned.has(name) && standsIn(id)) weaver.hold(weaverApp, name);
  }

  function standsIn(tableId: number): boolean {
    for (const { cookie } of site.standing(tableId)) if (isOurs(cookie) && appOf(cookie) === app.number) return true;
    return false;
  }

  function attachNow(): void {
    const fresh = context();
    dp = fresh.dp;
    const given = app.definition.attach?.(fresh) ?? {};
    if ('then' in given) throw new Error('attach is async: it must give its handlers back at once, not a promise');
    handlers = given;
    rehearsed?.finish();
  }

  function setupHasIt(): boolean {
    if (setup === undefined || dp === undefined) return true;
    setup.switchUp(dp);
    return setup.isRunning();
  }

  function context(): AppContext<never, Record<string, never>, Record<string, never>> {
    const isOver = () => dp !== mine;
    let told = false;
    const mine = createAppDatapath({
      ...{ app, site, weaver, weaverApp, passing, memories, allowance },
      isOver,
      tooMany(most) {
        if (!told) log.error(`app "${app.name}" declares more than ${most} flows: those beyond are left out`);
        told = true;
      },
    });
    return {
      dp: mine,
      config: app.config as never,
      network,
      counters: app.counters as Record<string, Counter> as Record<string, never>,
      log,
      timers: rehearsed?.timers ?? appTimers(guard, commons, isOver),
      services: {
        offer(service, implementation) {
          if (!isOver()) services.offer(service.name, implementation);
        },
        get: (service) => commons.services.get(service.name, dpid) as never,
      },
      emit(event, ...what) {
        if (!isOver()) commons.emit(app, event, what);
      },
      get adopted() {
        return site.timed.standing(weaverApp).map(adoptedFlow);
      },
      rehearsal,
    };
  }

  function adoptedFlow({ tableId, priority, match, instructions, idleTimeout, hardTimeout }: ActualFlow): AdoptedFlow {
    const actions = instructions.flatMap((each) => (each.type === 'applyActions' ? each.actions : []));
    return { table: tableName(app, tableId), priority, match, actions, idleTimeout, hardTimeout };
  }

  function detach(): void {
    lastWords();
    commons.leave(self);
  }

  const self: AppOnSwitch = {
    app,
    allowance,
    dpid,
    attach(first) {
      network = first;
      commons.join(self);
      return start();
    },
    replace(standing, first) {
      network = first;
      commons.join(self);
      trial = true;
      const begun = start();
      trial = false;
      if (!begun) {
        const reason = app.error ?? 'its setup failed';
        detach();
        return reason;
      }
      standing.giveWay();
      // Tables that this version no longer has; its groups bear its name.
      const left = [...standing.app.tables].filter(([, id]) => ![...app.tables.values()].includes(id));
      if (left.length > 0) weaver.clear({ name: '', number: app.number, tables: new Map(left) });
      return undefined;
    },
    packetIn(event) {
      app.packetIns++;
      allowance.packetIn();
      const { packetIn } = handlers;
      if (packetIn !== undefined) guard.invoke(packetInWork, 'packetIn', handlers, packetIn, event, undefined);
      if (setup !== undefined && dp !== undefined) setup.packetIn(dp, event);
    },
    run(what, call) {
      if (dp !== undefined) guard.run(what, call);
    },
    notify(about, what, call) {
      if (handlers[what] === undefined) return;
      const run = () => guard.run(what, () => call(handlers));
      if (about === 'ports') commons.steadily(run);
      else run();
    },
    notifySetup(about, what, call) {
      const now = dp;
      if (setup === undefined || now === undefined) return;
      const run = () => {
        setup?.notify(what, (each) => call(each, now));
        return true;
      };
      if (about === 'ports') commons.steadily(run);
      else run();
    },
    isPassing: passing.has,
    reloaded(changed) {
      network = changed;
      // One that failed begins again by itself, with the newest.
      if (dp === undefined) return;
      if (app.config !== config && handlers.configChanged === undefined && app.definition.attach !== undefined) {
        restart();
        return;
      }
      commons.steadily(() => {
        if (app.config !== config) {
          config = app.config;
          if (!guard.run('configChanged', () => handlers.configChanged?.(app.config as never))) return false;
        }
        if (handlers.networkChanged === undefined) return true;
        return guard.run('networkChanged', () => handlers.networkChanged?.(changed));
      });
    },
    restart,
    detach() {
      detach();
      site.waitFor(app.number, false);
      weaver.clear(weaverApp);
      site.changed();
    },
    giveWay: detach,
  };
  return self;
}

function tableName(app: LoadedApp, id: number): string {
  for (const [name, own] of app.tables) if (own === id) return name;
  return '';
}
