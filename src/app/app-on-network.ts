/** One app's `setup`: its one instance for all switches, its handlers, and the walls around it. */

import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import { appTimers, noTimers } from './app-timers.ts';
import type { Counter, SetupContext } from './context.ts';
import { createGuard } from './guard.ts';
import type { NetworkHandlers } from './handlers.ts';
import type { AppOnNetwork, AppOnSwitch, Commons } from './instances.ts';
import type { LoadedApp } from './loaded-app.ts';
import type { AppDatapath } from './switch-view.ts';

export function createAppOnNetwork(
  app: LoadedApp,
  commons: Commons,
  /** The app's instances on switches. */
  members: () => Iterable<AppOnSwitch>,
  parentLog: Logger,
): AppOnNetwork {
  const log = parentLog.child({ app: app.name, switch: 'all switches' });
  const switches = new Map<string, AppDatapath>();
  const services = commons.services.holder(app.name, undefined);
  const tell = commons.teller(app.name, undefined, log);
  const publisher = commons.publications.publisher((call) => guard.run('published rows', call));
  const packetInWork = commons.marks.work('packetIn');
  let handlers: NetworkHandlers = {};
  let running = false;
  /** Goes up as one begins, and as it ends: what an earlier one still does comes to nothing. */
  let instance = 0;
  let trial = false;
  let network: Config | undefined;
  /** What the app was given last. */
  let config: unknown;
  const rehearsed = commons.rehearsal ? noTimers(commons.clock.now, commons.isSteady) : undefined;
  const guard = createGuard({
    app,
    place: 'setup',
    marks: commons.marks,
    clock: commons.clock,
    log,
    isTrial: () => trial,
    failed() {
      instance++;
      running = false;
      handlers = {};
      switches.clear();
      takeBack();
    },
    restart,
  });

  function start(): boolean {
    config = app.config;
    running = commons.steadily(() => guard.run('setup', begin));
    if (running) guard.began();
    return running;
  }

  function begin(): void {
    const given = app.definition.setup?.(context()) ?? {};
    if (typeof given !== 'object') throw new Error(`setup gave back a ${typeof given}, not its handlers`);
    if ('then' in given) throw new Error('setup is async: it must give its handlers back at once, not a promise');
    handlers = given;
    rehearsed?.finish();
  }

  function lastWords(): void {
    notify('detach', (each) => each.detach?.());
    instance++;
    running = false;
    handlers = {};
    guard.end();
    takeBack();
    switches.clear();
  }

  function takeBack(): void {
    services.takeBack();
    publisher.takeBack();
  }

  /** What the app declares on each switch rests on its setup: both begin again. */
  function restart(): void {
    lastWords();
    if (start()) for (const member of members()) member.restart();
  }

  function context(): SetupContext<never, Record<string, never>, Record<string, never>> {
    const mine = ++instance;
    const isOver = () => instance !== mine;
    return {
      config: app.config as never,
      network,
      counters: app.counters as Record<string, Counter> as Record<string, never>,
      log,
      timers: rehearsed?.timers ?? appTimers(guard, commons, isOver),
      rehearsal: commons.rehearsal,
      switches,
      store: commons.storeOf(app.name),
      services: {
        offer(service, implementation) {
          if (!isOver()) services.offer(service.name, implementation);
        },
        get: (service, dp) => commons.services.get(service.name, dp?.dpid) as never,
      },
      emit(event, ...told) {
        if (!isOver()) commons.emit(app, event, told);
      },
      publish(topic, rows) {
        if (!isOver() && !commons.rehearsal) publisher.publish(topic, rows);
      },
      tell(level, text, fields) {
        if (!isOver() && !commons.rehearsal) tell(level, text, fields);
      },
    };
  }

  function notify(what: keyof NetworkHandlers, call: (handlers: NetworkHandlers) => unknown): void {
    if (handlers[what] !== undefined) guard.run(what, () => call(handlers));
  }

  return {
    app,
    start(first, isTrial = false) {
      network = first;
      trial = isTrial;
      const begun = start();
      trial = false;
      return begun ? undefined : (app.error ?? 'setup failed');
    },
    isRunning: () => running,
    switchUp(dp) {
      if (!running) return;
      switches.set(dp.dpid, dp);
      notify('switchUp', (each) => each.switchUp?.(dp));
    },
    switchDown(dp) {
      if (switches.delete(dp.dpid)) notify('switchDown', (each) => each.switchDown?.(dp));
    },
    packetIn(dp, packet) {
      const { packetIn } = handlers;
      if (packetIn !== undefined) guard.invoke(packetInWork, 'packetIn', handlers, packetIn, dp, packet);
    },
    notify,
    reloaded(changed) {
      const isOther = app.config !== config || changed !== network;
      network = changed;
      if (!running) {
        // What it failed of may have been mended; else it begins again by itself, when its time has come.
        if (isOther) restart();
        return;
      }
      if (app.config !== config && handlers.configChanged === undefined) {
        restart();
        return;
      }
      commons.steadily(() => {
        if (app.config !== config) {
          config = app.config;
          notify('configChanged', (each) => each.configChanged?.(app.config as never));
        }
        notify('networkChanged', (each) => each.networkChanged?.(changed));
        return running;
      });
    },
    detach: lastWords,
  };
}
