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
  /** Hands out the tables of an app in the order they are declared: two apart; one alone between others' where a stage is full. */
  allocate(app: string, tables: Record<string, { stage: Stage; learned?: boolean }>): Map<string, number>;
  release(app: string): void;
  /** Remembers who has what; the function given back makes it so again. */
  keep(): () => void;
}

export function createTablePlan(from: Iterable<[number, TableOwner]> = []): TablePlan {
  const owners = new Map(from);

  /**
   * Ascending: a packet goes on, and never back. Nobody comes between an app's tables, nor behind its last of several: from
   * one to the next of its own, and on from there, it may send packets past who stands there.
   */
  function freeIn(stage: Stage, count: number): number[] {
    const [first, last] = STAGES[stage];
    const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const apart = ids.filter((id) => (id - first) % 2 === 0 && !owners.has(id));
    if (count > 1 || apart.length > 0) return apart;
    const taken = ids.flatMap((id) => owners.get(id)?.app ?? []);
    const isAlone = (id: number) => taken.filter((app) => app === owners.get(id)?.app).length === 1;
    return ids.filter((id) => !owners.has(id) && isAlone(id - 1));
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
        for (const [index, table] of names.entries()) {
          const id = free[index];
          if (id === undefined) {
            const others = [...owners.values()].filter((owner) => owner.stage === stage).map((owner) => owner.app);
            const text = `which is full: it belongs to ${[...new Set(others)].join(', ')}`;
            throw new FlowError(`app "${app}" wants a table in stage "${stage}", ${text}`);
          }
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
