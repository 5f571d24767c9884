/**
 * Statistics of flows, tables, ports, queues, groups and meters (OpenFlow 1.4, 7.3.5), as multipart replies have them.
 */

import type { FlowStats } from '../../../proto/openflow/flow-stats.ts';
import type { MultipartReplyBody } from '../../../proto/openflow/multipart.ts';
import { METER_NUMBERS, type Meter } from '../meter-table.ts';
import type { Group, SwitchPort } from '../switch-state.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import { type FlowTable, vacancyOf } from '../table/flow-table.ts';
import type { SwitchCore } from './core.ts';
import { namedPort } from './port-mod.ts';
import { actionsOnWire, instructionsOnWire, matchOnWire } from './wire-form.ts';

/** A counter that the switch does not keep. */
const UNKNOWN = 0xffff_ffff_ffff_ffffn;
const UNKNOWN_TIME = 0xffff_ffff;

export function durationOf(since: number, now: number): { durationSec: number; durationNsec: number } {
  const milliseconds = Math.max(0, Math.floor(now - since));
  return { durationSec: Math.floor(milliseconds / 1000), durationNsec: (milliseconds % 1000) * 1_000_000 };
}

export function flowStats(flow: FlowEntry, now: number): FlowStats {
  const { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie, match } = flow;
  return {
    tableId,
    ...durationOf(flow.created, now),
    priority,
    idleTimeout,
    hardTimeout,
    flags,
    importance,
    cookie,
    packetCount: BigInt(flow.packets),
    byteCount: BigInt(flow.bytes),
    match: matchOnWire(match),
    instructions: instructionsOnWire(flow.instructions, match) as FlowStats['instructions'],
  };
}

export function tableStats(tableId: number, table: FlowTable | undefined): MultipartReplyBody<'table'>[number] {
  return {
    tableId,
    activeCount: table?.flows.size ?? 0,
    lookupCount: BigInt(table?.lookups ?? 0),
    matchedCount: BigInt(table?.matches ?? 0),
  };
}

export function tableDescription(
  core: SwitchCore,
  tableId: number,
  table = core.tables.peek(tableId),
): MultipartReplyBody<'tableDesc'>[number] {
  const eviction = { type: 'eviction', flags: ['other', 'importance', 'lifetime'] } as const;
  if (table === undefined) return { tableId, config: [], properties: [eviction] };
  const { vacancy } = table;
  const free = vacancyOf(table, core.mostFlows(tableId));
  return {
    tableId,
    config: [...(table.eviction ? (['eviction'] as const) : []), ...(vacancy ? (['vacancyEvents'] as const) : [])],
    properties:
      vacancy === undefined
        ? [eviction]
        : [eviction, { type: 'vacancy', vacancyDown: vacancy.down, vacancyUp: vacancy.up, vacancy: free }],
  };
}

const ETHERNET = { rxFrameErr: UNKNOWN, rxOverErr: UNKNOWN, rxCrcErr: UNKNOWN, collisions: UNKNOWN } as const;

export function portStats(port: SwitchPort, now: number): MultipartReplyBody<'portStats'>[number] {
  return {
    portNo: namedPort(port.portNo),
    ...durationOf(port.since, now),
    rxPackets: BigInt(port.rxPackets),
    txPackets: BigInt(port.txPackets),
    rxBytes: BigInt(port.rxBytes),
    txBytes: BigInt(port.txBytes),
    rxDropped: BigInt(port.rxDropped),
    txDropped: BigInt(port.txDropped),
    rxErrors: UNKNOWN,
    txErrors: UNKNOWN,
    properties: [{ type: 'ethernet', ...ETHERNET }],
  };
}

/** Every port has the one queue that Open vSwitch says of ports without quality of service. */
export function queueStats({ portNo }: SwitchPort): MultipartReplyBody<'queueStats'>[number] {
  return {
    portNo: namedPort(portNo),
    queueId: 0,
    txBytes: UNKNOWN,
    txPackets: UNKNOWN,
    txErrors: UNKNOWN,
    durationSec: UNKNOWN_TIME,
    durationNsec: UNKNOWN_TIME,
    properties: [],
  };
}

export function groupStats(core: SwitchCore, group: Group): MultipartReplyBody<'group'>[number] {
  return {
    groupId: group.groupId,
    refCount: core.tables.groupUserCount(group.groupId),
    packetCount: BigInt(group.packets),
    byteCount: BigInt(group.bytes),
    ...durationOf(group.created, core.now()),
    bucketStats: group.buckets.map(({ packets, bytes }) => ({
      packetCount: BigInt(packets),
      byteCount: BigInt(bytes),
    })),
  };
}

export function groupDescription({ groupId, groupType, buckets }: Group): MultipartReplyBody<'groupDesc'>[number] {
  return {
    groupType,
    groupId,
    buckets: buckets.map(({ weight, watchPort, watchGroup, actions }) => ({
      weight,
      watchPort,
      watchGroup,
      actions: actionsOnWire(actions, {}) as typeof actions,
    })),
  };
}

function named(meterId: number): number | 'slowpath' | 'controller' {
  if (meterId === METER_NUMBERS.slowpath) return 'slowpath';
  return meterId === METER_NUMBERS.controller ? 'controller' : meterId;
}

export function meterStats(core: SwitchCore, meter: Meter): MultipartReplyBody<'meter'>[number] {
  return {
    meterId: named(meter.meterId),
    flowCount: core.tables.meterUserCount(meter.meterId),
    packetInCount: BigInt(meter.packets),
    byteInCount: BigInt(meter.bytes),
    ...durationOf(meter.created, core.now()),
    bandStats: meter.bands.map(({ packets, bytes }) => ({
      packetBandCount: BigInt(packets),
      byteBandCount: BigInt(bytes),
    })),
  };
}

export function meterConfiguration({ meterId, flags, bands }: Meter): MultipartReplyBody<'meterConfig'>[number] {
  return {
    flags,
    meterId: named(meterId),
    bands: bands.map(({ rate, burstSize }) => ({ type: 'drop', rate, burstSize })),
  };
}
