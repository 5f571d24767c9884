/**
 * Keeps the sums of counters in the store, so that they go on after a restart of Flowloom: now and then, and at its end. A
 * large state is written in parts; only when all of it stands does the head, one value, name it as the one in force.
 */

import type { Json, Store, StoreSpace } from '../store/store.ts';
import type { SavedEntity } from '../telemetry/counters/entity-book.ts';
import type { SavedFlow } from '../telemetry/counters/flow-book.ts';

/** All as of one moment. */
export interface SavedCounters {
  /**
   * Cookie, app, packets, bytes, the intent's text and source, when it rose last, and whether others count its packets
   * (both not in what 0.1.0 saved).
   */
  intents: [
    key: string,
    app: string | null,
    packets: number,
    bytes: number,
    text: string | null,
    source: string | null,
    hitAt?: number | null,
    aside?: boolean,
  ][];
  apps: [name: string, packets: number, bytes: number][];
  switches: SavedSwitch[];
}

export interface SavedSwitch {
  dpid: string;
  /** When its flows and ports were read last. */
  at: number;
  portsAt: number | null;
  flows: SavedFlow[];
  entities: SavedEntity[];
}

export interface CounterStore {
  load(): SavedCounters | undefined;
  /** At once. */
  save(counters: SavedCounters): void;
  /** Part by part, so that others get their turns. */
  saveGently(counters: SavedCounters): Promise<void>;
}

/** Flows or intents in one value: some 200 KB of text, a millisecond. */
const IN_A_PART = 1000;
const HEAD = 'head';

type Part = Json & readonly unknown[];

/** undefined: nothing outlives the process. */
export function createCounterStore(store: Store): CounterStore | undefined {
  if (store.file === undefined) return undefined;
  const space = store.space('counters');
  let busy = false;
  let ended = false;

  function* write(counters: SavedCounters): Generator<void> {
    const before = headOf(space);
    const slot = before?.slot === 'a' ? 'b' : 'a';
    const kept = (name: string, list: readonly unknown[]) => ({
      ...{ name: `${slot}/${name}`, count: Math.ceil(list.length / IN_A_PART), list },
    });
    const lists = [
      kept('intents', counters.intents),
      ...counters.switches.map(({ dpid, flows }) => kept(`flows/${dpid}`, flows)),
    ];
    for (const { name, count, list } of lists) {
      for (let part = 0; part < count; part++) {
        space.set(`${name}/${part}`, list.slice(part * IN_A_PART, (part + 1) * IN_A_PART) as Part);
        yield;
      }
    }
    space.set(HEAD, {
      slot,
      intents: lists[0]!.count,
      apps: counters.apps,
      switches: counters.switches.map(({ dpid, at, portsAt, entities }, index) => ({
        ...{ dpid, at, portsAt, entities: entities as unknown as Json, flows: lists[index + 1]!.count },
      })),
    });
    for (const key of before === undefined ? [] : partsOf(before)) {
      space.delete(key);
      yield;
    }
  }

  return {
    load() {
      const head = headOf(space);
      if (head === undefined) return undefined;
      const list = (name: string, count: number) =>
        Array.from({ length: count }, (_, part) => space.get(`${head.slot}/${name}/${part}`) ?? []).flat();
      return {
        intents: list('intents', head.intents) as unknown as SavedCounters['intents'],
        apps: head.apps,
        switches: head.switches.map(({ flows, ...each }) => ({
          ...each,
          flows: list(`flows/${each.dpid}`, flows) as unknown as SavedFlow[],
        })),
      };
    },
    save(counters) {
      ended = true;
      store.batch(() => {
        for (const _ of write(counters));
      });
    },
    async saveGently(counters) {
      if (busy || ended) return;
      busy = true;
      try {
        for (const _ of write(counters)) {
          await new Promise((resolve) => setImmediate(resolve));
          if (ended) return;
        }
      } finally {
        busy = false;
      }
    },
  };
}

interface Head extends Pick<SavedCounters, 'apps'> {
  /** Parts are written beside those in force. */
  slot: 'a' | 'b';
  /** How many parts. */
  intents: number;
  switches: (Omit<SavedSwitch, 'flows'> & { flows: number })[];
}

function headOf(space: StoreSpace): Head | undefined {
  return space.get(HEAD) as unknown as Head | undefined;
}

function partsOf({ slot, intents, switches }: Head): string[] {
  const names = (name: string, count: number) => Array.from({ length: count }, (_, part) => `${slot}/${name}/${part}`);
  return [...names('intents', intents), ...switches.flatMap(({ dpid, flows }) => names(`flows/${dpid}`, flows))];
}
