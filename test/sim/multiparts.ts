/** What a simulated switch answers to multipart requests (OpenFlow 1.4, 7.3.5), as Open vSwitch 3.1 would. */

import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import type { Message, MessageOf } from '../../proto/openflow/message.ts';
import type { MeterMod } from '../../proto/openflow/meter-mod.ts';
import type { Port } from '../../proto/openflow/port.ts';
import { type FlowTable, isMeant, type Selection, type StandingFlow } from './flow-table.ts';

export interface SwitchState {
  readonly name: string;
  readonly ports: readonly Port[];
  readonly flows: FlowTable;
  readonly groups: ReadonlyMap<number, GroupMod>;
  readonly meters: ReadonlyMap<number, MeterMod>;
}

export const TABLES = 254;
/** So many flows, tables or the like in one part: far below the 65,535 bytes that a message may have. */
const IN_A_PART = 32;
const NOTHING = { packetCount: 0n, byteCount: 0n } as const;

/** The reply in its parts; undefined: this switch does not know the question. */
export function answerMultipart(state: SwitchState, asked: MessageOf<'multipartRequest'>): Message[] | undefined {
  const answer = answerTo(state, asked);
  if (answer === undefined) return undefined;
  const parts = Array.isArray(answer) ? inParts(answer) : [answer];
  return parts.map((reply, i) => {
    const flags = i < parts.length - 1 ? ['more'] : [];
    return { type: 'multipartReply', flags, kind: asked.kind, reply, xid: asked.xid } as unknown as Message;
  });
}

function inParts(list: unknown[]): unknown[][] {
  const parts = [list.slice(0, IN_A_PART)];
  for (let at = IN_A_PART; at < list.length; at += IN_A_PART) parts.push(list.slice(at, at + IN_A_PART));
  return parts;
}

function answerTo(state: SwitchState, asked: MessageOf<'multipartRequest'>): unknown {
  const flows = [...state.flows.flows.values()];
  switch (asked.kind) {
    case 'desc':
      return {
        mfrDesc: 'Flowloom',
        hwDesc: 'simulated switch',
        swDesc: '1',
        serialNum: 'None',
        dpDesc: state.name,
      };
    case 'portDesc':
      return state.ports;
    case 'portStats':
      return state.ports
        .filter(({ portNo }) => asked.request.portNo === 'any' || asked.request.portNo === portNo)
        .map(({ portNo }) => noTraffic(portNo));
    case 'flow':
      return flows.filter((flow) => isMeant(asked.request, flow)).map(flowStats);
    case 'aggregate':
      return { ...NOTHING, flowCount: flows.filter((flow) => isMeant(asked.request, flow)).length };
    case 'table':
      return eachTable((tableId) => ({
        tableId,
        activeCount: flows.filter((flow) => flow.tableId === tableId).length,
        lookupCount: 0n,
        matchedCount: 0n,
      }));
    case 'tableFeatures':
      return eachTable((tableId) => ({
        tableId,
        name: `table${tableId}`,
        metadataMatch: 0xffff_ffff_ffff_ffffn,
        metadataWrite: 0xffff_ffff_ffff_ffffn,
        capabilities: [],
        maxEntries: 1_000_000,
        properties: [],
      }));
    case 'tableDesc':
      return eachTable((tableId) => ({ tableId, config: [], properties: [] }));
    case 'groupDesc':
      return [...state.groups.values()].map(({ groupType, groupId, buckets }) => ({ groupType, groupId, buckets }));
    case 'group':
      return [...state.groups.values()].map(({ groupId, buckets }) => ({
        groupId,
        refCount: 0,
        ...NOTHING,
        durationSec: 0,
        durationNsec: 0,
        bucketStats: buckets.map(() => NOTHING),
      }));
    case 'groupFeatures':
      return {
        types: ['all', 'select', 'indirect', 'fastFailover'],
        capabilities: ['selectWeight', 'selectLiveness', 'chaining'],
        maxGroups: { all: 0xffffff00, select: 0xffffff00, indirect: 0xffffff00, fastFailover: 0xffffff00 },
        actions: { all: ['output'], select: ['output'], indirect: ['output'], fastFailover: ['output'] },
      };
    case 'meterConfig':
      return [...state.meters.values()].map(({ flags, meterId, bands }) => ({ flags, meterId, bands }));
    case 'meter':
      return [...state.meters.values()].map(({ meterId, bands }) => ({
        meterId,
        flowCount: 0,
        packetInCount: 0n,
        byteInCount: 0n,
        durationSec: 0,
        durationNsec: 0,
        bandStats: bands.map(() => ({ packetBandCount: 0n, byteBandCount: 0n })),
      }));
    case 'meterFeatures':
      return {
        maxMeter: 262_144,
        bandTypes: ['drop'],
        capabilities: ['kbps', 'pktps', 'burst', 'stats'],
        maxBands: 8,
        maxColor: 0,
      };
    case 'queueStats':
    case 'queueDesc':
      return [];
    case 'flowMonitor':
      return asked.request
        .filter((monitor) => monitor.flags.includes('initial'))
        .flatMap((monitor) => {
          const selection: Selection = { ...monitor, cookie: 0n, cookieMask: 0n };
          return flows.filter((flow) => isMeant(selection, flow)).map((flow) => flowUpdate('initial', flow));
        });
    default:
      return undefined;
  }
}

function eachTable<T>(table: (tableId: number) => T): T[] {
  return Array.from({ length: TABLES }, (_, tableId) => table(tableId));
}

function flowStats(flow: StandingFlow) {
  const { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie, match, instructions } = flow;
  const age = Date.now() - flow.since;
  return {
    ...{ tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie, match, instructions },
    durationSec: Math.floor(age / 1000),
    durationNsec: (age % 1000) * 1_000_000,
    ...NOTHING,
  };
}

function flowUpdate(type: 'initial', flow: StandingFlow) {
  const { tableId, idleTimeout, hardTimeout, priority, cookie, match, instructions } = flow;
  return { type, tableId, reason: 0, idleTimeout, hardTimeout, priority, cookie, match, instructions };
}

function noTraffic(portNo: Port['portNo']) {
  return {
    portNo,
    durationSec: 0,
    durationNsec: 0,
    ...{ rxPackets: 0n, txPackets: 0n, rxBytes: 0n, txBytes: 0n },
    ...{ rxDropped: 0n, txDropped: 0n, rxErrors: 0n, txErrors: 0n },
    properties: [],
  };
}
