/** What the apps would declare for a switch: a second set of them on a shadow of it, which sends nothing and is thrown away. */

import { pino } from 'pino';
import type { Config } from '../config/model.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import { rehearsedTimed } from '../flow/timed/timed-rehearsed.ts';
import { createWeaver, type Woven } from '../flow/weave/weaver.ts';
import { createAppOnSwitch } from './app-on-switch.ts';
import type { AppHost } from './host.ts';
import type { AppSite } from './instances.ts';
import type { AppPort } from './switch-view.ts';

/** The switch as the apps are to see it. */
export interface Shadow {
  dpid: string;
  name: string;
  host: string | undefined;
  bridge: string | undefined;
  ports: ReadonlyMap<number, AppPort>;
  /** What stands in it now. */
  flows: ReadonlyMap<string, ActualFlow>;
}

export interface Rehearsal {
  woven: Woven;
  /** Apps that threw: name → what. */
  failed: ReadonlyMap<string, string>;
}

const silent = pino({ level: 'silent' });

/** `host` is a copy: its apps count and fail apart from those that run. */
export function rehearse(host: AppHost, shadow: Shadow, network: Config | undefined): Rehearsal {
  const weaver = createWeaver(host.plan, host.allocation(shadow.dpid));
  const site: AppSite = {
    dpid: shadow.dpid,
    namespace: host.namespace,
    name: () => shadow.name,
    host: () => shadow.host,
    bridge: () => shadow.bridge,
    ports: shadow.ports,
    commons: host.commons,
    timed: rehearsedTimed(weaver),
    packets: { send: () => undefined },
    tell: () => undefined,
    changed: () => undefined,
    waitFor: () => undefined,
    forget: () => undefined,
    standing: (tableId) => [...shadow.flows.values()].filter((flow) => flow.tableId === tableId),
  };
  const failed = new Map<string, string>();
  const apps = [...host.apps.values()].map((app) => createAppOnSwitch(app, site, weaver, silent));
  try {
    for (const each of apps) {
      each.attach(network);
    }
    for (const { name, error } of host.apps.values()) if (error !== null) failed.set(name, error);
    return { woven: weaver.weave(), failed };
  } finally {
    // Before the event loop turns: no timer of theirs, nor the restart of one that failed, ever runs.
    for (const each of apps) each.detach();
    host.commons.close();
  }
}
