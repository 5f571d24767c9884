/** One app on one switch: its context, its handlers, and the walls around it. */

import type { Logger } from 'pino';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import { compileActions, readField } from '../flow/compile.ts';
import { appOf, intentId, intentOf, isOurs } from '../flow/cookie.ts';
import type { AppFlow } from '../flow/flow.ts';
import { FlowError } from '../flow/flow-error.ts';
import { createPriorityMemory, type PriorityMemory } from '../flow/priorities.ts';
import type { Weaver, WeaverApp } from '../flow/weaver.ts';
import type { AppOnNetwork } from './app-on-network.ts';
import { appTimers, noTimers } from './app-timers.ts';
import type {
  AppContext,
  AppDatapath,
  Counter,
  FlowTable,
  Handlers,
  NetworkHandlers,
  PacketInEvent,
} from './context.ts';
import { createGuard } from './guard.ts';
import type { LoadedApp } from './host.ts';
import type { SwitchSite } from './switch-site.ts';

/** What an app on a switch needs of it. */
export type AppSite = Pick<
  SwitchSite,
  'dpid' | 'name' | 'host' | 'bridge' | 'ports' | 'send' | 'changed' | 'forget' | 'commons' | 'standing'
>;

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

/** A flow by its table's name and the app's key, or a group. */
export type Place = { table: string; key: string } | { group: string };

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
  const services = commons.services.holder(app.name, dpid);
  const packetInWork = commons.marks.work('packetIn');
  let trial = false;
  let handlers: Handlers = {};
  let setup: AppOnNetwork | undefined;
  /** Of the instance that runs; undefined: none does. */
  let dp: AppDatapath | undefined;
  let network: Config | undefined;
  /** What the app was given last. */
  let config: unknown;
  /** Flows without a timeout, and groups, that were set or deleted while not the file or the ports were the reason. */
  let passing = new Set<string>();
  const memories = new Map<string, PriorityMemory>();
  const rehearsed = rehearsal ? noTimers(commons.isSteady) : undefined;
  const guard = createGuard({
    app,
    place: dpid,
    marks: commons.marks,
    log,
    isTrial: () => trial,
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
    if (setup?.isRunning() === false) return false;
    const restore = weaver.keep(weaverApp);
    const stood = passing;
    weaver.clear(weaverApp);
    passing = new Set();
    config = app.config;
    const attached = commons.steadily(() => guard.run('attach', attachNow) && setupHasIt());
    if (attached) guard.began();
    else {
      end();
      restore();
      passing = stood;
    }
    site.changed();
    return attached;
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

  function table(name: string): FlowTable {
    const declared = new Map<string, { timed: boolean; round: number }>();
    /** Counts the calls of `replace`: what the last one did not name goes. */
    let round = 0;
    function set(key: string, flow: AppFlow): void {
      const timed = isTimed(flow);
      const known = declared.get(key);
      if (known === undefined) declared.set(key, { timed, round });
      else {
        known.timed = timed;
        known.round = round;
      }
      weaver.set(weaverApp, name, key, flow);
      if (commons.isSteady()) {
        if (passing.size > 0) passing.delete(nameOf({ table: name, key }));
      } else if (!timed) passing.add(nameOf({ table: name, key }));
    }
    function remove(key: string): void {
      const timed = declared.get(key)?.timed;
      declared.delete(key);
      weaver.delete(weaverApp, name, key);
      if (timed !== false) return;
      const place = nameOf({ table: name, key });
      if (!passing.delete(place) && !commons.isSteady()) passing.add(place);
    }
    return {
      set(key, flow) {
        set(key, flow as AppFlow);
        site.changed();
      },
      delete(key) {
        remove(key);
        site.changed();
      },
      replace(entries: Iterable<[string, AppFlow]>) {
        round++;
        for (const [key, flow] of entries) set(key, flow);
        for (const [key, known] of declared) if (known.round !== round) remove(key);
        site.changed();
      },
      forget() {
        if (!app.learned.has(name)) throw new FlowError(`table "${name}" of app "${app.name}" learns nothing`);
        site.forget(app.tables.get(name)!);
      },
      priorities: (intents, range) => memoryOf(name).assign(intents, range),
    };
  }

  /** What the app's flows in the table had; the first time, what those have that stand in the switch. */
  function memoryOf(name: string): PriorityMemory {
    const known = memories.get(name);
    if (known !== undefined) return known;
    const memory = createPriorityMemory(
      function* () {
        for (const { cookie, priority } of site.standing(app.tables.get(name)!)) {
          if (isOurs(cookie) && appOf(cookie) === app.number) yield { intentId: intentOf(cookie), priority };
        }
      },
      (intent) => intentId(app.name, intent),
    );
    memories.set(name, memory);
    return memory;
  }

  function context(): AppContext<never, Record<string, never>, Record<string, never>> {
    const groupKeys = new Set<string>();
    const setGroup: AppDatapath['groups']['set'] = (key, group) => {
      groupKeys.add(key);
      weaver.setGroup(weaverApp, key, group);
      if (commons.isSteady()) passing.delete(nameOf({ group: key }));
      else passing.add(nameOf({ group: key }));
      site.changed();
    };
    const meterKeys = new Set<string>();
    const meters: AppDatapath['meters'] = {
      set(key, meter) {
        meterKeys.add(key);
        weaver.setMeter(weaverApp, key, meter);
        site.changed();
      },
      replace(entries) {
        const gone = new Set(meterKeys);
        for (const [key, meter] of entries) {
          gone.delete(key);
          meters.set(key, meter);
        }
        for (const key of gone) {
          meterKeys.delete(key);
          weaver.deleteMeter(weaverApp, key);
        }
        site.changed();
      },
    };
    const dp: AppDatapath = {
      dpid: site.dpid,
      name: site.name(),
      host: site.host(),
      bridge: site.bridge(),
      ports: site.ports,
      port: (name) => [...site.ports.values()].find((port) => port.name === name),
      flows: Object.fromEntries([...app.tables.keys()].map((name) => [name, table(name)])),
      groups: {
        set: setGroup,
        replace(entries) {
          const gone = new Set(groupKeys);
          for (const [key, group] of entries) {
            gone.delete(key);
            setGroup(key, group);
          }
          for (const key of gone) {
            groupKeys.delete(key);
            weaver.deleteGroup(weaverApp, key);
            if (!passing.delete(nameOf({ group: key })) && !commons.isSteady()) passing.add(nameOf({ group: key }));
          }
        },
      },
      meters,
      read: (match, field) => readField(match, field, weaver.scope(weaverApp)),
      packetOut({ data, inPort, actions }) {
        site.send({
          type: 'packetOut',
          bufferId: NO_BUFFER,
          inPort: inPort ?? 'controller',
          actions: compileActions(actions, weaver.scope(weaverApp)),
          data,
        });
      },
      ctZone: app.ctZone,
    };
    return {
      dp,
      config: app.config as never,
      network,
      counters: app.counters as Record<string, Counter> as Record<string, never>,
      log,
      timers: rehearsed?.timers ?? appTimers(guard, commons),
      services: {
        offer: (service, implementation) => services.offer(service.name, implementation),
        get: (service) => commons.services.get(service.name, dpid) as never,
      },
      emit: (event, ...told) => commons.emit(app, event, told),
      rehearsal,
    };
  }

  function detach(): void {
    lastWords();
    commons.leave(self);
  }

  const self: AppOnSwitch = {
    app,
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
      const { packetIn } = handlers;
      if (packetIn !== undefined) guard.invoke(packetInWork, 'packetIn', handlers, packetIn, event, undefined);
      if (setup !== undefined && dp !== undefined) setup.packetIn(dp, event);
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
    isPassing: (place) => passing.has(nameOf(place)),
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
      weaver.clear(weaverApp);
      site.changed();
    },
    giveWay: detach,
  };
  return self;
}

function nameOf(place: Place): string {
  return 'group' in place ? `group ${place.group}` : `${place.table}/${place.key}`;
}

function isTimed({ idleTimeout = 0, hardTimeout = 0 }: AppFlow): boolean {
  return idleTimeout > 0 || hardTimeout > 0;
}
