/**
 * What a match says while it is read. Open vSwitch keeps in one place what several fields show (a register's halves,
 * the ports of TCP and UDP, the addresses of IP and ARP); which of them goes on the wire depends on the protocols.
 */

import type { Match } from '../../../proto/openflow/match.ts';
import type { UnknownFieldName } from '../../../proto/openflow/oxm.ts';
import { type FieldName, type FieldValue, fieldRow, type Masked } from '../../../proto/openflow/oxm-fields.ts';
import { fulfils } from '../../../proto/openflow/prerequisites.ts';
import { allBits, fromBits, octets } from './field-bits.ts';
import type { Bits } from './field-value.ts';
import { WIRE_ORDER } from './match-order.ts';
import type { Slice } from './slice.ts';

interface Slot extends Bits {
  /** The field and the word that said it. */
  field: FieldName;
  at: Slice;
}

export interface MatchSlots {
  slots: Map<FieldName, Slot>;
  /** The match is of Ethernet packets, be it that no field of them is left in it. */
  ethernet: boolean;
  /** Fields that the table does not know, as the codec has them. */
  unknown: Record<UnknownFieldName, string | Masked<string>>;
}

/** Fields that stand in another's place. */
const PLACES: Partial<Record<FieldName, FieldName>> = {
  nxmInPort: 'inPort',
  nxmIpTos: 'ipDscp',
  udpSrc: 'tcpSrc',
  udpDst: 'tcpDst',
  sctpSrc: 'tcpSrc',
  sctpDst: 'tcpDst',
  icmpv4Type: 'tcpSrc',
  icmpv4Code: 'tcpDst',
  icmpv6Type: 'tcpSrc',
  icmpv6Code: 'tcpDst',
  arpOp: 'ipProto',
  arpSpa: 'ipv4Src',
  arpTpa: 'ipv4Dst',
  ipv6NdSll: 'arpSha',
  ipv6NdTll: 'arpTha',
  vlanVid: 'vlanTci',
  vlanPcp: 'vlanTci',
};

/** Reserved ports of 16 bits are those of 32 bits without their upper half. */
const FIRST_SHORT = 0xff00n;
const TO_LONG = 0xffff0000n;

/** Bits of a tag: 12 say which VLAN, one that there is a tag, three the priority. */
const VLAN = 0x0fffn;
const TAGGED = 0x1000n;
const PRIORITY = 0xe000n;

/** From Ethernet upwards, so that the match is one of Ethernet packets. */
const ETHERNET = new Set<FieldName>([
  ...WIRE_ORDER.slice(WIRE_ORDER.indexOf('ethSrc'), WIRE_ORDER.indexOf('tunnelId')),
  'vlanTci',
  'nxmIpTos',
]);

export function emptySlots(): MatchSlots {
  return { slots: new Map(), ethernet: false, unknown: {} };
}

/** Where a field's bits are: runs from the lowest, each in a place from an offset on. */
function runsOf(field: FieldName): { place: FieldName; bits: number; shift: number }[] {
  const wide = /^(x{1,2})reg(\d)$/.exec(field);
  if (wide === null)
    return [{ place: PLACES[field] ?? field, bits: fieldRow(field).bits, shift: field === 'vlanPcp' ? 13 : 0 }];
  const count = 2 ** wide[1]!.length;
  return Array.from({ length: count }, (_, n) => ({
    place: `reg${(Number(wide[2]) + 1) * count - 1 - n}` as FieldName,
    bits: 32,
    shift: 0,
  }));
}

/** What is said of the field so far. */
export function bitsSaid({ slots }: MatchSlots, field: FieldName): Bits {
  let value = 0n;
  let mask = 0n;
  let from = 0n;
  for (const { place, bits, shift } of runsOf(field)) {
    const slot = slots.get(place);
    const all = (1n << BigInt(bits)) - 1n;
    value |= (((slot?.value ?? 0n) >> BigInt(shift)) & all) << from;
    mask |= (((slot?.mask ?? 0n) >> BigInt(shift)) & all) << from;
    from += BigInt(bits);
  }
  return { value, mask };
}

/** A field said again replaces what was said before; its neighbours in the same tag stay. */
export function say(state: MatchSlots, field: FieldName, { value, mask }: Bits, at: Slice): void {
  if (ETHERNET.has(field)) state.ethernet = true;
  switch (field) {
    case 'packetType':
      if (mask !== 0n && value === 0n) state.ethernet = true;
      else put(state, field, value, mask, field, at);
      break;
    case 'vlanVid':
      if (mask === 0n) forgetTag(state, PRIORITY, field, at);
      else sayTag(state, value & (TAGGED | VLAN), mask & (TAGGED | VLAN), PRIORITY, field, at);
      break;
    case 'vlanPcp':
      if (mask === 0n) forgetTag(state, VLAN, field, at);
      else sayTag(state, (value << 13n) | TAGGED, PRIORITY | TAGGED, VLAN, field, at);
      break;
    case 'nxmInPort':
      put(state, 'inPort', value < FIRST_SHORT ? value : value + TO_LONG, mask === 0n ? 0n : 0xffffffffn, field, at);
      break;
    case 'nxmIpTos':
      put(state, 'ipDscp', value >> 2n, mask >> 2n, field, at);
      break;
    default:
      sayRuns(state, field, value, mask, at);
  }
}

function sayRuns(state: MatchSlots, field: FieldName, value: bigint, mask: bigint, at: Slice): void {
  let from = 0n;
  for (const { place, bits } of runsOf(field)) {
    const all = (1n << BigInt(bits)) - 1n;
    const part = (mask >> from) & all;
    put(state, place, (value >> from) & all, part === all ? allBits(place) : part, field, at);
    from += BigInt(bits);
  }
}

function sayTag(state: MatchSlots, value: bigint, mask: bigint, keeps: bigint, field: FieldName, at: Slice): void {
  const said = state.slots.get('vlanTci');
  put(state, 'vlanTci', value | ((said?.value ?? 0n) & keeps), mask | ((said?.mask ?? 0n) & keeps), field, at);
}

/** `*` for one of a tag's two fields: where the other is matched, that there is a tag is matched with it. */
function forgetTag(state: MatchSlots, other: bigint, field: FieldName, at: Slice): void {
  const said = state.slots.get('vlanTci');
  const keeps = said !== undefined && (said.mask & other) !== 0n ? other | TAGGED : 0n;
  sayTag(state, 0n, 0n, keeps, field, at);
}

function put({ slots }: MatchSlots, place: FieldName, value: bigint, mask: bigint, field: FieldName, at: Slice): void {
  const tells = mask !== 0n || fieldRow(place).kind === 'octets';
  if (tells) slots.set(place, { value: value & mask, mask, field, at });
  else slots.delete(place);
}

/** The Ethernet type that the match is of, in the packet or, without Ethernet, as its packet type. */
function ethTypeOf({ slots }: MatchSlots): number | undefined {
  const type = slots.get('ethType')?.value;
  if (type !== undefined) return Number(type);
  const packetType = slots.get('packetType')?.value;
  return packetType !== undefined && packetType >> 16n === 1n ? Number(packetType & 0xffffn) : undefined;
}

export function ipProtoOf({ slots }: MatchSlots): number | undefined {
  const proto = slots.get('ipProto')?.value;
  return proto === undefined ? undefined : Number(proto);
}

export function hasTag({ slots }: MatchSlots): boolean {
  return ((slots.get('vlanTci')?.value ?? 0n) & TAGGED) !== 0n;
}

/** The fields of OpenFlow 1.4, in the order of the wire; `left` is what no protocol of the match has a place for. */
export function matchOf(state: MatchSlots): { match: Match; left: Slot[] } {
  const { slots } = state;
  const ethType = ethTypeOf(state);
  const ctState = slots.get('ctState');
  const view = {
    ethType,
    ipProto: ipProtoOf(state),
    icmpv6Type: Number(slots.get('tcpSrc')?.value ?? -1n),
    ctState: ctState === undefined ? undefined : { value: Number(ctState.value), mask: Number(ctState.mask) },
    ctNwProto: Number(slots.get('ctNwProto')?.value ?? 0n),
  };
  const match: Record<string, FieldValue | Masked<FieldValue>> = {};
  const used = new Set<Slot>();
  let ethernet = false;
  for (const field of WIRE_ORDER) {
    const slot = slots.get(PLACES[field] ?? field);
    const { prerequisite } = fieldRow(field);
    if (slot === undefined) continue;
    if (prerequisite !== undefined && prerequisite !== 'vlan' && !fulfils(view, prerequisite)) continue;
    const said = onWire(field, slot);
    if (said === undefined) continue;
    match[said.name] = said.value;
    used.add(slot);
    if (ETHERNET.has(field)) ethernet = true;
  }
  Object.assign(match, state.unknown);
  const left = [...slots.values()].filter((slot) => !used.has(slot));
  if (!state.ethernet || ethernet || slots.has('packetType')) return { match: match as Match, left };
  return { match: { packetType: 0, ...match } as Match, left };
}

/** undefined where nothing of the place is this field's. */
function onWire(
  field: FieldName,
  { value, mask }: Slot,
): { name: string; value: FieldValue | Masked<FieldValue> } | undefined {
  const { kind, maskable } = fieldRow(field);
  if (kind === 'octets') return octets(field, value, mask);
  if (field === 'vlanVid' && !fitsInOxm(value, mask)) return { name: 'vlanTci', value: tagOnWire(value, mask) };
  if (field === 'vlanPcp') {
    const said = fitsInOxm(value, mask) && (mask & PRIORITY) !== 0n && (value & TAGGED) !== 0n;
    return said ? { name: field, value: Number(value >> 13n) } : undefined;
  }
  const all = allBits(field);
  const bits = mask & all;
  if (bits === 0n) return undefined;
  const exact = !maskable || (bits === all && field !== 'tunFlags');
  const plain = fromBits(field, value & all);
  return { name: field, value: exact ? plain : { value: plain, mask: fromBits(field, bits) } };
}

/**
 * The standard's two fields of a tag say neither a part of the priority nor one where no tag is matched. There ovs-ofctl
 * sends less than the text says, or more, or what the switch refuses; we send NXM_OF_VLAN_TCI, which says all.
 */
function fitsInOxm(value: bigint, mask: bigint): boolean {
  const priority = mask & PRIORITY;
  if (priority === 0n) return true;
  if ((mask & TAGGED) === 0n) return false;
  return (value & TAGGED) !== 0n ? priority === PRIORITY : (value & PRIORITY) === 0n;
}

function tagOnWire(value: bigint, mask: bigint): number | Masked<number> {
  return mask === 0xffffn ? Number(value) : { value: Number(value), mask: Number(mask) };
}
