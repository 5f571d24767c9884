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
  addDeclared(identities: ReadonlySet<string>): void;
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
  let declared: ReadonlySet<string> = new Set();
  let suspects = new Set<string>();
  let all = true;
  return {
    addAll() {
      all = true;
    },
    addDeclared(identities) {
      // As they are: at the first weaving there are as many as the switch is to have flows.
      declared = declared.size === 0 ? identities : new Set([...declared, ...identities]);
    },
    suspect: (key) => void suspects.add(key),
    forgetSuspects: () => suspects.clear(),
    get isPlain() {
      return !all && suspects.size === 0;
    },
    take(waiting) {
      const only = all ? undefined : new Set([...declared, ...suspects, ...waiting]);
      const scope: Scope = { only, set: declared, suspects };
      all = false;
      declared = new Set();
      suspects = new Set();
      return scope;
    },
  };
}
