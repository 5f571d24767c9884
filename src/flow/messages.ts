/** The messages that bring a switch to what it shall be: flow-mods and group-mods of single flows and groups. */

import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import { NO_BUFFER } from '../../proto/openflow/reserved-numbers.ts';
import type { TableFlow } from './flow.ts';
import type { DesiredFlow, DesiredGroup } from './weaver.ts';

const EVERYWHERE = { outPort: 'any', outGroup: 'any', bufferId: NO_BUFFER, importance: 0 } as const;

export function flowAdd(flow: DesiredFlow): FlowMod {
  return {
    type: 'flowMod',
    command: 'add',
    ...EVERYWHERE,
    cookie: flow.cookie,
    cookieMask: 0n,
    tableId: flow.tableId,
    idleTimeout: flow.idleTimeout,
    hardTimeout: flow.hardTimeout,
    priority: flow.priority,
    flags: flow.flags,
    match: flow.match,
    instructions: flow.instructions,
  };
}

/** Strict, and only with our own cookie: what somebody put in its place meanwhile stays. */
export function flowDelete(flow: TableFlow): FlowMod {
  return {
    type: 'flowMod',
    command: 'deleteStrict',
    ...EVERYWHERE,
    cookie: flow.cookie,
    cookieMask: 0xffff_ffff_ffff_ffffn,
    tableId: flow.tableId,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: flow.priority,
    flags: [],
    match: flow.match,
    instructions: [],
  };
}

export function groupMod(command: 'add' | 'modify', group: DesiredGroup): GroupMod {
  return {
    type: 'groupMod',
    command,
    groupType: group.groupType,
    groupId: group.groupId,
    buckets: group.buckets.map((bucket) => ({ ...bucket, watchPort: 'any', watchGroup: 'any' })),
  };
}

export function groupDelete(groupId: number): GroupMod {
  return { type: 'groupMod', command: 'delete', groupType: 'all', groupId, buckets: [] };
}
