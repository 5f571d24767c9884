/** What must be sent so that a switch is as it should be, in the order in which nothing breaks. */

import { appOfHalf, isReactiveHalf } from '../cookie.ts';
import { cookieHalf, isSameContent } from '../flow-bytes.ts';
import type { Flows } from '../flow-index.ts';
import type { DesiredMeter } from '../meter.ts';
import { SLICE, type Sliced } from '../slices.ts';
import type { DesiredFlow, DesiredGroup } from '../weave/weaver.ts';
import { type Change, describe, inOrderOfUse, nameOf, usesOf } from './change.ts';
import { type ActualFlow, diffGroups, diffingFlows, type FlowPair } from './diff.ts';
import type { Mirror } from './mirror.ts';
import type { Quarantine } from './quarantine.ts';

export interface Desired {
  flows: Flows<DesiredFlow>;
  groups: ReadonlyMap<number, DesiredGroup>;
  meters: ReadonlyMap<number, DesiredMeter>;
}

export interface Difference {
  /** New and changed meters: bundles have none. */
  before: Change[];
  /** Groups, then flows, then flows that go, then groups that go. */
  bundle: Change[];
  /** Meters that no flow goes through any more. */
  after: Change[];
  /** Identities of flows that wait for a group or meter that was refused, with why. */
  held: Map<string, string>;
}

export interface DifferenceOptions {
  /** Compare these flows only; undefined: all. */
  only: ReadonlySet<string> | undefined;
  /** Of a desired flow with a timeout: an app has set it just now. */
  isSet(identity: string): boolean;
  isOutdated(learned: ActualFlow): boolean;
  /** Apps, by their numbers in cookies, that have not yet come so far as to say what shall stand: what does, stays. */
  waitingFor?: ReadonlySet<number> | undefined;
}

const NOBODY: ReadonlySet<number> = new Set();
/** The switch does not know a group or meter that a flow goes through. */
const LOST = /BAD_OUT_GROUP|METER/;

export function isLost({ flow }: Change, reason: string): boolean {
  return flow !== undefined && LOST.test(reason);
}

export function* differing(
  desired: Desired,
  mirror: Mirror,
  quarantine: Quarantine,
  { only, isSet, isOutdated, waitingFor = NOBODY }: DifferenceOptions,
): Sliced<Difference> {
  const flows = yield* diffingFlows(
    mirror.namespace,
    only === undefined ? mirror.index.pairs() : [chosen(mirror.index, only)],
    mirror.isMine,
    isOutdated,
    (flow) => waitingFor.has(appOfHalf(mirror.namespace, cookieHalf(flow.content))),
  );
  const groups = diffGroups(desired.groups, mirror.groups);
  const meters = diffGroups(desired.meters, mirror.meters);
  for (const { desired: flow, foreign } of flows.occupied) {
    const cookie = `0x${foreign.cookie.toString(16)}`;
    const reason = `a foreign flow (cookie ${cookie}) stands at the same table, priority and match; delete it or change the priority`;
    quarantine.add(flow.identity, flow.content, describe(flow), reason, true);
  }
  const coming = {
    groups: new Set(groups.add.map(({ groupId }) => groupId)),
    meters: new Set(meters.add.map(({ meterId }) => meterId)),
  };
  const isRefused = (change: Change) => {
    const reason = quarantine.reason(...nameOf(change));
    return reason !== undefined && !(isLost(change, reason) && isGiven(change, coming, mirror));
  };
  const wanted = (changes: Change[]) =>
    quarantine.size === 0 ? changes : changes.filter((change) => !isRefused(change));
  const before = wanted([
    ...meters.add.map((meter) => ({ meter })),
    ...meters.modify.map((meter) => ({ meter, modify: true })),
  ]);
  const added = wanted(inOrderOfUse(groups.add).map((group) => ({ group })));
  const modified = wanted(groups.modify.map((group) => ({ group, modify: true })));

  const missing = new Map<string, string>();
  for (const group of groups.add) note(missing, `group ${group.groupId}`, nameOf({ group }), quarantine);
  for (const meter of meters.add) note(missing, `meter ${meter.meterId}`, nameOf({ meter }), quarantine);
  const held = new Map<string, string>();
  const set: Change[] = [];
  for (const [index, flow] of flows.add.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    if (isReactiveHalf(cookieHalf(flow.content)) && !isSet(flow.identity)) continue;
    const reason = missing.size === 0 ? undefined : whyHeld(flow, missing);
    if (reason !== undefined) held.set(flow.identity, `${describe(flow)}: ${reason}`);
    else set.push({ flow });
  }

  const sound = wanted(set);
  const gone = wanted(flows.remove.map((removed) => ({ removed })));
  // Their ids do not tell whose they are.
  let goneGroups = waitingFor.size > 0 ? [] : groups.remove;
  let goneMeters = waitingFor.size > 0 ? [] : meters.remove;
  if (goneGroups.length + goneMeters.length > 0) {
    // A switch deletes the flows that go through a group or meter together with it.
    const used = stillUsed(desired, mirror, new Set(gone.map(({ removed }) => removed?.identity)), sound);
    goneGroups = goneGroups.filter((id) => !used.groups.has(id));
    goneMeters = goneMeters.filter((id) => !used.meters.has(id));
  }
  return {
    before,
    bundle: [...added, ...modified, ...sound, ...gone, ...wanted(goneGroups.map((removedGroup) => ({ removedGroup })))],
    after: wanted(goneMeters.map((removedMeter) => ({ removedMeter }))),
    held,
  };
}

function* chosen({ pair }: Mirror['index'], identities: ReadonlySet<string>): Iterable<FlowPair> {
  for (const identity of identities) {
    const found = pair(identity);
    if (found !== undefined) yield found;
  }
}

/** What the switch did not know when it refused the flow comes along, and all else that it goes through is there. */
function isGiven(
  { flow }: Change,
  coming: { groups: ReadonlySet<number>; meters: ReadonlySet<number> },
  { groups, meters }: Pick<Mirror, 'groups' | 'meters'>,
): boolean {
  if (flow === undefined || coming.groups.size + coming.meters.size === 0) return false;
  const uses = usesOf(flow.instructions);
  if (!uses.groups.some((id) => coming.groups.has(id)) && !uses.meters.some((id) => coming.meters.has(id)))
    return false;
  return (
    uses.groups.every((id) => coming.groups.has(id) || groups.has(id)) &&
    uses.meters.every((id) => coming.meters.has(id) || meters.has(id))
  );
}

function note(
  missing: Map<string, string>,
  id: string,
  [name, content]: [string, string],
  quarantine: Quarantine,
): void {
  const reason = quarantine.reason(name, content);
  if (reason !== undefined) missing.set(id, `the switch refused what it goes through: ${reason}`);
}

function whyHeld(flow: DesiredFlow, missing: ReadonlyMap<string, string>): string | undefined {
  const { groups, meters } = usesOf(flow.instructions);
  for (const id of groups) if (missing.has(`group ${id}`)) return missing.get(`group ${id}`);
  for (const id of meters) if (missing.has(`meter ${id}`)) return missing.get(`meter ${id}`);
  return undefined;
}

/** By flows that stay as they are: foreign ones, and ours whose successors the switch refused. */
function stillUsed(
  desired: Desired,
  mirror: Mirror,
  gone: ReadonlySet<string | undefined>,
  set: readonly Change[],
): { groups: Set<number>; meters: Set<number> } {
  const replaced = new Set(set.map(({ flow }) => flow?.identity));
  const used = { groups: new Set<number>(), meters: new Set<number>() };
  for (const flow of mirror.flows.values()) {
    if (gone.has(flow.identity) || replaced.has(flow.identity)) continue;
    const wanted = desired.flows.get(flow.identity);
    if (wanted !== undefined && isSameContent(wanted.content, flow.content)) continue;
    const { groups, meters } = usesOf(flow.instructions);
    for (const id of groups) used.groups.add(id);
    for (const id of meters) used.meters.add(id);
  }
  return used;
}
