/**
 * Nicira's messages (nicira-ext.h) that are no flow-mod and no role: packet-in format, controller id, TLV table,
 * flushes, resume.
 */

import type { Action } from '../../../proto/openflow/action.ts';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { decodeMessage, type Message, type MessageOf } from '../../../proto/openflow/message.ts';
import { ipv6Bytes } from '../../../proto/wire/address.ts';
import { u16, u32 } from '../../packet/bytes.ts';
import type { FlushRequest, FlushTuple } from '../conntrack/flush.ts';
import type { TlvTableFault } from '../key/tlv-table.ts';
import type { Continuation } from '../pipeline/pipeline.ts';
import type { Refusal } from '../switch-state.ts';
import type { FlowTables, PreparedFlowMod } from '../table/flow-tables.ts';
import { readNiciraAsyncConfig } from './async-config.ts';
import { checkConsistency } from './check/consistency.ts';
import { checkInstructions } from './check/instructions.ts';
import { BAD_REQUEST, NICIRA_REFUSALS } from './check/refusals.ts';
import type { SwitchCore } from './core.ts';
import { preparedOf } from './flow-mod.ts';
import type { Link, PacketInFormat } from './link.ts';
import { niciraRoleRequest } from './role.ts';

const FORMATS: readonly PacketInFormat[] = ['standard', 'packetIn', 'packetIn2'];
const TYPE = {
  roleRequest: 10,
  flowMod: 13,
  flowModTableId: 15,
  setPacketInFormat: 16,
  flowAge: 18,
  setAsyncConfig: 19,
  setControllerId: 20,
  tlvTableMod: 24,
  tlvTableRequest: 25,
  resume: 28,
  ctFlushZone: 29,
  ctFlush: 32,
} as const;
/** Bytes of options, and fields, that a TLV table has room for. */
const OPTION_SPACE = 256;
const OPTION_FIELDS = 64;

export function niciraMessage(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  switch (u32(bytes, 12)) {
    case TYPE.roleRequest:
      return niciraRoleRequest(core, link, bytes);
    case TYPE.flowMod:
      return niciraFlowMod(core, link, bytes);
    case TYPE.flowModTableId:
      if (bytes[16]! > 1) return BAD_REQUEST.eperm;
      link.flowModTableId = bytes[16] === 1;
      return undefined;
    case TYPE.setPacketInFormat: {
      const format = FORMATS[u32(bytes, 16)];
      if (format === undefined) return BAD_REQUEST.eperm;
      link.packetInFormat = format;
      return undefined;
    }
    case TYPE.flowAge:
      return undefined;
    case TYPE.setAsyncConfig:
      link.async = readNiciraAsyncConfig(bytes, link.async);
      return undefined;
    case TYPE.setControllerId:
      link.controllerId = u16(bytes, 22);
      return undefined;
    case TYPE.tlvTableMod:
      return tlvTableMod(core, link, bytes);
    case TYPE.tlvTableRequest: {
      const room = { maxOptionSpace: OPTION_SPACE, maxFields: OPTION_FIELDS };
      link.send({ type: 'tlvTableReply', ...room, maps: core.fields.maps, xid: u32(bytes, 4) });
      return undefined;
    }
    case TYPE.resume:
      return resume(core, bytes);
    case TYPE.ctFlushZone:
      if (!isZero(bytes, 16, 22)) return NICIRA_REFUSALS.mustBeZero;
      core.conntrack.flushZone(u16(bytes, 22));
      return undefined;
    case TYPE.ctFlush:
      return ctFlush(core, bytes);
    default:
      return BAD_REQUEST.badType;
  }
}

function decoded<T extends Message['type']>(bytes: Uint8Array, type: T): MessageOf<T> | undefined {
  try {
    const message = decodeMessage(bytes);
    return message.type === type ? (message as MessageOf<T>) : undefined;
  } catch {
    return undefined;
  }
}

const HEAD_OF_FLOW_MOD = 48;

function niciraFlowMod(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  if (link.role === 'slave') return BAD_REQUEST.isSlave;
  const { matches } = core;
  const matchEnd = HEAD_OF_FLOW_MOD + u16(bytes, 40);
  if (matchEnd > bytes.length) return { errorType: 'badMatch', code: 'badLen' };
  const from = (matchEnd + 7) & ~7;
  const refused =
    matches.checkFields(bytes, HEAD_OF_FLOW_MOD, matchEnd) ??
    checkInstructions(bytes, from, bytes.length, core.actions);
  if (refused !== undefined) return refused;
  const message = decoded(bytes, 'niciraFlowMod');
  if (message === undefined) return BAD_REQUEST.badLen;
  const code = u16(bytes, 24);
  const tableId = link.flowModTableId ? code >> 8 : 0;
  const command = COMMANDS[link.flowModTableId ? code & 0xff : code];
  if (command === undefined) return { errorType: 'flowModFailed', code: 'badCommand' };
  const inconsistent = checkConsistency(message.instructions, tableId, matches.view);
  if (inconsistent !== undefined) return inconsistent;
  const mod: FlowMod = {
    ...message,
    type: 'flowMod',
    command,
    cookieMask: 0n,
    tableId,
    outPort: message.outPort === 'none' ? 'any' : message.outPort,
    outGroup: 'any',
    flags: message.flags as FlowMod['flags'],
    importance: 0,
  };
  const prepared = preparedOf(core, mod);
  return 'errorType' in prepared ? prepared : apply(core.tables, prepared, link, u32(bytes, 4));
}

const COMMANDS = ['add', 'modify', 'modifyStrict', 'delete', 'deleteStrict'] as const;

function apply(tables: FlowTables, prepared: PreparedFlowMod, link: Link, xid: number): Refusal | undefined {
  const begun = tables.begin(prepared);
  if ('errorType' in begun) return begun;
  tables.finish(begun, { link, xid });
  return undefined;
}

const TLV_ERRORS: Readonly<Record<TlvTableFault, number>> = {
  badCommand: 16,
  badOptLen: 17,
  badFieldIdx: 18,
  tableFull: 19,
  alreadyMapped: 20,
  dupEntry: 21,
};

function tlvTableMod(core: SwitchCore, link: Link, bytes: Uint8Array): Refusal | undefined {
  if (link.role === 'slave') return BAD_REQUEST.isSlave;
  const message = decoded(bytes, 'tlvTableMod');
  if (message === undefined) return BAD_REQUEST.badLen;
  const command: string | number = message.command;
  if (typeof command === 'number') return tlvRefusal('badCommand');
  const { fields } = core;
  if (command === 'add') {
    const fault = fields.add(message.maps);
    return fault === undefined ? undefined : tlvRefusal(fault);
  }
  const known = message.maps.filter(({ index }) => fields.maps.some((map) => map.index === index));
  const gone = command === 'clear' ? fields.maps : known;
  if (gone.some(({ index }) => isUsed(core.tables, index))) return NICIRA_REFUSALS.invalidTlvDeletion;
  if (command === 'clear') fields.clear();
  else fields.delete(known);
  return undefined;
}

function tlvRefusal(fault: TlvTableFault): Refusal {
  return { ...NICIRA_REFUSALS.invalidTlvDeletion, expType: TLV_ERRORS[fault] };
}

/** Whether a flow matches the option, or an action of one names it. */
function isUsed(tables: FlowTables, index: number): boolean {
  const name = `tunMetadata${index}`;
  for (const { match, instructions } of tables.all()) {
    if (name in match) return true;
    for (const each of instructions) {
      if ('actions' in each && (each.actions as readonly Action[]).some((action) => names(action, name))) return true;
    }
  }
  return false;
}

function names(value: unknown, field: string): boolean {
  if (value === field) return true;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return Object.values(value).some((each) => names(each, field));
}

/** A packet that waited here goes on; one that the switch has forgotten is dropped. */
function resume(core: SwitchCore, bytes: Uint8Array): Refusal | undefined {
  const message = decoded(bytes, 'resume');
  const packet = message?.properties.find((each) => each.type === 'packet');
  const continuation = message?.properties.find((each) => each.type === 'continuation');
  if (packet?.type !== 'packet' || continuation?.type !== 'continuation') return BAD_REQUEST.badLen;
  if (continuation.data.length < 8) return BAD_REQUEST.badLen;
  const key = String(u32(continuation.data, 4));
  const waiting = core.paused.get(key);
  if (waiting === undefined) return NICIRA_REFUSALS.stale;
  core.paused.delete(key);
  core.pipeline.resume(packet.data.slice(), waiting as Continuation);
  return undefined;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}

function ctFlush(core: SwitchCore, bytes: Uint8Array): Refusal | undefined {
  if (!isZero(bytes, 17, 24)) return NICIRA_REFUSALS.mustBeZero;
  const message = decoded(bytes, 'ctFlush');
  if (message === undefined) return BAD_REQUEST.badLen;
  const request: FlushRequest = { protocol: message.ipProto, original: {}, reply: {} };
  for (const property of message.properties) {
    if (property.type === 'zoneId') request.zone = property.zoneId;
    else if (property.type === 'origTuple') request.original = flushTuple(property.tuple);
    else if (property.type === 'replyTuple') request.reply = flushTuple(property.tuple);
  }
  core.conntrack.flush(request, core.now());
  return undefined;
}

type TupleProperties = Extract<MessageOf<'ctFlush'>['properties'][number], { type: 'origTuple' }>['tuple'];

function flushTuple(properties: TupleProperties): FlushTuple {
  const tuple: FlushTuple = {};
  for (const each of properties) {
    if (each.type === 'src') tuple.src = addressWords(each.address);
    else if (each.type === 'dst') tuple.dst = addressWords(each.address);
    else if (each.type === 'srcPort') tuple.srcPort = each.port;
    else if (each.type === 'dstPort') tuple.dstPort = each.port;
    else if (each.type === 'icmpId') tuple.icmpId = each.id;
    else if (each.type === 'icmpType') tuple.icmpType = each.icmpType;
  }
  return tuple;
}

/** Addresses of IPv4 stand behind `::ffff:`. */
function addressWords(text: string): number[] {
  const bytes = ipv6Bytes(text) ?? new Uint8Array(16);
  const words = [0, 4, 8, 12].map((at) => u32(bytes, at));
  const isIpv4 = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isIpv4 ? words.slice(3) : words;
}
