/** The apps that are loaded: their configs checked, their tables and numbers allocated, the same on every switch. */

import { type Logger, pino } from 'pino';
import { type Clock, systemClock } from '../clock.ts';
import { fieldsFor } from '../flow/allocate/app-needs.ts';
import { createFieldPlan, type FieldPlan } from '../flow/allocate/field-plan.ts';
import { fieldMemory, type Memory, numberMemory, processMemory, readOnly } from '../flow/allocate/memory.ts';
import { createNumbering, type Numbering } from '../flow/allocate/numbering.ts';
import { type SwitchAllocation, switchAllocation } from '../flow/allocate/switch-allocation.ts';
import { createTablePlan, type TablePlan } from '../flow/allocate/table-plan.ts';
import { FlowError } from '../flow/flow-error.ts';
import { MAIN, type Namespace } from '../flow/namespace.ts';
import { type AppProblem, type AppRequest, checkConfig, twice } from './app-request.ts';
import { createCommons } from './commons.ts';
import type { Commons } from './instances.ts';
import { createCounters, type LoadedApp, learnedTables, loadedApp, sameFields } from './loaded-app.ts';
import { createMarks, type Marks } from './marks.ts';
import type { ToldEvent } from './telling.ts';

export interface AppHost {
  /** Whose all is that it makes in switches. */
  readonly namespace: Namespace;
  readonly plan: TablePlan;
  readonly fields: FieldPlan;
  readonly ctZone: Numbering;
  /** What is handed out on a switch, as it was before. */
  allocation(dpid: string): SwitchAllocation;
  /** In the order they were asked for. */
  readonly apps: ReadonlyMap<string, LoadedApp>;
  /** What its apps share across switches. */
  readonly commons: Commons;
  readonly clock: Clock;
  readonly sent: { flowMods: number; groupMods: number; meterMods: number; bundles: number };
  byNumber(number: number): LoadedApp | undefined;
  /** Where the file or the command line names it: `flowloom.yaml:40`. */
  sourceOf(name: string): string | undefined;
  /** These and no others, all or none; an app whose config is unchanged stays the same object. */
  load(requests: AppRequest[]): AppProblem[];
  /** A new version of an app can't begin: the one that stood is loaded again. */
  putBack(standing: LoadedApp, refused: LoadedApp, reason: string): void;
  /** Definitions that could not begin, and gave way to an earlier version. */
  isRefused(app: LoadedApp): boolean;
  /** A host of its own with the same apps, tables and numbers: what is loaded and counted there changes nothing here. */
  copy(): AppHost;
}

/** What a copy begins with. */
interface Beginning {
  namespace: Namespace;
  log: Logger;
  marks: Marks;
  clock: Clock;
  mostFlows: number;
  rehearsal: boolean;
  memory: Memory;
  plan: TablePlan;
  fields: FieldPlan;
  numberOf: Numbering;
  ctZone: Numbering;
  apps: ReadonlyMap<string, LoadedApp>;
  sources: ReadonlyMap<string, string>;
  told(event: ToldEvent): void;
  usedAt(dpid: string, flow: string): number | undefined;
}

const APP_NUMBERS = 0xff;
const CT_ZONES = 0xffff;
const MOST_FLOWS = 1_000_000;

export interface AppHostOptions {
  /** Default: that of a file that names no owner. */
  namespace?: Namespace;
  log?: Logger;
  /** What a watchdog reads. */
  marks?: Marks;
  /** Flows without a timeout that one app may have in one switch. */
  mostFlows?: number;
  /** What was handed out in earlier runs. */
  memory?: Memory;
  /** What apps' timers go by, and what is done from time to time. */
  clock?: Clock;
  /** An app told people something; it is in the log already. */
  told?(event: ToldEvent): void;
  /** When packets went by a flow last, by its identity, in milliseconds since 1970. */
  usedAt?(dpid: string, flow: string): number | undefined;
}

export function createAppHost({
  namespace = MAIN,
  log = pino({ level: 'silent' }),
  marks = createMarks(),
  mostFlows = MOST_FLOWS,
  memory = processMemory(),
  clock = systemClock,
  told = () => undefined,
  usedAt = () => undefined,
}: AppHostOptions = {}): AppHost {
  return hostFrom({
    namespace,
    log,
    marks,
    clock,
    mostFlows,
    rehearsal: false,
    memory,
    plan: createTablePlan(numberMemory(memory.space('tables'))),
    fields: createFieldPlan(fieldMemory(memory.space('fields'))),
    numberOf: createNumbering(APP_NUMBERS, numberMemory(memory.space('apps'))),
    ctZone: createNumbering(CT_ZONES, numberMemory(memory.space('ct zones')), [], saltOf(namespace)),
    apps: new Map(),
    sources: new Map(),
    told,
    usedAt,
  });
}

function hostFrom({
  namespace,
  plan,
  fields,
  numberOf,
  ctZone,
  log,
  marks,
  clock,
  mostFlows,
  rehearsal,
  memory,
  told,
  usedAt,
  ...beginning
}: Beginning): AppHost {
  let { apps, sources } = beginning;
  const refused = new WeakSet<LoadedApp>();

  function loadOne(request: AppRequest, config: unknown): LoadedApp {
    const { definition } = request;
    const standing = apps.get(definition.name);
    if (standing?.definition === definition) return standing;
    const sameTables = JSON.stringify(standing?.definition.tables ?? {}) === JSON.stringify(definition.tables ?? {});
    if (standing !== undefined && !sameTables) plan.release(definition.name);
    if (standing === undefined || !sameFields(standing.definition, definition)) {
      fields.release(definition.name);
      fields.allocate(definition.name, definition.fields ?? {});
    }
    return loadedApp({
      name: definition.name,
      definition,
      config,
      number: numberOf(definition.name),
      tables:
        standing !== undefined && sameTables
          ? standing.tables
          : plan.allocate(definition.name, definition.tables ?? {}),
      learned: learnedTables(definition),
      fields: standing?.fields ?? new Map(),
      counters: { ...createCounters(Object.keys(definition.counters ?? {})), ...standing?.counters },
      ctZone,
      packetIns: standing?.packetIns ?? 0,
      flowsLeftOut: standing?.flowsLeftOut ?? 0,
      packetInsDropped: standing?.packetInsDropped ?? 0,
      sendsDropped: standing?.sendsDropped ?? 0,
      errors: standing?.errors ?? 0,
    });
  }

  /** Once all are loaded: what each may use of the others. An app for which nothing moved stays the same object. */
  function withFields(app: LoadedApp, loaded: ReadonlyMap<string, LoadedApp>): LoadedApp {
    const needed = new Map(
      Array.from(loaded, ([name, { definition }]) => [name, { name, offers: definition.offers ?? [] }]),
    );
    const found = fieldsFor(app.name, app.definition.uses ?? [], fields, needed);
    const isSame =
      found.size === app.fields.size && [...found].every(([name, place]) => app.fields.get(name) === place);
    return isSame ? app : loadedApp({ ...app, fields: found });
  }

  const host: AppHost = {
    namespace,
    plan,
    fields,
    ctZone,
    clock,
    allocation: (dpid) => switchAllocation(dpid, memory, ctZone, namespace),
    get apps() {
      return apps;
    },
    sent: { flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 },
    sourceOf: (name) => sources.get(name),
    byNumber: (number) => [...apps.values()].find((app) => app.number === number),
    load(requests) {
      const problems: AppProblem[] = [];
      const checked = requests.map((request) => ({ request, config: checkConfig(request, problems) }));
      if (problems.length > 0) return problems;
      problems.push(...twice(requests));
      if (problems.length > 0) return problems;
      const restorers = [plan.keep(), fields.keep()];
      const names = new Set(requests.map(({ definition }) => definition.name));
      for (const name of apps.keys()) {
        if (names.has(name)) continue;
        plan.release(name);
        fields.release(name);
      }
      const loaded = new Map<string, LoadedApp>();
      const attempt = (source: string, fix: string, run: () => void) => {
        try {
          run();
        } catch (error) {
          if (!(error instanceof FlowError)) throw error;
          problems.push({ source, message: error.message, fix: error.fix ?? fix });
        }
      };
      for (const { request, config } of checked) {
        attempt(request.source, 'load only one of them', () =>
          loaded.set(request.definition.name, loadOne(request, config)),
        );
      }
      for (const { source, definition } of problems.length > 0 ? [] : requests) {
        const app = loaded.get(definition.name)!;
        attempt(source, 'load what it needs, or leave it out', () => loaded.set(app.name, withFields(app, loaded)));
      }
      const before = [...apps.keys()];
      if (problems.length === 0) {
        apps = loaded;
        for (const { request, config } of checked) {
          const app = loaded.get(request.definition.name);
          if (app !== undefined && JSON.stringify(app.config) !== JSON.stringify(config)) app.config = config;
        }
        sources = new Map(requests.map(({ definition, source }) => [definition.name, source]));
      } else for (const restore of restorers) restore();
      // Only what is loaded keeps its number; there are few.
      for (const name of [...before, ...names]) if (!apps.has(name)) numberOf.release(name);
      return problems;
    },
    commons: createCommons({
      apps: () => apps,
      putBack: (standing, app, reason) => host.putBack(standing, app, reason),
      memory,
      marks,
      clock,
      log,
      rehearsal,
      mostFlows,
      told,
      usedAt,
    }),
    putBack(standing, app, reason) {
      refused.add(app);
      standing.refused = reason;
      apps = new Map([...apps].map(([name, each]) => [name, each === app ? standing : each]));
      if (standing.tables !== app.tables) {
        plan.release(app.name);
        plan.allocate(app.name, standing.definition.tables ?? {}, standing.tables);
      }
      if (!sameFields(standing.definition, app.definition)) {
        fields.release(app.name);
        fields.allocate(app.name, standing.definition.fields ?? {}, standing.fields);
      }
      log.error(`the new version of app "${app.name}" can't begin, the old one goes on: ${reason}`);
    },
    isRefused: (app) => refused.has(app),
    copy() {
      const zones = ctZone.copy();
      const copies = Array.from(apps, ([name, app]): [string, LoadedApp] => [
        name,
        loadedApp({ ...app, counters: createCounters(Object.keys(app.counters)), ctZone: zones }),
      ]);
      return hostFrom({
        namespace,
        log: pino({ level: 'silent' }),
        marks,
        clock,
        mostFlows,
        rehearsal: true,
        memory: readOnly(memory),
        plan: plan.copy(),
        fields: fields.copy(),
        numberOf: numberOf.copy(),
        ctZone: zones,
        apps: new Map(copies),
        sources,
        told: () => undefined,
        usedAt,
      });
    },
  };
  return host;
}

/** Two Flowlooms on one switch give conntrack zones of one name different numbers. */
function saltOf({ owner }: Namespace): string {
  return owner === MAIN.owner ? '' : `${owner}\n`;
}
