/** Which flows name a group or a meter, and whose learned flows go when the last flow goes that learned them. */

import type { FlowEntry } from './flow-entry.ts';
import { groupsIn, learnsToDelete, metersIn } from './references.ts';

export interface FlowUsers {
  attach(flow: FlowEntry): void;
  detach(flow: FlowEntry): void;
  ofGroup(groupId: number): ReadonlySet<FlowEntry>;
  ofMeter(meterId: number): ReadonlySet<FlowEntry>;
  /** A flow begins (1) or ends (-1) to learn; cookies and tables of flows that nobody learns any more. */
  countLearners(flow: FlowEntry, by: 1 | -1): readonly Learned[];
  isLearned(learned: Learned): boolean;
}

/** Flows that were learned have this cookie, in this table. */
export interface Learned {
  cookie: bigint;
  tableId: number;
}

const NOBODY: ReadonlySet<FlowEntry> = new Set();
const NOTHING: readonly Learned[] = [];
const keyOf = ({ cookie, tableId }: Learned) => `${tableId}/${cookie}`;

export function createFlowUsers(): FlowUsers {
  const groups = new Map<number, Set<FlowEntry>>();
  const meters = new Map<number, Set<FlowEntry>>();
  const learners = new Map<string, number>();

  return {
    attach(flow) {
      for (const group of groupsIn(flow.instructions)) usersOf(groups, group).add(flow);
      for (const meter of metersIn(flow.instructions)) usersOf(meters, meter).add(flow);
    },
    detach(flow) {
      for (const group of groupsIn(flow.instructions)) forget(groups, group, flow);
      for (const meter of metersIn(flow.instructions)) forget(meters, meter, flow);
    },
    ofGroup: (groupId) => groups.get(groupId) ?? NOBODY,
    ofMeter: (meterId) => meters.get(meterId) ?? NOBODY,
    countLearners(flow, by) {
      const learns = learnsToDelete(flow.instructions);
      if (learns.length === 0) return NOTHING;
      const dead: Learned[] = [];
      for (const { cookie, table: tableId } of learns) {
        const learned = { cookie, tableId };
        const key = keyOf(learned);
        const count = (learners.get(key) ?? 0) + by;
        if (count > 0) learners.set(key, count);
        else if (learners.delete(key)) dead.push(learned);
      }
      return dead;
    },
    isLearned: (learned) => learners.has(keyOf(learned)),
  };
}

function usersOf(all: Map<number, Set<FlowEntry>>, number: number): Set<FlowEntry> {
  let users = all.get(number);
  if (users === undefined) {
    users = new Set();
    all.set(number, users);
  }
  return users;
}

function forget(all: Map<number, Set<FlowEntry>>, number: number, flow: FlowEntry): void {
  const users = all.get(number);
  users?.delete(flow);
  if (users?.size === 0) all.delete(number);
}
