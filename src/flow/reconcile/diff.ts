/** Desired against actual: what must be added, changed and deleted so that a switch is as it should be. */

import { isOursHalf, isReactiveHalf, isStateHalf } from '../cookie.ts';
import type { TableFlow } from '../flow.ts';
import { cookieHalf, FlowBytes, isSameContent } from '../flow-bytes.ts';
import type { Flows, FlowPair as Pair } from '../flow-index.ts';
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
}

class StandingFlow extends FlowBytes implements ActualFlow {
  duration: number;
  reading: number | undefined = undefined;

  constructor(identity: string, content: string, duration: number) {
    super(identity, content);
    this.duration = duration;
  }
}

export function actualFlow(identity: string, content: string, duration = 0): ActualFlow {
  return new StandingFlow(identity, content, duration);
}

export interface FlowDifference {
  /** New ones, and those that stand there with other actions, timeouts or cookie: an add replaces and keeps counters. */
  add: DesiredFlow[];
  remove: ActualFlow[];
  unchanged: number;
  /** Ours would stand where a foreign flow stands; it is left alone. */
  occupied: { desired: DesiredFlow; foreign: ActualFlow }[];
}

/** What shall stand at one place of a switch, and what does. */
export type FlowPair = Pair<DesiredFlow, ActualFlow>;

/** As of an index, of flows that are in none. */
export function pairsOf(desired: Flows<DesiredFlow>, actual: Flows<ActualFlow>): FlowPair[][] {
  const pairs: FlowPair[] = [];
  for (const wanted of desired.values()) pairs.push({ wanted, standing: actual.get(wanted.identity) });
  for (const standing of actual.values())
    if (!desired.has(standing.identity)) pairs.push({ wanted: undefined, standing });
  return [pairs];
}

/**
 * Foreign flows are never removed, and what the switch learned only where `isOutdated` says so; flows that live by
 * their timeout only where `isMine` says that this process set them: those of an earlier run end by themselves. What
 * `isKept` says of stands as it is.
 */
export function diffFlows(...given: Parameters<typeof diffingFlows>): FlowDifference {
  return atOnce(diffingFlows(...given));
}

/** The same in slices. */
export function* diffingFlows(
  namespace: Namespace,
  tables: Iterable<FlowPair>[],
  isMine: (identity: string) => boolean,
  isOutdated: (learned: ActualFlow) => boolean = () => false,
  isKept: (ours: ActualFlow) => boolean = () => false,
): Sliced<FlowDifference> {
  const difference: FlowDifference = { add: [], remove: [], unchanged: 0, occupied: [] };

  function isLeft(flow: ActualFlow): boolean {
    const half = cookieHalf(flow.content);
    if (!isOursHalf(namespace, half)) return true;
    if (isStateHalf(namespace, half) && !isOutdated(flow)) return true;
    return isKept(flow) || (isReactiveHalf(half) && !isMine(flow.identity));
  }

  function compare({ wanted, standing }: FlowPair): void {
    if (standing === undefined) {
      if (wanted !== undefined) difference.add.push(wanted);
    } else if (wanted === undefined) {
      if (!isLeft(standing)) difference.remove.push(standing);
    } else if (!isOursHalf(namespace, cookieHalf(standing.content))) {
      difference.occupied.push({ desired: wanted, foreign: standing });
    } else if (isSameContent(standing.content, wanted.content) || isKept(standing)) difference.unchanged++;
    else difference.add.push(wanted);
  }

  let count = 0;
  for (const pairs of tables) {
    for (const pair of pairs) {
      count++;
      if (count % SLICE === 0) yield;
      // Only now: others may have put something there meanwhile.
      compare(pair);
    }
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
