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
  const declared = new Set<string>();
  const suspects = new Set<string>();
  let all = true;
  return {
    addAll() {
      all = true;
    },
    addDeclared(identities) {
      for (const identity of identities) declared.add(identity);
    },
    suspect: (key) => void suspects.add(key),
    forgetSuspects: () => suspects.clear(),
    get isPlain() {
      return !all && suspects.size === 0;
    },
    take(waiting) {
      const scope: Scope = {
        only: all ? undefined : new Set([...declared, ...suspects, ...waiting]),
        set: new Set(declared),
        suspects: new Set(suspects),
      };
      all = false;
      declared.clear();
      suspects.clear();
      return scope;
    },
  };
}
