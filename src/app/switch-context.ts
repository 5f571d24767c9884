/** What `attach` is given: one instance of an app on one switch. */

import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import { type AppDatapathParts, createAppDatapath } from './app-datapath.ts';
import { appTimers } from './app-timers.ts';
import type { AppContext, Counter, Timers } from './context.ts';
import type { Guard } from './guard.ts';
import type { LoadedApp } from './loaded-app.ts';
import type { Publisher } from './publications.ts';
import type { ServiceHolder } from './services.ts';
import type { AdoptedFlow, AppDatapath } from './switch-view.ts';

interface SwitchContextParts extends Omit<AppDatapathParts, 'isOver' | 'tooMany'> {
  services: ServiceHolder;
  publisher: Publisher;
  guard: Guard;
  network: Config | undefined;
  log: Logger;
  /** Of a rehearsal; undefined: timers that run. */
  timers: Timers | undefined;
  /** The instance whose switch this is has ended. */
  isOver(dp: AppDatapath): boolean;
}

export function switchContext(
  parts: SwitchContextParts,
): AppContext<never, Record<string, never>, Record<string, never>> {
  const { app, site, weaverApp, services, publisher, guard, network, log, timers } = parts;
  const { commons, dpid } = site;
  const isOver = () => parts.isOver(dp);
  const tell = commons.teller(app.name, site.name(), log);
  let told = false;
  const dp = createAppDatapath({
    ...parts,
    isOver,
    tooMany(most) {
      if (!told) log.error(`app "${app.name}" declares more than ${most} flows: those beyond are left out`);
      told = true;
    },
  });
  return {
    dp,
    config: app.config as never,
    network,
    counters: app.counters as Record<string, Counter> as Record<string, never>,
    log,
    timers: timers ?? appTimers(guard, commons, isOver),
    store: commons.storeOf(app.name),
    services: {
      offer(service, implementation) {
        if (!isOver()) services.offer(service.name, implementation);
      },
      get: (service) => commons.services.get(service.name, dpid) as never,
    },
    emit(event, ...what) {
      if (!isOver()) commons.emit(app, event, what);
    },
    publish(topic, rows) {
      if (!isOver() && !commons.rehearsal) publisher.publish(topic, rows);
    },
    tell(level, text, fields) {
      if (!isOver() && !commons.rehearsal) tell(level, text, fields);
    },
    get adopted() {
      return site.timed.standing(weaverApp).map((flow) => adoptedFlow(app, flow));
    },
    rehearsal: commons.rehearsal,
  };
}

function adoptedFlow(app: LoadedApp, flow: ActualFlow): AdoptedFlow {
  const { tableId, priority, match, instructions, idleTimeout, hardTimeout } = flow;
  const actions = instructions.flatMap((each) => (each.type === 'applyActions' ? each.actions : []));
  return { table: tableName(app, tableId), priority, match, actions, idleTimeout, hardTimeout };
}

function tableName(app: LoadedApp, id: number): string {
  for (const [name, own] of app.tables) if (own === id) return name;
  return '';
}
