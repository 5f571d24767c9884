/** From what an app wrote to what goes into a switch: names become tables, registers, groups and cookies. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import type { LearnSpec } from '../../proto/openflow/nicira/learn-spec.ts';
import type { Nat } from '../../proto/openflow/nicira/nat.ts';
import { isField, isMasked } from '../../proto/openflow/oxm.ts';
import { type FieldValue, fieldRow, type Masked } from '../../proto/openflow/oxm-fields.ts';
import { WHOLE_PACKET } from '../../proto/openflow/reserved-numbers.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { canonicalMatch } from './canonical.ts';
import { cookieOf, STATE_APPS } from './cookie.ts';
import type { AppAction, AppFlow, AppMatch, FieldRef, LearnItem, TableRef } from './flow.ts';
import { FlowError } from './flow-error.ts';
import { isPipelineField, PIPELINE_FIELDS } from './pipeline-fields.ts';
import { checkMatch } from './prerequisites.ts';

/** How names resolve at the place where a flow stands. */
export interface Scope {
  /** Table id of a reference; undefined: nothing follows, the packet is dropped. */
  table(ref: TableRef): number | undefined;
  groupId(key: string): number;
}

export function compileMatch(match: AppMatch): Match {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(match)) {
    if (value === undefined) continue;
    if (isPipelineField(name)) addRegister(result, PIPELINE_FIELDS[name], value as number | Masked<number>);
    else result[name] = isMasked(value) ? value : asKind(name, value as FieldValue);
  }
  checkMatch(result);
  return canonicalMatch(result as Match);
}

/** Fields of 64 bits are bigints; an app, or a file, may write small ones as numbers. */
function asKind(name: string, value: FieldValue): FieldValue {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  return isNumber && isField(name) && fieldRow(name).kind === 'bigint' ? BigInt(value) : value;
}

/** Several named runs of bits may lie in one register: their values and masks are joined. */
function addRegister(match: Record<string, unknown>, run: Subfield, wanted: number | Masked<number>): void {
  const { value, mask } =
    typeof wanted === 'number' ? { value: BigInt(wanted), mask: (1n << BigInt(run.bits)) - 1n } : bigMasked(wanted);
  const shift = BigInt(run.offset);
  const old = match[run.field] as Masked<number | bigint> | undefined;
  const joined = { value: (value << shift) | BigInt(old?.value ?? 0), mask: (mask << shift) | BigInt(old?.mask ?? 0) };
  const isBig = fieldRow(run.field).kind === 'bigint';
  match[run.field] = isBig ? joined : { value: Number(joined.value), mask: Number(joined.mask) };
}

function bigMasked({ value, mask }: Masked<number>): Masked<bigint> {
  return { value: BigInt(value), mask: BigInt(mask) };
}

function resolveField(ref: FieldRef): Subfield {
  if (typeof ref !== 'string') {
    const whole = resolveField(ref.field);
    return { field: whole.field, offset: whole.offset + ref.offset, bits: ref.bits };
  }
  if (isPipelineField(ref)) return PIPELINE_FIELDS[ref];
  if (!isField(ref)) throw new FlowError(`"${String(ref)}" is no field`);
  return { field: ref, offset: 0, bits: fieldRow(ref).bits };
}

/** The list's actions in one apply-actions, then where it goes on. */
export function compileInstructions(items: AppFlow['actions'], scope: Scope): Instruction[] {
  const list = items.flat();
  const last = list.at(-1);
  const onward = last?.type === 'goto' ? last : undefined;
  const actions = compileActions(onward === undefined ? list : list.slice(0, -1), scope);
  const tableId = onward === undefined ? undefined : scope.table(onward.table);
  const result: Instruction[] = [];
  if (actions.length > 0) result.push({ type: 'applyActions', actions });
  if (tableId !== undefined) result.push({ type: 'gotoTable', tableId });
  return result;
}

export function compileActions(list: AppAction[], scope: Scope): Action[] {
  return list.map((action) => compileAction(action, scope));
}

function compileAction(action: AppAction, scope: Scope): Action {
  switch (action.type) {
    case 'output':
      return {
        type: 'output',
        port: action.port,
        maxLen: action.maxLen ?? (action.port === 'controller' ? WHOLE_PACKET : 0),
      };
    case 'set':
      return compileSet(action.field, action.value);
    case 'load':
      return { type: 'regLoad', to: resolveField(action.to), value: BigInt(action.value) };
    case 'move':
      return compileMove(resolveField(action.from), resolveField(action.to));
    case 'pushVlan':
    case 'popVlan':
    case 'decNwTtl':
      return action;
    case 'group':
      return { type: 'group', groupId: scope.groupId(action.key) };
    case 'resubmit':
      return { type: 'resubmitTable', inPort: 'inPort', table: need(scope, action.table) };
    case 'clone':
      return { type: 'clone', actions: compileActions(action.actions, scope) };
    case 'ct':
      return compileCt(action, scope);
    case 'learn':
      return {
        type: 'learn',
        idleTimeout: action.idleTimeout ?? 0,
        hardTimeout: action.hardTimeout ?? 0,
        priority: action.priority,
        cookie: cookieOf(STATE_APPS[action.state], 1n),
        flags: [],
        table: need(scope, action.table),
        finIdleTimeout: 0,
        finHardTimeout: 0,
        specs: action.items.map(compileLearnItem),
      };
    case 'goto':
      throw new FlowError(`goto("${action.table}") and next() stand only at the end of a flow's actions`);
  }
}

function need(scope: Scope, ref: TableRef): number {
  const id = scope.table(ref);
  if (id === undefined) throw new FlowError(`there is no table "${ref}" on this switch, and nothing after it`);
  return id;
}

/** A field or a whole register is set; a part of a register is loaded (1.4 has no masked set-field). */
function compileSet(name: string, value: FieldValue): Action {
  if (!isPipelineField(name)) {
    if (!isField(name)) throw new FlowError(`"${name}" is no field`);
    return { type: 'setField', field: name, value: asKind(name, value) };
  }
  const to = PIPELINE_FIELDS[name];
  if (to.field !== 'metadata' && to.bits === fieldRow(to.field).bits) {
    return { type: 'setField', field: to.field, value: Number(value) };
  }
  return { type: 'regLoad', to, value: BigInt(value) };
}

/** The narrower of both widths is moved, from the lowest bit. */
function compileMove(from: Subfield, to: Subfield): Action {
  const bits = Math.min(from.bits, to.bits);
  return { type: 'regMove', from: { ...from, bits }, to: { ...to, bits } };
}

function compileCt(action: Extract<AppAction, { type: 'ct' }>, scope: Scope): Action {
  const nested: Action[] = [];
  if (action.nat === 'follow') nested.push({ type: 'nat', flags: [] });
  else if (action.nat !== undefined) {
    const nat: Nat = { type: 'nat', flags: [action.nat.side], ipv4Min: action.nat.address };
    if (action.nat.ports !== undefined) {
      [nat.protoMin] = action.nat.ports;
      // Open vSwitch leaves the end of a range of one out of its own dump.
      if (action.nat.ports[1] !== action.nat.ports[0]) nat.protoMax = action.nat.ports[1];
    }
    nested.push(nat);
  }
  nested.push(...compileActions(action.set ?? [], scope));
  const result: Action = {
    type: 'ct',
    flags: action.commit === true ? ['commit'] : [],
    zone: action.zone,
    alg: 0,
    actions: nested,
  };
  if (action.table !== undefined) result.table = need(scope, action.table);
  return result;
}

function compileLearnItem(item: LearnItem): LearnSpec {
  if ('match' in item) {
    const to = resolveField(item.match);
    const from = item.from === undefined ? to : resolveField(item.from);
    const bits = Math.min(from.bits, to.bits);
    return {
      type: 'match',
      bits,
      source: { field: from.field, offset: from.offset },
      field: to.field,
      offset: to.offset,
    };
  }
  const to = resolveField(item.load);
  if (typeof item.from === 'number') {
    return {
      type: 'load',
      bits: to.bits,
      source: { immediate: BigInt(item.from) },
      field: to.field,
      offset: to.offset,
    };
  }
  const from = resolveField(item.from);
  const bits = Math.min(from.bits, to.bits);
  return { type: 'load', bits, source: { field: from.field, offset: from.offset }, field: to.field, offset: to.offset };
}
