/**
 * The groups of a switch (OpenFlow 1.4, 5.6 and 7.3.4.2), changed in two steps as flows are: begun, then finished or
 * reverted. As Open vSwitch does: groups may name each other in circles and groups that there are not, a packet's way
 * then ends there; and 0x8000 adds or changes a group.
 */

import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import type { TlvTable } from './key/tlv-table.ts';
import { compileActionSet } from './pipeline/compile.ts';
import { isRefusal } from './pipeline/compile-refusal.ts';
import type { Bucket, Group, Refusal } from './switch-state.ts';

const ALL_GROUPS = 0xffff_fffc;
const ANY_GROUP = 0xffff_ffff;
const MOST_GROUP_ID = 0xffff_ff00;
const ADD_OR_MODIFY = 0x8000;
const INSERT_BUCKET = 3;
const REMOVE_BUCKET = 5;

/** What has changed: `before` is gone, `after` stands. */
export interface GroupChange {
  groupId: number;
  before: Group | undefined;
  after: Group | undefined;
}

export interface GroupTable {
  readonly all: ReadonlyMap<number, Group>;
  begin(mod: GroupMod): GroupChange[] | Refusal;
  revert(changes: readonly GroupChange[]): void;
}

const refuse = (code: string): Refusal => ({ errorType: 'groupModFailed', code });

export function groupNumberOf(groupId: GroupMod['groupId']): number {
  return groupId === 'all' ? ALL_GROUPS : groupId === 'any' ? ANY_GROUP : groupId;
}

export function createGroupTable(now: () => number, fields: TlvTable, mostGroups: number): GroupTable {
  const groups = new Map<number, Group>();

  function groupOf({ groupType, buckets }: GroupMod, groupId: number, before: Group | undefined): Group | Refusal {
    const made: Bucket[] = [];
    for (const { weight, watchPort, watchGroup, actions } of buckets) {
      const steps = compileActionSet(actions, fields);
      if (isRefusal(steps)) return steps;
      made.push({ weight, watchPort, watchGroup, actions, steps, packets: 0, bytes: 0 });
    }
    return { groupId, groupType, buckets: made, packets: 0, bytes: 0, created: before?.created ?? now() };
  }

  function put(mod: GroupMod, groupId: number): GroupChange[] | Refusal {
    const before = groups.get(groupId);
    if (groupId > MOST_GROUP_ID) return refuse('invalidGroup');
    if (mod.command === 'add' && before !== undefined) return refuse('groupExists');
    if (mod.command === 'modify' && before === undefined) return refuse('unknownGroup');
    if (before === undefined && groups.size >= mostGroups) return refuse('outOfGroups');
    const after = groupOf(mod, groupId, before);
    if (isRefusal(after)) return after;
    groups.set(groupId, after);
    return [{ groupId, before, after }];
  }

  function remove(groupId: number): GroupChange[] {
    const gone = groupId === ALL_GROUPS ? [...groups.values()] : [groups.get(groupId)].filter((each) => !!each);
    for (const each of gone) groups.delete(each!.groupId);
    return gone.map((before) => ({ groupId: before!.groupId, before, after: undefined }));
  }

  return {
    all: groups,
    begin(mod) {
      const refusal = checkGroupMod(mod);
      if (refusal !== undefined) return refusal;
      const groupId = groupNumberOf(mod.groupId);
      return mod.command === 'delete' ? remove(groupId) : put(mod, groupId);
    },
    revert(changes) {
      for (let i = changes.length - 1; i >= 0; i--) {
        const { groupId, before } = changes[i]!;
        if (before === undefined) groups.delete(groupId);
        else groups.set(groupId, before);
      }
    },
  };
}

/** What is wrong whatever groups there are, in Open vSwitch's order. */
export function checkGroupMod({ command, groupType, buckets, groupId }: GroupMod): Refusal | undefined {
  if (command === 'delete' && buckets.length > 0) return refuse('invalidGroup');
  if (typeof groupType === 'number') return refuse('badType');
  if (groupType === 'indirect' && command !== 'delete' && buckets.length !== 1) return refuse('invalidGroup');
  const code: string | number = command;
  if (typeof code === 'number' && ![ADD_OR_MODIFY, INSERT_BUCKET, REMOVE_BUCKET].includes(code)) {
    return refuse('badCommand');
  }
  for (const { weight, watchPort, watchGroup } of buckets) {
    if (weight !== 0 && groupType !== 'select') return refuse('invalidGroup');
    const watches = watchPort !== 'any' || watchGroup !== 'any';
    if ((groupType === 'all' || groupType === 'indirect') && watches) return refuse('watchUnsupported');
    if (groupType === 'fastFailover' && !watches) return refuse('invalidGroup');
  }
  if (code === REMOVE_BUCKET && buckets.length > 0) return refuse('badBucket');
  if (code === INSERT_BUCKET || code === REMOVE_BUCKET) return refuse('unknownGroup');
  return groupNumberOf(groupId) > MOST_GROUP_ID && command !== 'delete' ? refuse('invalidGroup') : undefined;
}
