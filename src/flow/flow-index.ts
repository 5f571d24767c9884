/**
 * The flows of one switch by identity, what shall stand there and what does side by side: of nearly all there are both,
 * so they are held, and compared, without looking each other up.
 */

import { tableIn } from './flow-bytes.ts';

/** What a Map of flows by identity has, too. */
export interface Flows<Flow> {
  readonly size: number;
  get(identity: string): Flow | undefined;
  has(identity: string): boolean;
  values(): Iterable<Flow>;
}

/** One side of the index. */
export interface FlowView<Flow> extends Flows<Flow> {
  inTable(tableId: number): Iterable<Flow>;
}

export interface FlowSide<Flow, Pair> extends FlowView<Flow> {
  /** `pair`: where the flow belongs, if it was looked up already. */
  set(identity: string, flow: Flow, pair?: Pair): void;
  delete(identity: string): boolean;
}

/** One of both is there, or both are. */
export interface FlowPair<Wanted, Standing> {
  wanted: Wanted | undefined;
  standing: Standing | undefined;
}

export interface FlowIndex<Wanted, Standing> {
  readonly wanted: FlowSide<Wanted, FlowPair<Wanted, Standing>>;
  readonly standing: FlowSide<Standing, FlowPair<Wanted, Standing>>;
  /** Table by table. What comes or goes meanwhile may be among them or not. */
  pairs(): Iterable<FlowPair<Wanted, Standing>>[];
  pair(identity: string): FlowPair<Wanted, Standing> | undefined;
}

export function createFlowIndex<Wanted, Standing>(): FlowIndex<Wanted, Standing> {
  type Pair = FlowPair<Wanted, Standing>;
  /** By table id. */
  const tables: (Map<string, Pair> | undefined)[] = [];

  const tableOf = (identity: string) => tables[tableIn(identity)];

  function pairFor(identity: string): Pair {
    const id = tableIn(identity);
    let table = tables[id];
    if (table === undefined) {
      table = new Map();
      tables[id] = table;
    }
    let pair = table.get(identity);
    if (pair === undefined) {
      pair = { wanted: undefined, standing: undefined };
      table.set(identity, pair);
    }
    return pair;
  }

  const pairs = () => tables.flatMap((table) => table?.values() ?? []);

  function side<Flow>(
    read: (pair: Pair) => Flow | undefined,
    write: (pair: Pair, flow: Flow | undefined) => void,
  ): FlowSide<Flow, Pair> {
    let size = 0;
    function* flowsOf(among: Iterable<Pair>[]): Iterable<Flow> {
      for (const table of among) {
        for (const pair of table) {
          const flow = read(pair);
          if (flow !== undefined) yield flow;
        }
      }
    }
    function get(identity: string): Flow | undefined {
      const pair = tableOf(identity)?.get(identity);
      return pair === undefined ? undefined : read(pair);
    }
    return {
      get size() {
        return size;
      },
      get,
      has: (identity) => get(identity) !== undefined,
      values: () => flowsOf(pairs()),
      inTable: (tableId) => flowsOf([tables[tableId]?.values() ?? []]),
      set(identity, flow, pair = pairFor(identity)) {
        if (read(pair) === undefined) size++;
        write(pair, flow);
      },
      delete(identity) {
        const pair = tableOf(identity)?.get(identity);
        if (pair === undefined || read(pair) === undefined) return false;
        size--;
        write(pair, undefined);
        if (pair.wanted === undefined && pair.standing === undefined) tableOf(identity)!.delete(identity);
        return true;
      },
    };
  }

  return {
    wanted: side<Wanted>(
      (pair) => pair.wanted,
      (pair, flow) => {
        pair.wanted = flow;
      },
    ),
    standing: side<Standing>(
      (pair) => pair.standing,
      (pair, flow) => {
        pair.standing = flow;
      },
    ),
    pairs,
    pair: (identity) => tableOf(identity)?.get(identity),
  };
}
