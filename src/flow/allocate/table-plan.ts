/**
 * Which app has which table id: handed out at load, the same for every switch; conflicts are refused with both names. What
 * was given once is remembered, so an app more, wherever it stands in the file, never moves another's.
 */

import { FlowError } from '../flow-error.ts';
import { STAGES, type Stage } from '../stages.ts';
import type { NumberMemory } from './numbering.ts';
import { takeBack } from './take-back.ts';

export interface TableOwner {
  app: string;
  table: string;
  stage: Stage;
  id: number;
  /** Written by `learn` alone. */
  learned: boolean;
  /** It is looked up only. */
  aside: boolean;
}

export interface TablePlan {
  readonly owners: ReadonlyMap<number, TableOwner>;
  /** `firewall`, `switching.learned`; the number where nobody owns it. */
  name(id: number): string;
  /**
   * Hands out the tables of an app in the order they are declared: two apart; between others' where a stage is full. `at`: it
   * has them, and gets no others.
   */
  allocate(
    app: string,
    tables: Record<string, { stage: Stage; learned?: boolean; aside?: boolean }>,
    at?: ReadonlyMap<string, number>,
  ): Map<string, number>;
  release(app: string): void;
  /** Remembers who has what; the function given back makes it so again. */
  keep(): () => void;
  copy(): TablePlan;
}

/** `memory`: where tables were put in earlier runs, by `app.table`. */
export function createTablePlan(memory?: NumberMemory, from: Iterable<[number, TableOwner]> = []): TablePlan {
  const owners = new Map(from);
  /** Those of apps that are not loaded now among them. */
  const remembered = new Map<string, number>(memory?.entries() ?? []);
  for (const { app, table, id } of owners.values()) remembered.set(`${app}.${table}`, id);

  /** The places that these tables had, if they are all there still. */
  function rememberedIn(stage: Stage, app: string, tables: readonly string[]): number[] | undefined {
    const [first, last] = STAGES[stage];
    const ids = tables.map((table) => remembered.get(`${app}.${table}`) ?? -1);
    const isAscending = ids.every((id, index) => id > (ids[index - 1] ?? first - 1) && id <= last);
    return isAscending && isFree(appsIn(stage), ids[0]! - first, ids.at(-1)! - first) ? ids : undefined;
  }

  /** By place in the stage. `also`: of what is not loaded now, too, but for this app's own. */
  function appsIn(stage: Stage, also?: string): (string | undefined)[] {
    const [first, last] = STAGES[stage];
    const apps = Array.from({ length: last - first + 1 }, (_, index) => owners.get(first + index)?.app);
    for (const [name, id] of also === undefined ? [] : remembered) {
      const app = name.slice(0, name.lastIndexOf('.'));
      if (id >= first && id <= last && app !== also) apps[id - first] ??= app;
    }
    return apps;
  }

  /**
   * Ascending: a packet goes on, and never back. Nobody comes between the tables of one app: from one to the next of its
   * own it may send packets past who stands there. Two apart while there is room, then side by side.
   */
  function freeIn(stage: Stage, count: number, apps: readonly (string | undefined)[]): number[] | undefined {
    const [first] = STAGES[stage];
    for (const step of [2, 1]) {
      for (let from = 0; from + (count - 1) * step < apps.length; from += step) {
        if (!isFree(apps, from, from + (count - 1) * step)) continue;
        return Array.from({ length: count }, (_, index) => first + from + index * step);
      }
    }
    return undefined;
  }

  function placesIn(stage: Stage, app: string, tables: readonly string[]): number[] | undefined {
    return (
      rememberedIn(stage, app, tables) ??
      freeIn(stage, tables.length, appsIn(stage, app)) ??
      freeIn(stage, tables.length, appsIn(stage))
    );
  }

  return {
    owners,
    name(id) {
      const owner = owners.get(id);
      if (owner === undefined) return id === 0 ? 'classify' : String(id);
      return owner.table === owner.stage ? owner.stage : `${owner.stage}.${owner.table}`;
    },
    allocate(app, tables, at) {
      const ids = new Map<string, number>();
      for (const [stage, names] of Map.groupBy(Object.keys(tables), (table) => tables[table]!.stage)) {
        const free = at === undefined ? placesIn(stage, app, names) : names.map((name) => at.get(name)!);
        if (free === undefined) {
          const others = [...owners.values()].filter((owner) => owner.stage === stage).map((owner) => owner.app);
          const wanted = names.length === 1 ? 'a table' : `${names.length} tables`;
          const [first, last] = STAGES[stage];
          const text =
            others.length === 0
              ? `which has ${last - first + 1}`
              : `which is full: it belongs to ${[...new Set(others)].join(', ')}`;
          throw new FlowError(`app "${app}" wants ${wanted} in stage "${stage}", ${text}`);
        }
        for (const [index, table] of names.entries()) {
          const id = free[index]!;
          owners.set(id, {
            app,
            table,
            stage,
            id,
            learned: tables[table]!.learned ?? false,
            aside: tables[table]!.aside ?? false,
          });
          ids.set(table, id);
          // What an app that is not loaded once had here is no longer its own.
          for (const [other, taken] of remembered) {
            if (taken !== id) continue;
            remembered.delete(other);
            memory?.delete(other);
          }
          remembered.set(`${app}.${table}`, id);
          memory?.set(`${app}.${table}`, id);
        }
      }
      return ids;
    },
    keep() {
      const kept = [...owners];
      const keptNames = [...remembered];
      return () => {
        owners.clear();
        for (const [id, owner] of kept) owners.set(id, owner);
        takeBack(remembered, keptNames, memory);
      };
    },
    release(app) {
      for (const [id, owner] of owners) if (owner.app === app) owners.delete(id);
    },
    copy() {
      return createTablePlan(asTheyWere([...remembered]), owners);
    },
  };
}

function asTheyWere(entries: [string, number][]): NumberMemory {
  return { entries: () => entries, set: () => undefined, delete: () => undefined };
}

/** Whether an app can have the places from one to the other: nobody is there, nor has tables on both sides. */
function isFree(apps: readonly (string | undefined)[], from: number, to: number): boolean {
  return (
    apps.slice(from, to + 1).every((app) => app === undefined) && !apps.slice(0, from).some(hasAlsoIn(apps.slice(to)))
  );
}

/** Tells of an app whether it is among these. */
function hasAlsoIn(apps: readonly (string | undefined)[]): (app: string | undefined) => boolean {
  return (app) => app !== undefined && apps.includes(app);
}
