/**
 * What the REST API, the WebSocket stream and the commands read: plain data, made by `main` from the live parts.
 * Counters are sums that never fall (exact up to 2^53): a flow that is installed again, and a switch that restarts, go on
 * where they left off. Rates are per second between the last two readings. Times are milliseconds since 1970.
 */

import type { CounterKind, StatisticsKind } from '../telemetry/counters/kinds.ts';
import type { CounterHistory, CounterStatus } from './shapes/counter.ts';
import type { DriftStatus } from './shapes/drift.ts';
import type { EventStatus } from './shapes/event.ts';
import type { FlowStatus } from './shapes/flow.ts';
import type { PublishedStatus, PublishedTopic } from './shapes/published.ts';
import type { RuleStatus } from './shapes/rule.ts';
import type { Snapshot } from './shapes/snapshot.ts';

export type * from './shapes/app.ts';
export type * from './shapes/counter.ts';
export type * from './shapes/drift.ts';
export type * from './shapes/event.ts';
export type * from './shapes/flow.ts';
export type * from './shapes/host.ts';
export type * from './shapes/published.ts';
export type * from './shapes/rule.ts';
export type * from './shapes/segment.ts';
export type * from './shapes/snapshot.ts';
export type * from './shapes/station.ts';
export type * from './shapes/switch.ts';
export type * from './shapes/topology.ts';
export type * from './shapes/zone.ts';

/** Topics of `/api/v1/stream` that are lists: what is in them. Each row has an `id`. */
export interface StreamRows extends PublishedStatus {
  flows: FlowStatus;
  rules: RuleStatus;
  events: EventStatus;
}

export type RowTopic = keyof StreamRows;
export type Topic = 'status' | RowTopic;

/** Client → server: which topics it wants from now on. */
export interface Subscribe {
  subscribe: Topic[];
}

/** Server → client: for each topic one snapshot, then deltas. `status` is always sent whole. */
export type StreamMessage =
  | { topic: 'status'; type: 'snapshot'; data: Snapshot }
  | {
      [T in RowTopic]:
        | { topic: T; type: 'snapshot'; data: StreamRows[T][] }
        | { topic: T; type: 'delta'; upsert: StreamRows[T][]; remove: StreamRows[T]['id'][] };
    }[RowTopic];

/** What the API is given by `main`. What it returns at once never is a live object that a reader could hold on to. */
export interface SnapshotSource {
  status(): Snapshot;
  flows(): FlowStatus[];
  counters(of: CounterKind): CounterStatus[];
  /** In the order of the file. */
  rules(): RuleStatus[];
  published<T extends PublishedTopic>(topic: T): PublishedStatus[T][];
  drift(): DriftStatus;
  /** The last of them, oldest first. */
  events(): readonly EventStatus[];
  /** undefined: nothing of the kind is known. */
  history(of: CounterKind, id: string, step: number): CounterHistory | undefined;
  /** Reads what is older than a second, and no longer than some seconds. */
  fresh(wanted: Wanted): Promise<void>;
  /** Calls back after each polling round and each change worth showing, at most a few times a second; returns how to stop.
   * While somebody watches, what the topics show is polled once a second. */
  watch(changed: () => void, topics: readonly Topic[]): () => void;
}

/** Which counters shall be fresh, of all switches or one. */
export interface Wanted {
  kinds: readonly StatisticsKind[];
  dpid?: string | undefined;
}
