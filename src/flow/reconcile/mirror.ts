/**
 * What stands in a switch, as far as it is known: as last read, and since then as we changed it and as the switch's flow
 * monitor told.
 */

import type { flowUpdate } from '../../../proto/openflow/flow-monitor.ts';
import type { Infer } from '../../../proto/wire/codec.ts';
import { isOurs } from '../cookie.ts';
import { flowContent, flowIdentity } from '../flow-bytes.ts';
import type { FlowIndex, FlowView } from '../flow-index.ts';
import type { Namespace } from '../namespace.ts';
import { SLICE, type Sliced } from '../slices.ts';
import type { DesiredFlow } from '../weave/weaver.ts';
import type { Change } from './change.ts';
import { type ActualFlow, actualFlow } from './diff.ts';
import { takeOthers } from './others.ts';
import type { GroupsAndMeters } from './read-switch.ts';
import { createReading, type Differences, type Reading } from './reading.ts';

export type FlowUpdate = Infer<typeof flowUpdate>;
type FullUpdate = Extract<FlowUpdate, { match: unknown }>;

export interface Mirror {
  readonly namespace: Namespace;
  /** With what shall stand there. */
  readonly index: FlowIndex<DesiredFlow, ActualFlow>;
  readonly flows: FlowView<ActualFlow>;
  /** Those of ours: id → content. */
  readonly groups: ReadonlyMap<number, string>;
  readonly meters: ReadonlyMap<number, string>;
  /** The switch has told of foreign flows that came. */
  readonly hasStrangers: boolean;
  /** Whether this process set the flow. */
  isMine(identity: string): boolean;
  /** One reading at a time: a request for all flows is about to be sent. */
  beginReading(): Reading;
  /** What took effect. */
  apply(change: Change): void;
  /** What somebody else changed; gives the flow's identity. */
  update(update: FullUpdate): string;
  remove(identity: string): void;
  /** Groups and meters as they were read just now: gives the ids of those that had changed. */
  takeOthers(others: GroupsAndMeters): Pick<Differences, 'groups' | 'meters'>;
  /** The commit of a bundle is about to be sent: what is told until it is answered may have come before or after it. */
  beginCommit(): void;
  /** The switch told that a change of our own took effect. */
  ownChange(): void;
  /** Everything took effect; or, without changes, nothing. In slices: what the switch tells meanwhile is newer. */
  endCommit(changes: readonly Change[]): Sliced<void>;
}

/** Who follows what stands in tables that the switch's own `learn` writes. */
export interface LearnedWatch {
  isLearned(tableId: number): boolean;
  /** Another flow stands there than before, or none. */
  changed(before: ActualFlow | undefined, now: ActualFlow | undefined): void;
}

export function createMirror(
  namespace: Namespace,
  index: FlowIndex<DesiredFlow, ActualFlow>,
  watch?: LearnedWatch,
): Mirror {
  const flows = index.standing;
  const groups = new Map<number, string>();
  const meters = new Map<number, string>();
  const mine = new Set<string>();
  let hasStrangers = false;
  let readings = 0;
  /** While something is read: what has changed since, by the names of changes. */
  let newer: Set<string> | undefined;
  let newerOthers: Set<string> | undefined;
  /** While a commit is not answered: what the switch told behind its own word of it. */
  let behindCommit: FullUpdate[] | undefined;
  let committing: 'no' | 'sent' | 'answered' = 'no';

  function put(flow: ActualFlow): void {
    const { identity } = flow;
    if (watch?.isLearned(flow.tableId)) watch.changed(flows.get(identity), flow);
    flows.set(identity, flow);
  }

  function set({ identity, content }: DesiredFlow): void {
    put(actualFlow(identity, content, flows.get(identity)?.duration));
    mine.add(identity);
    newer?.add(identity);
  }

  function remove(identity: string): void {
    const standing = flows.get(identity);
    flows.delete(identity);
    if (standing !== undefined && watch?.isLearned(standing.tableId)) watch.changed(standing, undefined);
    mine.delete(identity);
    newer?.add(identity);
  }

  /** Our deletion names the cookie: what somebody put in its place meanwhile is still there. */
  function removeOwn({ identity, cookie }: ActualFlow): void {
    if (flows.get(identity)?.cookie === cookie) remove(identity);
  }

  function setOther(kind: 'group' | 'meter', map: Map<number, string>, id: number, content: string | undefined): void {
    if (content === undefined) map.delete(id);
    else map.set(id, content);
    newerOthers?.add(`${kind} ${id}`);
  }

  function apply({ flow, group, meter, removed, removedGroup, removedMeter }: Change): void {
    if (flow !== undefined) set(flow);
    else if (removed !== undefined) removeOwn(removed);
    else if (group !== undefined) setOther('group', groups, group.groupId, group.content);
    else if (removedGroup !== undefined) setOther('group', groups, removedGroup, undefined);
    else if (meter !== undefined) setOther('meter', meters, meter.meterId, meter.content);
    else if (removedMeter !== undefined) setOther('meter', meters, removedMeter, undefined);
  }

  function update(told: FullUpdate): string {
    const identity = flowIdentity(told);
    if (told.type === 'removed') {
      remove(identity);
      return identity;
    }
    const old = flows.get(identity);
    // The monitor does not tell them.
    const flags = old?.flags ?? [];
    put(actualFlow(identity, flowContent({ ...told, flags }), old?.duration));
    if (old?.cookie !== told.cookie) mine.delete(identity);
    if (!isOurs(namespace, told.cookie)) hasStrangers = true;
    newer?.add(identity);
    return identity;
  }

  function beginReading(): Reading {
    const changed = { flows: new Set<string>(), others: new Set<string>() };
    newer = changed.flows;
    newerOthers = changed.others;
    readings++;
    return createReading(
      { flows, groups, meters, put, remove, notMine: (identity) => void mine.delete(identity) },
      changed,
      readings,
      () => {
        newer = undefined;
        newerOthers = undefined;
      },
    );
  }

  return {
    namespace,
    index,
    flows,
    groups,
    meters,
    get hasStrangers() {
      return hasStrangers;
    },
    isMine: (identity) => mine.has(identity),
    beginReading,
    apply,
    update(told) {
      if (committing !== 'no') behindCommit?.push(told);
      return update(told);
    },
    remove,
    takeOthers(others) {
      return {
        groups: takeOthers('group', groups, others.groups),
        meters: takeOthers('meter', meters, others.meters),
      };
    },
    beginCommit() {
      committing = 'sent';
      behindCommit = undefined;
    },
    ownChange() {
      if (committing === 'sent') behindCommit = [];
    },
    *endCommit(changes) {
      committing = 'answered';
      const again = behindCommit ?? [];
      behindCommit = again;
      for (const [index, change] of changes.entries()) {
        apply(change);
        if (index % SLICE === SLICE - 1) yield;
      }
      committing = 'no';
      behindCommit = undefined;
      for (const told of again) update(told);
    },
  };
}
