/**
 * Brings one switch to what its weaver says, with nothing but the differences: at connect against the switch's own dump,
 * later against the mirror of it. Groups and new flows first, deletes last, all in one atomic bundle; what the switch
 * refuses is quarantined with its reason and the rest goes on.
 */

import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import type { Connection } from '../openflow/connection.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import { canonicalMatch, flowIdentity } from './canonical.ts';
import { type Change, changesOf, describe, describeChange, nameOf } from './change.ts';
import { isState } from './cookie.ts';
import { type ActualFlow, diffFlows, diffGroups } from './diff.ts';
import { createDriftLog, type Drift, unknownFlow } from './drift.ts';
import { outdated } from './learned.ts';
import { createMirror } from './mirror.ts';
import { createQuarantine } from './quarantine.ts';
import { readSwitch } from './read-switch.ts';
import { createSender, type Sent } from './sending.ts';
import type { DesiredFlow, DesiredGroup, Weaver } from './weaver.ts';

export interface SyncResult {
  added: number;
  deleted: number;
  unchanged: number;
  groups: number;
}

export interface ReconcilerEvents {
  /** Something was sent and took effect, or a first comparison found nothing to do. */
  synchronised(result: SyncResult, drift: string[]): void;
  /** A flow that can't stand: what and why, once. */
  refused(text: string): void;
  failed(error: Error): void;
}

export interface Reconciler {
  /** Reads the switch and brings it to what is desired; from then on it is kept so. */
  start(): Promise<void>;
  /** Reads it again: what differs from the mirror is drift. */
  audit(): Promise<void>;
  /** Compares and sends soon; calls in between are joined. */
  schedule(): void;
  /** Sends single changes at once, without a bundle: the answer to a packet-in. */
  flush(): void;
  /**
   * Reads all flows and groups from the switch: counters, drift, and the start. Then synchronises; `look`: changes
   * nothing, for a switch that no app has been put on.
   */
  refresh(look?: 'look'): Promise<void>;
  /** `actual` is the switch's: it was read once. */
  known(): boolean;
  /** The apps have declared, going by what `look` had read: sends what differs, and from now on what they change. */
  begin(): Promise<void>;
  /** The switch's flows by identity, as last read or sent. */
  readonly actual: ReadonlyMap<string, ActualFlow>;
  desired(identity: string): DesiredFlow | undefined;
  desiredGroup(groupId: number): DesiredGroup | undefined;
  /** Resolves when what is waiting to be sent, or being sent, is done. */
  settled(): Promise<void>;
  /** Why the switch refused just this, so that it is not sent again. */
  refusal(change: Omit<Change, 'message'>): string | undefined;
  /** What can't stand in the switch, and why. */
  problems(): string[];
  /** What was found changed by others and repaired, newest last, the last ones of them. */
  readonly drift: readonly Drift[];
  flowRemoved(message: FlowRemoved): DesiredFlow | undefined;
  takeError(error: OpenFlowError): boolean;
  stop(): void;
}

/** Attempts at one bundle before the rest is sent without one. */
const BUNDLE_ATTEMPTS = 3;

export function createReconciler(
  connection: Connection,
  weaver: Weaver,
  events: ReconcilerEvents,
  sent: Sent = { flowMods: 0, groupMods: 0, bundles: 0 },
  hasPort: (port: number) => boolean = () => true,
): Reconciler {
  const mirror = createMirror();
  const quarantine = createQuarantine(events.refused);
  const sender = createSender(connection, sent);
  const driftLog = createDriftLog();
  /** Flows sent without a bundle, by xid, until the next sync. */
  const direct = new Map<number, DesiredFlow>();
  let desired: ReadonlyMap<string, DesiredFlow> = new Map();
  let desiredGroups: ReadonlyMap<number, DesiredGroup> = new Map();
  let weaveErrors: string[] = [];
  let known = false;
  /** The switch was read and may be changed. */
  let read = false;
  let stopped = false;
  let scheduled = false;
  let busy = false;
  let running: Promise<void> = Promise.resolve();
  /** Counts what was sent, so that a dump taken meanwhile is not mistaken for drift. */
  let generation = 0;

  function collect(onlyTouched = false): { changes: Change[]; unchanged: number } {
    const woven = weaver.weave();
    desired = woven.flows;
    desiredGroups = woven.groups;
    for (const error of woven.errors) if (!weaveErrors.includes(error)) events.refused(error);
    weaveErrors = woven.errors;
    const flowDiff = diffFlows(
      desired,
      mirror.flows,
      mirror.isMine,
      onlyTouched ? woven.touched : undefined,
      outdated(desired, hasPort),
    );
    const groupDiff = diffGroups(woven.groups, mirror.groups);
    if (!onlyTouched) forget(new Set(flowDiff.occupied.map(({ desired: flow }) => flow.identity)));
    for (const { desired: flow, foreign } of flowDiff.occupied) {
      quarantine.add(
        flow.identity,
        flow.content,
        describe(flow),
        `a foreign flow (cookie 0x${foreign.cookie.toString(16)}) stands at the same table, priority and match; delete it or change the priority`,
        true,
      );
    }
    const changes = changesOf(flowDiff, groupDiff).filter((change) => reconciler.refusal(change) === undefined);
    return { changes, unchanged: flowDiff.unchanged };
  }

  /** What nobody wants any more, and what stands free again, is no problem any more. */
  function forget(occupied: ReadonlySet<string>): void {
    const wanted = new Set<string>();
    for (const group of desiredGroups.values()) wanted.add(nameOf({ group })[0]);
    for (const removedGroup of mirror.groups.keys()) wanted.add(nameOf({ removedGroup })[0]);
    const isDeleted = (name: string) => name.startsWith('delete ') && mirror.flows.has(name.slice('delete '.length));
    quarantine.forget(
      (name) => desired.has(name) || wanted.has(name) || isDeleted(name),
      (name) => occupied.has(name),
    );
  }

  /** Names what somebody else did, as the changes that repair it show. */
  function nameDrift(changes: Change[]): string[] {
    const found: string[] = [];
    for (const { flow, removed } of changes) {
      let text: string;
      if (flow !== undefined)
        text = `${describe(flow)} ${mirror.flows.has(flow.identity) ? 'was changed' : 'was gone'}`;
      else if (removed !== undefined && !isState(removed.cookie)) text = unknownFlow(removed);
      else continue;
      found.push(text);
      driftLog.add({
        time: Date.now(),
        text,
        app: flow?.app ?? null,
        intent: flow?.intent.text ?? null,
        source: flow?.intent.source ?? null,
      });
    }
    return found;
  }

  async function synchronise(isDrift: boolean): Promise<void> {
    const result: SyncResult = { added: 0, deleted: 0, unchanged: 0, groups: 0 };
    const collected = collect();
    result.unchanged = collected.unchanged;
    let { changes } = collected;
    const drift = isDrift ? nameDrift(changes) : [];
    for (let attempt = 1; changes.length > 0; attempt++) {
      generation++;
      const bundled = attempt <= BUNDLE_ATTEMPTS;
      const refusedBy = bundled ? await sender.bundle(changes) : await sender.singly(changes);
      for (const [index, error] of refusedBy) {
        const change = changes[index]!;
        quarantine.add(...nameOf(change), describeChange(change), error.reason);
      }
      if (bundled && refusedBy.size > 0) {
        changes = changes.filter((_, index) => !refusedBy.has(index));
        continue;
      }
      for (const [index, change] of changes.entries()) if (!refusedBy.has(index)) apply(change, result);
      break;
    }
    events.synchronised(result, drift);
  }

  /** What took effect enters the mirror. */
  function apply(change: Change, result?: SyncResult): void {
    mirror.apply(change);
    quarantine.delete(nameOf(change)[0]);
    if (result === undefined) return;
    if (change.flow !== undefined) result.added++;
    else if (change.removed !== undefined) result.deleted++;
    else result.groups++;
  }

  /** One thing at a time; an error ends only its own turn. */
  function enqueue(work: () => Promise<void>): Promise<void> {
    running = running.then(async () => {
      if (stopped) return;
      busy = true;
      try {
        await work();
      } catch (error) {
        if (!stopped) events.failed(error as Error);
      } finally {
        busy = false;
      }
    });
    return running;
  }

  const reconciler: Reconciler = {
    actual: mirror.flows,
    drift: driftLog.entries,
    desired: (identity) => desired.get(identity),
    desiredGroup: (groupId) => desiredGroups.get(groupId),
    start: () => reconciler.refresh(),
    audit: () => reconciler.refresh(),
    async settled() {
      // What was scheduled in this turn of the event loop is queued in the next one.
      await new Promise((resolve) => setImmediate(resolve));
      await running;
    },
    refusal: (change) => quarantine.reason(...nameOf(change)),
    schedule() {
      if (scheduled || stopped || !read) return;
      scheduled = true;
      setImmediate(() => {
        enqueue(() => {
          // Until here a dump that is being read does not know of the change: what it lacks is no drift.
          scheduled = false;
          return synchronise(false);
        });
      });
    },
    flush() {
      if (!read || stopped) return;
      if (busy) {
        reconciler.schedule();
        return;
      }
      const { changes } = collect(true);
      if (changes.length === 0) return;
      generation++;
      for (const change of changes) {
        const xid = sender.direct(change);
        if (change.flow !== undefined) direct.set(xid, change.flow);
        apply(change);
      }
      if (direct.size > 1024) direct.clear();
    },
    refresh(look) {
      return enqueue(async () => {
        const before = generation;
        const state = await readSwitch(connection);
        if (before !== generation) return;
        mirror.take(state);
        known = true;
        if (look === 'look') return;
        const first = !read;
        read = true;
        await synchroniseIfNeeded(first);
      });
    },
    known: () => known,
    begin() {
      return enqueue(() => {
        read = true;
        return synchronise(false);
      });
    },
    problems: () => [...weaveErrors, ...quarantine.reasons()],
    flowRemoved(message) {
      const identity = flowIdentity({
        tableId: message.tableId,
        priority: message.priority,
        match: canonicalMatch(message.match),
      });
      const standing = mirror.flows.get(identity);
      if (standing === undefined || standing.cookie !== message.cookie) return undefined;
      mirror.remove(identity);
      return desired.get(identity);
    },
    takeError(error) {
      if (sender.takeError(error)) return true;
      const flow = direct.get(error.xid);
      if (flow === undefined) return false;
      direct.delete(error.xid);
      mirror.remove(flow.identity);
      quarantine.add(flow.identity, flow.content, describe(flow), error.reason);
      return true;
    },
    stop() {
      stopped = true;
    },
  };

  /** After a dump: at the start everything that differs is news; later it is drift. */
  async function synchroniseIfNeeded(first: boolean): Promise<void> {
    if (first || scheduled) {
      await synchronise(false);
      return;
    }
    const { changes } = collect();
    if (changes.length > 0) await synchronise(true);
  }

  return reconciler;
}
