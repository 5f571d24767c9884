/**
 * Keeps the mirror of a switch true: reads the switch, takes what its flow monitor tells, and finds by reading it again
 * what that had not told of.
 */

import type { FlowRemoved } from '../../../proto/openflow/flow-mod.ts';
import { faultPoint } from '../../fault-point.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import type { Window } from '../../openflow/window.ts';
import { isOurs, isReactive } from '../cookie.ts';
import { describeIdentity, flowIdentity, isSameContent, withoutFlags } from '../flow-bytes.ts';
import type { Namespace } from '../namespace.ts';
import type { ActualFlow } from './diff.ts';
import { createFlowWatch, type FlowWatch } from './flow-watch.ts';
import { createGroupWatch, type GroupWatch } from './group-watch.ts';
import type { Mirror } from './mirror.ts';
import { readGroupsAndMeters, takeFlows } from './read-switch.ts';
import type { Differences } from './reading.ts';

export interface ObserverEvents {
  /** Somebody else changed a flow: by identity. */
  changed(identity: string): void;
  /** Somebody else may have changed groups or meters. */
  othersChanged(): void;
  /** Our message with that xid took effect. */
  ownChange(xid: number): void;
  /** There was more than the switch could tell: it is to be read again. */
  gap(): void;
  /** Changes that the switch should have told of. */
  untold(text: string): void;
}

/** Whether the switch tells of every change; how often it was read again, and how many changes it had not told of. */
export interface MonitorStatus {
  state: FlowWatch['state'];
  audits: number;
  untold: number;
}

export interface Observer {
  /** The switch was read once. */
  readonly isKnown: boolean;
  readonly monitor: MonitorStatus;
  /** The switch tells of every change. */
  readonly isWatching: boolean;
  /** Reads everything: what changes meanwhile is told by the monitor, or was sent by us, and stays. */
  read(): Promise<Differences>;
  /** The same, once more: gives what is other than it was thought to be. */
  audit(): Promise<Differences>;
  /** Groups and meters, where they may have changed: gives those that have, by driftKey. */
  readOthers(): Promise<string[]>;
  flowRemoved(message: FlowRemoved): void;
  receiveUpdates: FlowWatch['receive'];
  receiveForwarded: GroupWatch['receive'];
  takeError(error: OpenFlowError): boolean;
}

export function createObserver(
  { connection, window, mirror }: { connection: Connection; window: Window; mirror: Mirror },
  events: ObserverEvents,
): Observer {
  const counts = { audits: 0, untold: 0 };
  let isKnown = false;
  /** Groups or meters may be others than thought. */
  let othersUnknown = false;
  /** The flow monitor has paused since the switch was read. */
  let hasGap = false;

  const watch = createFlowWatch(connection, {
    changed(update) {
      const identity = mirror.update(update);
      // A foreign deletion that took flows along.
      if (update.type === 'removed' && (update.reason === 'groupDelete' || update.reason === 'meterDelete'))
        takeOthersChanged();
      events.changed(identity);
    },
    ownChange: events.ownChange,
    resumed() {
      hasGap = true;
      events.gap();
    },
  });

  const groupWatch = createGroupWatch(connection, mirror, takeOthersChanged);

  function takeOthersChanged(): void {
    othersUnknown = true;
    events.othersChanged();
  }

  async function read(): Promise<Differences> {
    watch.ask();
    groupWatch.ask();
    const reading = mirror.beginReading();
    const others = readGroupsAndMeters(connection, mirror.namespace);
    await window.inParts('a question for its flows', (heard) =>
      Promise.all([others, takeFlows(connection, reading.take, heard)]),
    );
    // What the switch did before it answered has been told by then.
    await window.barrier();
    watch.settle();
    groupWatch.settle();
    const found = reading.differences(await others);
    reading.end(await others);
    faultPoint('flows: switch read');
    isKnown = true;
    return found;
  }

  function tellUntold(untold: string[]): void {
    if (untold.length === 0) return;
    counts.untold += untold.length;
    events.untold(`it did not tell of ${untold.length} changes, the first: ${untold.slice(0, 3).join('; ')}`);
  }

  return {
    get isKnown() {
      return isKnown;
    },
    get monitor() {
      return { ...counts, state: watch.state };
    },
    get isWatching() {
      return watch.state === 'on';
    },
    read,
    async audit() {
      const isSure = { flows: watch.state === 'on' && !hasGap, others: groupWatch.state === 'on' && !othersUnknown };
      hasGap = false;
      othersUnknown = false;
      const found = await read();
      counts.audits++;
      const flows = isSure.flows && watch.state === 'on' && !hasGap ? found.flows : [];
      const others = isSure.others && !othersUnknown ? keysOf(found) : [];
      tellUntold([
        ...[...flows].flatMap(([identity, { thought, found }]) =>
          isTold(mirror.namespace, thought, found) ? [describeIdentity(identity)] : [],
        ),
        ...others,
      ]);
      return found;
    },
    async readOthers() {
      if (!othersUnknown) return [];
      const others = await readGroupsAndMeters(connection, mirror.namespace);
      othersUnknown = false;
      return keysOf(mirror.takeOthers(others));
    },
    flowRemoved({ tableId, priority, match, cookie }) {
      const identity = flowIdentity({ tableId, priority, match });
      // The flow monitor may have told first.
      if (mirror.flows.get(identity)?.cookie === cookie) mirror.remove(identity);
    },
    receiveUpdates: watch.receive,
    receiveForwarded: groupWatch.receive,
    takeError: (error) => watch.takeError(error) || groupWatch.takeError(error),
  };
}

/** By driftKey. */
export function keysOf({ groups, meters }: Pick<Differences, 'groups' | 'meters'>): string[] {
  return [...Array.from(groups, (id) => `group ${id}`), ...Array.from(meters, (id) => `meter ${id}`)];
}

/** The monitor should have told of it: it does not tell flags, nor of flows that our apps set by themselves. */
function isTold(namespace: Namespace, thought: ActualFlow | undefined, found: ActualFlow | undefined): boolean {
  const either = found ?? thought;
  if (either === undefined || (isOurs(namespace, either.cookie) && isReactive(either.cookie))) return false;
  if (thought === undefined || found === undefined) return true;
  return !isSameContent(withoutFlags(thought.content), withoutFlags(found.content));
}
