/** A connection that was committed, and the table in which packets of both its directions find it. */

import type { OriginalTuple } from './state.ts';
import type { TcpPeer } from './tcp.ts';
import { emptyTuple, hashTuple, reverseTuple, sameTuple, type Tuple } from './tuple.ts';

/** One direction in the table. */
export interface Direction {
  readonly connection: Connection;
  readonly tuple: Tuple;
  readonly reply: boolean;
  next: Direction | undefined;
}

export interface Connection {
  readonly original: Tuple;
  /** As packets of the other side come in: where NAT changes the original direction, not just its reverse. */
  readonly reply: Tuple;
  /** `original` as packets show it. */
  readonly shown: OriginalTuple;
  mark: number;
  /** Four words, never changed in place. */
  label: readonly number[];
  /** NAT_SOURCE, NAT_DESTINATION or 0: what of packets of the original direction is translated. */
  readonly nat: number;
  /** Committed with a `nat` action, whatever that changed. */
  readonly translated: boolean;
  /** Another took its place, and nobody has swept it away yet. */
  over: boolean;
  /** In milliseconds; over from then on. */
  expires: number;
  /** Of protocols without states of their own: how far it came (see other.ts, icmp.ts). */
  phase: number;
  /** Sender of the original direction and its receiver; undefined where it is not TCP. */
  readonly tcp: readonly [TcpPeer, TcpPeer] | undefined;
}

export const NAT_SOURCE = 1;
export const NAT_DESTINATION = 2;

/** Whether its replies are nothing but the reverse of it. */
export function isPlain({ original, reply }: Connection): boolean {
  return sameTuple(reply, reverseTuple(original, emptyTuple()));
}

export interface ConnectionTable {
  readonly all: ReadonlySet<Connection>;
  /** The direction that has the tuple; connections that are over are not found. The latest wins. */
  find(tuple: Tuple, now: number): Direction | undefined;
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /**
   * Ends it for another of the same tuple. As in Open vSwitch the replies to a translated one stay known until the next
   * sweep: their tuple is taken, and they are nobody's.
   */
  replace(connection: Connection): void;
  /** Drops all of a zone, or all. */
  clear(zone: number | undefined): void;
  /** Drops what is over. */
  sweep(now: number): void;
  /** How many a zone has, those included that are over and not yet swept. */
  count(zone: number): number;
}

export function createConnectionTable(): ConnectionTable {
  const all = new Set<Connection>();
  /** What was replaced since the last sweep. */
  const left = new Set<Connection>();
  const chains = new Map<number, Direction>();
  const zones = new Map<number, number>();

  function put(connection: Connection, tuple: Tuple, reply: boolean): void {
    const hash = hashTuple(tuple);
    chains.set(hash, { connection, tuple, reply, next: chains.get(hash) });
  }

  function take(connection: Connection, tuple: Tuple): void {
    const hash = hashTuple(tuple);
    let before: Direction | undefined;
    for (let each = chains.get(hash); each !== undefined; each = each.next) {
      if (each.connection === connection) {
        if (before !== undefined) before.next = each.next;
        else if (each.next !== undefined) chains.set(hash, each.next);
        else chains.delete(hash);
      } else before = each;
    }
  }

  function end(connection: Connection): boolean {
    if (!all.delete(connection)) return false;
    const { zone } = connection.original;
    zones.set(zone, zones.get(zone)! - 1);
    return true;
  }

  function remove(connection: Connection): void {
    if (!end(connection)) return;
    take(connection, connection.reply);
    take(connection, connection.original);
  }

  function forget(zone: number | undefined): void {
    for (const connection of left) {
      if (zone !== undefined && connection.original.zone !== zone) continue;
      take(connection, connection.reply);
      left.delete(connection);
    }
  }

  return {
    all,
    remove,
    replace(connection) {
      if (!connection.translated || isPlain(connection)) {
        remove(connection);
        return;
      }
      if (!end(connection)) return;
      connection.over = true;
      left.add(connection);
      take(connection, connection.original);
    },
    find(tuple, now) {
      let each = chains.get(hashTuple(tuple));
      while (each !== undefined && (!sameTuple(each.tuple, tuple) || isGone(each.connection, now))) each = each.next;
      return each;
    },
    add(connection) {
      all.add(connection);
      put(connection, connection.reply, true);
      put(connection, connection.original, false);
      const { zone } = connection.original;
      zones.set(zone, (zones.get(zone) ?? 0) + 1);
    },
    clear(zone) {
      for (const connection of all) if (zone === undefined || connection.original.zone === zone) remove(connection);
      forget(zone);
    },
    sweep(now) {
      for (const connection of all) if (now >= connection.expires) remove(connection);
      forget(undefined);
    },
    count: (zone) => zones.get(zone) ?? 0,
  };
}

function isGone(connection: Connection, now: number): boolean {
  return !connection.over && now >= connection.expires;
}
