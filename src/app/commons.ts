/** What the apps have in common across switches: their setups, their services, and the events that they tell each other. */

import type { Logger } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/model.ts';
import type { Memory } from '../flow/allocate/memory.ts';
import { createAppOnNetwork } from './app-on-network.ts';
import { type AppStore, createAppStore } from './app-store.ts';
import { createEventQueue, type NetworkEvents } from './events.ts';
import type { Handlers, NetworkHandlers } from './handlers.ts';
import type { AppOnNetwork, AppOnSwitch, Commons } from './instances.ts';
import type { LoadedApp } from './loaded-app.ts';
import type { Marks } from './marks.ts';
import { createPublications } from './publications.ts';
import { createServices } from './services.ts';
import { createTeller, type ToldEvent } from './telling.ts';
import { createTurns, turnsBy } from './turns.ts';

export interface CommonsOptions {
  apps(): ReadonlyMap<string, LoadedApp>;
  /** The new version of an app can't begin: the one that stands goes on. */
  putBack(standing: LoadedApp, refused: LoadedApp, reason: string): void;
  /** What apps keep is in it. */
  memory: Memory;
  marks: Marks;
  clock: Clock;
  log: Logger;
  rehearsal: boolean;
  mostFlows: number;
  usedAt(dpid: string, flow: string): number | undefined;
  /** An app told people something. */
  told(event: ToldEvent): void;
}

export function createCommons(options: CommonsOptions): Commons {
  const { apps, putBack, memory, marks, clock, log, rehearsal, mostFlows, told, usedAt } = options;
  const services = createServices();
  const stores = new Map<string, AppStore>();
  const setups = new Map<string, AppOnNetwork>();
  /** By dpid: of a thousand switches most have nothing to do with an event. */
  const members = new Map<string, Set<AppOnSwitch>>();
  let steady = false;
  const overflowing = new Set<string>();

  function membersOf(app: LoadedApp): AppOnSwitch[] {
    return [...members.values()].flatMap((here) => [...here].filter((member) => member.app === app));
  }

  const queue = createEventQueue((event, what, switches) => {
    overflowing.clear();
    const call = (handlers: Handlers | NetworkHandlers) =>
      (handlers[event] as ((...what: NetworkEvents[keyof NetworkEvents]) => unknown) | undefined)?.call(
        handlers,
        ...what,
      );
    for (const setup of setups.values()) setup.notify(event, call);
    for (const dpid of switches ?? members.keys()) {
      for (const member of members.get(dpid) ?? []) member.notify('traffic', event, call);
    }
  });

  function begin(app: LoadedApp, network: Config | undefined): AppOnNetwork {
    const setup = createAppOnNetwork(app, commons, () => membersOf(app), log);
    setups.set(app.name, setup);
    setup.start(network);
    return setup;
  }

  /** Another version of the app: it begins before the standing one ends, so that one that can't leaves all as it was. */
  function replace(standing: AppOnNetwork, app: LoadedApp, network: Config | undefined): void {
    const fresh = createAppOnNetwork(app, commons, () => membersOf(app), log);
    const reason = fresh.start(network, true);
    if (reason !== undefined) {
      fresh.detach();
      putBack(standing.app, app, reason);
      return;
    }
    setups.set(app.name, fresh);
    standing.detach();
    // Where an app comes back that a new version could not follow, it still is on switches.
    for (const member of membersOf(app)) member.restart();
  }

  const commons: Commons = {
    services,
    publications: createPublications(),
    teller: createTeller(clock, told),
    marks,
    clock,
    turns: clock === systemClock ? createTurns() : createTurns(turnsBy(clock)),
    rehearsal,
    mostFlows,
    usedAt,
    storeOf(app) {
      const store = stores.get(app) ?? createAppStore(app, memory.space(`app ${app}`), rehearsal);
      stores.set(app, store);
      return store;
    },
    isSteady: () => steady,
    steadily(run) {
      const outer = steady;
      steady = true;
      const done = run();
      steady = outer;
      return done;
    },
    attach(network) {
      for (const [name, setup] of setups) {
        if (apps().get(name)?.definition.setup !== undefined) continue;
        setup.detach();
        setups.delete(name);
      }
      for (const app of apps().values()) {
        if (app.definition.setup === undefined) continue;
        const standing = setups.get(app.name);
        if (standing === undefined) begin(app, network);
        else if (standing.app !== app) replace(standing, app, network);
        else standing.reloaded(network);
      }
    },
    setupOf(app, network) {
      if (app.definition.setup === undefined) return undefined;
      const standing = setups.get(app.name);
      return standing?.app === app ? standing : begin(app, network);
    },
    join(member) {
      const here = members.get(member.dpid) ?? new Set();
      members.set(member.dpid, here.add(member));
    },
    leave(member) {
      const here = members.get(member.dpid);
      if (here?.delete(member) && here.size === 0) members.delete(member.dpid);
    },
    announce(event, ...what) {
      queue.add(event, what);
    },
    emit(app, event, what) {
      if (queue.add(event, what) || overflowing.has(app.name)) return;
      overflowing.add(app.name);
      log.error(
        `app "${app.name}" announces more than can be told to the others: ${event} and what follows is dropped`,
      );
    },
    close() {
      queue.close();
      for (const setup of setups.values()) setup.detach();
      setups.clear();
    },
  };
  return commons;
}
