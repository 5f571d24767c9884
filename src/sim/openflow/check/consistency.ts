/**
 * Whether instructions go with each other and with the match of their flow, as Open vSwitch wants it (ofpacts_verify
 * and ofpacts_check): what an action needs must be matched, or made by an action before it (OpenFlow 1.4, 7.2.4).
 */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { Instruction } from '../../../../proto/openflow/instruction.ts';
import type { LearnSpec } from '../../../../proto/openflow/nicira/learn-spec.ts';
import { isField } from '../../../../proto/openflow/oxm.ts';
import { type FieldName, fieldRow } from '../../../../proto/openflow/oxm-fields.ts';
import { fulfils, type Prerequisite } from '../../../../proto/openflow/prerequisites.ts';
import { RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import type { Refusal } from '../../switch-state.ts';
import { isMeterNumber } from './instructions.ts';
import { holds, type MatchView } from './match.ts';
import { BAD_ACTION, BAD_INSTRUCTION, NICIRA_REFUSALS } from './refusals.ts';

const INVALID_METER: Refusal = Object.freeze({ errorType: 'meterModFailed', code: 'invalidMeter' });
const INVISIBLE = 255;
/** Tags that a packet may have on its way. */
const MOST_TAGS = 2;

/** An action with what this file looks at in some of them. */
type Loose = { readonly type: string } & Readonly<Record<string, unknown>>;

/** `tableId`: 255 where there is none (packet-out, groups). `view`: of the match; it is changed. */
export function checkConsistency(
  instructions: readonly Instruction[],
  tableId: number,
  view: MatchView,
): Refusal | undefined {
  const applied = instructions.find((each) => each.type === 'applyActions');
  const actions = applied?.type === 'applyActions' ? (applied.actions as readonly Action[]) : [];
  const hasOthers = instructions.some((each) => each.type !== 'applyActions');
  const nested = checkNesting(actions, undefined, hasOthers);
  if (nested !== undefined) return nested;
  for (const each of instructions) {
    if (each.type === 'meter' && !isMeterNumber(each.meterId)) return INVALID_METER;
  }
  const refusal = checkActions(actions, view);
  if (refusal !== undefined) return refusal;
  for (const each of instructions) {
    if (each.type === 'writeActions') {
      const inSet = checkActions(each.actions as readonly Action[], { ...view }, true);
      if (inSet !== undefined) return inSet;
    }
  }
  for (const each of instructions) {
    if (each.type === 'gotoTable' && each.tableId <= tableId && tableId !== INVISIBLE)
      return BAD_INSTRUCTION.badTableId;
  }
  return undefined;
}

const CONNECTION_FIELDS: ReadonlySet<unknown> = new Set(['ctMark', 'ctLabel']);
const INSIDE_CT: ReadonlySet<string> = new Set(['nat', 'setField', 'regLoad', 'regLoad2', 'regMove']);

/** Order and nesting: what may stand inside `ct`, and what only there. */
function checkNesting(actions: readonly Action[], outer: string | undefined, hasOthers: boolean): Refusal | undefined {
  const conjunctions = actions.filter(({ type }) => type === 'conjunction').length;
  if (conjunctions > 0) {
    const others = actions.some(({ type }) => type !== 'conjunction' && type !== 'note');
    return others || hasOthers ? NICIRA_REFUSALS.badConjunction : undefined;
  }
  for (const each of actions as readonly Loose[]) {
    if (outer === 'ct' && !INSIDE_CT.has(each.type)) return BAD_ACTION.badArgument;
    if (each.type === 'nat' && outer !== 'ct') return BAD_ACTION.badSetArgument;
    if (outer === 'ct' ? !writesConnection(each) : writesConnection(each)) {
      if (each.type !== 'nat') return outer === 'ct' ? BAD_ACTION.badArgument : BAD_ACTION.badSetArgument;
    }
    if (each.type === 'ct' || each.type === 'clone') {
      const refusal = checkNesting(each.actions as readonly Action[], each.type, false);
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
}

function writesConnection({ type, field, to }: Loose): boolean {
  if (type === 'setField' || type === 'regLoad2') return CONNECTION_FIELDS.has(field);
  if (type === 'regLoad' || type === 'regMove') return CONNECTION_FIELDS.has((to as Subfield).field);
  return false;
}

/** What an action on a packet of a protocol needs. */
const NEEDS: Readonly<Record<string, Prerequisite>> = {
  decNwTtl: 'ip',
  decTtlCntIds: 'ip',
  setNwTtl: 'ip',
  setNwTos: 'ip',
  setNwEcn: 'ip',
  setNwSrc: 'ipv4',
  setNwDst: 'ipv4',
  setMplsLabel: 'mpls',
  setMplsTc: 'mpls',
  setMplsTtl: 'mpls',
  decMplsTtl: 'mpls',
  popMpls: 'mpls',
  finTimeout: 'tcp',
  resubmitTableCt: 'connection',
  ct: 'ip',
  decNshTtl: 'nsh',
};

const TRANSPORT: readonly unknown[] = [6, 17, 132];

/** `inSet`: what comes before an action of a set is not known, so that the match need not say it. */
export function checkActions(actions: readonly Action[], view: MatchView, inSet = false): Refusal | undefined {
  let tags = typeof view.tags === 'number' ? view.tags : hasTag(view) ? 1 : 0;
  for (const each of actions as readonly Loose[]) {
    const refusal = checkAction(each, view, inSet);
    if (refusal !== undefined) return refusal;
    if (each.type === 'pushVlan' && ++tags > MOST_TAGS) return BAD_ACTION.badTag;
    if (each.type === 'popVlan') tags = Math.max(0, tags - 1);
    change(each, view, tags);
    view.tags = tags;
  }
  return undefined;
}

function checkAction(each: Loose, view: MatchView, inSet: boolean): Refusal | undefined {
  const { type } = each;
  if (type === 'unknown' || type === 'experimenter') return BAD_ACTION.badArgument;
  const needs = NEEDS[type];
  if (needs !== undefined && !fulfils(view, needs) && !(inSet && type !== 'ct')) return BAD_ACTION.matchInconsistent;
  switch (type) {
    case 'output':
      return isOutputPort(each.port) ? undefined : BAD_ACTION.badOutPort;
    case 'popVlan':
      return hasTag(view) || inSet ? undefined : BAD_ACTION.matchInconsistent;
    case 'setVlanVid':
    case 'setVlanPcp':
      return hasTag(view) || inSet ? undefined : BAD_ACTION.matchInconsistent;
    case 'setTpSrc':
    case 'setTpDst': {
      const hasPorts = fulfils(view, 'ip') && TRANSPORT.includes(view.ipProto) && view.isLater !== true;
      return hasPorts || inSet ? undefined : BAD_ACTION.matchInconsistent;
    }
    case 'setField':
    case 'regLoad2':
      return checkField(each.field, view, type === 'setField' || each.field === 'vlanVid');
    case 'regLoad':
    case 'stackPop':
      return checkField(((each.to ?? each.subfield ?? each) as Subfield).field, view, each.type === 'regLoad');
    case 'regMove':
      return (
        checkField((each.from as Subfield).field, view, false) ?? checkField((each.to as Subfield).field, view, false)
      );
    case 'stackPush':
    case 'outputReg':
    case 'outputReg2':
      return checkField((each.from as Subfield).field, view, false);
    case 'learn':
    case 'learn2':
      for (const { source } of each.specs as readonly LearnSpec[]) {
        const refusal = 'field' in source ? checkField(source.field, view, false) : undefined;
        if (refusal !== undefined) return refusal;
      }
      return undefined;
    case 'ct':
      if ((each.flags as readonly unknown[]).includes('commit') && isInvalid(view)) return BAD_ACTION.matchInconsistent;
      return checkActions(each.actions as readonly Action[], view);
    case 'clone':
      return checkActions(each.actions as readonly Action[], { ...view });
    default:
      return undefined;
  }
}

function checkField(field: unknown, view: MatchView, wantsTag: boolean): Refusal | undefined {
  if (!isField(field)) return BAD_ACTION.badArgument;
  const { prerequisite } = fieldRow(field as FieldName);
  if (prerequisite !== undefined && !holds(view, prerequisite)) return BAD_ACTION.matchInconsistent;
  return wantsTag && field === 'vlanVid' && !hasTag(view) ? BAD_ACTION.matchInconsistent : undefined;
}

const INVALID = 0x10;

/** The packets are said to be of no connection: there is nothing to commit. */
function isInvalid({ ctState }: MatchView): boolean {
  const { value = 0, mask = 0 } = (ctState ?? {}) as { value?: number; mask?: number };
  return (value & mask & INVALID) !== 0;
}

function hasTag(view: MatchView): boolean {
  return fulfils(view, 'vlan');
}

/** What is known of the packet behind the action. */
function change(each: Loose, view: MatchView, tags: number): void {
  switch (each.type) {
    case 'pushVlan':
      view.vlanVid = { value: 0x1000, mask: 0x1000 };
      break;
    case 'popVlan':
      if (tags === 0) delete view.vlanVid;
      break;
    case 'pushMpls':
    case 'popMpls':
      view.ethType = each.ethertype;
      if (each.type === 'pushMpls') delete view.ipProto;
      break;
    case 'setVlanVid':
    case 'setVlanPcp':
      view.vlanVid = { value: 0x1000, mask: 0x1000 };
      break;
    case 'setField':
      if (each.field === 'vlanTci') view.vlanVid = { value: Number(each.value) & 0x1fff, mask: 0x1fff };
      break;
    case 'encap':
    case 'decap':
      delete view.vlanVid;
      delete view.ipProto;
      // What comes out of a header that is taken off only the packet says; of Ethernet what it named.
      if (each.type === 'encap' && each.newPktType !== 0) view.ethType = (each.newPktType as number) & 0xffff;
      break;
  }
}

const MOST_PORT = 0xff00;
const NAMED: ReadonlySet<unknown> = new Set(Object.keys(RESERVED_PORTS).filter((name) => name !== 'any'));

/** Whether something can be sent there; a port need not be there yet. */
export function isOutputPort(port: unknown): boolean {
  return typeof port === 'number' ? port < MOST_PORT : NAMED.has(port);
}
