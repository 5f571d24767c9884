/**
 * Brings one switch to what its weaver says, with nothing but the differences: at connect against the switch's own dump,
 * later against the mirror of it, which the switch's flow monitor keeps current and an audit proves from time to time.
 * What the switch refuses is quarantined with its reason and the rest goes on; what others change of ours is named and
 * put right.
 */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import { type Clock, systemClock } from '../../clock.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { FlowMonitorReply, RequestForward } from '../../openflow/datapath.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { createWindow, type Window, type WindowOptions } from '../../openflow/window.ts';
import type { ZoneMemory } from '../allocate/switch-allocation.ts';
import { isStateHalf } from '../cookie.ts';
import { cookieHalf } from '../flow-bytes.ts';
import type { FlowIndex, FlowView } from '../flow-index.ts';
import type { Namespace } from '../namespace.ts';
import type { DesiredFlow, DesiredGroup, Weaver } from '../weave/weaver.ts';
import { createAgenda } from './agenda.ts';
import { type Change, nameOf } from './change.ts';
import { createCounted } from './counted.ts';
import type { ActualFlow } from './diff.ts';
import { createDirect } from './direct.ts';
import { createDriftLog, type Drift } from './drift.ts';
import { learnedDelete } from './messages.ts';
import { createMirror, type LearnedWatch } from './mirror.ts';
import { createObserver, type MonitorStatus } from './observer.ts';
import { type AuditOptions, createAudits, createRepairs } from './pace.ts';
import { createProblems } from './problems.ts';
import { type Released, releaseSwitch } from './release.ts';
import { createSender, type Sent } from './sending.ts';
import { createSynchronisation } from './synchronisation.ts';
import { createTransfer, type SyncResult } from './transfer.ts';
import { createTurns } from './turns.ts';

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
  /**
   * Reads the switch, and changes nothing before `begin`. From then on it is done from time to time by itself: what
   * differs from what was known is drift, and is put right. False: it could not be read.
   */
  read(): Promise<boolean>;
  /** The apps have declared: brings the switch to that, and keeps it so. What was not read yet is read first. */
  begin(): Promise<void>;
  /** Compares and sends soon; calls in between are joined. `everything`: also what nobody declared anew. */
  schedule(everything?: 'everything'): void;
  /** Sends single changes at once, without a bundle: the answer to a packet-in. */
  flush(): void;
  /** Resolves when what is waiting to be sent, or being sent, is done. */
  settled(): Promise<void>;
  /** What the switch learned in a table goes, all or the one of that identity, and what comes back of it a moment later. */
  forget(tableId: number, identity?: string): void;
  /** Takes everything of ours out of the switch; nothing is sent to it any more. */
  released(): Promise<Released>;
  stop(): void;

  /** The switch's flows by identity. */
  readonly actual: FlowView<ActualFlow>;
  desired(identity: string): DesiredFlow | undefined;
  desiredGroup(groupId: number): DesiredGroup | undefined;
  /** Why the switch refused just this, so that it is not sent again. */
  refusal(change: Omit<Change, 'message'>): string | undefined;
  /** What can't stand in the switch, and why. */
  problems(): string[];
  /** What was found changed by others and repaired, newest last, the last ones of them. */
  readonly drift: readonly Drift[];
  readonly driftCount: number;
  readonly monitor: MonitorStatus;
  /** The switch tells of every change. */
  readonly isWatching: boolean;
  /** Bytes sent and not acknowledged: also for who sends to this switch by itself. */
  readonly window: Window;

  flowRemoved(message: FlowRemoved): void;
  receiveUpdates(reply: FlowMonitorReply): void;
  receiveForwarded(message: RequestForward): void;
  /** True: it is about something that was sent here. */
  takeError(error: OpenFlowError): boolean;
}

export interface ReconcilerOptions extends WindowOptions, AuditOptions {
  /** Default: one of its own. */
  window?: Window;
  /** Of what is done from time to time. */
  clock?: Clock;
  /** Whose conntrack zones were before. One that comes into use, and was not the same's, is flushed first. */
  zones?: ZoneMemory;
  /** Apps, by number, whose flows, groups and meters stay as they stand: they have not declared any yet. */
  waitingFor?: ReadonlySet<number>;
  /** Whether a message was of a flow with a timeout, which are not the reconciler's. */
  isTimed?(xid: number): boolean;
  /** Hears of what the switch learns by itself. */
  learned?: LearnedWatch;
}

export function createReconciler(
  namespace: Namespace,
  connection: Connection,
  weaver: Pick<Weaver, 'weaving' | 'woven'>,
  /** The weaver has its side. */
  index: FlowIndex<DesiredFlow, ActualFlow>,
  events: ReconcilerEvents,
  sent: Sent = { flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 },
  hasPort: (port: number) => boolean = () => true,
  options: ReconcilerOptions = {},
): Reconciler {
  const { clock = systemClock } = options;
  const window = options.window ?? createWindow(connection, options);
  const mirror = createMirror(namespace, index, options.learned);
  const agenda = createAgenda();
  const driftLog = createDriftLog();
  const problems = createProblems(events.refused);
  const { quarantine } = problems;
  const sender = createSender(connection, window, sent);
  const transfer = createTransfer({ connection, mirror, quarantine, sender });
  const direct = createDirect({ mirror, quarantine, sender });
  /** The switch was read and may be changed. */
  let begun = false;
  let stopped = false;
  let scheduled = false;

  const turns = createTurns((error) => {
    agenda.addAll();
    events.failed(error);
  });
  const repairs = createRepairs(clock, schedule);
  const counted = createCounted(clock);
  const observer = createObserver(
    { connection, window, mirror },
    {
      changed(identity) {
        if (!synchronisation.isDrift(identity)) return;
        agenda.suspect(identity);
        if (begun) repairs.soon();
      },
      othersChanged() {
        if (begun) repairs.soon();
      },
      ownChange(xid) {
        if (options.isTimed?.(xid) === true) return;
        const change = direct.ownChange(xid) ?? transfer.ownChange(xid);
        if (change === undefined) mirror.ownChange();
        else mirror.apply(change);
      },
      gap: () => void read(),
      untold: (text) => events.untold?.(text),
    },
  );
  const audits = createAudits(clock, read, () => observer.monitor.state === 'off', options);
  const synchronisation = createSynchronisation({
    ...{ connection, window, weaver, mirror, agenda, problems, driftLog, sender, transfer, direct, observer, hasPort },
    zones: options.zones,
    waitingFor: options.waitingFor,
    synchronised: events.synchronised,
  });

  function read(): Promise<boolean> {
    return turns.take(async () => {
      if (begun) await synchronisation.correct(await observer.audit());
      else await observer.read();
    });
  }

  function schedule(): void {
    if (scheduled || stopped || !begun) return;
    scheduled = true;
    setImmediate(() => {
      turns.take(() => {
        scheduled = false;
        return synchronisation.run();
      });
    });
  }

  function forget(tableId: number): void {
    connection.send(learnedDelete(namespace, tableId));
    for (const flow of mirror.flows.inTable(tableId))
      if (isStateHalf(namespace, cookieHalf(flow.content))) mirror.remove(flow.identity);
  }

  /** What was learned anew meanwhile, and is another, stays. */
  function forgetOne(identity: string, content: string | undefined): void {
    const flow = mirror.flows.get(identity);
    if (flow === undefined || (content !== undefined && flow.content !== content)) return;
    if (!isStateHalf(namespace, cookieHalf(flow.content))) return;
    connection.send(learnedDelete(namespace, flow.tableId, flow));
    mirror.remove(identity);
    if (content === undefined) counted.afterwards(() => forgetOne(identity, flow.content));
  }

  function stop(): void {
    stopped = true;
    turns.end();
    audits.stop();
    repairs.stop();
    counted.stop();
  }

  return {
    read,
    async begin() {
      await turns.take(async () => {
        if (!observer.isKnown) await observer.read();
        begun = true;
        agenda.addAll();
        agenda.forgetSuspects();
        audits.start();
        await synchronisation.run();
      });
    },
    schedule(everything) {
      if (everything !== undefined) agenda.addAll();
      schedule();
    },
    flush() {
      if (!begun || stopped) return;
      if (turns.busy || !agenda.isPlain || !synchronisation.sendAtOnce()) schedule();
    },
    settled: turns.settled,
    forget(tableId, identity) {
      if (stopped || !observer.isKnown) return;
      if (identity !== undefined) {
        forgetOne(identity, undefined);
        return;
      }
      forget(tableId);
      counted.afterwards(() => forget(tableId));
    },
    released() {
      return new Promise((resolve, reject) => {
        const turn = turns.take(async () => {
          stop();
          await releaseSwitch(connection, namespace).then(resolve, reject);
        });
        // One whose connection has ended meanwhile gets no turn any more.
        void turn.then(() => reject(new Error('it is not connected any more')));
      });
    },
    stop,

    actual: mirror.flows,
    desired: (identity) => synchronisation.desired.flows.get(identity),
    desiredGroup: (groupId) => synchronisation.desired.groups.get(groupId),
    refusal: (change) => quarantine.reason(...nameOf(change)),
    problems: problems.list,
    drift: driftLog.entries,
    get driftCount() {
      return driftLog.count;
    },
    get monitor() {
      return observer.monitor;
    },
    get isWatching() {
      return observer.isWatching;
    },
    window,

    flowRemoved: observer.flowRemoved,
    receiveUpdates: observer.receiveUpdates,
    receiveForwarded: observer.receiveForwarded,
    takeError(error) {
      if (observer.takeError(error) || sender.takeError(error)) return true;
      const whose = direct.takeError(error);
      if (whose === 'lost') agenda.addAll();
      return whose !== 'foreign';
    },
  };
}
