/** What the ports, tables, queues, meters and groups of all switches have counted. */

import type { History } from './history.ts';
import { increases } from './increase.ts';
import { COUNTER_FIELDS, HISTORY_FIELDS, type StatisticsKind } from './kinds.ts';

export type EntityKind = Exclude<StatisticsKind, 'flow'>;

export interface EntityReading {
  /** What it is known by on its switch: a port's name, a table's number. */
  name: string;
  /** By the kind's fields; NOT_KEPT where the switch does not keep one. */
  values: readonly number[];
  /** Milliseconds since it came to be; undefined: not told. */
  duration: number | undefined;
}

export interface Entity {
  readonly kind: EntityKind;
  readonly dpid: string;
  readonly name: string;
  /** Sums; null where the switch does not keep it. */
  readonly counts: readonly (number | null)[];
  /** Per second. */
  readonly rates: readonly number[];
  readonly readAt: number;
  /** False: its switch has it no more. */
  readonly there: boolean;
}

export interface SavedEntity {
  kind: EntityKind;
  name: string;
  last: readonly number[];
  sums: readonly number[];
}

export interface EntityBook {
  /** All of one kind that the switch has. */
  read(dpid: string, kind: EntityKind, readings: readonly EntityReading[], at: number): void;
  /** Its counters began at zero since the last reading. Those of ports are their devices' own, and told apart by falling. */
  restarted(dpid: string): void;
  disconnected(dpid: string): void;
  get(dpid: string, kind: EntityKind, name: string): Entity | undefined;
  /** Those that are there. */
  all(kind: EntityKind): Iterable<Entity>;
  save(dpid: string): SavedEntity[];
  restore(dpid: string, entities: readonly SavedEntity[], at: number): void;
}

interface Entry extends Entity {
  last: number[];
  sums: number[];
  kept: boolean[];
  rates: number[];
  readAt: number;
  there: boolean;
}

const TOO_SOON = 200;
/** What is gone is remembered, so many of a switch's. */
const GONE = 1024;

export function historyId(kind: EntityKind, dpid: string, name: string): string {
  return `${kind}/${dpid}/${name}`;
}

export function createEntityBook(history: History): EntityBook {
  /** dpid → `kind/name` → entry. */
  const switches = new Map<string, Map<string, Entry>>();
  /** `dpid/kind`: when it was read. */
  const readAt = new Map<string, number>();

  function entriesOf(dpid: string): Map<string, Entry> {
    const entries = switches.get(dpid) ?? new Map<string, Entry>();
    switches.set(dpid, entries);
    return entries;
  }

  function create(dpid: string, kind: EntityKind, name: string, at: number): Entry {
    const zeros = COUNTER_FIELDS[kind].map(() => 0);
    const kept = zeros.map(() => true);
    const entry = { kind, dpid, name, last: [...zeros], sums: [...zeros], kept, rates: zeros, readAt: at, there: true };
    return {
      ...entry,
      get counts() {
        return this.sums.map((sum, field) => (this.kept[field] === true ? sum : null));
      },
    };
  }

  function readOne(entry: Entry, { values, duration }: EntityReading, at: number, since: number | undefined): void {
    const from = entry.there ? entry.readAt : (since ?? at);
    const anew = duration !== undefined && duration < at - from;
    // A device may have been a port before, and goes on counting.
    const last = anew && entry.kind !== 'port' ? values.map(() => 0) : entry.last;
    const rises = increases(last, values, anew);
    const seconds = since === undefined ? 0 : (at - from) / 1000;
    entry.kept = values.map((value) => !Number.isNaN(value));
    entry.last = values.map((value) => (Number.isNaN(value) ? 0 : value));
    entry.sums = entry.sums.map((sum, field) => sum + rises[field]!);
    entry.rates = rises.map((rise) => (seconds > 0 ? rise / seconds : 0));
    entry.readAt = at;
    entry.there = true;
    const shown = rises.slice(0, HISTORY_FIELDS[entry.kind] ?? 0);
    if (seconds > 0 && shown.some((rise) => rise > 0))
      history.add(historyId(entry.kind, entry.dpid, entry.name), from, at, shown);
  }

  function forget(entries: Map<string, Entry>): void {
    let gone = 0;
    for (const { there } of entries.values()) if (!there) gone++;
    for (const [key, { there }] of entries) {
      if (gone <= GONE) return;
      if (there) continue;
      entries.delete(key);
      gone--;
    }
  }

  return {
    read(dpid, kind, readings, at) {
      const since = readAt.get(`${dpid}/${kind}`);
      if (since !== undefined && at - since < TOO_SOON) return;
      readAt.set(`${dpid}/${kind}`, at);
      const entries = entriesOf(dpid);
      const seen = new Set<Entry>();
      for (const reading of readings) {
        const key = `${kind}/${reading.name}`;
        const entry = entries.get(key) ?? create(dpid, kind, reading.name, since ?? at);
        entries.set(key, entry);
        seen.add(entry);
        readOne(entry, reading, at, since);
      }
      for (const entry of entries.values()) {
        if (entry.kind !== kind || seen.has(entry)) continue;
        entry.there = false;
        if (kind !== 'port') entry.last = entry.last.map(() => 0);
        entry.rates = entry.rates.map(() => 0);
      }
      forget(entries);
    },
    restarted(dpid) {
      for (const entry of entriesOf(dpid).values()) if (entry.kind !== 'port') entry.last = entry.last.map(() => 0);
    },
    disconnected(dpid) {
      for (const entry of entriesOf(dpid).values()) entry.rates = entry.rates.map(() => 0);
    },
    get: (dpid, kind, name) => switches.get(dpid)?.get(`${kind}/${name}`),
    *all(kind) {
      for (const entries of switches.values())
        for (const entry of entries.values()) if (entry.kind === kind && entry.there) yield entry;
    },
    save: (dpid) =>
      [...entriesOf(dpid).values()]
        .filter(({ sums }) => sums.some((sum) => sum > 0))
        .map(({ kind, name, last, sums }) => ({ kind, name, last, sums })),
    restore(dpid, entities, at) {
      for (const { kind, name, last, sums } of entities) {
        const entry = create(dpid, kind, name, at);
        Object.assign(entry, { last: [...last], sums: [...sums] });
        entriesOf(dpid).set(`${kind}/${name}`, entry);
        readAt.set(`${dpid}/${kind}`, at);
      }
    },
  };
}
