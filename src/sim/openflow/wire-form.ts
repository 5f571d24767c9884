/**
 * Flows as Open vSwitch tells of them: a match's fields in its order, those of wide registers as the registers they are
 * made of, masks of all ones left out; instructions in the order in which they are carried out, older actions as
 * set-field (ofputil_put_ofp11_match, ofpacts_put_openflow_instructions).
 */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import { isField, isMasked } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import { unknownName } from '../../../proto/openflow/oxm-unknown.ts';
import { toBits } from '../../flow/text/field-bits.ts';
import { WIRE_ORDER } from '../../flow/text/match-order.ts';
import { emptySlots, matchOf, say } from '../../flow/text/match-slots.ts';

const NOWHERE = { whole: '', start: 0, end: 0 } as const;
const ORDER = new Map(WIRE_ORDER.map((field, i) => [field, i]));

export function matchOnWire(match: Match): Match {
  if (isPlain(match)) return match;
  const slots = emptySlots();
  for (const name in match) {
    if (!isField(name)) continue;
    const said = match[name] as FieldValue | Masked<FieldValue>;
    // Of no protocol nothing is told.
    if (name === 'ctNwProto' && said === 0) continue;
    const masked = isMasked(said);
    const value = toBits(name, masked ? said.value : said) ?? 0n;
    const all = (1n << BigInt(widthOf(name, masked ? said.value : said))) - 1n;
    const mask = masked ? (toBits(name, said.mask) ?? 0n) & all : all;
    say(slots, name, { value, mask: name === 'vlanTci' ? tagMask(value, mask) : mask }, NOWHERE);
  }
  return matchOf(slots).match;
}

/** A priority is told whole, where a VLAN is told, and else not at all. */
function tagMask(value: bigint, mask: bigint): bigint {
  const vid = mask & 0x1fffn;
  return (mask & 0xe000n) !== 0n && (value & vid) !== 0n ? vid | 0xe000n : vid;
}

function widthOf(name: FieldName, value: FieldValue): number {
  const { kind, bits } = fieldRow(name);
  return kind === 'octets' ? 4 * (String(value).length - 2) : bits;
}

/** Fields in their order, none with a mask, none that is told otherwise: what most matches are. */
function isPlain(match: Match): boolean {
  let last = -1;
  let ethernet = true;
  for (const name in match) {
    const order = ORDER.get(name as FieldName);
    if (order === undefined || order <= last || isMasked(match[name as FieldName])) return false;
    if (name === 'packetType' || name === 'ctTpSrc' || name === 'ctTpDst' || name === 'ctNwProto') return false;
    last = order;
    ethernet = false;
  }
  return ethernet || last >= 0;
}

const INSTRUCTIONS = ['meter', 'applyActions', 'clearActions', 'writeActions', 'writeMetadata', 'gotoTable'] as const;

export function instructionsOnWire(instructions: readonly Instruction[], match: Match): readonly Instruction[] {
  const told: Instruction[] = [];
  for (const type of INSTRUCTIONS) {
    for (const each of instructions) {
      if (each.type !== type) continue;
      if (each.type !== 'applyActions' && each.type !== 'writeActions') told.push(each);
      else if (each.actions.length > 0)
        told.push({ ...each, actions: actionsOnWire(each.actions as readonly Action[], match) });
    }
  }
  return told;
}

type Loose = { readonly type: string } & Readonly<Record<string, unknown>>;

/** As Open vSwitch encodes what it has decoded. */
export function actionsOnWire(actions: readonly Action[], match: Match): readonly Action[] {
  let told: Action[] | undefined;
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!;
    const other = otherForm(action as Loose, match);
    if (other !== undefined && told === undefined) told = actions.slice(0, i);
    told?.push((other as unknown as Action | undefined) ?? action);
  }
  return told ?? actions;
}

const PRESENT = 0x1000;
const TRANSPORTS = [
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
] as const;

const setField = (field: FieldName, value: unknown): Loose => ({ type: 'setField', field, value });

function otherForm(action: Loose, match: Match): Loose | undefined {
  switch (action.type) {
    case 'setVlanVid':
      return setField('vlanVid', (action.vlanVid as number) | PRESENT);
    case 'setVlanPcp':
      return setField('vlanPcp', action.vlanPcp);
    case 'setDlSrc':
      return setField('ethSrc', action.dlAddr);
    case 'setDlDst':
      return setField('ethDst', action.dlAddr);
    case 'setNwSrc':
      return setField('ipv4Src', action.nwAddr);
    case 'setNwDst':
      return setField('ipv4Dst', action.nwAddr);
    case 'setNwTos':
      return setField('ipDscp', (action.nwTos as number) >> 2);
    case 'setNwEcn':
      return setField('ipEcn', action.nwEcn);
    case 'setTpSrc':
    case 'setTpDst':
      return transportOf(match) === undefined
        ? undefined
        : setField(`${transportOf(match)}${action.type.slice(5)}` as FieldName, action.tpPort);
    case 'setMplsLabel':
      return setField('mplsLabel', action.mplsLabel);
    case 'setMplsTc':
      return setField('mplsTc', action.mplsTc);
    case 'setTunnel':
      return setField('tunnelId', BigInt(action.tunId as number));
    case 'setTunnel64':
      return setField('tunnelId', action.tunId);
    case 'decTtlCntIds':
      return (action.ids as readonly number[] | undefined)?.join() === '0' ? { type: 'decNwTtl' } : undefined;
    case 'regLoad2':
      return loadByNxm(action);
    case 'ct':
    case 'clone': {
      const nested = action.actions as readonly Action[];
      const told = actionsOnWire(nested, match);
      return told === nested ? undefined : { ...action, actions: told };
    }
    default:
      return undefined;
  }
}

/** A masked value is told under Nicira's header where the field has one, which is not how set-field names it. */
function loadByNxm({ field, value, type }: Loose): Loose | undefined {
  const row = isField(field) ? fieldRow(field) : undefined;
  if (row?.nxm === undefined || !isField(field)) return undefined;
  const said = value as FieldValue | Masked<FieldValue>;
  const digits = (each: FieldValue) => (toBits(field, each) ?? 0n).toString(16).padStart(2 * row.bytes, '0');
  const told = isMasked(said) ? { value: digits(said.value), mask: digits(said.mask) } : digits(said);
  return { type, field: unknownName(row.nxm), value: told };
}

/** Without a protocol the action stays what it was. */
function transportOf({ ipProto }: Match): string | undefined {
  return TRANSPORTS.find(([protocol]) => protocol === ipProto)?.[1];
}
