/** What stands in a switch, as far as it is known: as last read, and since then as it was changed. */

import type { Change } from './change.ts';
import type { ActualFlow } from './diff.ts';
import type { SwitchState } from './read-switch.ts';
import type { DesiredFlow } from './weaver.ts';

export interface Mirror {
  /** By identity. */
  readonly flows: ReadonlyMap<string, ActualFlow>;
  /** Those of ours: id → content. */
  readonly groups: ReadonlyMap<number, string>;
  /** Whether this process set the flow. */
  isMine(identity: string): boolean;
  /** As it was read. */
  take(state: SwitchState): void;
  /** What took effect. */
  apply(change: Change): void;
  remove(identity: string): void;
}

export function createMirror(): Mirror {
  const flows = new Map<string, ActualFlow>();
  const groups = new Map<number, string>();
  const mine = new Set<string>();

  function set(flow: DesiredFlow): void {
    const old = flows.get(flow.identity);
    const counters = { packets: old?.packets ?? 0n, bytes: old?.bytes ?? 0n, duration: old?.duration ?? 0 };
    flows.set(flow.identity, { ...flow, ...counters });
    mine.add(flow.identity);
  }

  function remove(identity: string): void {
    flows.delete(identity);
    mine.delete(identity);
  }

  return {
    flows,
    groups,
    isMine: (identity) => mine.has(identity),
    take(state) {
      flows.clear();
      for (const [identity, flow] of state.flows) flows.set(identity, flow);
      groups.clear();
      for (const [groupId, content] of state.groups) groups.set(groupId, content);
    },
    apply({ flow, group, removed, removedGroup }) {
      if (flow !== undefined) set(flow);
      else if (removed !== undefined) remove(removed.identity);
      else if (group !== undefined) groups.set(group.groupId, group.content);
      else if (removedGroup !== undefined) groups.delete(removedGroup);
    },
    remove,
  };
}
