/**
 * Carries a difference to the switch: meters, then everything else in one atomic bundle, then meters that go. Whatever
 * is refused is quarantined, and what is left is compared again; when a switch can't say in a few bundles what is wrong,
 * the rest goes without one, in the same order.
 */

import { faultPoint } from '../../fault-point.ts';
import type { BundleOutcome } from '../../openflow/bundle.ts';
import type { Connection } from '../../openflow/connection.ts';
import type { OpenFlowError } from '../../openflow/openflow-error.ts';
import { isOurs } from '../cookie.ts';
import { atOnce, inSlices } from '../slices.ts';
import { type Change, describeChange, nameOf, usesOf } from './change.ts';
import { type Difference, isLost } from './difference.ts';
import type { Mirror } from './mirror.ts';
import type { Quarantine } from './quarantine.ts';
import { readGroupsAndMeters } from './read-switch.ts';
import type { Sender } from './sending.ts';

export interface SyncResult {
  added: number;
  deleted: number;
  unchanged: number;
  groups: number;
}

export function nothingSent(): SyncResult {
  return { added: 0, deleted: 0, unchanged: 0, groups: 0 };
}

export interface TransferParts {
  connection: Connection;
  mirror: Mirror;
  quarantine: Quarantine;
  sender: Sender;
}

type Compare = () => Promise<Difference>;

export interface Transfer {
  /** `compare` gives what is left to do after something was refused. */
  run(first: Difference, compare: Compare): Promise<SyncResult>;
  /** The change that the message with the xid makes, if it was sent without a bundle and is not answered yet. */
  ownChange(xid: number): Change | undefined;
}

/** What goes leaves last: what was to come in its stead may have found the switch full. */
export function isMakingRoom({ bundle, after }: Difference): boolean {
  return after.length > 0 || bundle.some(isGoing);
}

function isWorthwhile({ add, commit, withheld }: Record<'add' | 'commit' | 'withheld', number>): boolean {
  return add < MOST_ADD_ERRORS && commit < MOST_COMMIT_ERRORS && withheld < MOST_WITHHELD;
}

function isGoing({ removed, removedGroup }: Change): boolean {
  return removed !== undefined || removedGroup !== undefined;
}

/** A commit names only the first culprit: after so many, the rest goes without a bundle. */
const MOST_COMMIT_ERRORS = 3;
/** All that is wrong with the messages themselves shows at once: more attempts mean that it does not. */
const MOST_ADD_ERRORS = 5;
/** Foreign flows come in the way of each: on their own, the others get through between them. */
const MOST_WITHHELD = 5;

export function createTransfer({ connection, mirror, quarantine, sender }: TransferParts): Transfer {
  let result = nothingSent();
  /** Those sent without a bundle that the switch has told of. */
  const told = new Set<Change>();
  let hasReadOthers = false;

  function count(change: Change): void {
    if (quarantine.size > 0) quarantine.delete(nameOf(change)[0]);
    if (change.flow !== undefined) result.added++;
    else if (change.removed !== undefined) result.deleted++;
    else result.groups++;
  }

  /** Quarantines, unless it shows that somebody took away what the flows go through. */
  async function refuse(changes: readonly Change[], refused: ReadonlyMap<number, OpenFlowError>): Promise<void> {
    const culprits = Array.from(refused, ([index, error]) => ({ change: changes[index]!, error }));
    const hasLost = ({ change, error }: (typeof culprits)[number]) => {
      if (change.flow === undefined || !isLost(change, error.reason)) return false;
      const { groups, meters } = usesOf(change.flow.instructions);
      return groups.length + meters.length > 0;
    };
    const lost = hasReadOthers ? [] : culprits.filter(hasLost);
    if (lost.length > 0) {
      hasReadOthers = true;
      const { groups, meters } = mirror.takeOthers(await readGroupsAndMeters(connection, mirror.namespace));
      if (groups.size + meters.size === 0) lost.length = 0;
    }
    for (const culprit of culprits) {
      const { change, error } = culprit;
      if (!lost.includes(culprit)) quarantine.add(...nameOf(change), describeChange(change), error.reason);
    }
  }

  /** Since it was compared, a foreign flow has come to stand where ours would replace it. */
  function isTaken({ flow }: Change): boolean {
    const standing = flow && mirror.hasStrangers ? mirror.flows.get(flow.identity) : undefined;
    return standing !== undefined && !isOurs(mirror.namespace, standing.cookie);
  }

  async function singly(changes: readonly Change[]): Promise<boolean> {
    if (changes.length === 0) return true;
    told.clear();
    const left = new Set<Change>();
    const refused = await sender.singly(changes, (change) => isTaken(change) && left.add(change).size > 0);
    for (const [index, change] of changes.entries()) {
      if (refused.has(index) || left.has(change)) continue;
      if (!told.has(change)) mirror.apply(change);
      count(change);
    }
    told.clear();
    await refuse(changes, refused);
    return refused.size + left.size === 0;
  }

  async function bundle(changes: readonly Change[]): Promise<BundleOutcome['step']> {
    const { step, refused } = await sender.bundle(changes, () => {
      if (changes.some(isTaken)) return false;
      mirror.beginCommit();
      return true;
    });
    if (step !== 'done') {
      atOnce(mirror.endCommit([]));
      await refuse(changes, refused);
      return step === 'commit' && refused.size === 0 ? 'open' : step;
    }
    await inSlices(mirror.endCommit(changes));
    for (const change of changes) count(change);
    return 'done';
  }

  /** Each on its own; what is to go only when it is known what could not be set. */
  async function withoutBundle({ bundle: changes }: Difference, compare: Compare): Promise<void> {
    for (let left = changes.filter((change) => !isGoing(change)); !(await singly(left)); )
      left = (await compare()).bundle.filter((change) => !isGoing(change));
    await singly((await compare()).bundle.filter(isGoing));
  }

  return {
    async run(first, compare) {
      result = nothingSent();
      hasReadOthers = false;
      let errors = { add: 0, commit: 0, withheld: 0 };
      let bundles = true;
      for (let left = first; ; left = await compare()) {
        if (left.before.length > 0) {
          if (!(await singly(left.before))) continue;
          faultPoint('flows: meters set');
        }
        if (left.bundle.length > 0 && bundles) {
          const step = await bundle(left.bundle);
          if (step !== 'done') {
            if (step !== 'open') errors = { ...errors, [step]: errors[step] + 1 };
            bundles = step !== 'open' && isWorthwhile(errors);
            continue;
          }
        } else if (left.bundle.length > 0) await withoutBundle(left, compare);
        if (left.after.length > 0) {
          await singly(left.after);
          faultPoint('flows: meters deleted');
        }
        return result;
      }
    },
    ownChange(xid) {
      const change = sender.singlySent(xid);
      if (change !== undefined) told.add(change);
      return change;
    },
  };
}
