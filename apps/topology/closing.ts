/**
 * What stands closed on every switch. Closing comes first, opening a moment later, so that no change of the tree lets a
 * frame go round. After a start nothing that stands closed is opened before the switches have been heard.
 */

import type { Discovery } from './discovery.ts';
import { KEPT, NEW, type PortNow, type Why } from './ports.ts';
import { type Closed, type Place, placeKey, type Segments, type Tree, treeOf } from './tree.ts';

/** Milliseconds that switches have to close before others open. */
const CLOSE_FIRST = 200;
/** After the last switch that is expected hears: what its probes find. */
const LOOK_AROUND = 1000;
/** After the last switch came, where not all that are expected do: Open vSwitch tries every 8 seconds at least. */
const GIVE_UP = 10_000;

/** By port number. */
export type ClosedPorts = Map<number, Closed>;

export interface ClosingOptions {
  discovery: Discovery;
  segments: Segments;
  /** Whether a switch of the network has not been heard yet; undefined: it is not known which there are. */
  missing(): boolean | undefined;
  /** The ports that stand closed on a switch from now on. */
  declare(dpid: string, closed: ClosedPorts): void;
  /** Frames take another way. */
  changed(): void;
  later(milliseconds: number): void;
}

export interface Closing {
  /** `before`: what stands closed by the flows of an earlier run; undefined: no flow of ours stands there. */
  switchUp(dpid: string, ports: readonly PortNow[], before: ClosedPorts | undefined, now: number): void;
  switchDown(dpid: string, now: number): void;
  /** Looks at all that was found out and declares what follows. */
  update(now: number): void;
  closed(dpid: string): ReadonlyMap<number, Closed>;
  tree(): Tree;
  /** A switch has just come, and ports that it came with are closed because they are new. */
  looking(dpid: string): boolean;
  settled(): boolean;
  /** Segments or tunnels may be others than before. */
  reconsider(): void;
  why(place: Place, now: number): Why | 'it would close a loop' | undefined;
}

export function createClosing(options: ClosingOptions): Closing {
  const { discovery, segments, missing, declare, changed, later } = options;
  const standing = new Map<string, ClosedPorts>();
  const connected = new Set<string>();
  const looking = new Set<string>();
  let settled = true;
  let lastUp = 0;
  /** When nothing was missing any more. */
  let completeSince: number | undefined;
  let openFrom = 0;
  let tree: Tree = { closed: new Map(), carrying: new Set() };
  let treeVersion = -1;
  /** What the tree closes, by switch. */
  let closedEnds = new Map<string, [port: number, closed: Closed][]>();
  /** An end of a cable was opened or closed since it was told last. */
  let moved = false;

  function look(now: number): void {
    if (treeVersion !== discovery.version) {
      tree = treeOf(discovery.cables(), segments);
      treeVersion = discovery.version;
      closedEnds = new Map();
      for (const { a, b } of discovery.cables()) {
        for (const { dpid, port } of [a, b]) {
          const closed = tree.closed.get(placeKey({ dpid, port }));
          if (closed === undefined) continue;
          const ends = closedEnds.get(dpid) ?? [];
          ends.push([port, closed]);
          closedEnds.set(dpid, ends);
        }
      }
    }
    if (settled) return;
    if (missing() !== false) completeSince = undefined;
    else completeSince ??= now;
    const complete = completeSince !== undefined && now - completeSince >= LOOK_AROUND;
    if (!complete && now - lastUp < GIVE_UP) return;
    settled = true;
    discovery.settle();
  }

  function wanted(dpid: string, now: number): ClosedPorts {
    const closed: ClosedPorts = new Map();
    const had = standing.get(dpid) ?? new Map<number, Closed>();
    for (const [port, why] of discovery.waiting(dpid, now)) {
      closed.set(port, why === KEPT ? (had.get(port) ?? 'all') : 'all');
    }
    if (settled) {
      for (const [port, found] of closedEnds.get(dpid) ?? []) closed.set(port, union(closed.get(port), found));
    } else {
      // Half a picture tells of no tree: ends of cables stay as they are.
      for (const [port, was] of had) {
        if (discovery.isEnd({ dpid, port })) closed.set(port, union(closed.get(port), was));
      }
    }
    return closed;
  }

  function endsDiffer(dpid: string, before: ClosedPorts, after: ClosedPorts): boolean {
    const ports = new Set([...before.keys(), ...after.keys()]);
    return [...ports].some((port) => !sameClosed(before.get(port), after.get(port)) && discovery.isEnd({ dpid, port }));
  }

  return {
    switchUp(dpid, ports, before, now) {
      const known = standing.get(dpid);
      discovery.switchUp(dpid, ports, before === undefined ? undefined : new Set(before.keys()), now);
      connected.add(dpid);
      looking.add(dpid);
      lastUp = now;
      if (known === undefined && before !== undefined) {
        settled = false;
        completeSince = undefined;
      }
      const closed = new Map(known ?? before ?? []);
      for (const port of discovery.waiting(dpid, now).keys()) closed.set(port, closed.get(port) ?? 'all');
      standing.set(dpid, closed);
      declare(dpid, closed);
    },
    switchDown(dpid, now) {
      connected.delete(dpid);
      looking.delete(dpid);
      discovery.switchDown(dpid, now);
    },
    update(now) {
      for (const dpid of discovery.forget(now)) standing.delete(dpid);
      look(now);
      const plans = [...connected].map((dpid) => {
        const had = standing.get(dpid) ?? new Map<number, Closed>();
        const want = wanted(dpid, now);
        const both = new Map(had);
        for (const [port, closed] of want) both.set(port, union(had.get(port), closed));
        return { dpid, had, want, both };
      });
      for (const plan of plans) {
        if (same(plan.had, plan.both)) continue;
        openFrom = now + CLOSE_FIRST;
        moved ||= endsDiffer(plan.dpid, plan.had, plan.both);
        standing.set(plan.dpid, plan.both);
        declare(plan.dpid, plan.both);
      }
      const opening = plans.filter(({ want, both }) => !same(want, both));
      if (opening.length > 0 && now < openFrom) {
        later(openFrom - now);
        return;
      }
      for (const { dpid, both, want } of opening) {
        moved ||= endsDiffer(dpid, both, want);
        standing.set(dpid, want);
        declare(dpid, want);
      }
      for (const dpid of looking) {
        const waits = discovery.waiting(dpid, now).values();
        if (discovery.hears(dpid) && ![...waits].includes(NEW)) looking.delete(dpid);
      }
      if (!moved) return;
      moved = false;
      changed();
    },
    closed: (dpid) => standing.get(dpid) ?? new Map(),
    tree: () => tree,
    looking: (dpid) => looking.has(dpid),
    settled: () => settled,
    reconsider() {
      treeVersion = -1;
    },
    why(place, now) {
      return discovery.why(place, now) ?? (tree.closed.has(placeKey(place)) ? 'it would close a loop' : undefined);
    },
  };
}

function union(a: Closed | undefined, b: Closed): Closed {
  if (a === undefined) return b;
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b].toSorted((one, other) => one - other));
}

function same(a: ClosedPorts, b: ClosedPorts): boolean {
  return a.size === b.size && [...a].every(([port, closed]) => sameClosed(closed, b.get(port)));
}

function sameClosed(a: Closed | undefined, b: Closed | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a === 'all' || b === 'all') return false;
  return a.size === b.size && [...a].every((segment) => b.has(segment));
}
