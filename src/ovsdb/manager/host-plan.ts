/** What would change on one host over OVSDB if a file were applied: for people, nothing is written. */

import type { Snapshot } from '../replica/replica.ts';
import type { HostDesired } from './desired.ts';
import type { ManagedTables } from './managed-tables.ts';
import { planHost } from './plan.ts';

export interface HostPlan {
  host: string;
  /** `unknown`: its database could not be read, `note` says why. */
  state: 'current' | 'unknown';
  /** One line per change, with its place in the file. */
  changes: string[];
  /** What is not done, why, and what to do about it. */
  refused: string[];
  /** Bridges that get their first controller or lose their last: Open vSwitch removes all their flows then. */
  flushes: { bridge: string; source: string; why: string }[];
  note: string | undefined;
}

export function unknownHost(host: string, note: string): HostPlan {
  return { host, state: 'unknown', changes: [], refused: [], flushes: [], note };
}

export function planDesired(
  host: string,
  snapshot: Snapshot<ManagedTables>,
  desired: HostDesired,
  missing: ReadonlySet<string>,
): HostPlan {
  const { changes, refused, flushes } = planHost(snapshot, desired, missing);
  return { host, state: 'current', changes, refused, flushes, note: undefined };
}
