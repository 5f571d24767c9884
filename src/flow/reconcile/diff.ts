/** Desired against actual: what must be added, changed and deleted so that a switch is as it should be. */

import type { FlowStats } from '../../../proto/openflow/flow-stats.ts';
import { canonicalMatch, flowContent, flowIdentity } from '../canonical.ts';
import { isOurs, isReactive, isState } from '../cookie.ts';
import type { TableFlow } from '../flow.ts';
import type { DesiredFlow, DesiredGroup } from '../weave/weaver.ts';

/** A flow as the switch dumped it. */
export interface ActualFlow extends TableFlow {
  identity: string;
  content: string;
  packets: bigint;
  bytes: bigint;
  /** Seconds since it was installed. */
  duration: number;
}

export function actualFlow(stats: FlowStats): ActualFlow {
  const flow: ActualFlow = {
    tableId: stats.tableId,
    priority: stats.priority,
    match: canonicalMatch(stats.match),
    instructions: stats.instructions,
    cookie: stats.cookie,
    idleTimeout: stats.idleTimeout,
    hardTimeout: stats.hardTimeout,
    flags: stats.flags,
    identity: '',
    content: '',
    packets: stats.packetCount,
    bytes: stats.byteCount,
    duration: stats.durationSec,
  };
  flow.identity = flowIdentity(flow);
  flow.content = flowContent(flow);
  return flow;
}

/** Those of one table. */
export function* standingIn(flows: ReadonlyMap<string, ActualFlow>, tableId: number): Iterable<ActualFlow> {
  for (const flow of flows.values()) if (flow.tableId === tableId) yield flow;
}

export interface FlowDifference {
  /** New ones, and those that stand there with other actions, timeouts or cookie: an add replaces and keeps counters. */
  add: DesiredFlow[];
  remove: ActualFlow[];
  unchanged: number;
  /** Ours would stand where a foreign flow stands; it is left alone. */
  occupied: { desired: DesiredFlow; foreign: ActualFlow }[];
}

/**
 * Foreign flows are never removed, and what the switch learned only where `isOutdated` says so; flows that live by
 * their timeout only where `isMine` says that this process set them: those of an earlier run end by themselves. `only`:
 * compare just these identities. What `isKept` says of stands as it is.
 */
export function diffFlows(
  desired: ReadonlyMap<string, DesiredFlow>,
  actual: ReadonlyMap<string, ActualFlow>,
  isMine: (identity: string) => boolean,
  only?: ReadonlySet<string>,
  isOutdated: (learned: ActualFlow) => boolean = () => false,
  isKept: (ours: ActualFlow) => boolean = () => false,
): FlowDifference {
  const difference: FlowDifference = { add: [], remove: [], unchanged: 0, occupied: [] };
  for (const identity of only ?? desired.keys()) {
    const flow = desired.get(identity);
    const standing = actual.get(identity);
    if (flow === undefined) continue;
    if (standing === undefined) difference.add.push(flow);
    else if (!isOurs(standing.cookie)) difference.occupied.push({ desired: flow, foreign: standing });
    else if (standing.content === flow.content || isKept(standing)) difference.unchanged++;
    else difference.add.push(flow);
  }
  for (const identity of only ?? actual.keys()) {
    const flow = actual.get(identity);
    if (flow === undefined || desired.has(identity) || !isOurs(flow.cookie)) continue;
    if (isState(flow.cookie) && !isOutdated(flow)) continue;
    if (isKept(flow)) continue;
    if (isReactive(flow.cookie) && !isMine(identity)) continue;
    difference.remove.push(flow);
  }
  return difference;
}

/** Of groups, or of meters. */
export interface GroupDifference<G> {
  add: G[];
  modify: G[];
  /** Ids. */
  remove: number[];
}

/** `actual` holds those of ours only: id → content. */
export function diffGroups<G extends { content: string } = DesiredGroup>(
  desired: ReadonlyMap<number, G>,
  actual: ReadonlyMap<number, string>,
): GroupDifference<G> {
  const difference: GroupDifference<G> = { add: [], modify: [], remove: [] };
  for (const [id, group] of desired) {
    const standing = actual.get(id);
    if (standing === undefined) difference.add.push(group);
    else if (standing !== group.content) difference.modify.push(group);
  }
  for (const id of actual.keys()) if (!desired.has(id)) difference.remove.push(id);
  return difference;
}
