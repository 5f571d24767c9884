/**
 * Brings one switch to what its weaver says, with nothing but the differences: at connect against the switch's own dump,
 * later against the mirror of it, which the switch's flow monitor keeps current and an audit proves from time to time.
 * What the switch refuses is quarantined with its reason and the rest goes on; what others change of ours is named and
 * put right.
 */

import { setTimeout as delay } from 'node:timers';
import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import { faultPoint } from '../../fault-point.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { FlowMonitorReply } from '../../openflow/datapath.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { createWindow, type Window, type WindowOptions } from '../../openflow/window.ts';
import type { ZoneMemory } from '../allocate/switch-allocation.ts';
import { canonicalMatch, flowIdentity, withoutFlags } from '../canonical.ts';
import { isOurs, isReactive, isState } from '../cookie.ts';
import { outdated } from '../learned.ts';
import type { DesiredFlow, DesiredGroup, Weaver, Woven } from '../weave/weaver.ts';
import { zonesToFlush } from '../weave/zones.ts';
import { type Change, describe, nameOf } from './change.ts';
import type { ActualFlow } from './diff.ts';
import { type Desired, type Difference, difference } from './difference.ts';
import { createDriftLog, type Drift, driftKey, driftOf, isStanding } from './drift.ts';
import { createFlowWatch } from './flow-watch.ts';
import { learnedDelete, zoneFlush } from './messages.ts';
import { createMirror, type Differences } from './mirror.ts';
import { createQuarantine } from './quarantine.ts';
import { readGroupsAndMeters, takeFlows } from './read-switch.ts';
import { type Released, releaseSwitch } from './release.ts';
import { createSender, type Sent } from './sending.ts';
import { createTransfer, type SyncResult } from './transfer.ts';

export type { SyncResult } from './transfer.ts';

export interface ReconcilerEvents {
  /** Something was sent and took effect, or a first comparison found nothing to do. */
  synchronised(result: SyncResult, drift: string[]): void;
  /** A flow that can't stand: what and why, once. */
  refused(text: string): void;
  /** An audit found changes that the switch's flow monitor had not told of. */
  untold?(text: string): void;
  failed(error: Error): void;
}

export interface Reconciler {
  /** Reads the switch and brings it to what is desired; from then on it is kept so. */
  start(): Promise<void>;
  /** Reads it again: what differs from the mirror is drift. By itself it does so from time to time. */
  audit(): Promise<void>;
  /** Compares and sends soon; calls in between are joined. `everything`: also what nobody declared anew. */
  schedule(everything?: 'everything'): void;
  /** Sends single changes at once, without a bundle: the answer to a packet-in. */
  flush(): void;
  /** As `audit`; `look`: changes nothing, for a switch that no app has been put on. */
  refresh(look?: 'look'): Promise<void>;
  /** `actual` is the switch's: it was read once. */
  known(): boolean;
  /** The apps have declared, going by what `look` had read: sends what differs, and from now on what they change. */
  begin(): Promise<void>;
  /** The switch's flows by identity. */
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
  readonly driftCount: number;
  /** Whether the switch tells of every change; how often it was read, and how many changes it had not told of. */
  readonly monitor: { state: 'off' | 'asked' | 'on' | 'paused'; audits: number; untold: number };
  /** Bytes sent and not acknowledged: also for who sends to this switch by itself. */
  readonly window: Window;
  /** What the switch learned in a table goes. */
  forget(tableId: number): void;
  /** Takes everything of ours out of the switch; nothing is sent to it any more. */
  released(): Promise<Released>;
  flowRemoved(message: FlowRemoved): DesiredFlow | undefined;
  receiveUpdates(reply: FlowMonitorReply): void;
  takeError(error: OpenFlowError): boolean;
  stop(): void;
}

export interface ReconcilerOptions extends WindowOptions {
  /** Default: one of its own. */
  window?: Window;
  /** Seconds between audits, where a flow monitor tells of changes, and where none does. Default 60 and 5. */
  auditSeconds?: number;
  blindAuditSeconds?: number;
  /** Whose conntrack zones were before. One that comes into use, and was not the same's, is flushed first. */
  zones?: ZoneMemory;
  /** Apps, by number, whose flows, groups and meters stay as they stand: they have not declared any yet. */
  waitingFor?: ReadonlySet<number>;
  /** Whether a message was of a flow with a timeout, which are not the reconciler's. */
  isTimed?(xid: number): boolean;
}

const AUDIT_SECONDS = 60;
const BLIND_AUDIT_SECONDS = 5;
/** Reading a large switch must not be all that is done: at most this share of the time. */
const AUDIT_SHARE = 1 / 20;
/** Milliseconds between repairs, should somebody else put it back each time. */
const REPAIR_MS = 100;

export function createReconciler(
  connection: Connection,
  weaver: Pick<Weaver, 'weave'>,
  events: ReconcilerEvents,
  sent: Sent = { flowMods: 0, groupMods: 0, bundles: 0 },
  hasPort: (port: number) => boolean = () => true,
  options: ReconcilerOptions = {},
): Reconciler {
  const window = options.window ?? createWindow(connection, options);
  const mirror = createMirror();
  const quarantine = createQuarantine(events.refused);
  const sender = createSender(connection, window, sent);
  const driftLog = createDriftLog();
  /** Flows sent without a bundle, by xid: the last ones. */
  const direct = new Map<number, Change>();
  let desired: Desired & Pick<Woven, 'zones'> = {
    flows: new Map(),
    groups: new Map(),
    meters: new Map(),
    zones: new Map(),
  };
  const usedZones = new Set<number>();
  let weaveErrors: string[] = [];
  /** Flows that were declared anew and are not yet compared. */
  const touched = new Set<string>();
  /** What somebody else changed of ours, by driftKey, and is not yet compared. */
  const suspects = new Set<string>();
  let everything = true;
  let othersUnknown = false;
  /** The flow monitor has paused since the switch was read. */
  let hasGap = false;
  let held: ReadonlyMap<string, string> = new Map();
  const monitor = { audits: 0, untold: 0 };
  let known = false;
  /** The switch was read and may be changed. */
  let begun = false;
  let stopped = false;
  let scheduled = false;
  let busy = false;
  let running: Promise<void> = Promise.resolve();
  let auditTimer: NodeJS.Timeout | undefined;
  let repairTimer: NodeJS.Timeout | undefined;
  let repairedAt = 0;

  const watch = createFlowWatch(connection, {
    changed(update) {
      const standing = mirror.update(update);
      if (update.type === 'removed' && (update.reason === 'groupDelete' || update.reason === 'meterDelete'))
        othersUnknown = true;
      if (isDrift(standing)) {
        suspects.add(standing);
        repairSoon();
      }
    },
    ownChange(xid) {
      if (options.isTimed?.(xid) === true) return;
      const change = direct.get(xid) ?? transfer.ownChange(xid);
      if (change === undefined) mirror.ownChange();
      else mirror.apply(change);
    },
    resumed() {
      hasGap = true;
      void audit();
    },
  });
  const transfer = createTransfer({ connection, mirror, quarantine, sender });

  /** Of a flow that another has changed: not as it should be. */
  function isDrift(identity: string): boolean {
    const standing = mirror.flows.get(identity);
    const wanted = desired.flows.get(identity);
    if (wanted !== undefined) return isStanding(wanted) && wanted.content !== standing?.content;
    return standing !== undefined && isStanding(standing);
  }

  function repairSoon(): void {
    if (!begun || repairTimer !== undefined) return;
    const wait = Math.max(0, repairedAt + REPAIR_MS - Date.now());
    if (wait === 0) {
      repairedAt = Date.now();
      reconciler.schedule();
      return;
    }
    repairTimer = delay(() => {
      repairTimer = undefined;
      repairSoon();
    }, wait);
    repairTimer.unref();
  }

  function weave(): void {
    const woven = weaver.weave();
    desired = woven;
    for (const identity of woven.touched) touched.add(identity);
    for (const error of woven.errors) if (!weaveErrors.includes(error)) events.refused(error);
    weaveErrors = woven.errors;
  }

  function compare({ only, set }: Scope): Difference {
    const found = difference(desired, mirror, quarantine, {
      only,
      isSet: (identity) => set.has(identity),
      isOutdated: outdated(desired.flows, hasPort),
      waitingFor: options.waitingFor ?? new Set(),
    });
    for (const [identity, reason] of found.held) if (held.get(identity) !== reason) events.refused(reason);
    held = found.held;
    return found;
  }

  /** What is to be compared now; what comes up from here on is for the next time. */
  function takeScope(): Scope {
    const scope: Scope = {
      only: everything ? undefined : new Set([...touched, ...suspects, ...held.keys()]),
      set: new Set(touched),
      suspects: new Set(suspects),
    };
    everything = false;
    touched.clear();
    suspects.clear();
    return scope;
  }

  /** What nobody wants any more, and what stands free again, is no problem any more. */
  function forget(): void {
    if (quarantine.size === 0) return;
    const others = new Set<string>();
    for (const group of desired.groups.values()) others.add(nameOf({ group })[0]);
    for (const meter of desired.meters.values()) others.add(nameOf({ meter })[0]);
    for (const removedGroup of mirror.groups.keys()) others.add(nameOf({ removedGroup })[0]);
    for (const removedMeter of mirror.meters.keys()) others.add(nameOf({ removedMeter })[0]);
    const isDeleted = (name: string) => name.startsWith('delete ') && mirror.flows.has(name.slice('delete '.length));
    quarantine.forget(
      (name) => desired.flows.has(name) || others.has(name) || isDeleted(name),
      (name) => isForeignAt(name),
    );
  }

  function isForeignAt(identity: string): boolean {
    const standing = mirror.flows.get(identity);
    return standing !== undefined && !isOurs(standing.cookie);
  }

  /** What is to be repaired, unless an app has just declared it otherwise. */
  function nameDrift({ before, bundle, after }: Difference, scope: Scope): string[] {
    const found: string[] = [];
    for (const change of [...before, ...bundle, ...after]) {
      const key = driftKey(change);
      if (!scope.suspects.has(key) || scope.set.has(key)) continue;
      const drift = driftOf(change, mirror);
      if (drift === undefined) continue;
      driftLog.add(drift);
      found.push(drift.text);
    }
    return found;
  }

  async function synchronise(onlyIfNeeded = false): Promise<void> {
    weave();
    forget();
    if (othersUnknown) await readOthers();
    const scope = takeScope();
    const first = compare(scope);
    faultPoint('flows: changes collected');
    const isNothing = first.before.length + first.bundle.length + first.after.length === 0;
    const drift = nameDrift(first, scope);
    const fresh = flushZones();
    const result = isNothing ? nothingSent() : await transfer.run(first, () => compare(scope));
    if (isMakingRoom(first) && quarantine.crowded() > 0) {
      const again = quarantine.retry();
      const wider = { ...scope, only: scope.only && new Set([...scope.only, ...held.keys(), ...again]) };
      const more = await transfer.run(compare(wider), () => compare(wider));
      for (const each of ['added', 'deleted', 'groups'] as const) result[each] += more[each];
    }
    if (isNothing && fresh.flushed) await window.barrier();
    // Not before: a zone that is remembered and was not flushed would keep another's connections.
    for (const zone of fresh.zones) options.zones?.remember(zone);
    const refused = quarantine.count((name) => desired.flows.has(name));
    result.unchanged = desired.flows.size - result.added - refused - held.size;
    if (!isNothing || !onlyIfNeeded) events.synchronised(result, drift);
  }

  /** Before the flows that use them are sent; on one connection a switch goes in order. */
  function flushZones(): { zones: number[]; flushed: boolean } {
    const zones = [...desired.zones.keys()].filter((zone) => !usedZones.has(zone));
    if (zones.length === 0) return { zones, flushed: false };
    const isSame = (zone: number) => usedZones.has(zone) || options.zones?.isSame(zone);
    const flush = zonesToFlush(desired.zones, mirror.flows.values(), isSame);
    for (const zone of flush) connection.send(zoneFlush(zone));
    for (const zone of zones) usedZones.add(zone);
    return { zones, flushed: flush.size > 0 };
  }

  /** Groups and meters are not monitored: what a foreign deletion took along shows that they have changed. */
  async function readOthers(): Promise<void> {
    const others = await readGroupsAndMeters(connection);
    othersUnknown = false;
    for (const id of mirror.groups.keys()) if (!others.groups.has(id)) suspects.add(`group ${id}`);
    for (const id of mirror.meters.keys()) if (!others.meters.has(id)) suspects.add(`meter ${id}`);
    mirror.takeOthers(others);
  }

  /** Reads everything; what changes meanwhile is told by the monitor, or was sent by us, and stays. */
  async function read(): Promise<Differences> {
    watch.ask();
    const reading = mirror.beginReading();
    const others = readGroupsAndMeters(connection);
    await window.inParts('a question for its flows', (heard) =>
      Promise.all([others, takeFlows(connection, reading.take, heard)]),
    );
    // What the switch did before it answered has been told by then.
    await window.barrier();
    watch.settle();
    const found = reading.differences(await others);
    reading.end(await others);
    faultPoint('flows: switch read');
    known = true;
    return found;
  }

  async function readAgain(): Promise<void> {
    const isSure = watch.state === 'on' && !hasGap;
    hasGap = false;
    const found = await read();
    monitor.audits++;
    for (const identity of found.flows.keys()) if (isDrift(identity)) suspects.add(identity);
    for (const id of found.groups) suspects.add(`group ${id}`);
    for (const id of found.meters) suspects.add(`meter ${id}`);
    if (isSure && watch.state === 'on' && !hasGap) tellUntold(found);
  }

  function tellUntold({ flows }: Differences): void {
    const untold = [...flows].filter(([, { thought, found }]) => isTold(thought, found));
    if (untold.length === 0) return;
    monitor.untold += untold.length;
    const shown = untold.slice(0, 3).map(([identity]) => identity);
    events.untold?.(`its flow monitor did not tell of ${untold.length} changes, the first: ${shown.join('; ')}`);
  }

  function audit(): Promise<void> {
    return enqueue(async () => {
      if (!begun) {
        await read();
        return;
      }
      await readAgain();
      // Flows that the switch learned are looked at too: their ports may have gone.
      everything = true;
      const crowded = quarantine.crowded();
      quarantine.retry('some');
      await synchronise(true);
      if (quarantine.crowded() === crowded) return;
      // Where one found room, others may.
      quarantine.retry();
      everything = true;
      await synchronise(true);
    });
  }

  function auditLater(spentMs: number): void {
    const { auditSeconds = AUDIT_SECONDS, blindAuditSeconds = BLIND_AUDIT_SECONDS } = options;
    const seconds = watch.state === 'off' ? blindAuditSeconds : auditSeconds;
    auditTimer = delay(
      async () => {
        const start = Date.now();
        await audit();
        if (!stopped) auditLater(Date.now() - start);
      },
      Math.max(seconds * 1000, spentMs / AUDIT_SHARE),
    );
    auditTimer.unref();
  }

  async function firstSync(): Promise<void> {
    begun = true;
    everything = true;
    suspects.clear();
    if (auditTimer === undefined) auditLater(0);
    await synchronise();
  }

  /** One thing at a time; an error ends only its own turn. */
  function enqueue(work: () => Promise<void>): Promise<void> {
    running = running.then(async () => {
      if (stopped) return;
      busy = true;
      try {
        await work();
      } catch (error) {
        everything = true;
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
    get driftCount() {
      return driftLog.count;
    },
    get monitor() {
      return { ...monitor, state: watch.state };
    },
    window,
    desired: (identity) => desired.flows.get(identity),
    desiredGroup: (groupId) => desired.groups.get(groupId),
    start: () =>
      enqueue(async () => {
        await read();
        await firstSync();
      }),
    audit,
    async settled() {
      // What was scheduled in this turn of the event loop is queued in the next one.
      await new Promise((resolve) => setImmediate(resolve));
      await running;
    },
    refusal: (change) => quarantine.reason(...nameOf(change)),
    schedule(all) {
      if (all === 'everything') everything = true;
      if (scheduled || stopped || !begun) return;
      scheduled = true;
      setImmediate(() => {
        enqueue(() => {
          scheduled = false;
          return synchronise();
        });
      });
    },
    flush() {
      if (!begun || stopped) return;
      if (busy || suspects.size > 0 || everything) {
        reconciler.schedule();
        return;
      }
      weave();
      forget();
      const scope = takeScope();
      const waited = held;
      const found = compare(scope);
      // Flows wait for a group that is refused: only where the answer is awaited is that known in time.
      const isMuch = found.bundle.length > MOST_AT_ONCE || window.crowded;
      if (isMuch || found.before.length + found.after.length > 0 || found.bundle.some(isOfGroup)) {
        for (const identity of scope.set) touched.add(identity);
        held = new Map([...waited, ...held]);
        reconciler.schedule();
        return;
      }
      for (const change of found.bundle) {
        direct.set(sender.direct(change), change);
        mirror.apply(change);
        quarantine.delete(nameOf(change)[0]);
      }
      for (const xid of direct.keys()) {
        if (direct.size <= MOST_DIRECT) break;
        direct.delete(xid);
      }
    },
    refresh(look) {
      if (look !== 'look' && !begun) return reconciler.start();
      return audit();
    },
    known: () => known,
    begin: () => enqueue(firstSync),
    problems: () => [...weaveErrors, ...quarantine.reasons(), ...held.values()],
    forget(tableId) {
      if (stopped || !known) return;
      connection.send(learnedDelete(tableId));
      for (const flow of mirror.flows.values())
        if (flow.tableId === tableId && isState(flow.cookie)) mirror.remove(flow.identity);
    },
    released() {
      return new Promise((resolve, reject) => {
        const turn = enqueue(async () => {
          stop();
          try {
            resolve(await releaseSwitch(connection));
          } catch (error) {
            reject(error as Error);
          }
        });
        // One whose connection has ended meanwhile gets no turn any more.
        void turn.then(() => reject(new Error('it is not connected any more')));
      });
    },
    flowRemoved(message) {
      const identity = flowIdentity({
        tableId: message.tableId,
        priority: message.priority,
        match: canonicalMatch(message.match),
      });
      const wanted = desired.flows.get(identity);
      const standing = mirror.flows.get(identity);
      // The flow monitor may have told first.
      if ((standing ?? wanted)?.cookie !== message.cookie) return undefined;
      mirror.remove(identity);
      return wanted;
    },
    receiveUpdates: watch.receive,
    takeError(error) {
      if (watch.takeError(error) || sender.takeError(error)) return true;
      const flow = direct.get(error.xid)?.flow;
      if (!direct.delete(error.xid)) return false;
      if (flow === undefined) {
        // What was to go is still there.
        everything = true;
        return true;
      }
      mirror.remove(flow.identity);
      quarantine.add(flow.identity, flow.content, describe(flow), error.reason);
      return true;
    },
    stop,
  };

  function stop(): void {
    stopped = true;
    clearTimeout(auditTimer);
    clearTimeout(repairTimer);
  }

  return reconciler;
}

interface Scope {
  /** Flows to compare; undefined: all. */
  only: ReadonlySet<string> | undefined;
  /** Those that an app has declared anew. */
  set: ReadonlySet<string>;
  /** What somebody else has changed, by driftKey. */
  suspects: ReadonlySet<string>;
}

function isOfGroup({ group, removedGroup }: Change): boolean {
  return group !== undefined || removedGroup !== undefined;
}

/** Changes sent at once; more go in a bundle, which waits for the switch. */
const MOST_AT_ONCE = 100;
/** Changes sent without a bundle that are remembered until the switch has told of them. */
const MOST_DIRECT = 1024;

/** What goes leaves last: what was to come in its stead may have found the switch full. */
function isMakingRoom({ bundle, after }: Difference): boolean {
  const isGoing = ({ removed, removedGroup }: Change) => removed !== undefined || removedGroup !== undefined;
  return after.length > 0 || bundle.some(isGoing);
}

function nothingSent(): SyncResult {
  return { added: 0, deleted: 0, unchanged: 0, groups: 0 };
}

/** The monitor should have told of it: it does not tell flags, nor of flows that our apps set by themselves. */
function isTold(thought: ActualFlow | undefined, found: ActualFlow | undefined): boolean {
  const either = found ?? thought;
  if (either === undefined || (isOurs(either.cookie) && isReactive(either.cookie))) return false;
  if (thought === undefined || found === undefined) return true;
  return withoutFlags(thought.content) !== withoutFlags(found.content);
}
