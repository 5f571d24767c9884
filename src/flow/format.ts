/** Matches and instructions in ovs-ofctl's text (ovs-actions(7), ovs-fields(7)): what people know and can paste. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { LearnSource, LearnSpec } from '../../proto/openflow/nicira/learn-spec.ts';
import type { Nat } from '../../proto/openflow/nicira/nat.ts';
import { isField, isMasked } from '../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../proto/openflow/oxm-fields.ts';
import type { PortNumber } from '../../proto/openflow/ports.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { ipv4Number } from '../../proto/wire/address.ts';
import { CT_STATE_BITS } from './ct-state.ts';

/** Protocol words that stand for ethType and ipProto together, as ovs-ofctl prints them. */
const PROTOCOLS: readonly [word: string, ethType: number, ipProto: number | undefined][] = [
  ['tcp', 0x0800, 6],
  ['udp', 0x0800, 17],
  ['icmp', 0x0800, 1],
  ['sctp', 0x0800, 132],
  ['tcp6', 0x86dd, 6],
  ['udp6', 0x86dd, 17],
  ['icmp6', 0x86dd, 58],
  ['ip', 0x0800, undefined],
  ['ipv6', 0x86dd, undefined],
  ['arp', 0x0806, undefined],
];

export function formatMatch(match: Match): string {
  const parts: string[] = [];
  const hidden = new Set<string>();
  const word = PROTOCOLS.find(
    ([, ethType, ipProto]) => match.ethType === ethType && (ipProto === undefined || match.ipProto === ipProto),
  );
  if (word !== undefined) {
    parts.push(word[0]);
    hidden.add('ethType');
    if (word[2] !== undefined) hidden.add('ipProto');
  }
  for (const [name, value] of Object.entries(match)) {
    if (!hidden.has(name)) parts.push(formatField(name, value as FieldValue | Masked<FieldValue>));
  }
  return parts.join(',');
}

function formatField(name: string, value: FieldValue | Masked<FieldValue>): string {
  if (!isField(name)) return `${name}=${isMasked(value) ? `${value.value}/${value.mask}` : value}`;
  if (name === 'ctState' && isMasked(value))
    return `ct_state=${formatCtState(Number(value.value), Number(value.mask))}`;
  // A match names ports of any transport alike; the protocol stands beside it.
  const ovs = fieldRow(name).ovs.replace(/^(tcp|udp|sctp)_(src|dst)$/, 'tp_$2');
  if (!isMasked(value)) return `${ovs}=${formatValue(name, value)}`;
  if (fieldRow(name).kind === 'ipv4') {
    const prefix = prefixLength(ipv4Number(String(value.mask)) ?? 0);
    if (prefix !== undefined) return `${ovs}=${value.value}/${prefix}`;
  }
  return `${ovs}=${formatValue(name, value.value)}/${formatValue(name, value.mask)}`;
}

/** `+new-inv+trk`: a bit that must be set, a bit that must not. */
function formatCtState(value: number, mask: number): string {
  return CT_STATE_BITS.map((name, bit) => ((mask >> bit) & 1 ? `${(value >> bit) & 1 ? '+' : '-'}${name}` : '')).join(
    '',
  );
}

/** undefined where the mask is no prefix. */
export function prefixLength(mask: number): number | undefined {
  const length = Math.clz32(~mask >>> 0);
  const whole = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return whole === mask >>> 0 ? length : undefined;
}

/** Fields that ovs-ofctl prints in decimal. */
const DECIMAL = new Set<FieldName>([
  'inPort',
  'nxmInPort',
  'ipProto',
  'tcpSrc',
  'tcpDst',
  'udpSrc',
  'udpDst',
  'sctpSrc',
  'sctpDst',
  'arpOp',
  'ipTtl',
  'icmpv4Type',
  'icmpv4Code',
  'icmpv6Type',
  'icmpv6Code',
  'ipDscp',
  'vlanPcp',
  'ctZone',
  'conjId',
  'mplsLabel',
  'mplsTc',
  'mplsBos',
  'mplsTtl',
  'ctNwProto',
  'ctTpSrc',
  'ctTpDst',
]);

function formatValue(name: FieldName, value: FieldValue): string {
  if (typeof value === 'string') return value;
  return DECIMAL.has(name) ? String(value) : `0x${value.toString(16)}`;
}

export function formatInstructions(instructions: Instruction[]): string {
  const text = instructions
    .map(formatInstruction)
    .filter((part) => part !== '')
    .join(',');
  return text === '' ? 'drop' : text;
}

function formatInstruction(instruction: Instruction): string {
  switch (instruction.type) {
    case 'applyActions':
      return formatActions(instruction.actions);
    case 'gotoTable':
      return `goto_table:${instruction.tableId}`;
    case 'writeMetadata':
      return `write_metadata:0x${instruction.metadata.toString(16)}/0x${instruction.mask.toString(16)}`;
    case 'writeActions':
      return `write_actions(${formatActions(instruction.actions)})`;
    case 'clearActions':
      return 'clear_actions';
    case 'meter':
      return `meter:${instruction.meterId}`;
    case 'experimenter':
      return `experimenter:0x${instruction.experimenter.toString(16)}`;
    case 'unknown':
      return `instruction:${instruction.code}`;
  }
}

export function formatActions(actions: Action[]): string {
  return actions.map(formatAction).join(',');
}

function formatPort(port: PortNumber): string {
  return typeof port === 'number' ? String(port) : port === 'inPort' ? 'IN_PORT' : port.toUpperCase();
}

function formatAction(action: Action): string {
  switch (action.type) {
    case 'output':
      if (action.port === 'controller') return `CONTROLLER:${action.maxLen}`;
      return typeof action.port === 'number' ? `output:${action.port}` : formatPort(action.port);
    case 'setField':
      return `set_field:${formatSetValue(action.field, action.value)}->${isField(action.field) ? fieldRow(action.field).ovs : action.field}`;
    case 'regLoad':
      return `load:0x${action.value.toString(16)}->${formatSubfield(action.to)}`;
    case 'regMove':
      return `move:${formatSubfield(action.from)}->${formatSubfield(action.to)}`;
    case 'pushVlan':
    case 'pushMpls':
    case 'pushPbb':
      return `${snake(action.type)}:0x${action.ethertype.toString(16)}`;
    case 'popMpls':
      return `pop_mpls:0x${action.ethertype.toString(16)}`;
    case 'decNwTtl':
      return 'dec_ttl';
    case 'setNwTtl':
      return `mod_nw_ttl:${action.nwTtl}`;
    case 'setMplsTtl':
      return `set_mpls_ttl(${action.mplsTtl})`;
    case 'setQueue':
      return `set_queue:${action.queueId}`;
    case 'group':
      return `group:${action.groupId}`;
    case 'resubmitTable':
      return `resubmit(${action.inPort === 'inPort' ? '' : action.inPort},${action.table === 255 ? '' : action.table})`;
    case 'clone':
      return `clone(${formatActions(action.actions)})`;
    case 'ct':
      return formatCt(action);
    case 'nat':
      return formatNat(action);
    case 'learn':
      return formatLearn(action);
    case 'experimenter':
      return `experimenter:0x${action.experimenter.toString(16)}`;
    case 'unknown':
      return `action:${action.code}`;
    default:
      return snake(action.type);
  }
}

function formatSetValue(field: string, value: FieldValue): string {
  if (!isField(field)) return String(value);
  if (field === 'vlanVid' || typeof value === 'string') return String(value);
  return formatValue(field, value);
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `NXM_NX_REG0[0..15]`: ovs-ofctl's names there are those of nicira-ext.h; the field's own name says as much. */
function formatSubfield({ field, offset, bits }: Subfield): string {
  const { ovs, bits: width } = fieldRow(field);
  if (offset === 0 && bits === width) return `${ovs}[]`;
  return bits === 1 ? `${ovs}[${offset}]` : `${ovs}[${offset}..${offset + bits - 1}]`;
}

function formatCt(action: Extract<Action, { type: 'ct' }>): string {
  const parts: string[] = action.flags.map(String);
  if (action.table !== undefined) parts.push(`table=${action.table}`);
  if (typeof action.zone !== 'number') parts.push(`zone=${formatSubfield(action.zone)}`);
  else if (action.zone !== 0) parts.push(`zone=${action.zone}`);
  const exec: Action[] = [];
  for (const nested of action.actions) {
    if (nested.type === 'nat') parts.push(formatNat(nested));
    else exec.push(nested);
  }
  if (exec.length > 0) parts.push(`exec(${formatActions(exec)})`);
  if (action.alg !== 0) parts.push(`alg=${action.alg === 21 ? 'ftp' : action.alg === 69 ? 'tftp' : action.alg}`);
  return `ct(${parts.join(',')})`;
}

function formatNat(nat: Nat): string {
  if (nat.flags.length === 0) return 'nat';
  const [side, ...rest] = nat.flags;
  let range = nat.ipv4Min ?? (nat.ipv6Min === undefined ? '' : `[${nat.ipv6Min}]`);
  if (nat.ipv4Max !== undefined && nat.ipv4Max !== nat.ipv4Min) range += `-${nat.ipv4Max}`;
  if (nat.ipv6Max !== undefined && nat.ipv6Max !== nat.ipv6Min) range += `-[${nat.ipv6Max}]`;
  if (nat.protoMin !== undefined) range += `:${nat.protoMin}`;
  if (nat.protoMax !== undefined && nat.protoMax !== nat.protoMin) range += `-${nat.protoMax}`;
  const flags = rest.map((flag) => (flag === 'protoHash' ? 'hash' : flag === 'protoRandom' ? 'random' : flag));
  return `nat(${[range === '' ? side : `${side}=${range}`, ...flags].join(',')})`;
}

function formatLearn(learn: Extract<Action, { type: 'learn' }>): string {
  const parts = [`table=${learn.table}`];
  if (learn.idleTimeout !== 0) parts.push(`idle_timeout=${learn.idleTimeout}`);
  if (learn.hardTimeout !== 0) parts.push(`hard_timeout=${learn.hardTimeout}`);
  parts.push(`priority=${learn.priority}`);
  if (learn.cookie !== 0n) parts.push(`cookie=0x${learn.cookie.toString(16)}`);
  return `learn(${[...parts, ...learn.specs.map(formatLearnSpec)].join(',')})`;
}

function formatLearnSpec(spec: LearnSpec): string {
  const source = formatLearnSource(spec.source, spec.bits);
  if (spec.type === 'output') return `output:${source}`;
  const target = formatSubfield({ field: spec.field, offset: spec.offset, bits: spec.bits });
  if (spec.type === 'load') return `load:${source}->${target}`;
  return source === target ? target : `${target}=${source}`;
}

function formatLearnSource(source: LearnSource, bits: number): string {
  if ('immediate' in source) return `0x${source.immediate.toString(16)}`;
  return formatSubfield({ field: source.field, offset: source.offset, bits });
}
