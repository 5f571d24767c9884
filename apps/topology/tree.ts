/** Which ports must stay closed so that no frame goes round: a spanning tree for every set of cables that segments use. */

/** A port of a switch. */
export interface Place {
  /** 16 hex digits. */
  dpid: string;
  port: number;
}

/** A way between two ports that was seen in both directions; `a` comes before `b`. */
export interface Cable {
  a: Place;
  b: Place;
}

export function comparePlaces(a: Place, b: Place): number {
  return compareText(a.dpid, b.dpid) || a.port - b.port;
}

export function placeKey({ dpid, port }: Place): string {
  return `${dpid}/${port}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Switches that a full mesh of tunnels joins: each → the lowest datapath id of them. */
export type Joined = ReadonlyMap<string, string>;

/**
 * The cables that carry. The root is the lowest datapath id; a switch hangs at the nearest to the root, of those at the
 * lowest datapath id, there by the lowest port. The same cables in any order give the same tree.
 */
export function spanningTree(cables: readonly Cable[], joined: Joined = new Map()): Set<Cable> {
  const nodeOf = (place: Place) => joined.get(place.dpid) ?? place.dpid;
  /** From a node: cables with the near end first, the best first. */
  const ways = new Map<string, { near: Place; far: Place; cable: Cable }[]>();
  for (const cable of cables) {
    for (const [near, far] of [
      [cable.a, cable.b],
      [cable.b, cable.a],
    ] as const) {
      const node = nodeOf(near);
      ways.set(node, [...(ways.get(node) ?? []), { near, far, cable }]);
    }
  }
  for (const list of ways.values()) {
    list.sort((one, other) => comparePlaces(one.near, other.near) || comparePlaces(one.far, other.far));
  }
  const carrying = new Set<Cable>();
  const reached = new Set<string>();
  for (const root of [...ways.keys()].toSorted(compareText)) {
    if (reached.has(root)) continue;
    reached.add(root);
    for (let level = [root]; level.length > 0; ) {
      const below: string[] = [];
      for (const node of level) {
        for (const { far, cable } of ways.get(node) ?? []) {
          const next = nodeOf(far);
          if (reached.has(next)) continue;
          reached.add(next);
          carrying.add(cable);
          below.push(next);
        }
      }
      level = below.toSorted(compareText);
    }
  }
  return carrying;
}

/** What of a port is closed: all of it, or some segments by their ids. */
export type Closed = 'all' | ReadonlySet<number>;

export interface Segments {
  /** Ids of the segments that a port carries. */
  of(place: Place): ReadonlySet<number>;
  /** Switches that tunnels of the segment join. */
  joined(segment: number): Joined;
}

export interface Tree {
  /** By `dpid/port`: what is closed; ports that are not in it are open. */
  closed: Map<string, Closed>;
  /** Cables that carry at least one segment; the others are blocked. */
  carrying: Set<Cable>;
}

/** A cable whose ends have no segment in common is left as it is: what goes over it is no loop of one segment. */
export function treeOf(cables: readonly Cable[], segments: Segments): Tree {
  const common = cables.map(({ a, b }) => intersection(segments.of(a), segments.of(b)));
  const all = new Set(common.flatMap((ids) => [...ids]));
  const known = new Map<string, Set<Cable>>();
  const open = new Map<string, Set<number>>();
  const used = new Map<string, Set<number>>();
  const carrying = new Set<Cable>();
  for (const segment of all) {
    const indexes = [...common.keys()].filter((index) => common[index]?.has(segment));
    const joined = segments.joined(segment);
    const key = `${indexes.join()}/${[...joined].flat().join()}`;
    const tree =
      known.get(key) ??
      spanningTree(
        indexes.map((index) => cables[index]!),
        joined,
      );
    known.set(key, tree);
    for (const index of indexes) {
      const cable = cables[index]!;
      for (const end of [cable.a, cable.b]) {
        add(used, placeKey(end), segment);
        if (tree.has(cable)) add(open, placeKey(end), segment);
      }
      if (tree.has(cable)) carrying.add(cable);
    }
  }
  const closed = new Map<string, Closed>();
  for (const [key, ids] of used) {
    const left = open.get(key);
    if (left === undefined) closed.set(key, 'all');
    else if (left.size < ids.size)
      closed.set(key, new Set([...ids].filter((id) => !left.has(id)).toSorted((a, b) => a - b)));
  }
  for (const [index, ids] of common.entries()) if (ids.size === 0) carrying.add(cables[index]!);
  return { closed, carrying };
}

function intersection(a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> {
  return new Set([...a].filter((id) => b.has(id)));
}

function add(sets: Map<string, Set<number>>, key: string, id: number): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([id]));
  else set.add(id);
}
