/** Who looks at which statistics: what a poller goes by. */

import type { StatisticsKind } from './kinds.ts';

export interface Demand {
  kinds: readonly StatisticsKind[];
  /** Only of this switch. */
  dpid?: string | undefined;
  /** Of flows: only those in these tables. */
  tables?: readonly number[] | undefined;
  /** Milliseconds. */
  every: number;
}

export interface Demands {
  /** Until the function given back is called. */
  add(demand: Demand): () => void;
  /** The shortest interval that somebody wants; undefined: nobody looks. `table`: flows of that one, else of all. */
  every(kind: StatisticsKind, dpid: string, table?: number): number | undefined;
  /** Whether somebody wants it as often as that, of any switch and table. */
  isWatched(kind: StatisticsKind, every: number): boolean;
  /** Tables that are asked for by number. */
  tables(dpid: string): Set<number>;
}

export function createDemands(changed: () => void): Demands {
  const demands = new Set<Demand>();
  return {
    add(demand) {
      const own = { ...demand };
      demands.add(own);
      changed();
      return () => {
        if (demands.delete(own)) changed();
      };
    },
    every(kind, dpid, table) {
      let shortest: number | undefined;
      for (const demand of demands) {
        if (!demand.kinds.includes(kind) || (demand.dpid !== undefined && demand.dpid !== dpid)) continue;
        const covers = demand.tables === undefined || (table !== undefined && demand.tables.includes(table));
        if (covers && (shortest === undefined || demand.every < shortest)) shortest = demand.every;
      }
      return shortest;
    },
    isWatched: (kind, every) => [...demands].some((one) => one.kinds.includes(kind) && one.every <= every),
    tables(dpid) {
      const named = new Set<number>();
      for (const demand of demands) {
        if (demand.dpid !== undefined && demand.dpid !== dpid) continue;
        for (const table of demand.tables ?? []) named.add(table);
      }
      return named;
    },
  };
}
