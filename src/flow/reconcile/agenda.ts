/** What is to be compared with the switch next: what apps declared anew and what others changed, or everything. */

export interface Scope {
  /** Flows to compare; undefined: all. */
  only: ReadonlySet<string> | undefined;
  /** Those that an app has declared anew. */
  set: ReadonlySet<string>;
  /** What somebody else has changed, by driftKey. */
  suspects: ReadonlySet<string>;
}

export interface Agenda {
  /** All flows: also those that nobody declared anew. */
  addAll(): void;
  /** Flows that an app declared or withdrew, by identity. */
  addDeclared(identities: Iterable<string>): void;
  /** Somebody else changed it: by driftKey. */
  suspect(key: string): void;
  /** All are compared for the first time: what was changed before is nobody's drift. */
  forgetSuspects(): void;
  /** Nothing but what apps declared. */
  readonly isPlain: boolean;
  /** What comes up from here on is for the next time. `waiting`: flows that could not be sent last time. */
  take(waiting: Iterable<string>): Scope;
}

export function createAgenda(): Agenda {
  /** As they are: at the first weaving there are as many as the switch is to have flows. */
  let declared: Iterable<string>[] = [];
  let suspects = new Set<string>();
  let all = true;
  return {
    addAll() {
      all = true;
    },
    addDeclared: (identities) => void declared.push(identities),
    suspect: (key) => void suspects.add(key),
    forgetSuspects: () => suspects.clear(),
    get isPlain() {
      return !all && suspects.size === 0;
    },
    take(waiting) {
      const lists = declared;
      let set: ReadonlySet<string> | undefined;
      const scope: Scope = {
        only: all ? undefined : union([...lists, suspects, waiting]),
        // Where all are compared, hardly anybody asks.
        get set() {
          set ??= union(lists);
          return set;
        },
        suspects,
      };
      all = false;
      declared = [];
      suspects = new Set();
      return scope;
    },
  };
}

function union(lists: readonly Iterable<string>[]): Set<string> {
  const all = new Set<string>();
  for (const list of lists) for (const identity of list) all.add(identity);
  return all;
}
