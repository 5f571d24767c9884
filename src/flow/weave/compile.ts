/** From what an app wrote to what goes into a switch: names become tables, registers, groups and cookies. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import type { LearnSpec } from '../../../proto/openflow/nicira/learn-spec.ts';
import type { Nat } from '../../../proto/openflow/nicira/nat.ts';
import { isField, isMasked } from '../../../proto/openflow/oxm.ts';
import { type FieldValue, fieldRow, type Masked, rowNamed } from '../../../proto/openflow/oxm-fields.ts';
import { WHOLE_PACKET } from '../../../proto/openflow/reserved-numbers.ts';
import type { Subfield } from '../../../proto/openflow/subfield.ts';
import type { AppAction, AppFlow, AppMatch, FieldRef, Intent, LearnItem, NamedValue, TableRef } from '../flow.ts';
import { FlowError } from '../flow-error.ts';
import { isPipelineField, PIPELINE_FIELDS } from '../pipeline-fields.ts';
import { checkField, checkMatch, nearestField } from '../prerequisites.ts';
import { piecesOf } from '../wide-registers.ts';

/** How names resolve at the place where a flow stands. */
export interface Scope {
  /** Table id of a reference; undefined: nothing follows, the packet is dropped. */
  table(ref: TableRef): number | undefined;
  /** The same where there must be one; throws where nothing follows. */
  neededTable(ref: TableRef): number;
  groupId(key: string): number;
  meterId(key: string): number;
  /** Where a field that an app declares lies: `router.nextHop`. */
  field(name: string): Subfield;
  /** The conntrack zone, if it is somebody's. */
  zone(zone: number): number;
  /** Cookie of what a `learn` makes. */
  stateCookie(intent: string | Intent): bigint;
}

/** The match itself where it names nothing but OXM fields, their values of the fields' kinds. */
export function compileMatch(match: AppMatch, scope: Pick<Scope, 'field'>): Match {
  for (const name in match) {
    const value = match[name as keyof AppMatch];
    const row = rowNamed(name);
    if (row === undefined || (typeof value === 'number' && row.kind === 'bigint')) return resolvedMatch(match, scope);
    if (value !== undefined) checkField(match, name, row);
  }
  return match as Match;
}

function resolvedMatch(match: AppMatch, scope: Pick<Scope, 'field'>): Match {
  const resolved = resolveMatch(match, scope);
  checkMatch(resolved);
  return resolved as Match;
}

function resolveMatch(match: AppMatch, scope: Pick<Scope, 'field'>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(match)) {
    if (value === undefined) continue;
    const named = namedField(name, scope);
    if (named !== undefined) addRegister(result, name, named, value as NamedValue | Masked<NamedValue>);
    else result[name] = isMasked(value) ? value : asKind(name, value as FieldValue);
  }
  return result;
}

/** Fields of 64 bits are bigints; an app, or a file, may write small ones as numbers. */
function asKind(name: string, value: FieldValue): FieldValue {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  return isNumber && isField(name) && fieldRow(name).kind === 'bigint' ? BigInt(value) : value;
}

/** A field of the pipeline, or of an app; undefined: the name is an OXM field's, or none. */
export function namedField(name: string, scope: Pick<Scope, 'field'>): Subfield | undefined {
  if (isPipelineField(name)) return PIPELINE_FIELDS[name];
  return name.includes('.') ? scope.field(name) : undefined;
}

/** Several named runs of bits may lie in one register: their values and masks are joined. */
function addRegister(
  match: Record<string, unknown>,
  name: string,
  run: Subfield,
  wanted: NamedValue | Masked<NamedValue>,
): void {
  if (run.bits > 32 && run.field.startsWith('xx')) {
    addPieces(match, name, run, wanted);
    return;
  }
  const old = match[run.field];
  // Most are whole registers, with nothing to join.
  if (old === undefined && isWholeRegister(run, wanted)) {
    match[run.field] = wanted;
    return;
  }
  const { value, mask } = isMasked(wanted)
    ? { value: fitting(name, run, wanted.value), mask: fitting(name, run, wanted.mask) }
    : { value: fitting(name, run, wanted), mask: (1n << BigInt(run.bits)) - 1n };
  const shift = BigInt(run.offset);
  const before = isMasked(old) ? old : { value: (old ?? 0) as NamedValue, mask: 0 };
  match[run.field] = {
    value: inField(run.field, (value << shift) | BigInt(before.value as NamedValue)),
    mask: inField(run.field, (mask << shift) | BigInt(before.mask as NamedValue)),
  };
}

/** A register of 128 bits is matched as the four that it is made of. */
function addPieces(
  match: Record<string, unknown>,
  name: string,
  run: Subfield,
  wanted: NamedValue | Masked<NamedValue>,
): void {
  const value = fitting(name, run, isMasked(wanted) ? wanted.value : wanted);
  const mask = isMasked(wanted) ? fitting(name, run, wanted.mask) : (1n << BigInt(run.bits)) - 1n;
  for (const { place, shift } of piecesOf(run)) {
    const all = (1n << BigInt(place.bits)) - 1n;
    const part = { value: Number((value >> BigInt(shift)) & all), mask: Number((mask >> BigInt(shift)) & all) };
    if (part.mask !== 0) addRegister(match, name, place, part.mask === Number(all) ? part.value : part);
  }
}

function isWholeRegister({ field, bits, offset }: Subfield, wanted: unknown): wanted is number {
  if (typeof wanted !== 'number' || bits !== 32 || offset !== 0) return false;
  return wanted >>> 0 === wanted && fieldRow(field).bits === 32;
}

function fitting(name: string, { bits }: Subfield, written: FieldValue): bigint {
  const value = BigInt(written);
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    throw new FlowError(`${written} does not fit into "${name}", which has ${bits} bits`);
  }
  return value;
}

/** Bits as the field's values are written. */
function inField(field: string, value: bigint): FieldValue {
  if (!isField(field)) throw new FlowError(`"${field}" is no field`);
  const { kind } = fieldRow(field);
  return kind === 'bigint' ? value : kind === 'hex' ? `0x${value.toString(16)}` : Number(value);
}

function resolveField(ref: FieldRef, scope: Scope): Subfield {
  if (typeof ref !== 'string') {
    const whole = resolveField(ref.field, scope);
    return { field: whole.field, offset: whole.offset + ref.offset, bits: ref.bits };
  }
  const named = namedField(ref, scope);
  if (named !== undefined) return named;
  if (!isField(ref)) throw new FlowError(`"${String(ref)}" is no field${nearestField(String(ref))}`);
  return { field: ref, offset: 0, bits: fieldRow(ref).bits };
}

/** What a match says of a field; undefined: nothing, or not of all its bits. */
export function readField(match: Match, name: string, scope: Pick<Scope, 'field'>): number | undefined {
  const bits = readBits(match, name, scope);
  return bits === undefined ? undefined : Number(bits);
}

/** The same of a field that a number does not hold. */
export function readBits(match: Match, name: string, scope: Pick<Scope, 'field'>): bigint | undefined {
  const place = namedField(name, scope);
  if (place === undefined) throw new FlowError(`"${name}" is no field of the pipeline or of an app`);
  const parts = piecesOf(place).map((piece) => ({ shift: BigInt(piece.shift), bits: readPiece(match, piece.place) }));
  if (parts.every((part) => part.bits === undefined)) return undefined;
  // Of several registers those that are zero are left out of a packet-in.
  return parts.reduce((sum, { shift, bits }) => sum | ((bits ?? 0n) << shift), 0n);
}

function readPiece(match: Match, place: Subfield): bigint | undefined {
  const found = match[place.field as keyof Match] as FieldValue | Masked<FieldValue> | undefined;
  if (found === undefined) return undefined;
  const mask = ((1n << BigInt(place.bits)) - 1n) << BigInt(place.offset);
  if (isMasked(found) && (BigInt(found.mask) & mask) !== mask) return undefined;
  return (BigInt(isMasked(found) ? found.value : found) & mask) >> BigInt(place.offset);
}

/** The list's actions in one apply-actions, then where it goes on. */
export function compileInstructions(items: AppFlow['actions'], scope: Scope): Instruction[] {
  const list = items.some(Array.isArray) ? items.flat() : (items as AppAction[]);
  const first = list[0];
  const from = first?.type === 'meter' ? 1 : 0;
  const last = list.length > from ? list.at(-1) : undefined;
  const end = last?.type === 'goto' ? list.length - 1 : list.length;
  const actions = compileActions(end - from === list.length ? list : list.slice(from, end), scope);
  const tableId = last?.type === 'goto' ? scope.table(last.table) : undefined;
  const result = inOrder(actions, tableId);
  if (first?.type === 'meter') result.unshift({ type: 'meter', meterId: scope.meterId(first.key) });
  return result;
}

/** As literals: an array that something is pushed to has room for sixteen more. */
function inOrder(actions: Action[], tableId: number | undefined): Instruction[] {
  if (tableId === undefined) return actions.length === 0 ? [] : [{ type: 'applyActions', actions }];
  if (actions.length === 0) return [{ type: 'gotoTable', tableId }];
  return [
    { type: 'applyActions', actions },
    { type: 'gotoTable', tableId },
  ];
}

export function compileActions(list: readonly AppAction[], scope: Scope): Action[] {
  const result = new Array<Action>(list.length);
  for (let i = 0; i < list.length; i++) result[i] = compileAction(list[i]!, scope);
  return result;
}

function compileAction(action: AppAction, scope: Scope): Action {
  switch (action.type) {
    case 'output':
      if (action.meter !== undefined) return compileMeteredPunt(action.maxLen, scope.meterId(action.meter));
      return {
        type: 'output',
        port: action.port,
        maxLen: action.maxLen ?? (action.port === 'controller' ? WHOLE_PACKET : 0),
      };
    case 'set':
      return compileSet(action.field, action.value, scope);
    case 'load':
      return { type: 'regLoad', to: resolveField(action.to, scope), value: BigInt(action.value) };
    case 'move':
      return compileMove(resolveField(action.from, scope), resolveField(action.to, scope));
    case 'pushVlan':
    case 'popVlan':
    case 'decNwTtl':
      return action;
    case 'group':
      return { type: 'group', groupId: scope.groupId(action.key) };
    case 'resubmit':
      return { type: 'resubmitTable', inPort: 'inPort', table: scope.neededTable(action.table) };
    case 'multipath':
      return compileMultipath(action.links, action.basis, resolveField(action.to, scope));
    case 'checkPacketLarger':
      return { type: 'checkPktLarger', pktLen: action.bytes, to: resolveField(action.to, scope) };
    case 'clone':
      return { type: 'clone', actions: compileActions(action.actions, scope) };
    case 'ct':
      return compileCt(action, scope);
    case 'learn': {
      const learn = {
        idleTimeout: action.idleTimeout ?? 0,
        hardTimeout: action.hardTimeout ?? 0,
        priority: action.priority,
        cookie: scope.stateCookie(action.intent),
        flags: [],
        table: scope.neededTable(action.table),
        finIdleTimeout: 0,
        finHardTimeout: 0,
        specs: action.items.map((item) => compileLearnItem(item, scope)),
      };
      const { limit = 0 } = action;
      return limit === 0 ? { type: 'learn', ...learn } : { type: 'learn2', ...learn, limit };
    }
    case 'conjunction':
      return { type: 'conjunction', id: action.id, clause: action.clause - 1, nClauses: action.of };
    case 'goto':
      throw new FlowError(`goto("${action.table}") and next() stand only at the end of a flow's actions`);
    case 'meter':
      throw new FlowError(`meter("${action.key}") stands only at the beginning of a flow's actions`);
  }
}

function compileMultipath(links: number, basis: number, to: Subfield): Action {
  const most = Math.min(2 ** to.bits, 0x10000);
  if (!Number.isInteger(links) || links < 1 || links > most) {
    throw new FlowError(`multipath between ${links} links, and a field of ${to.bits} bits tells 1 to ${most} apart`);
  }
  const fields = 'symmetricL3l4Udp';
  return { type: 'multipath', fields, basis: basis & 0xffff, algorithm: 'hrw', maxLink: links - 1, arg: 0, to };
}

/** Open vSwitch leaves out of its dump what is as usual: all of the packet. */
function compileMeteredPunt(maxLen: number | undefined, meterId: number): Action {
  const shortened = maxLen !== undefined && maxLen !== WHOLE_PACKET;
  return {
    type: 'controller2',
    properties: [...(shortened ? [{ type: 'maxLen', maxLen } as const] : []), { type: 'meterId', meterId }],
  };
}

/** A field or a whole register is set; a part of a register is loaded (1.4 has no masked set-field). */
function compileSet(name: string, value: FieldValue, scope: Scope): Action {
  const to = namedField(name, scope);
  if (to === undefined) {
    if (!isField(name)) throw new FlowError(`"${name}" is no field${nearestField(name)}`);
    return { type: 'setField', field: name, value: asKind(name, value) };
  }
  const bits = fitting(name, to, value);
  if (isField(to.field) && to.field !== 'metadata' && to.bits === fieldRow(to.field).bits) {
    return { type: 'setField', field: to.field, value: inField(to.field, bits) };
  }
  if (to.bits > 64) throw new FlowError(`"${name}" has ${to.bits} bits, more than one action can set: split it`);
  return { type: 'regLoad', to, value: bits };
}

/** The narrower of both widths is moved, from the lowest bit. */
function compileMove(from: Subfield, to: Subfield): Action {
  const bits = Math.min(from.bits, to.bits);
  return { type: 'regMove', from: { ...from, bits }, to: { ...to, bits } };
}

type CtAction = Extract<AppAction, { type: 'ct' }>;

function compileCt(action: CtAction, scope: Scope): Action {
  const nested: Action[] = [];
  if (action.nat === 'follow') nested.push({ type: 'nat', flags: [] });
  else if (action.nat !== undefined) nested.push(compileNat(action.nat));
  nested.push(...compileActions(action.set ?? [], scope));
  const result: Action = {
    type: 'ct',
    flags: action.commit === true ? ['commit'] : [],
    zone: typeof action.zone === 'number' ? scope.zone(action.zone) : resolveField(action.zone, scope),
    alg: 0,
    actions: nested,
  };
  if (action.table !== undefined) result.table = scope.neededTable(action.table);
  return result;
}

/** Open vSwitch leaves the end of a range of one out of its own dump. */
function compileNat({ side, address, last, ports }: Exclude<CtAction['nat'], 'follow' | undefined>): Nat {
  const isIpv6 = address.includes(':');
  const nat: Nat = { type: 'nat', flags: [side], [isIpv6 ? 'ipv6Min' : 'ipv4Min']: address };
  if (last !== undefined && last !== address) nat[isIpv6 ? 'ipv6Max' : 'ipv4Max'] = last;
  if (ports !== undefined) {
    [nat.protoMin] = ports;
    if (ports[1] !== ports[0]) nat.protoMax = ports[1];
  }
  return nat;
}

function compileLearnItem(item: LearnItem, scope: Scope): LearnSpec {
  if ('match' in item) {
    const to = resolveField(item.match, scope);
    if ('value' in item) {
      const source = { immediate: BigInt(item.value) };
      return { type: 'match', bits: to.bits, source, field: to.field, offset: to.offset };
    }
    const from = item.from === undefined ? to : resolveField(item.from, scope);
    const bits = Math.min(from.bits, to.bits);
    return {
      type: 'match',
      bits,
      source: { field: from.field, offset: from.offset },
      field: to.field,
      offset: to.offset,
    };
  }
  const to = resolveField(item.load, scope);
  if (typeof item.from === 'number') {
    return {
      type: 'load',
      bits: to.bits,
      source: { immediate: BigInt(item.from) },
      field: to.field,
      offset: to.offset,
    };
  }
  const from = resolveField(item.from, scope);
  const bits = Math.min(from.bits, to.bits);
  return { type: 'load', bits, source: { field: from.field, offset: from.offset }, field: to.field, offset: to.offset };
}
