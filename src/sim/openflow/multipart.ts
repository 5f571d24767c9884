/** OFPMP_*: what a switch answers to questions (OpenFlow 1.4, 7.3.5). */

import type { GroupFeatures } from '../../../proto/openflow/group-stats.ts';
import { decodeMessage, type MessageOf } from '../../../proto/openflow/message.ts';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';
import { u32 } from '../../packet/bytes.ts';
import { groupNumberOf } from '../group-table.ts';
import { maskedKeyOf } from '../key/masked-key.ts';
import { METER_NUMBERS, MOST_BANDS, MOST_METERS, numberOf } from '../meter-table.ts';
import type { Refusal, SwitchPort } from '../switch-state.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import { ALL_TABLES, TABLES } from '../table/flow-tables.ts';
import { portNumberOf } from '../table/references.ts';
import { BAD_ACTION, BAD_MATCH, BAD_REQUEST, NICIRA_REFUSALS } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { isNoPort, numberUnlessAny } from './flow-mod.ts';
import { answerFlowMonitor } from './flow-monitor.ts';
import type { Link } from './link.ts';
import { encodeParts, encodeReply } from './multipart-parts.ts';
import { portDescription } from './port-mod.ts';
import {
  flowStats,
  groupDescription,
  groupStats,
  meterConfiguration,
  meterStats,
  portStats,
  queueStats,
  tableDescription,
  tableStats,
} from './stats.ts';
import { tableFeatures } from './table-features.ts';

/** Where the match of a question for flows lies; and its port and group. */
const AT = { outPort: 20, match: 48, portNo: 16 } as const;
const FLOW = 1;
const AGGREGATE = 2;
const PORT_STATS = 4;
const QUEUE_STATS = 5;
const QUEUE_DESC = 15;
const FLOW_MONITOR = 16;

type Question = MessageOf<'multipartRequest'>;
type Answer = Iterable<Uint8Array> | Refusal;

const MOST_GROUPS = 0xffff_ff00;
const GROUP_ACTIONS = [
  ...(['output', 'setMplsTtl', 'decMplsTtl', 'pushVlan', 'popVlan', 'pushMpls', 'popMpls', 'setQueue'] as const),
  ...(['group', 'setNwTtl', 'decNwTtl', 'setField'] as const),
];
const ofEach = <T>(value: T) => ({ all: value, select: value, indirect: value, fastFailover: value });
const GROUP_FEATURES: GroupFeatures = {
  types: ['all', 'select', 'indirect', 'fastFailover'],
  capabilities: ['selectWeight', 'selectLiveness', 'chaining'],
  maxGroups: ofEach(MOST_GROUPS),
  actions: ofEach(GROUP_ACTIONS),
};

/** `bytes`: the whole request, whose header is sound. */
export function answerMultipart(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  const kind = (bytes[8]! << 8) | bytes[9]!;
  if (kind === FLOW_MONITOR) return answerFlowMonitor(core, link, bytes);
  const refused = checkQuestion(core, kind, bytes);
  if (refused !== undefined) return refused;
  let question: Question;
  try {
    question = decodeMessage(bytes) as Question;
  } catch {
    return BAD_REQUEST.badLen;
  }
  const answer = answerTo(core, question);
  if ('errorType' in answer) return answer;
  for (const part of answer) link.write(part);
  return undefined;
}

function checkQuestion({ matches }: SwitchCore, kind: number, bytes: Uint8Array): Refusal | undefined {
  if (kind === FLOW || kind === AGGREGATE) {
    if (isNoPort(u32(bytes, AT.outPort))) return BAD_ACTION.badOutPort;
    return matches.check(bytes, AT.match, bytes.length);
  }
  const namesPort = kind === PORT_STATS || kind === QUEUE_STATS || kind === QUEUE_DESC;
  return namesPort && isNoPort(u32(bytes, AT.portNo)) ? BAD_ACTION.badOutPort : undefined;
}

function answerTo(core: SwitchCore, question: Question): Answer {
  const { xid } = question;
  const { now, ports, groups, meters } = core;
  const list: typeof encodeParts = encodeParts;
  switch (question.kind) {
    case 'desc':
      return [encodeReply('desc', core.description, xid)];
    case 'flow':
    case 'aggregate': {
      const flows = flowsMeant(core, question.request);
      if ('errorType' in flows) return flows;
      const moment = now();
      if (question.kind === 'flow')
        return list(
          'flow',
          mapped(flows, (flow) => flowStats(flow, moment)),
          xid,
        );
      return [encodeReply('aggregate', sumOf(flows), xid)];
    }
    case 'table':
      return list(
        'table',
        eachTable((tableId) => tableStats(tableId, core.tables.peek(tableId))),
        xid,
      );
    case 'tableDesc':
      return list(
        'tableDesc',
        eachTable((tableId) => tableDescription(core, tableId)),
        xid,
      );
    case 'tableFeatures':
      if (question.request.length > 0) return NICIRA_REFUSALS.badFeatures;
      return list(
        'tableFeatures',
        eachTable((tableId) => tableFeatures(tableId, mostFlowsTold(core, tableId))),
        xid,
      );
    case 'portDesc':
      return list('portDesc', mapped(ports.values(), portDescription), xid);
    case 'portStats': {
      const portNo = portNumberOf(question.request.portNo);
      return list(
        'portStats',
        mapped(portsMeant(ports, portNo), (port) => portStats(port, now())),
        xid,
      );
    }
    case 'queueStats':
    case 'queueDesc':
      return queues(core, question);
    case 'group': {
      const groupId = groupNumberOf(question.request.groupId);
      const meant = groupId === groupNumberOf('all') ? groups.all.values() : oneOf(groups.all.get(groupId));
      return list(
        'group',
        mapped(meant, (group) => groupStats(core, group)),
        xid,
      );
    }
    case 'groupDesc':
      return list('groupDesc', mapped(groups.all.values(), groupDescription), xid);
    case 'groupFeatures':
      return [encodeReply('groupFeatures', GROUP_FEATURES, xid)];
    case 'meter':
    case 'meterConfig': {
      const meterId = numberOf(question.request.meterId);
      const one = meters.all.get(meterId);
      if (meterId !== METER_NUMBERS.all && one === undefined)
        return { errorType: 'meterModFailed', code: 'unknownMeter' };
      const meant = one === undefined ? meters.all.values() : [one];
      if (question.kind === 'meterConfig') return list('meterConfig', mapped(meant, meterConfiguration), xid);
      return list(
        'meter',
        mapped(meant, (meter) => meterStats(core, meter)),
        xid,
      );
    }
    case 'meterFeatures': {
      const capabilities = ['kbps', 'pktps', 'burst', 'stats'] as const;
      const most = { maxMeter: MOST_METERS, maxBands: MOST_BANDS, maxColor: 0 };
      return [encodeReply('meterFeatures', { ...most, bandTypes: ['drop'], capabilities }, xid)];
    }
    case 'ipfixBridge':
    case 'ipfixFlow':
      return NICIRA_REFUSALS.notConfigured;
    default:
      return BAD_REQUEST.badMultipart;
  }
}

function queues({ ports }: SwitchCore, question: Question & { kind: 'queueStats' | 'queueDesc' }): Answer {
  const { portNo, queueId } = question.request;
  const number = portNumberOf(portNo);
  if (number !== RESERVED_PORTS.any && !ports.has(number)) return { errorType: 'queueOpFailed', code: 'badPort' };
  if (queueId !== 'all' && queueId !== 0) return { errorType: 'queueOpFailed', code: 'badQueue' };
  const all = portsMeant(ports, number);
  if (question.kind === 'queueStats') return encodeParts('queueStats', mapped(all, queueStats), question.xid);
  const described = mapped(all, (port) => ({ ...queueStats(port), properties: [] }));
  return encodeParts('queueDesc', described, question.xid);
}

type FlowQuestion = Extract<Question, { kind: 'flow' }>['request'];

/** What OFPMP_FLOW and OFPMP_AGGREGATE ask for. */
function flowsMeant(core: SwitchCore, request: FlowQuestion): FlowEntry[] | Refusal {
  const masked = maskedKeyOf(request.match, core.fields);
  if ('unknown' in masked) return BAD_MATCH.badField;
  return core.tables.select({
    tableId: request.tableId === 'all' ? ALL_TABLES : request.tableId,
    cookie: request.cookie,
    cookieMask: request.cookieMask,
    outPort: numberUnlessAny(portNumberOf(request.outPort)),
    outGroup: typeof request.outGroup === 'number' ? request.outGroup : undefined,
    masked,
  });
}

function sumOf(flows: readonly FlowEntry[]) {
  let packets = 0;
  let bytes = 0;
  for (const flow of flows) {
    packets += flow.packets;
    bytes += flow.bytes;
  }
  return { packetCount: BigInt(packets), byteCount: BigInt(bytes), flowCount: flows.length };
}

const TOLD_WITHOUT_LIMIT = 1_000_000;

function mostFlowsTold(core: SwitchCore, tableId: number): number {
  return Math.min(core.mostFlows(tableId), TOLD_WITHOUT_LIMIT);
}

function portsMeant(ports: ReadonlyMap<number, SwitchPort>, portNo: number): Iterable<SwitchPort> {
  return portNo === RESERVED_PORTS.any ? ports.values() : oneOf(ports.get(portNo));
}

function oneOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function* mapped<T, U>(items: Iterable<T>, make: (item: T) => U): Generator<U> {
  for (const item of items) yield make(item);
}

function* eachTable<T>(make: (tableId: number) => T): Generator<T> {
  for (let tableId = 0; tableId < TABLES; tableId++) yield make(tableId);
}
