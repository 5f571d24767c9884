/** One app on one switch: its context, its handlers, and the walls around it. */

import type { Logger } from 'pino';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { Config } from '../config/model.ts';
import { compileActions } from '../flow/compile.ts';
import type { AppFlow } from '../flow/flow.ts';
import type { Weaver, WeaverApp } from '../flow/weaver.ts';
import type { AppContext, AppDatapath, Counter, FlowTable, Handlers, PacketInEvent } from './context.ts';
import type { LoadedApp } from './host.ts';
import type { SwitchSite } from './switch-site.ts';

/** What an app on a switch needs of it. */
export type AppSite = Pick<SwitchSite, 'dpid' | 'name' | 'host' | 'bridge' | 'ports' | 'send' | 'changed'>;

export interface AppOnSwitch {
  readonly app: LoadedApp;
  attach(network: Config | undefined): void;
  packetIn(event: PacketInEvent): void;
  /** `about`: what is declared on news of ports follows from the file and the ports; of traffic, from what has passed. */
  notify(about: 'ports' | 'traffic', call: (handlers: Handlers) => void): void;
  /** Declared or withdrawn because of traffic or by the clock: from the file alone it could not be foreseen. */
  isPassing(place: Place): boolean;
  /** The file was reloaded, the app's own config unchanged; or other ports are selected. */
  networkChanged(network: Config | undefined): void;
  detach(): void;
}

/** A flow by its table's name and the app's key, or a group. */
export type Place = { table: string; key: string } | { group: string };

/** Seconds until an app that threw is attached again: 1, 2, 4 … 60. */
const FIRST_RESTART = 1;
const LAST_RESTART = 60;
const MOST_REST = 1000;

export function createAppOnSwitch(
  app: LoadedApp,
  site: AppSite,
  weaver: Weaver,
  parentLog: Logger,
  rehearsal = false,
): AppOnSwitch {
  const log = parentLog.child({ app: app.name, switch: site.name() });
  const weaverApp: WeaverApp = { name: app.name, number: app.number, tables: app.tables };
  const timers = new Set<NodeJS.Timeout>();
  let handlers: Handlers = {};
  let network: Config | undefined;
  let restartIn = FIRST_RESTART;
  /** The app's code runs because of the file or the ports. */
  let steady = false;
  /** Flows without a timeout, and groups, that were set or deleted while it was not so. */
  const passing = new Set<string>();
  /** What attach put off in a rehearsal: it is done as attach ends. */
  const rest: (() => void)[] = [];

  function steadily(what: string, run: () => void): boolean {
    steady = true;
    const done = guarded(what, run);
    steady = false;
    return done;
  }

  /** Runs the app's own code; an exception stays here. */
  function guarded(what: string, run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
      app.errors++;
      app.error = `${what}: ${message}`;
      handlers = {};
      clearTimers();
      log.error(
        { stack },
        `app "${app.name}" failed in ${what}: ${message}; its flows stay, it is attached again in ${restartIn} s`,
      );
      timer(setTimeout(() => restart(), restartIn * 1000));
      restartIn = Math.min(restartIn * 2, LAST_RESTART);
      return false;
    }
  }

  function timer(handle: NodeJS.Timeout): void {
    handle.unref();
    timers.add(handle);
  }

  function clearTimers(): void {
    for (const handle of timers) clearTimeout(handle);
    timers.clear();
  }

  function restart(): void {
    clearTimers();
    start();
  }

  function start(): void {
    const restore = weaver.keep(weaverApp);
    weaver.clear(weaverApp);
    passing.clear();
    const attached = steadily('attach', () => {
      handlers = app.definition.attach(context()) ?? {};
      // What puts itself off again and again is not followed forever.
      for (let done = 0; done < MOST_REST && rest.length > 0; done++) rest.shift()?.();
    });
    if (attached) app.error = null;
    else restore();
    site.changed();
  }

  function table(name: string): FlowTable {
    /** Key → the flow has a timeout. */
    const keys = new Map<string, boolean>();
    function set(key: string, flow: AppFlow): void {
      const timed = isTimed(flow);
      keys.set(key, timed);
      weaver.set(weaverApp, name, key, flow);
      if (steady) passing.delete(nameOf({ table: name, key }));
      else if (!timed) passing.add(nameOf({ table: name, key }));
    }
    function remove(key: string): void {
      const timed = keys.get(key);
      keys.delete(key);
      weaver.delete(weaverApp, name, key);
      if (timed !== false) return;
      const place = nameOf({ table: name, key });
      if (!passing.delete(place) && !steady) passing.add(place);
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
        const gone = new Set(keys.keys());
        for (const [key, flow] of entries) {
          gone.delete(key);
          set(key, flow);
        }
        for (const key of gone) remove(key);
        site.changed();
      },
    };
  }

  function context(): AppContext<never, Record<string, never>, Record<string, never>> {
    const groupKeys = new Set<string>();
    const setGroup: AppDatapath['groups']['set'] = (key, group) => {
      groupKeys.add(key);
      weaver.setGroup(weaverApp, key, group);
      if (steady) passing.delete(nameOf({ group: key }));
      else passing.add(nameOf({ group: key }));
      site.changed();
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
            if (!passing.delete(nameOf({ group: key })) && !steady) passing.add(nameOf({ group: key }));
          }
        },
      },
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
      timers: rehearsal
        ? {
            every: () => undefined,
            after(seconds, run) {
              if (steady && seconds === 0) rest.push(run);
            },
          }
        : {
            every: (seconds, run) => timer(setInterval(() => guarded('a timer', run), seconds * 1000)),
            after(seconds, run) {
              const isRest = steady && seconds === 0;
              const handle = setTimeout(() => {
                timers.delete(handle);
                (isRest ? steadily : guarded)('a timer', run);
              }, seconds * 1000);
              timer(handle);
            },
          },
      rehearsal,
    };
  }

  return {
    app,
    attach(config) {
      network = config;
      start();
    },
    packetIn(event) {
      app.packetIns++;
      if (handlers.packetIn !== undefined) guarded('packetIn', () => handlers.packetIn?.(event));
    },
    notify(about, call) {
      (about === 'ports' ? steadily : guarded)('an event', () => call(handlers));
    },
    isPassing: (place) => passing.has(nameOf(place)),
    networkChanged(config) {
      network = config;
      steadily('networkChanged', () => handlers.networkChanged?.(config));
    },
    detach() {
      guarded('detach', () => handlers.detach?.());
      clearTimers();
      handlers = {};
      weaver.clear(weaverApp);
      site.changed();
    },
  };
}

function nameOf(place: Place): string {
  return 'group' in place ? `group ${place.group}` : `${place.table}/${place.key}`;
}

function isTimed({ idleTimeout = 0, hardTimeout = 0 }: AppFlow): boolean {
  return idleTimeout > 0 || hardTimeout > 0;
}
