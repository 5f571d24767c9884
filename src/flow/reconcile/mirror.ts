/**
 * What stands in a switch, as far as it is known: as last read, and since then as we changed it and as the switch's flow
 * monitor told. What is read while something changes is older than the change: the change stays.
 */

import type { flowUpdate } from '../../../proto/openflow/flow-monitor.ts';
import type { Infer } from '../../../proto/wire/codec.ts';
import { isOurs } from '../cookie.ts';
import { flowContent, flowIdentity, isSameContent } from '../flow-bytes.ts';
import type { FlowIndex, FlowView } from '../flow-index.ts';
import type { Namespace } from '../namespace.ts';
import { SLICE, type Sliced } from '../slices.ts';
import type { DesiredFlow } from '../weave/weaver.ts';
import type { Change } from './change.ts';
import { type ActualFlow, actualFlow } from './diff.ts';
import type { GroupsAndMeters, TakeFlow } from './read-switch.ts';

export type FlowUpdate = Infer<typeof flowUpdate>;
type FullUpdate = Extract<FlowUpdate, { match: unknown }>;

/** What a reading found other than it was thought to be. */
export interface Differences {
  /** By identity: what was thought to stand there, and what does. */
  flows: Map<string, { thought: ActualFlow | undefined; found: ActualFlow | undefined }>;
  /** Ids. */
  groups: Set<number>;
  meters: Set<number>;
}

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

export interface Reading {
  take: TakeFlow;
  /** The same, of tables that are read before all are: `take` is to tell them again. */
  takeFirst: TakeFlow;
  /** All flows came. What differs, unless it has changed meanwhile; so far nothing was taken out. */
  differences(others: GroupsAndMeters): Differences;
  /** Takes out what was not found, and ends the reading. */
  end(others: GroupsAndMeters): void;
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
    const changed = new Set<string>();
    const changedOthers = new Set<string>();
    newer = changed;
    newerOthers = changedOthers;
    const isFirst = flows.size === 0;
    readings++;
    const reading = readings;
    const different = new Map<string, ActualFlow | undefined>();
    /** Taken first, and not told again. */
    const once = new Set<string>();

    function take(identity: string, content: string, duration: number): void {
      if (once.size > 0) once.delete(identity);
      // On the first reading only what the switch told meanwhile is there.
      const standing = isFirst && changed.size === 0 ? undefined : flows.get(identity);
      if (standing !== undefined) {
        standing.reading = reading;
        // Of what has changed meanwhile only the counters are news.
        if (isSameContent(standing.content, content)) {
          standing.duration = duration;
          return;
        }
      }
      if (changed.has(identity)) return;
      const flow = actualFlow(identity, content, duration);
      flow.reading = reading;
      if (isFirst) put(flow);
      else different.set(identity, flow);
    }

    return {
      takeFirst(identity, content, duration) {
        take(identity, content, duration);
        once.add(identity);
      },
      take,
      differences(others) {
        for (const identity of once) different.set(identity, undefined);
        // What came to be meanwhile is among the changed; and on the first reading nothing else was there before.
        for (const flow of isFirst ? [] : flows.values())
          if (flow.reading !== reading) different.set(flow.identity, undefined);
        for (const identity of changed) different.delete(identity);
        return {
          flows: new Map(
            Array.from(different, ([identity, found]) => [identity, { thought: flows.get(identity), found }]),
          ),
          groups: differing('group', groups, others.groups, changedOthers),
          meters: differing('meter', meters, others.meters, changedOthers),
        };
      },
      end(others) {
        for (const [identity, flow] of different) {
          if (changed.has(identity)) continue;
          if (flow === undefined) remove(identity);
          else {
            if (flow.cookie !== flows.get(identity)?.cookie) mine.delete(identity);
            put(flow);
          }
        }
        takeOthers('group', groups, others.groups, changedOthers);
        takeOthers('meter', meters, others.meters, changedOthers);
        newer = undefined;
        newerOthers = undefined;
      },
    };
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
        groups: takeOthers('group', groups, others.groups, NOTHING),
        meters: takeOthers('meter', meters, others.meters, NOTHING),
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

const NOTHING: ReadonlySet<string> = new Set();

function differing(
  kind: string,
  mirrored: ReadonlyMap<number, string>,
  found: ReadonlyMap<number, string>,
  changed: ReadonlySet<string>,
): Set<number> {
  const ids = new Set<number>();
  for (const [id, content] of found) if (mirrored.get(id) !== content) ids.add(id);
  for (const id of mirrored.keys()) if (!found.has(id)) ids.add(id);
  for (const id of ids) if (changed.has(`${kind} ${id}`)) ids.delete(id);
  return ids;
}

function takeOthers(
  kind: string,
  mirrored: Map<number, string>,
  found: ReadonlyMap<number, string>,
  changed: ReadonlySet<string>,
): Set<number> {
  const different = differing(kind, mirrored, found, changed);
  for (const id of different) {
    const content = found.get(id);
    if (content === undefined) mirrored.delete(id);
    else mirrored.set(id, content);
  }
  return different;
}
