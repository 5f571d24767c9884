/** A switch as one app sees it: what the app declares there, and the packets that it sends. */

import { readField } from '../flow/compile.ts';
import { appOf, intentId, intentOf, isOurs, isState } from '../flow/cookie.ts';
import type { AppFlow } from '../flow/flow.ts';
import { FlowError } from '../flow/flow-error.ts';
import { createPriorityMemory, type PriorityMemory } from '../flow/priorities.ts';
import type { Weaver, WeaverApp } from '../flow/weaver.ts';
import type { AppSite } from './app-on-switch.ts';
import type { AppDatapath, FlowTable } from './context.ts';
import type { LoadedApp } from './host.ts';
import type { Passing } from './passing.ts';

export interface AppDatapathParts {
  app: LoadedApp;
  site: AppSite;
  weaver: Weaver;
  weaverApp: WeaverApp;
  passing: Passing;
  /** Outlives the instance: the priorities that the app's flows had. */
  memories: Map<string, PriorityMemory>;
}

export function createAppDatapath({ app, site, weaver, weaverApp, passing, memories }: AppDatapathParts): AppDatapath {
  function table(name: string): FlowTable {
    const declared = new Map<string, { timed: boolean; round: number }>();
    /** Counts the calls of `replace`: what the last one did not name goes. */
    let round = 0;
    function set(key: string, flow: AppFlow): void {
      const timed = isTimed(flow);
      const known = declared.get(key);
      // An earlier instance of the app may have had one with a timeout there.
      if (!timed && known?.timed !== false) site.timed.delete(weaverApp, name, key);
      if (timed && known?.timed === false) weaver.delete(weaverApp, name, key);
      if (known === undefined) declared.set(key, { timed, round });
      else {
        known.timed = timed;
        known.round = round;
      }
      if (timed) {
        site.timed.set(weaverApp, name, key, flow);
        return;
      }
      weaver.set(weaverApp, name, key, flow);
      passing.declared({ table: name, key });
    }
    function remove(key: string): void {
      const timed = declared.get(key)?.timed;
      declared.delete(key);
      if (timed !== false) site.timed.delete(weaverApp, name, key);
      if (timed === true) return;
      weaver.delete(weaverApp, name, key);
      if (timed === false) passing.withdrawn({ table: name, key });
    }
    return {
      set(key, flow) {
        set(key, flow as AppFlow);
        if (!isTimed(flow as AppFlow)) site.changed();
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
      standing: () =>
        [...site.standing(app.tables.get(name)!)].filter(
          ({ cookie }) => isOurs(cookie) && appOf(cookie) === app.number && !isState(cookie),
        ),
      forget() {
        if (!app.learned.has(name)) throw new FlowError(`table "${name}" of app "${app.name}" learns nothing`);
        site.forget(app.tables.get(name)!);
      },
      priorities: (intents, range) => memoryOf(name).assign(intents, range),
      template: (spec, ended) => site.timed.template(weaverApp, name, spec, ended),
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

  const groupKeys = new Set<string>();
  const setGroup: AppDatapath['groups']['set'] = (key, group) => {
    groupKeys.add(key);
    weaver.setGroup(weaverApp, key, group);
    passing.declared({ group: key });
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
  return {
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
          passing.withdrawn({ group: key });
        }
      },
    },
    meters,
    read: (match, field) => readField(match, field, weaver.scope(weaverApp)),
    packetOut: ({ data, inPort, actions }) =>
      site.packets.send(data, inPort ?? 'controller', actions, weaver.scope(weaverApp)),
    ctZone: app.ctZone,
  };
}

function isTimed({ idleTimeout = 0, hardTimeout = 0 }: AppFlow): boolean {
  return idleTimeout > 0 || hardTimeout > 0;
}
