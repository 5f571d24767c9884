/**
 * Reads the statistics of one switch, each kind when its turn comes by the schedule; flows all at once while they are few,
 * else table by table. A question that finds nothing fresh has them read at once.
 */

import type { Clock } from '../../clock.ts';
import type { Demands } from './demand.ts';
import type { StatisticsKind } from './kinds.ts';
import { type Cost, interval, MANY_FLOWS, staleAfter } from './schedule.ts';

export interface Statistics {
  kind: StatisticsKind;
  /** Of flows: only those of this table. */
  table: number | undefined;
}

export interface PollerOptions {
  dpid: string;
  clock: Clock;
  demands: Demands;
  /** Asks the switch and books the answer; how many entries it had. Rejects where the switch refuses or is gone. */
  read(what: Statistics): Promise<number>;
  /** How many flows each table has, by the last answer about tables. */
  sizes(): ReadonlyMap<number, number>;
  /** Something was read. */
  done(what: Statistics): void;
  /** Milliseconds from the beginning until the first reading, while nobody looks. */
  delay: number;
}

export interface Poller {
  /** Reads by itself from now on; before, only what is asked for. */
  begin(): void;
  /** Has read what is older than a watcher would see it; where the switch is slow, later. */
  fresh(kinds: readonly StatisticsKind[], tables?: readonly number[]): Promise<void>;
  /** Who looks has changed. */
  reschedule(): void;
  stop(): void;
}

interface Unit extends Cost {
  what: Statistics;
  /** When it was read last, or is being read. */
  at: number | undefined;
  running: Promise<void> | undefined;
}

const KINDS: readonly StatisticsKind[] = ['port', 'table', 'flow', 'queue', 'meter', 'group'];

export function createPoller({ dpid, clock, demands, read, sizes, done, delay }: PollerOptions): Poller {
  const units = new Map<string, Unit>();
  let first: number | undefined;
  /** Ports tell since when the switch runs: before that nothing else is read. */
  let met: Promise<void> | undefined;
  let flows: Promise<void> = Promise.resolve();
  let cancel: (() => void) | undefined;
  let stopped = false;

  function unitOf(kind: StatisticsKind, table?: number): Unit {
    const name = `${kind}/${table ?? ''}`;
    let unit = units.get(name);
    if (unit === undefined) {
      unit = { what: { kind, table }, at: undefined, took: 0, size: undefined, running: undefined };
      units.set(name, unit);
    }
    return unit;
  }

  /** What is read at all, and how often somebody wants it. */
  function wanted(): [Unit, number | undefined][] {
    const list: [Unit, number | undefined][] = [];
    for (const kind of KINDS) if (kind !== 'flow') list.push([unitOf(kind), demands.every(kind, dpid)]);
    const all = demands.every('flow', dpid);
    const tables = sizes();
    let count = 0;
    for (const size of tables.values()) count += size;
    if (count <= MANY_FLOWS) list.push([unitOf('flow'), all]);
    else
      for (const [table, size] of tables)
        if (size > 0) list.push([unitOf('flow', table), demands.every('flow', dpid, table)]);
    if (count <= MANY_FLOWS) {
      for (const table of demands.tables(dpid)) {
        const every = demands.every('flow', dpid, table);
        if (every !== undefined && (all === undefined || every < all)) list.push([unitOf('flow', table), every]);
      }
    }
    return list;
  }

  /** A table was read with all of them too. */
  function readAt(unit: Unit): number | undefined {
    const whole = unit.what.table === undefined ? undefined : units.get('flow/')?.at;
    return whole !== undefined && (unit.at === undefined || whole > unit.at) ? whole : unit.at;
  }

  function dueAt(unit: Unit, every: number | undefined, first: number): number {
    const at = readAt(unit);
    if (at === undefined) return every === undefined ? first : 0;
    return at + interval(every, unit);
  }

  function start(unit: Unit): Promise<void> {
    if (unit.running !== undefined) return unit.running;
    const { kind } = unit.what;
    const before = kind === 'port' ? Promise.resolve() : introduced();
    const turn = kind === 'flow' ? Promise.all([before, flows]) : before;
    unit.at = clock.now();
    const running = turn.then(async () => {
      if (stopped) return;
      unit.at = clock.now();
      try {
        unit.size = await read(unit.what);
      } catch {
        // Refused, or the connection is gone: it counts as nothing there.
        unit.size = 0;
      }
      unit.took = clock.now() - unit.at;
    });
    unit.running = running.finally(() => {
      unit.running = undefined;
      if (stopped) return;
      done(unit.what);
      plan();
    });
    if (kind === 'flow') flows = unit.running;
    return unit.running;
  }

  function introduced(): Promise<void> {
    met ??= start(unitOf('port'));
    return met;
  }

  function plan(): void {
    cancel?.();
    cancel = undefined;
    if (stopped || first === undefined) return;
    const now = clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [unit, every] of wanted()) {
      if (unit.running !== undefined) continue;
      const due = dueAt(unit, every, first);
      // What is watched soon finds one time for all of it, and is told together.
      if (due <= now + (every ?? 0) / 4) void start(unit);
      else next = Math.min(next, due);
    }
    if (next < Number.POSITIVE_INFINITY) cancel = clock.after(next - now, plan);
  }

  return {
    begin() {
      if (first !== undefined) return;
      first = clock.now() + delay;
      plan();
    },
    async fresh(kinds, tables) {
      const now = clock.now();
      const asked = kinds.flatMap((kind) =>
        kind === 'flow' && tables !== undefined ? tables.map((table) => unitOf(kind, table)) : [unitOf(kind)],
      );
      await Promise.all(
        asked.map((unit) => {
          const at = readAt(unit);
          const isFresh = unit.running === undefined && at !== undefined && now - at < staleAfter(unit);
          return isFresh ? undefined : start(unit);
        }),
      );
    },
    reschedule: plan,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
