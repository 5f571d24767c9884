/** Which app has which table id: handed out at load, the same for every switch; conflicts are refused with both names. */

import { FlowError } from '../flow-error.ts';
import { STAGES, type Stage } from '../stages.ts';

export interface TableOwner {
  app: string;
  table: string;
  stage: Stage;
  id: number;
  /** Written by `learn` alone. */
  learned: boolean;
}

export interface TablePlan {
  readonly owners: ReadonlyMap<number, TableOwner>;
  /** `firewall`, `switching.learned`; the number where nobody owns it. */
  name(id: number): string;
  /** Hands out the tables of an app in the order they are declared: two apart; between others' where a stage is full. */
  allocate(app: string, tables: Record<string, { stage: Stage; learned?: boolean }>): Map<string, number>;
  release(app: string): void;
  /** Remembers who has what; the function given back makes it so again. */
  keep(): () => void;
}

export function createTablePlan(from: Iterable<[number, TableOwner]> = []): TablePlan {
  const owners = new Map(from);

  /**
   * Ascending: a packet goes on, and never back. Nobody comes between the tables of one app: from one to the next of its
   * own it may send packets past who stands there. Two apart while there is room, then side by side.
   */
  function freeIn(stage: Stage, count: number): number[] | undefined {
    const [first, last] = STAGES[stage];
    const apps = Array.from({ length: last - first + 1 }, (_, index) => owners.get(first + index)?.app);
    const isFree = (from: number, to: number) =>
      apps.slice(from, to + 1).every((app) => app === undefined) &&
      !apps.slice(0, from).some(hasAlsoIn(apps.slice(to)));
    for (const step of [2, 1]) {
      for (let from = 0; from + (count - 1) * step < apps.length; from += step) {
        if (!isFree(from, from + (count - 1) * step)) continue;
        return Array.from({ length: count }, (_, index) => first + from + index * step);
      }
    }
    return undefined;
  }

  return {
    owners,
    name(id) {
      const owner = owners.get(id);
      if (owner === undefined) return id === 0 ? 'classify' : String(id);
      return owner.table === owner.stage ? owner.stage : `${owner.stage}.${owner.table}`;
    },
    allocate(app, tables) {
      const ids = new Map<string, number>();
      for (const [stage, names] of Map.groupBy(Object.keys(tables), (table) => tables[table]!.stage)) {
        const free = freeIn(stage, names.length);
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
          owners.set(id, { app, table, stage, id, learned: tables[table]!.learned ?? false });
          ids.set(table, id);
        }
      }
      return ids;
    },
    keep() {
      const kept = [...owners];
      return () => {
        owners.clear();
        for (const [id, owner] of kept) owners.set(id, owner);
      };
    },
    release(app) {
      for (const [id, owner] of owners) if (owner.app === app) owners.delete(id);
    },
  };
}

/** Tells of an app whether it is among these. */
function hasAlsoIn(apps: readonly (string | undefined)[]): (app: string | undefined) => boolean {
  return (app) => app !== undefined && apps.includes(app);
}
