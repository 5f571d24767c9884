/** The messages that bring a switch to what it shall be: flow-mods and group-mods of single flows and groups. */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../../proto/openflow/group-mod.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import type { NiciraMessage } from '../../../proto/openflow/nicira/message.ts';
import { NO_BUFFER } from '../../../proto/openflow/reserved-numbers.ts';
import { allLearned } from '../cookie.ts';
import type { TableFlow } from '../flow.ts';
import type { Namespace } from '../namespace.ts';
import type { DesiredGroup, DesiredMeter } from '../weave/weaver.ts';

const EVERYWHERE = { outPort: 'any', outGroup: 'any', bufferId: NO_BUFFER, importance: 0 } as const;

export function flowAdd(flow: TableFlow): FlowMod {
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

/** Of all that the switch learned in a table, or of just one; with our own cookies only. */
export function learnedDelete(
  namespace: Namespace,
  tableId: number,
  flow?: { priority: number; match: Match },
): FlowMod {
  const all = flowsDelete({ ...allLearned(namespace), tableId });
  return flow === undefined ? all : { ...all, command: 'deleteStrict', priority: flow.priority, match: flow.match };
}

export function meterMod(command: 'add' | 'modify', { meterId, flags, bands }: DesiredMeter): MeterMod {
  return { type: 'meterMod', command, flags, meterId, bands };
}

export function meterDelete(meterId: number): MeterMod {
  return { type: 'meterMod', command: 'delete', flags: [], meterId, bands: [] };
}

/** All connections of a zone end. */
export function zoneFlush(zoneId: number): NiciraMessage {
  return { type: 'ctFlushZone', zoneId };
}

/** All with that cookie under a mask, everywhere or in one table, that match so or more narrowly and send to that port. */
export function flowsDelete(of: {
  cookie: bigint;
  cookieMask: bigint;
  tableId?: number;
  match?: Match;
  outPort?: number;
}): FlowMod {
  return {
    type: 'flowMod',
    command: 'delete',
    ...EVERYWHERE,
    outPort: of.outPort ?? 'any',
    cookie: of.cookie,
    cookieMask: of.cookieMask,
    tableId: of.tableId ?? 'all',
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 0,
    flags: [],
    match: of.match ?? {},
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
