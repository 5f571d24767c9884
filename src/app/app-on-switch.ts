/** One app on one switch: its context, its handlers, and the walls around it. */

import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import type { PriorityMemory } from '../flow/weave/priorities.ts';
import type { Weaver, WeaverApp } from '../flow/weave/weaver.ts';
import { createAllowance } from './allowance.ts';
import { noTimers } from './app-timers.ts';
import { awaitFirstAttach } from './first-attach.ts';
import { createGuard } from './guard.ts';
import type { Handlers } from './handlers.ts';
import type { AppOnNetwork, AppOnSwitch, AppSite } from './instances.ts';
import type { LoadedApp } from './loaded-app.ts';
import { createPassing } from './passing.ts';
import { switchContext } from './switch-context.ts';
import type { AppDatapath } from './switch-view.ts';

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
        `app "${app.name}" floods: of its packet-outs and flows with a timeout ${count} were not sent to ${site.name()}`,
      ),
    commons.clock,
  );
  const services = commons.services.holder(app.name, dpid);
  const publisher = commons.publications.publisher((call) => guard.run('published rows', call));
  const packetInWork = commons.marks.work('packetIn');
  let trial = false;
  let handlers: Handlers = {};
  let setup: AppOnNetwork | undefined;
  /** Of the instance that runs; undefined: none does. */
  let dp: AppDatapath | undefined;
  let network: Config | undefined;
  /** What the app was given last. */
  let config: unknown;
  const passing = createPassing(commons.isSteady);
  const memories = new Map<string, PriorityMemory>();
  const rehearsed = rehearsal ? noTimers(commons.clock.now, commons.isSteady) : undefined;
  const firstAttach = awaitFirstAttach(site, weaver, weaverApp);
  const guard = createGuard({
    app,
    place: dpid,
    marks: commons.marks,
    clock: commons.clock,
    log,
    isTrial: () => trial,
    whatStays: () => firstAttach.whatStays(),
    failed: end,
    restart,
  });

  function end(): void {
    const was = dp;
    dp = undefined;
    handlers = {};
    services.takeBack();
    publisher.takeBack();
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
      if (!trial) firstAttach.failed();
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
    if (attached) firstAttach.succeeded();
    else if (!trial) firstAttach.failed();
    site.changed();
    return attached;
  }

  function attachNow(): void {
    const fresh = switchContext({
      ...{ app, site, weaver, weaverApp, passing, memories, allowance, services, publisher, guard, network, log },
      timers: rehearsed?.timers,
      isOver: (mine) => dp !== mine,
    });
    dp = fresh.dp;
    const given = app.definition.attach?.(fresh) ?? {};
    if (typeof given !== 'object') throw new Error(`attach gave back a ${typeof given}, not its handlers`);
    if ('then' in given) throw new Error('attach is async: it must give its handlers back at once, not a promise');
    handlers = given;
    rehearsed?.finish();
  }

  function setupHasIt(): boolean {
    if (setup === undefined || dp === undefined) return true;
    setup.switchUp(dp);
    return setup.isRunning();
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
      if (dp === undefined) {
        app.packetInsDropped++;
        return;
      }
      app.packetIns++;
      allowance.packetIn();
      const { packetIn } = handlers;
      if (packetIn !== undefined) guard.invoke(packetInWork, 'packetIn', handlers, packetIn, event, undefined);
      if (dp !== undefined) setup?.packetIn(dp, event);
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
      const isOther = app.config !== config || changed !== network;
      network = changed;
      if (dp === undefined) {
        // What it failed of may have been mended; else it begins again by itself, when its time has come.
        if (isOther) restart();
        return;
      }
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
      firstAttach.end();
      weaver.clear(weaverApp);
      site.changed();
    },
    giveWay: detach,
  };
  return self;
}
