/**
 * The stations of one switch, kept from what it learns by itself: each change of a learned flow comes here as the flow
 * monitor tells it, so nobody looks through all flows, and a station that is new or has moved is told at once.
 */

import type { ActualFlow } from '../flow/reconcile/diff.ts';
import type { LearnedStation, StationOf } from './learned-flow.ts';

/** A station as the switch knows it now. */
export interface KnownStation {
  /** Segment.id. */
  segment: number;
  mac: string;
  place: NonNullable<LearnedStation['place']>;
  /** The newest first. */
  addresses: readonly string[];
  /** The flow that says where it is, and the one that counts what it sends, by identity. */
  flow: string;
  counts: string | undefined;
}

export interface StationBook {
  /** A learned flow is another than before, or gone. */
  changed(before: ActualFlow | undefined, now: ActualFlow | undefined): void;
  /** What flows mean may have changed with the apps: all that stand are looked at again. */
  reread(flows: Iterable<ActualFlow>): void;
  stations(): Iterable<KnownStation>;
  /** From now on; what was learned before is told as well. */
  tell(): void;
  close(): void;
}

interface Entry {
  segment: number;
  mac: string;
  place: LearnedStation['place'];
  flow: string | undefined;
  counts: string | undefined;
  /** The newest last: address → identity of its flow. */
  addresses: Map<string, string>;
}

/** So many are told in one turn of the event loop. */
const AT_ONCE = 200;

/** `seen`: there is a station, it has moved, or it has an address more. */
export function createStationBook(
  stationOf: StationOf,
  seen: (station: KnownStation, address: string | undefined) => void,
): StationBook {
  /** By segment and MAC. */
  const entries = new Map<string, Entry>();
  /** Not yet told: the entry's key → the address that is news; a station that keeps moving waits here once. */
  const news = new Map<string, string | undefined>();
  let telling = false;
  let turn: NodeJS.Immediate | undefined;

  function entryOf({ segment, mac }: LearnedStation): Entry {
    const key = `${segment}/${mac}`;
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { segment, mac, place: undefined, flow: undefined, counts: undefined, addresses: new Map() };
      entries.set(key, entry);
    }
    return entry;
  }

  function add(station: LearnedStation, flow: ActualFlow, before: LearnedStation | undefined): void {
    const entry = entryOf(station);
    const { place, address } = station;
    if (place !== undefined) {
      entry.flow = flow.identity;
      entry.place = place;
      if (place.port !== before?.place?.port || place.peer !== before.place.peer) isNews(station, undefined);
    } else if (address === undefined) entry.counts = flow.identity;
    else {
      const known = entry.addresses.delete(address);
      entry.addresses.set(address, flow.identity);
      if (!known) isNews(station, address);
    }
  }

  /** Only what just this flow said: the station may be known by another. */
  function remove(station: LearnedStation, { identity }: ActualFlow): void {
    const entry = entryOf(station);
    const { place, address } = station;
    if (place !== undefined && entry.flow === identity) {
      entry.flow = undefined;
      entry.place = undefined;
    } else if (address !== undefined) {
      if (entry.addresses.get(address) === identity) entry.addresses.delete(address);
    } else if (entry.counts === identity) entry.counts = undefined;
    if (entry.flow !== undefined || entry.counts !== undefined || entry.addresses.size > 0) return;
    entries.delete(`${entry.segment}/${entry.mac}`);
    news.delete(`${entry.segment}/${entry.mac}`);
  }

  function isNews({ segment, mac }: LearnedStation, address: string | undefined): void {
    const key = `${segment}/${mac}`;
    news.set(key, address ?? news.get(key));
    if (telling) turn ??= setImmediate(tellSome);
  }

  function tellSome(): void {
    turn = undefined;
    let count = 0;
    for (const [key, address] of news) {
      if (count++ === AT_ONCE) break;
      news.delete(key);
      const station = known(entries.get(key));
      if (station !== undefined) seen(station, address ?? station.addresses[0]);
    }
    if (news.size > 0) turn = setImmediate(tellSome);
  }

  function known(entry: Entry | undefined): KnownStation | undefined {
    if (entry?.place === undefined || entry.flow === undefined) return undefined;
    const { segment, mac, place, flow, counts, addresses } = entry;
    return { segment, mac, place, flow, counts, addresses: [...addresses.keys()].toReversed() };
  }

  const book: StationBook = {
    changed(before, now) {
      const was = before === undefined ? undefined : stationOf(before);
      const is = now === undefined ? undefined : stationOf(now);
      if (is !== undefined && now !== undefined) add(is, now, was);
      else if (was !== undefined && before !== undefined) remove(was, before);
    },
    reread(flows) {
      entries.clear();
      for (const flow of flows) book.changed(undefined, flow);
    },
    *stations() {
      for (const entry of entries.values()) {
        const station = known(entry);
        if (station !== undefined) yield station;
      }
    },
    tell() {
      telling = true;
      if (news.size > 0) turn ??= setImmediate(tellSome);
    },
    close() {
      telling = false;
      if (turn !== undefined) clearImmediate(turn);
      turn = undefined;
    },
  };
  return book;
}
