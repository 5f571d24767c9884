/** What a switch refused, and why: it is not sent again until it differs, and told once. */

export interface Quarantine {
  /** Why just this content was refused. */
  reason(name: string, content: string): string | undefined;
  /** Tells it, unless it is known. `occupied`: a foreign flow stands in its place. */
  add(name: string, content: string, what: string, reason: string, occupied?: boolean): void;
  /** It stands now. */
  delete(name: string): void;
  /** Keeps only what is still wanted; and of what was occupied, what still is. */
  forget(isWanted: (name: string) => boolean, isOccupied: (name: string) => boolean): void;
  reasons(): string[];
  readonly size: number;
  count(holds: (name: string) => boolean): number;
}

export function createQuarantine(tell: (text: string) => void): Quarantine {
  /** By identity or `group N`. */
  const entries = new Map<string, { content: string; reason: string; occupied: boolean }>();
  return {
    reason(name, content) {
      const entry = entries.get(name);
      return entry?.content === content ? entry.reason : undefined;
    },
    add(name, content, what, reason, occupied = false) {
      if (entries.get(name)?.content === content) return;
      entries.set(name, { content, reason: `${what}: ${reason}`, occupied });
      tell(`${what}: ${reason}`);
    },
    delete(name) {
      entries.delete(name);
    },
    forget(isWanted, isOccupied) {
      for (const [name, { occupied }] of entries)
        if (!isWanted(name) || (occupied && !isOccupied(name))) entries.delete(name);
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
