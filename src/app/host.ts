/** The apps that are loaded: their configs checked, their tables and numbers allocated, the same on every switch. */

import { type Logger, pino } from 'pino';
import { z } from 'zod';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { fieldsFor } from '../flow/allocate/app-needs.ts';
import { createFieldPlan, type FieldPlan } from '../flow/allocate/field-plan.ts';
import { fieldMemory, type Memory, numberMemory, processMemory, readOnly } from '../flow/allocate/memory.ts';
import { createNumbering, type Numbering } from '../flow/allocate/numbering.ts';
import { type SwitchAllocation, switchAllocation } from '../flow/allocate/switch-allocation.ts';
import { createTablePlan, type TablePlan } from '../flow/allocate/table-plan.ts';
import { FlowError } from '../flow/flow-error.ts';
import { type Commons, createCommons } from './commons.ts';
import type { Counter } from './context.ts';
import type { AnyApp, TableSpec } from './define-app.ts';
import { createMarks, type Marks } from './marks.ts';

export interface LoadedApp {
  readonly name: string;
  readonly definition: AnyApp;
  /** Another object when it has changed. */
  config: unknown;
  /** In cookies. */
  readonly number: number;
  readonly tables: ReadonlyMap<string, number>;
  /** Its tables that only `learn` writes. */
  readonly learned: ReadonlySet<string>;
  /** Where the fields lie that it has and uses, by full name. */
  readonly fields: ReadonlyMap<string, Subfield>;
  readonly counters: Record<string, Counter>;
  readonly ctZone: Numbering;
  packetIns: number;
  /** Flows beyond what an app may have in one switch. */
  flowsLeftOut: number;
  /** Those that were not handled: it had more than its share of the time, or their switch is behind. */
  packetInsDropped: number;
  /** Packet-outs and flows with a timeout that were not sent: it sent too many. */
  sendsDropped: number;
  errors: number;
  /** The last exception, null while it runs everywhere. */
  error: string | null;
  /** An instance of it (a switch's, or `setup`) has failed: counted; null: it runs. */
  fault(place: string, what: string | null): void;
}

/** An app that the file or the command line names, with what stands there as its config. */
export interface AppRequest {
  definition: AnyApp;
  config: unknown;
  /** Where the config stands; and for JSON pointers inside it. */
  source: string;
  sources: Record<string, string>;
}

/** What is wrong with an app's config, at its line. */
export interface AppProblem {
  source: string;
  message: string;
  fix: string;
}

export interface AppHost {
  readonly plan: TablePlan;
  readonly fields: FieldPlan;
  readonly ctZone: Numbering;
  /** What is handed out on a switch, as it was before. */
  allocation(dpid: string): SwitchAllocation;
  /** In the order they were asked for. */
  readonly apps: ReadonlyMap<string, LoadedApp>;
  /** What its apps share across switches. */
  readonly commons: Commons;
  readonly sent: { flowMods: number; groupMods: number; bundles: number };
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
  log: Logger;
  marks: Marks;
  mostFlows: number;
  rehearsal: boolean;
  memory: Memory;
  plan: TablePlan;
  fields: FieldPlan;
  numberOf: Numbering;
  ctZone: Numbering;
  apps: ReadonlyMap<string, LoadedApp>;
  sources: ReadonlyMap<string, string>;
}

const APP_NUMBERS = 0xff;
const CT_ZONES = 0xffff;
const MOST_FLOWS = 1_000_000;

export interface AppHostOptions {
  log?: Logger;
  /** What a watchdog reads. */
  marks?: Marks;
  /** Flows without a timeout that one app may have in one switch. */
  mostFlows?: number;
  /** What was handed out in earlier runs. */
  memory?: Memory;
}

export function createAppHost({
  log = pino({ level: 'silent' }),
  marks = createMarks(),
  mostFlows = MOST_FLOWS,
  memory = processMemory(),
}: AppHostOptions = {}): AppHost {
  return hostFrom({
    log,
    marks,
    mostFlows,
    rehearsal: false,
    memory,
    plan: createTablePlan(),
    fields: createFieldPlan(fieldMemory(memory.space('fields'))),
    numberOf: createNumbering(APP_NUMBERS, numberMemory(memory.space('apps'))),
    ctZone: createNumbering(CT_ZONES, numberMemory(memory.space('ct zones'))),
    apps: new Map(),
    sources: new Map(),
  });
}

function hostFrom({
  plan,
  fields,
  numberOf,
  ctZone,
  log,
  marks,
  mostFlows,
  rehearsal,
  memory,
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
    plan,
    fields,
    ctZone,
    allocation: (dpid) => switchAllocation(dpid, memory, ctZone),
    get apps() {
      return apps;
    },
    sent: { flowMods: 0, groupMods: 0, bundles: 0 },
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
          problems.push({ source, message: error.message, fix });
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
      marks,
      log,
      rehearsal,
      mostFlows,
    }),
    putBack(standing, app, reason) {
      refused.add(app);
      apps = new Map([...apps].map(([name, each]) => [name, each === app ? standing : each]));
      if (standing.tables !== app.tables) {
        plan.release(app.name);
        plan.allocate(app.name, standing.definition.tables ?? {});
      }
      if (!sameFields(standing.definition, app.definition)) {
        fields.release(app.name);
        fields.allocate(app.name, standing.definition.fields ?? {});
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
        log: pino({ level: 'silent' }),
        marks,
        mostFlows,
        rehearsal: true,
        memory: readOnly(memory),
        plan: createTablePlan(plan.owners),
        fields: fields.copy(),
        numberOf: numberOf.copy(),
        ctZone: zones,
        apps: new Map(copies),
        sources,
      });
    },
  };
  return host;
}

function loadedApp(parts: Omit<LoadedApp, 'error' | 'fault'>): LoadedApp {
  const faults = new Map<string, string>();
  const app: LoadedApp = {
    ...parts,
    error: null,
    fault(place, what) {
      faults.delete(place);
      if (what !== null) {
        app.errors++;
        faults.set(place, what);
      }
      app.error = [...faults.values()].at(-1) ?? null;
    },
  };
  return app;
}

/** Two apps of one name: neither can be told from the other. */
function twice(requests: readonly AppRequest[]): AppProblem[] {
  return requests.flatMap(({ definition: { name }, source }, index) => {
    const other = requests.findIndex(({ definition }) => definition.name === name);
    if (other === index) return [];
    const message = `two apps are called "${name}": one of ${requests[other]!.source}, one of ${source}`;
    return [{ source, message, fix: 'give one of them another name, or leave it out' }];
  });
}

function sameFields(a: AnyApp, b: AnyApp): boolean {
  return JSON.stringify(a.fields ?? {}) === JSON.stringify(b.fields ?? {});
}

function learnedTables({ tables = {} }: AnyApp): Set<string> {
  const specs: [string, TableSpec][] = Object.entries(tables);
  return new Set(specs.flatMap(([name, { learned }]) => (learned === true ? [name] : [])));
}

function checkConfig(request: AppRequest, problems: AppProblem[]): unknown {
  const { definition, config, source, sources } = request;
  const schema: z.ZodType = definition.config ?? z.strictObject({});
  const result = schema.safeParse(config ?? {});
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const pointer = issue.path.map((part) => `/${String(part)}`).join('');
    const where = issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    problems.push({
      source: sources[pointer] ?? source,
      message: `app "${definition.name}"${where}: ${issue.message}`,
      fix: `see the README of app "${definition.name}"`,
    });
  }
  return undefined;
}

function createCounters(names: string[]): Record<string, Counter> {
  return Object.fromEntries(
    names.map((name) => {
      let value = 0;
      const counter: Counter = {
        add(count = 1) {
          value += count;
        },
        get value() {
          return value;
        },
      };
      return [name, counter];
    }),
  );
}
