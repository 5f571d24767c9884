/** What can't stand in a switch, and why: what can't be woven, what it refused, and what waits for that. */

import { isOurs } from '../cookie.ts';
import { nameOf } from './change.ts';
import type { Desired } from './difference.ts';
import type { Mirror } from './mirror.ts';
import { createQuarantine, type Quarantine } from './quarantine.ts';

export interface Problems {
  readonly quarantine: Quarantine;
  /** Flows that wait for a group or meter that was refused: identity → why. */
  readonly held: ReadonlyMap<string, string>;
  /** Those that are new are told. */
  takeWeaveErrors(errors: string[]): void;
  takeHeld(held: ReadonlyMap<string, string>): void;
  /** Those that were taken and not sent wait still. */
  keepHeld(before: ReadonlyMap<string, string>): void;
  /** What nobody wants any more, and what stands free again, is no problem any more. */
  forget(desired: Desired, mirror: Mirror): void;
  list(): string[];
}

export function createProblems(tell: (text: string) => void): Problems {
  const quarantine = createQuarantine(tell);
  let weaveErrors: string[] = [];
  let held: ReadonlyMap<string, string> = new Map();
  return {
    quarantine,
    get held() {
      return held;
    },
    takeWeaveErrors(errors) {
      const known = new Set(weaveErrors);
      for (const error of errors) if (!known.has(error)) tell(error);
      weaveErrors = errors;
    },
    takeHeld(found) {
      for (const [identity, reason] of found) if (held.get(identity) !== reason) tell(reason);
      held = found;
    },
    keepHeld(before) {
      held = new Map([...before, ...held]);
    },
    forget(desired, mirror) {
      if (quarantine.size === 0) return;
      const others = new Set<string>();
      for (const group of desired.groups.values()) others.add(nameOf({ group })[0]);
      for (const meter of desired.meters.values()) others.add(nameOf({ meter })[0]);
      for (const removedGroup of mirror.groups.keys()) others.add(nameOf({ removedGroup })[0]);
      for (const removedMeter of mirror.meters.keys()) others.add(nameOf({ removedMeter })[0]);
      const isDeleted = (name: string) => name.startsWith(DELETE) && mirror.flows.has(name.slice(DELETE.length));
      quarantine.forget(
        (name) => desired.flows.has(name) || others.has(name) || isDeleted(name),
        (identity) => {
          const standing = mirror.flows.get(identity);
          return standing !== undefined && !isOurs(mirror.namespace, standing.cookie);
        },
      );
    },
    list: () => [...weaveErrors, ...quarantine.reasons(), ...held.values()],
  };
}

const DELETE = 'delete ';
