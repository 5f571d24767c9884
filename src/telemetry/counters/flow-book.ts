/**
 * What the flows of one switch have counted, by table, priority and match as the switch itself writes them: that costs
 * nothing to compare. A flow's figures go on where it left off when it is installed again for the same reason.
 */

import { createFlowRings } from './flow-rings.ts';
import { createFlowTables, type FlowEntry, type FlowFigures, type FlowTable, type OwnerOf } from './flow-tables.ts';
import { increase } from './increase.ts';
import type { IntentSums } from './intent-sums.ts';

/** As `scanFlowStats` gives them, and the match. */
export interface FlowReading {
  tableId: number;
  /** Priority and match in the switch's own bytes, as text of one character each. */
  key: string;
  /** Milliseconds since it was installed. */
  duration: number;
  cookieHigh: number;
  cookieLow: number;
  packets: number;
  bytes: number;
}

/** A flow's figures as they are kept in a store. */
export type SavedFlow = [
  ...[tableId: number, key: string, cookieHigh: number, cookieLow: number],
  ...[lastPackets: number, lastBytes: number, packets: number, bytes: number],
];

export interface FlowBook {
  /** A reading of one table, or of all, begins: what the switch says is as of now. */
  begin(at: number): void;
  read(reading: FlowReading): void;
  /** It is complete: what it did not name is gone. */
  end(table: number | undefined): void;
  /** Its counters began at zero since the last reading. */
  restarted(): void;
  /** The switch said what a flow had counted when it ended. */
  removed(tableId: number, identity: string, packets: number, bytes: number, at: number): void;
  /** Nothing is known to move. */
  disconnected(): void;
  figures(identity: string): FlowFigures | undefined;
  identities(): IterableIterator<[identity: string, FlowFigures]>;
  /** Flows whose identity is not known yet get it, so many at most; false: there is nothing more to do. */
  identify(most: number): boolean;
  /** Whether histories of single flows are kept: while somebody watches. */
  watch(on: boolean): void;
  save(): SavedFlow[];
  restore(flows: readonly SavedFlow[], at: number): void;
  readonly size: number;
}

export interface FlowBookOptions {
  /** The switch's datapath id. */
  dpid: string;
  sums: IntentSums;
  ownerOf: OwnerOf;
  /** undefined: the match can't be read. */
  identityOf(tableId: number, key: string): string | undefined;
  /** It is known which flow one of this intent is. */
  named?(identity: string, intent: string): void;
}

/** Readings closer together than this say nothing of rates: the later one is left out. */
const TOO_SOON = 200;
/** So many flows that are gone are remembered, by table. */
const GONE = 4096;

export function createFlowBook({ dpid, sums, ownerOf, identityOf, named }: FlowBookOptions): FlowBook {
  const tables = createFlowTables(dpid, sums, ownerOf);
  const { partOf } = tables;
  const rings = createFlowRings();
  const byIdentity = new Map<string, FlowEntry>();
  const nameless: FlowEntry[] = [];
  let reading = 0;
  let at = 0;
  /** When all tables were read last: what is found elsewhere later is new. */
  let wholeAt: number | undefined;
  let watched = false;

  function create(table: FlowTable, tableId: number, key: string, cookieHigh: number, cookieLow: number): FlowEntry {
    return {
      ...{ tableId, key, identity: undefined, cookieHigh, cookieLow, lastPackets: 0, lastBytes: 0 },
      ...{
        packets: 0,
        bytes: 0,
        packetRate: 0,
        byteRate: 0,
        movedAt: undefined,
        installedAt: at,
        readAt: at,
        reading,
        ring: undefined,
      },
      part: partOf(table, cookieHigh, cookieLow),
    };
  }

  function enter(table: FlowTable, entry: FlowEntry): void {
    table.entries.set(entry.key, entry);
    sums.count(entry.part, 1);
    nameless.push(entry);
    if (entry.identity !== undefined) byIdentity.set(entry.identity, entry);
  }

  function leave(table: FlowTable, entry: FlowEntry): void {
    table.entries.delete(entry.key);
    sums.count(entry.part, -1);
    if (entry.identity !== undefined && byIdentity.get(entry.identity) === entry) byIdentity.delete(entry.identity);
    Object.assign(entry, { packetRate: 0, byteRate: 0, lastPackets: 0, lastBytes: 0 });
    rings.drop(entry);
    if (entry.packets === 0) return;
    table.gone.delete(entry.key);
    table.gone.set(entry.key, entry);
    for (const key of table.gone.keys()) {
      if (table.gone.size <= GONE) break;
      table.gone.delete(key);
    }
  }

  /** One that was there before for the same reason, or a new one. */
  function arrive(table: FlowTable, { tableId, key, cookieHigh, cookieLow }: FlowReading): FlowEntry {
    const known = table.gone.get(key);
    table.gone.delete(key);
    const isSame = known !== undefined && known.cookieHigh === cookieHigh && known.cookieLow === cookieLow;
    const entry = isSame ? known : create(table, tableId, key, cookieHigh, cookieLow);
    entry.part = partOf(table, cookieHigh, cookieLow);
    enter(table, entry);
    return entry;
  }

  /** It stands there for another reason now: what it has counted until then stays with the former. */
  function change(table: FlowTable, entry: FlowEntry, cookieHigh: number, cookieLow: number): void {
    sums.count(entry.part, -1);
    entry.cookieHigh = cookieHigh;
    entry.cookieLow = cookieLow;
    entry.part = partOf(table, cookieHigh, cookieLow);
    sums.count(entry.part, 1);
    entry.packets = 0;
    entry.bytes = 0;
    nameless.push(entry);
  }

  function book(entry: FlowEntry, packets: number, bytes: number, when: number, told: boolean): void {
    if (packets === 0 && bytes === 0) return;
    entry.packets += packets;
    entry.bytes += bytes;
    sums.rise(entry.part, packets, bytes, when, told);
  }

  return {
    get size() {
      let size = 0;
      for (const [, { entries }] of tables.all()) size += entries.size;
      return size;
    },
    begin(now) {
      reading++;
      at = now;
    },
    read(seen) {
      const table = tables.of(seen.tableId, wholeAt);
      const since = table.readAt;
      let entry = table.entries.get(seen.key);
      const isKnown = entry !== undefined;
      entry ??= arrive(table, seen);
      entry.reading = reading;
      if (since !== undefined && at - since < TOO_SOON && isKnown) return;
      const { packets, bytes, duration } = seen;
      const from = isKnown ? entry.readAt : (since ?? at);
      if (entry.cookieHigh !== seen.cookieHigh || entry.cookieLow !== seen.cookieLow)
        change(table, entry, seen.cookieHigh, seen.cookieLow);
      const installedAnew = duration < at - from;
      // Both begin at zero together.
      const begun = installedAnew && (packets < entry.lastPackets || bytes < entry.lastBytes);
      const morePackets = increase(begun ? 0 : entry.lastPackets, packets, installedAnew);
      const moreBytes = increase(begun ? 0 : entry.lastBytes, bytes, installedAnew);
      const told = isKnown || since !== undefined;
      book(entry, morePackets, moreBytes, at, told);
      // It moves a little by what the way to the switch takes.
      if (!isKnown || Math.abs(at - duration - entry.installedAt) > 1000) entry.installedAt = at - duration;
      // What a flow is learned from is not in its own count.
      if (packets === 0) entry.movedAt = at - duration;
      else if (morePackets > 0) entry.movedAt = told ? at : undefined;
      const seconds = told ? (at - from) / 1000 : 0;
      entry.packetRate = seconds > 0 ? morePackets / seconds : 0;
      entry.byteRate = seconds > 0 ? moreBytes / seconds : 0;
      if (watched && told && morePackets > 0) rings.record(entry, from, at, morePackets, moreBytes);
      entry.lastPackets = packets;
      entry.lastBytes = bytes;
      entry.readAt = at;
    },
    end(only) {
      for (const [id, table] of tables.all()) {
        if (only !== undefined && id !== only) continue;
        for (const entry of table.entries.values()) if (entry.reading !== reading) leave(table, entry);
        if (table.readAt !== undefined && at - table.readAt < TOO_SOON) continue;
        sums.settle(table.parts.values(), table.readAt, at);
        for (const [sum, part] of table.parts) {
          if (part.flows > 0) continue;
          sums.drop(part);
          table.parts.delete(sum);
          table.byCookie.clear();
        }
        table.readAt = at;
      }
      if (only === undefined) wholeAt = at;
    },
    restarted() {
      for (const [, { entries }] of tables.all()) {
        for (const entry of entries.values()) {
          entry.lastPackets = 0;
          entry.lastBytes = 0;
        }
      }
    },
    removed(tableId, identity, packets, bytes, now) {
      const entry = byIdentity.get(identity);
      const table = tables.known(tableId);
      if (entry === undefined || table === undefined) return;
      const morePackets = increase(entry.lastPackets, packets, true);
      book(entry, morePackets, increase(entry.lastBytes, bytes, true), now, true);
      if (morePackets > 0) entry.movedAt = now;
      leave(table, entry);
    },
    disconnected() {
      for (const [, { entries, parts }] of tables.all()) {
        for (const entry of entries.values()) {
          entry.packetRate = 0;
          entry.byteRate = 0;
        }
        for (const part of parts.values()) {
          part.packetRate = 0;
          part.byteRate = 0;
        }
      }
    },
    figures: (identity) => byIdentity.get(identity),
    identities: () => byIdentity.entries(),
    identify(most) {
      for (const entry of nameless.splice(-most)) {
        if (tables.known(entry.tableId)?.entries.get(entry.key) !== entry) continue;
        entry.identity ??= identityOf(entry.tableId, entry.key);
        if (entry.identity === undefined) continue;
        byIdentity.set(entry.identity, entry);
        named?.(entry.identity, entry.part.sum.key);
      }
      return nameless.length > 0;
    },
    watch(on) {
      if (watched && !on) {
        for (const [, { entries }] of tables.all()) for (const entry of entries.values()) rings.drop(entry);
      }
      watched = on;
    },
    save() {
      const saved: SavedFlow[] = [];
      for (const [, { entries, gone }] of tables.all()) {
        for (const some of [entries, gone]) {
          for (const each of some.values()) {
            if (each.packets === 0 && each.bytes === 0) continue;
            saved.push([
              ...([each.tableId, each.key, each.cookieHigh, each.cookieLow] as const),
              ...([each.lastPackets || 0, each.lastBytes || 0, each.packets, each.bytes] as const),
            ]);
          }
        }
      }
      return saved;
    },
    restore(flows, now) {
      at = now;
      for (const [tableId, key, cookieHigh, cookieLow, lastPackets, lastBytes, packets, bytes] of flows) {
        const table = tables.of(tableId, wholeAt);
        const entry = create(table, tableId, key, cookieHigh, cookieLow);
        Object.assign(entry, { lastPackets, lastBytes, packets, bytes });
        enter(table, entry);
        table.readAt = now;
      }
    },
  };
}
