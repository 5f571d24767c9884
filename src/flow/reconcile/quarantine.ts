/**
 * What a switch refused, and why: it is not sent again until it differs, and told once. Only what had no room may find
 * some later, and is tried again as it is.
 */

export interface Quarantine {
  /** Why just this content was refused. */
  reason(name: string, content: string): string | undefined;
  /** Tells it, unless it is known. `occupied`: a foreign flow stands in its place. */
  add(name: string, content: string, what: string, reason: string, occupied?: boolean): void;
  /** It stands now. */
  delete(name: string): void;
  /** Keeps only what is still wanted; and of what was occupied, what still is. */
  forget(isWanted: (name: string) => boolean, isOccupied: (name: string) => boolean): void;
  /**
   * What had no room goes out again with the next comparison: gives its names. `some`: one of each table and kind,
   * another each time.
   */
  retry(some?: 'some'): string[];
  /** How many wait for room. */
  crowded(): number;
  reasons(): string[];
  readonly size: number;
  count(holds: (name: string) => boolean): number;
}

const NO_ROOM = /\/(TABLE_FULL|OUT_OF_GROUPS|OUT_OF_BUCKETS|OUT_OF_METERS)$/;

interface Entry {
  content: string;
  reason: string;
  occupied: boolean;
  crowded: boolean;
  /** It is being tried again. */
  retried: boolean;
}

export function createQuarantine(tell: (text: string) => void): Quarantine {
  /** By identity or `group N`. */
  const entries = new Map<string, Entry>();
  return {
    reason(name, content) {
      const entry = entries.get(name);
      return entry?.content === content && !entry.retried ? entry.reason : undefined;
    },
    add(name, content, what, reason, occupied = false) {
      const before = entries.get(name);
      const isKnown = before?.content === content;
      if (isKnown && !before.retried) return;
      const text = `${what}: ${reason}`;
      // Behind the others, who have their try before it has its next.
      entries.delete(name);
      entries.set(name, { content, reason: text, occupied, crowded: NO_ROOM.test(reason), retried: false });
      if (!isKnown || before.reason !== text) tell(text);
    },
    delete(name) {
      entries.delete(name);
    },
    forget(isWanted, isOccupied) {
      for (const [name, { occupied }] of entries)
        if (!isWanted(name) || (occupied && !isOccupied(name))) entries.delete(name);
    },
    retry(some) {
      const kinds = new Set<string>();
      const names: string[] = [];
      for (const [name, entry] of entries) {
        // Of a flow's identity, the first is its table.
        const kind = /^(?:group|meter|delete) /.exec(name)?.[0] ?? name[0] ?? '';
        if (!entry.crowded || (some === 'some' && kinds.has(kind))) continue;
        kinds.add(kind);
        entry.retried = true;
        names.push(name);
      }
      return names;
    },
    crowded() {
      let found = 0;
      for (const { crowded } of entries.values()) if (crowded) found++;
      return found;
    },
    get size() {
      return entries.size;
    },
    count(holds) {
      let found = 0;
      for (const name of entries.keys()) if (holds(name)) found++;
      return found;
    },
    reasons: () => Array.from(entries.values(), ({ reason }) => reason),
  };
}
