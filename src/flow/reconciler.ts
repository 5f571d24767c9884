/**
 * Brings one switch to what its weaver says, with nothing but the differences: at connect against the switch's own dump,
 * later against the mirror of it. Groups and new flows first, deletes last, all in one atomic bundle; what the switch
 * refuses is quarantined with its reason and the rest goes on.
 */

import type { FlowRemoved } from '../../proto/openflow/flow-mod.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { createBundleSender } from '../openflow/bundle.ts';
import type { Connection } from '../openflow/connection.ts';
import type { OpenFlowError } from '../openflow/openflow-error.ts';
import { canonicalMatch, flowIdentity } from './canonical.ts';
import { isState } from './cookie.ts';
import { type ActualFlow, diffFlows, diffGroups } from './diff.ts';
import { outdated } from './learned.ts';
import { flowAdd, flowDelete, groupDelete, groupMod } from './messages.ts';
import { readSwitch } from './read-switch.ts';
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
  /** Compares and sends soon; calls in between are joined. */
  schedule(): void;
  /** Sends single changes at once, without a bundle: the answer to a packet-in. */
  flush(): void;
  /**
   * Reads all flows and groups from the switch: counters, drift, and the start. Then synchronises; `look`: changes
   * nothing, for a switch that no app has been put on.
   */
  refresh(look?: 'look'): Promise<void>;
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
  flowRemoved(message: FlowRemoved): DesiredFlow | undefined;
  takeError(error: OpenFlowError): boolean;
  stop(): void;
}

/** One of them besides the message. */
interface Change {
  message: MessageBody;
  flow?: DesiredFlow;
  group?: DesiredGroup;
  removed?: ActualFlow;
  removedGroup?: number;
}

/** Attempts at one bundle before the rest is sent without one. */
const BUNDLE_ATTEMPTS = 3;

export function createReconciler(
  connection: Connection,
  weaver: Weaver,
  events: ReconcilerEvents,
  sent = { flowMods: 0, groupMods: 0, bundles: 0 },
  hasPort: (port: number) => boolean = () => true,
): Reconciler {
  const actual = new Map<string, ActualFlow>();
  const groups = new Map<number, string>();
  /** Identities of what this process set. */
  const mine = new Set<string>();
  const bundles = createBundleSender(connection);
  /** identity or `group N` → content that the switch refused: not sent again until it differs. */
  const quarantine = new Map<string, { content: string; reason: string; occupied: boolean }>();
  /** Flows sent without a bundle, by xid, until the next sync. */
  const direct = new Map<number, DesiredFlow>();
  let desired: ReadonlyMap<string, DesiredFlow> = new Map();
  let desiredGroups: ReadonlyMap<number, DesiredGroup> = new Map();
  let weaveErrors: string[] = [];
  /** The switch was read and may be changed. */
  let read = false;
  let stopped = false;
  let scheduled = false;
  let busy = false;
  let running: Promise<void> = Promise.resolve();
  /** Counts what was sent, so that a dump taken meanwhile is not mistaken for drift. */
  let generation = 0;

  function collect(drift: string[] | undefined, onlyTouched = false): { changes: Change[]; unchanged: number } {
    const woven = weaver.weave();
    desired = woven.flows;
    desiredGroups = woven.groups;
    for (const error of woven.errors) if (!weaveErrors.includes(error)) events.refused(error);
    weaveErrors = woven.errors;
    const flowDiff = diffFlows(
      desired,
      actual,
      (identity) => mine.has(identity),
      onlyTouched ? woven.touched : undefined,
      outdated(desired, hasPort),
    );
    const groupDiff = diffGroups(woven.groups, groups);
    if (!onlyTouched)
      forget(
        new Set(flowDiff.occupied.map(({ desired: flow }) => flow.identity)),
        new Set([...woven.groups.values()].map((group) => nameOf({ group })[0])),
      );
    for (const { desired: flow, foreign } of flowDiff.occupied) {
      refuse(
        flow.identity,
        flow.content,
        describe(flow),
        `a foreign flow (cookie 0x${foreign.cookie.toString(16)}) stands at the same table, priority and match; delete it or change the priority`,
        true,
      );
    }
    const changes: Change[] = [];
    for (const group of groupDiff.add) changes.push({ message: groupMod('add', group), group });
    for (const group of groupDiff.modify) changes.push({ message: groupMod('modify', group), group });
    for (const flow of flowDiff.add) changes.push({ message: flowAdd(flow), flow });
    for (const flow of flowDiff.remove) changes.push({ message: flowDelete(flow), removed: flow });
    for (const groupId of groupDiff.remove) changes.push({ message: groupDelete(groupId), removedGroup: groupId });
    const wanted = changes.filter((change) => !quarantined(change));
    for (const { flow, removed } of drift === undefined ? [] : wanted) {
      if (flow !== undefined)
        drift?.push(`${describe(flow)} ${actual.has(flow.identity) ? 'was changed' : 'was gone'}`);
      else if (removed !== undefined && !isState(removed.cookie))
        drift?.push(`a flow with our cookie that no app declared stood in table ${removed.tableId}`);
    }
    return { changes: wanted, unchanged: flowDiff.unchanged };
  }

  /** What nobody wants any more, and what stands free again, is no problem any more. */
  function forget(occupied: ReadonlySet<string>, groupNames: ReadonlySet<string>): void {
    for (const [name, entry] of quarantine) {
      const isWanted =
        desired.has(name) ||
        groupNames.has(name) ||
        [...actual.values()].some((removed) => nameOf({ removed })[0] === name) ||
        [...groups.keys()].some((removedGroup) => nameOf({ removedGroup })[0] === name);
      if (!isWanted || (entry.occupied && !occupied.has(name))) quarantine.delete(name);
    }
  }

  function quarantined(change: Change): boolean {
    return reconciler.refusal(change) !== undefined;
  }

  function refuse(name: string, content: string, what: string, reason: string, occupied = false): void {
    if (quarantine.get(name)?.content === content) return;
    quarantine.set(name, { content, reason: `${what}: ${reason}`, occupied });
    events.refused(`${what}: ${reason}`);
  }

  async function synchronise(drift: string[] | undefined): Promise<void> {
    const result: SyncResult = { added: 0, deleted: 0, unchanged: 0, groups: 0 };
    const collected = collect(drift);
    result.unchanged = collected.unchanged;
    let { changes } = collected;
    for (let attempt = 1; changes.length > 0; attempt++) {
      generation++;
      const bundled = attempt <= BUNDLE_ATTEMPTS;
      const refusedBy = bundled ? await sendBundle(changes) : await sendSingly(changes);
      for (const [index, error] of refusedBy) {
        const change = changes[index]!;
        refuse(...nameOf(change), change.flow !== undefined ? describe(change.flow) : nameOf(change)[0], error.reason);
      }
      if (bundled && refusedBy.size > 0) {
        changes = changes.filter((_, index) => !refusedBy.has(index));
        continue;
      }
      for (const [index, change] of changes.entries()) if (!refusedBy.has(index)) apply(change, result);
      break;
    }
    events.synchronised(result, drift ?? []);
  }

  async function sendBundle(changes: Change[]): Promise<ReadonlyMap<number, OpenFlowError>> {
    count(changes);
    sent.bundles++;
    return (await bundles.commit(changes.map((change) => change.message))).refused;
  }

  /** In the same order, each on its own: finds every one that the switch refuses. */
  async function sendSingly(changes: Change[]): Promise<ReadonlyMap<number, OpenFlowError>> {
    count(changes);
    const refused = new Map<number, OpenFlowError>();
    const byXid = new Map<number, number>();
    singly = (error) => {
      const index = byXid.get(error.xid);
      if (index === undefined) return false;
      refused.set(index, error);
      return true;
    };
    for (const [index, change] of changes.entries()) byXid.set(connection.send(change.message), index);
    await connection.barrier();
    singly = undefined;
    return refused;
  }
  let singly: ((error: OpenFlowError) => boolean) | undefined;

  function count(changes: Change[]): void {
    for (const { message } of changes) {
      if (message.type === 'flowMod') sent.flowMods++;
      else sent.groupMods++;
    }
  }

  /** What took effect enters the mirror. */
  function apply(change: Change, result: SyncResult): void {
    if (change.flow !== undefined) {
      mirror(change.flow);
      result.added++;
    } else if (change.removed !== undefined) {
      actual.delete(change.removed.identity);
      mine.delete(change.removed.identity);
      result.deleted++;
    } else {
      if (change.group !== undefined) groups.set(change.group.groupId, change.group.content);
      else if (change.removedGroup !== undefined) groups.delete(change.removedGroup);
      result.groups++;
    }
    quarantine.delete(nameOf(change)[0]);
  }

  function mirror(flow: DesiredFlow): void {
    const old = actual.get(flow.identity);
    const counters = { packets: old?.packets ?? 0n, bytes: old?.bytes ?? 0n, duration: old?.duration ?? 0 };
    actual.set(flow.identity, { ...flow, ...counters });
    mine.add(flow.identity);
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
    actual,
    desired: (identity) => desired.get(identity),
    desiredGroup: (groupId) => desiredGroups.get(groupId),
    async settled() {
      // What was scheduled in this turn of the event loop is queued in the next one.
      await new Promise((resolve) => setImmediate(resolve));
      await running;
    },
    refusal(change) {
      const [name, content] = nameOf(change);
      const entry = quarantine.get(name);
      return entry?.content === content ? entry.reason : undefined;
    },
    schedule() {
      if (scheduled || stopped || !read) return;
      scheduled = true;
      setImmediate(() => {
        enqueue(() => {
          // Until here a dump that is being read does not know of the change: what it lacks is no drift.
          scheduled = false;
          return synchronise(undefined);
        });
      });
    },
    flush() {
      if (!read || stopped) return;
      if (busy) {
        reconciler.schedule();
        return;
      }
      const { changes } = collect(undefined, true);
      if (changes.length === 0) return;
      generation++;
      count(changes);
      for (const change of changes) {
        const xid = connection.send(change.message);
        if (change.flow !== undefined) direct.set(xid, change.flow);
        apply(change, { added: 0, deleted: 0, unchanged: 0, groups: 0 });
      }
      if (direct.size > 1024) direct.clear();
    },
    refresh(look) {
      return enqueue(async () => {
        const before = generation;
        const state = await readSwitch(connection);
        if (before !== generation) return;
        actual.clear();
        for (const [identity, flow] of state.flows) actual.set(identity, flow);
        groups.clear();
        for (const [groupId, content] of state.groups) groups.set(groupId, content);
        if (look === 'look') return;
        const first = !read;
        read = true;
        await synchroniseIfNeeded(first);
      });
    },
    problems: () => [...weaveErrors, ...[...quarantine.values()].map(({ reason }) => reason)],
    flowRemoved(message) {
      const identity = flowIdentity({
        tableId: message.tableId,
        priority: message.priority,
        match: canonicalMatch(message.match),
      });
      const standing = actual.get(identity);
      if (standing === undefined || standing.cookie !== message.cookie) return undefined;
      actual.delete(identity);
      mine.delete(identity);
      return desired.get(identity);
    },
    takeError(error) {
      if (bundles.takeError(error) || singly?.(error) === true) return true;
      const flow = direct.get(error.xid);
      if (flow === undefined) return false;
      direct.delete(error.xid);
      actual.delete(flow.identity);
      refuse(flow.identity, flow.content, describe(flow), error.reason);
      return true;
    },
    stop() {
      stopped = true;
    },
  };

  /** After a dump: at the start everything that differs is news; later it is drift. */
  async function synchroniseIfNeeded(first: boolean): Promise<void> {
    const drift: string[] | undefined = first ? undefined : [];
    const pendingWork = scheduled;
    if (first || pendingWork) {
      await synchronise(undefined);
      return;
    }
    const { changes } = collect(undefined);
    if (changes.length > 0) await synchronise(drift);
  }

  return reconciler;
}

function nameOf(change: Omit<Change, 'message'>): [name: string, content: string] {
  if (change.flow !== undefined) return [change.flow.identity, change.flow.content];
  if (change.group !== undefined) return [`group ${change.group.app}/${change.group.key}`, change.group.content];
  if (change.removed !== undefined) return [`delete ${change.removed.identity}`, ''];
  return [`delete group ${change.removedGroup}`, ''];
}

/** `firewall: accept http (flowloom.yaml:40)` */
export function describe(flow: DesiredFlow): string {
  const source = flow.intent.source === undefined ? '' : ` (${flow.intent.source})`;
  return `${flow.app}: ${flow.intent.text}${source}`;
}
