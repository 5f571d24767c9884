/** Desired against actual: what must be added, changed and deleted so that a switch is as it should be. */

import { isOursHalf, isReactiveHalf, isStateHalf } from '../cookie.ts';
import type { TableFlow } from '../flow.ts';
import { cookieHalf, FlowBytes, isSameContent } from '../flow-bytes.ts';
import type { Namespace } from '../namespace.ts';
import { atOnce, SLICE, type Sliced } from '../slices.ts';
import type { DesiredFlow, DesiredGroup } from '../weave/weaver.ts';

/** A flow as it stands in the switch. */
export interface ActualFlow extends TableFlow {
  readonly identity: string;
  readonly content: string;
  /** Seconds since it was installed, when it was read. */
  duration: number;
  /** The reading that found it last, by its number. */
  reading?: number | undefined;
  /** The comparison that found it wanted last, by its number. */
  comparison?: number | undefined;
}

class StandingFlow extends FlowBytes implements ActualFlow {
  duration: number;
  reading: number | undefined = undefined;
  comparison: number | undefined = undefined;

  constructor(identity: string, content: string, duration: number) {
    super(identity, content);
    this.duration = duration;
  }
}

export function actualFlow(identity: string, content: string, duration = 0): ActualFlow {
  return new StandingFlow(identity, content, duration);
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
export function diffFlows(...given: Parameters<typeof diffingFlows>): FlowDifference {
  return atOnce(diffingFlows(...given));
}

let comparisons = 0;

/** The same in slices. */
export function* diffingFlows(
  namespace: Namespace,
  desired: ReadonlyMap<string, DesiredFlow>,
  actual: ReadonlyMap<string, ActualFlow>,
  isMine: (identity: string) => boolean,
  only?: ReadonlySet<string>,
  isOutdated: (learned: ActualFlow) => boolean = () => false,
  isKept: (ours: ActualFlow) => boolean = () => false,
): Sliced<FlowDifference> {
  const difference: FlowDifference = { add: [], remove: [], unchanged: 0, occupied: [] };
  let count = 0;
  comparisons++;
  const comparison = comparisons;
  for (const flow of only === undefined ? desired.values() : chosen(desired, only)) {
    count++;
    if (count % SLICE === 0) yield;
    const standing = actual.get(flow.identity);
    if (standing === undefined) {
      difference.add.push(flow);
      continue;
    }
    standing.comparison = comparison;
    if (!isOursHalf(namespace, cookieHalf(standing.content)))
      difference.occupied.push({ desired: flow, foreign: standing });
    else if (isSameContent(standing.content, flow.content) || isKept(standing)) difference.unchanged++;
    else difference.add.push(flow);
  }
  for (const flow of only === undefined ? actual.values() : chosen(actual, only)) {
    count++;
    if (count % SLICE === 0) yield;
    if (flow.comparison === comparison || desired.has(flow.identity)) continue;
    const half = cookieHalf(flow.content);
    if (!isOursHalf(namespace, half)) continue;
    if (isStateHalf(namespace, half) && !isOutdated(flow)) continue;
    if (isKept(flow)) continue;
    if (isReactiveHalf(half) && !isMine(flow.identity)) continue;
    difference.remove.push(flow);
  }
  return difference;
}

function* chosen<Flow>(flows: ReadonlyMap<string, Flow>, identities: ReadonlySet<string>): Iterable<Flow> {
  for (const identity of identities) {
    const flow = flows.get(identity);
    if (flow !== undefined) yield flow;
  }
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
