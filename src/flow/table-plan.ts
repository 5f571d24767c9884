/** Which app has which table id: handed out at load, the same for every switch; conflicts are refused with both names. */

import { FlowError } from './flow-error.ts';
import { STAGES, type Stage } from './stages.ts';

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
  /** Hands out the tables of an app; they stand two apart, in the order they are declared. */
  allocate(app: string, tables: Record<string, { stage: Stage; learned?: boolean }>): Map<string, number>;
  release(app: string): void;
  /** Remembers who has what; the function given back makes it so again. */
  keep(): () => void;
}

export function createTablePlan(from: Iterable<[number, TableOwner]> = []): TablePlan {
  const owners = new Map(from);
  return {
    owners,
    name(id) {
      const owner = owners.get(id);
      if (owner === undefined) return id === 0 ? 'classify' : String(id);
      return owner.table === owner.stage ? owner.stage : `${owner.stage}.${owner.table}`;
    },
    allocate(app, tables) {
      const ids = new Map<string, number>();
      for (const [table, { stage, learned = false }] of Object.entries(tables)) {
        const [first, last] = STAGES[stage];
        let id: number = first;
        while (owners.has(id)) id += 2;
        if (id > last) {
          const others = [...owners.values()].filter((owner) => owner.stage === stage).map((owner) => owner.app);
          throw new FlowError(
            `app "${app}" wants a table in stage "${stage}", which is full: it belongs to ${[...new Set(others)].join(', ')}; leave one of them out`,
          );
        }
        owners.set(id, { app, table, stage, id, learned });
        ids.set(table, id);
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
