/** A switch as one app sees it: what the app declares there, and the packets that it sends. */

import { appOf, intentContent, intentId, intentOf, isOurs, isState } from '../flow/cookie.ts';
import type { AppFlow } from '../flow/flow.ts';
import { FlowError } from '../flow/flow-error.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import { readBits, readField } from '../flow/weave/compile.ts';
import { createPriorityMemory, type PriorityMemory } from '../flow/weave/priorities.ts';
import type { Weaver, WeaverApp } from '../flow/weave/weaver.ts';
import type { Allowance } from './allowance.ts';
import { endConnection } from './end-connection.ts';
import type { AppSite } from './instances.ts';
import { learnedFlow, type StandingLearnedFlow } from './learned-flow.ts';
import type { LoadedApp } from './loaded-app.ts';
import type { Passing } from './passing.ts';
import type { AppDatapath, FlowTable } from './switch-view.ts';

export interface AppDatapathParts {
  app: LoadedApp;
  site: AppSite;
  weaver: Weaver;
  weaverApp: WeaverApp;
  passing: Passing;
  /** Outlives the instance: the priorities that the app's flows had. */
  memories: Map<string, PriorityMemory>;
  /** What it may send by itself, packet by packet. */
  allowance: Allowance;
  /** The instance that got it has ended: what it still does, after an `await` say, comes to nothing. */
  isOver(): boolean;
  /** Flows beyond what one app may have are left out: told once. */
  tooMany(most: number): void;
}

export function createAppDatapath(parts: AppDatapathParts): AppDatapath {
  const { app, site, weaver, weaverApp, passing, memories, allowance, isOver } = parts;
  let flows = 0;
  /** By what stands in the switch, which is the same object until it is another flow; null: of others. There are many. */
  const learned = new WeakMap<ActualFlow, StandingLearnedFlow | null>();

  /** What follows from the file is never too much. */
  function maySend(): boolean {
    if (isOver()) return false;
    if (allowance.take() || site.commons.isSteady()) return true;
    allowance.drop();
    return false;
  }

  function table(name: string): FlowTable {
    /** How many are declared: without those that have a timeout, which come and go by themselves. */
    let size = 0;
    /** What the last `replace` named: just that is declared. */
    let last = NONE;
    function set(key: string, flow: AppFlow): void {
      if (isTimed(flow)) {
        if (!maySend()) return;
        if (weaver.has(weaverApp, name, key)) remove(key);
        site.timed.set(weaverApp, name, key, flow);
        return;
      }
      if (flows >= site.commons.mostFlows && !weaver.has(weaverApp, name, key)) {
        app.flowsLeftOut++;
        parts.tooMany(site.commons.mostFlows);
        return;
      }
      if (!site.commons.isSteady()) allowance.declare();
      if (weaver.set(weaverApp, name, key, flow)) {
        flows++;
        size++;
        // An earlier instance of the app may have had one with a timeout there.
        site.timed.delete(weaverApp, name, key);
      }
      passing.declared({ table: name, key });
    }
    function remove(key: string): void {
      if (!weaver.delete(weaverApp, name, key)) {
        site.timed.delete(weaverApp, name, key);
        return;
      }
      flows--;
      size--;
      if (!site.commons.isSteady()) allowance.declare();
      passing.withdrawn({ table: name, key });
    }
    /** Of many flows few differ: the others are not looked at. False: not everything is as it was then. */
    function replaceDiffering(next: Named): boolean {
      if (last === NONE || !site.commons.isSteady() || !passing.isEmpty) return false;
      const { from, end, lastEnd } = differing(last, next);
      const gone = new Set<string>();
      for (let i = from; i < lastEnd; i++) gone.add(last.keys[i]!);
      for (let i = from; i < end; i++) {
        gone.delete(next.keys[i]!);
        set(next.keys[i]!, next.flows[i]!);
      }
      for (const key of gone) remove(key);
      // Else one stands twice, has a timeout, or is one too many.
      return size === next.keys.length;
    }
    return {
      set(key, flow) {
        if (isOver()) return;
        last = NONE;
        set(key, flow as AppFlow);
        if (!isTimed(flow as AppFlow)) site.changed();
      },
      delete(key) {
        if (isOver()) return;
        last = NONE;
        remove(key);
        site.changed();
      },
      replace(entries: Iterable<[string, AppFlow]>) {
        if (isOver()) return;
        const next: Named = { keys: [], flows: [] };
        for (const [key, flow] of entries) {
          next.keys.push(key);
          next.flows.push(flow);
        }
        const timed = new Set(site.timed.keys(weaverApp, name));
        if (timed.size > 0 || !replaceDiffering(next)) {
          for (const [i, key] of next.keys.entries()) {
            timed.delete(key);
            set(key, next.flows[i]!);
          }
          for (const key of timed) site.timed.delete(weaverApp, name, key);
          const named = new Set(next.keys);
          for (const key of weaver.keys(weaverApp, name)) if (!named.has(key)) remove(key);
        }
        last = size === next.keys.length ? next : NONE;
        site.changed();
      },
      standing: () =>
        [...site.standing(app.tables.get(name)!)].filter(
          ({ cookie }) =>
            isOurs(site.namespace, cookie) && appOf(cookie) === app.number && !isState(site.namespace, cookie),
        ),
      learned() {
        checkLearned(name);
        const found: StandingLearnedFlow[] = [];
        for (const standing of site.standing(app.tables.get(name)!)) {
          let flow = learned.get(standing);
          if (flow === undefined) {
            flow = learnedOne(standing, name);
            learned.set(standing, flow);
          }
          if (flow !== null) found.push(flow);
        }
        return found;
      },
      forget(flow) {
        if (isOver()) return;
        checkLearned(name);
        site.forget(app.tables.get(name)!, flow?.identity);
      },
      priorities: (intents, range) => memoryOf(name).assign(intents, range),
      template(spec, ended) {
        // It would be the one of the instance that runs, and be taken from it.
        if (isOver()) throw new FlowError('this instance of the app has ended: it gets no template any more');
        const shared = site.timed.template(weaverApp, name, spec, { maySend, ended });
        // Another instance may have it by now.
        return {
          // Not as a rest parameter: it is called for each packet-in.
          set: (a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number) =>
            !isOver() && shared.set(a!, b!, c!, d!, e!, f!, g!, h!),
          delete(...numbers) {
            if (!isOver()) shared.delete(...numbers);
          },
          deleteWhere(slot, number) {
            if (!isOver()) shared.deleteWhere(slot, number);
          },
          standing: shared.standing,
          get size() {
            return shared.size;
          },
        };
      },
    };
  }

  function learnedOne(standing: ActualFlow, table: string): StandingLearnedFlow | null {
    const { cookie, identity } = standing;
    if (!isState(site.namespace, cookie) || appOf(cookie) !== app.number) return null;
    return {
      ...learnedFlow(standing, table, weaver.scope(weaverApp)),
      identity,
      get usedAt() {
        return site.commons.usedAt(site.dpid, identity);
      },
    };
  }

  function checkLearned(name: string): void {
    if (!app.learned.has(name)) throw new FlowError(`table "${name}" of app "${app.name}" learns nothing`);
  }

  /** What the app's flows in the table had; the first time, what those have that stand in the switch. */
  function memoryOf(name: string): PriorityMemory {
    const known = memories.get(name);
    if (known !== undefined) return known;
    const memory = createPriorityMemory(
      function* () {
        for (const { cookie, priority } of site.standing(app.tables.get(name)!)) {
          if (isOurs(site.namespace, cookie) && appOf(cookie) === app.number)
            yield { intentId: intentOf(cookie), priority };
        }
      },
      (text, ordinal) => intentId(app.name, intentContent({ text, ordinal })),
    );
    memories.set(name, memory);
    return memory;
  }

  const groupKeys = new Set<string>();
  const setGroup: AppDatapath['groups']['set'] = (key, group) => {
    if (isOver()) return;
    groupKeys.add(key);
    weaver.setGroup(weaverApp, key, group);
    passing.declared({ group: key });
    site.changed();
  };
  const meterKeys = new Set<string>();
  const meters: AppDatapath['meters'] = {
    set(key, meter) {
      if (isOver()) return;
      meterKeys.add(key);
      weaver.setMeter(weaverApp, key, meter);
      passing.declared({ meter: key });
      site.changed();
    },
    replace(entries) {
      if (isOver()) return;
      const gone = new Set(meterKeys);
      for (const [key, meter] of entries) {
        gone.delete(key);
        meters.set(key, meter);
      }
      for (const key of gone) {
        meterKeys.delete(key);
        weaver.deleteMeter(weaverApp, key);
        passing.withdrawn({ meter: key });
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
        if (isOver()) return;
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
    readBits: (match, field) => readBits(match, field, weaver.scope(weaverApp)),
    packetOut({ data, inPort, actions }) {
      if (maySend()) site.packets.send(data, inPort ?? 'controller', actions, weaver.scope(weaverApp));
    },
    endConnection(connection) {
      if (maySend()) site.tell(endConnection(connection));
    },
    ctZone: app.ctZone,
  };
}

/** Flows and their keys, in order: an app may change the list that it gave. */
interface Named {
  keys: string[];
  flows: AppFlow[];
}

const NONE: Named = { keys: [], flows: [] };

/** What lies between a head and a tail that both lists have in common, flows being the same objects. */
function differing(last: Named, next: Named): { from: number; end: number; lastEnd: number } {
  let from = 0;
  let end = next.keys.length;
  let lastEnd = last.keys.length;
  const isSame = (i: number, j: number) => last.flows[i] === next.flows[j] && last.keys[i] === next.keys[j];
  while (from < end && from < lastEnd && isSame(from, from)) from++;
  while (from < end && from < lastEnd && isSame(lastEnd - 1, end - 1)) {
    end--;
    lastEnd--;
  }
  return { from, end, lastEnd };
}

function isTimed({ idleTimeout = 0, hardTimeout = 0 }: AppFlow): boolean {
  return idleTimeout > 0 || hardTimeout > 0;
}
