// Arbitrary matches that Open vSwitch accepts, and what it must print of each: every field with its prerequisites.
import fc from 'fast-check';
import type { Match } from '../../proto/openflow/match.ts';
import { FIELD_NAMES, type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { ipv4Text, ipv6Text, macText } from '../../proto/wire/address.ts';
import { ALWAYS, MASKS, PACKETS, type PacketKind, VALUES } from './match-fields.ts';
import { type Bits, type Facts, fact, numberOf } from './printed-match.ts';

/** Options of tunnels have any width: here 32 bits. */
const widthOf = (name: FieldName) => (fieldRow(name).kind === 'octets' ? 32n : BigInt(fieldRow(name).bits));

function fieldValue(name: FieldName, number: bigint): FieldValue {
  const { kind, bytes } = fieldRow(name);
  if (kind === 'octets') return `0x${number.toString(16).padStart(8, '0')}`;
  if (kind === 'number') return Number(number);
  if (kind === 'bigint') return number;
  const digits = number.toString(16).padStart(2 * bytes, '0');
  if (kind === 'hex') return `0x${number.toString(16)}`;
  const plain = Uint8Array.from(Buffer.from(digits, 'hex'));
  return kind === 'mac' ? macText(plain) : kind === 'ipv4' ? ipv4Text(Number(number)) : ipv6Text(plain);
}

type Entry = readonly [name: FieldName, Bits];

function entry(name: FieldName): fc.Arbitrary<Entry> {
  const full = (1n << widthOf(name)) - 1n;
  const value = VALUES[name] ?? fc.bigInt({ min: 0n, max: full });
  const exact = value.map((bits): Entry => [name, { value: bits, mask: undefined }]);
  if (!fieldRow(name).maskable || (name in MASKS && MASKS[name] === undefined)) {
    // The state of a connection has no 32 bits there: whole values are refused.
    return exact;
  }
  const masks = MASKS[name] ?? fc.bigInt({ min: 1n, max: full });
  const masked = fc.tuple(value, masks).map(([bits, mask]): Entry => [name, { value: bits & mask, mask }]);
  return name === 'ctState' ? masked : fc.oneof(exact, masked);
}

export interface SoundMatch {
  match: Match;
  facts: Facts;
}

function matchOf(kind: PacketKind, entries: readonly Entry[]): SoundMatch {
  const match: Record<string, unknown> = { ...kind.match };
  const said: Entry[] = Object.entries(kind.match).map(([name, value]) => [name as FieldName, bitsIn(value)]);
  for (const [name, bits] of entries) {
    if (name in kind.match) continue;
    if ('vlanVid' in kind.match && name === 'vlanTci') continue;
    said.push([name, bits]);
    const value = fieldValue(name, bits.value);
    match[name] = bits.mask === undefined ? value : { value, mask: fieldValue(name, bits.mask) };
  }
  return { match: match as Match, facts: factsOf(said) };
}

/** At most one of each list. */
function single(lists: readonly (readonly FieldName[])[]): fc.Arbitrary<FieldName[]> {
  return fc.subarray([...lists], { maxLength: 6 }).chain((some) =>
    fc.tuple(...some.map((names) => fc.constantFrom(...names))).map((names) => {
      const taken = new Set<string>();
      return names.filter((name) => {
        const places = lists.flatMap((each, i) => (each.includes(name) ? [`${i}`] : []));
        if (places.some((place) => taken.has(place))) return false;
        for (const place of places) taken.add(place);
        return true;
      });
    }),
  );
}

/** `fields` of metadata only: what a packet-in says of where the packet stood. */
export const soundMatch: fc.Arbitrary<SoundMatch> = fc
  .tuple(fc.constantFrom(...PACKETS), single(ALWAYS))
  .chain(([kind, always]) =>
    fc
      .subarray([...kind.fields])
      .chain((fields) => fc.tuple(...[...fields, ...always].map(entry)))
      .map((entries) => matchOf(kind, entries)),
  );

function bitsIn(value: unknown): Bits {
  if (typeof value === 'object' && value !== null) {
    const { value: bits, mask } = value as { value: FieldValue; mask: FieldValue };
    return { value: numberOf(String(bits)).number, mask: numberOf(String(mask)).number };
  }
  return { value: numberOf(String(value)).number, mask: undefined };
}

/** Under which name Open vSwitch prints a field, where it is another than its usual one. */
const PRINTED: Partial<Record<FieldName, string>> = {
  tcpSrc: 'tp_src',
  tcpDst: 'tp_dst',
  udpSrc: 'tp_src',
  udpDst: 'tp_dst',
  sctpSrc: 'tp_src',
  sctpDst: 'tp_dst',
  icmpv6Type: 'icmp_type',
  icmpv6Code: 'icmp_code',
  tunGtpuFlags: 'gtpu_flags',
  tunGtpuMsgtype: 'gtpu_msgtype',
};

/** What it prints of fields that are parts of others, or several at once. */
function shownOf([name, { value, mask }]: Entry): [string, Bits][] {
  const wide = /^(x+)reg(\d)$/.exec(name);
  if (wide !== null) {
    const count = wide[1] === 'x' ? 2 : 4;
    return Array.from({ length: count }, (_, i): [string, Bits] => {
      const shift = BigInt(32 * (count - 1 - i));
      const part = mask === undefined ? undefined : (mask >> shift) & 0xffffffffn;
      return [`reg${count * Number(wide[2]) + i}`, { value: (value >> shift) & 0xffffffffn, mask: part }];
    });
  }
  switch (name) {
    case 'vlanVid':
      return [['vlan_tci', { value, mask: mask ?? 0x1fffn }]];
    case 'vlanPcp':
      return [['vlan_tci', { value: value << 13n, mask: 0xe000n }]];
    case 'ipFrag':
      // Whole and last, asked by one bit or by both, have one word each.
      if (mask === 1n && value === 0n) return [['nw_frag', { value, mask: undefined }]];
      if (mask === 2n && value === 2n) return [['nw_frag', { value: 3n, mask: undefined }]];
      return [['nw_frag', { value, mask }]];
    case 'ipDscp':
      return [['nw_tos', { value: value << 2n, mask: undefined }]];
    default:
      return [[PRINTED[name] ?? fieldRow(name).ovs, { value, mask }]];
  }
}

function factsOf(entries: readonly Entry[]): Facts {
  const found = new Map<string, Bits>();
  for (const [shown, bits] of entries.flatMap(shownOf)) {
    const before = found.get(shown);
    if (before === undefined) found.set(shown, bits);
    else found.set(shown, { value: before.value | bits.value, mask: (before.mask ?? 0n) | (bits.mask ?? 0n) });
  }
  const facts: Facts = new Map();
  for (const [name, { value, mask }] of found) {
    if (mask === 0n) continue;
    facts.set(name, fact({ value, mask: mask === FULL[name] ? undefined : mask }));
  }
  return facts;
}

/** All bits of what has a name there: a mask of them is none. */
const FULL: Readonly<Record<string, bigint>> = Object.fromEntries([
  ...FIELD_NAMES.map((name) => [PRINTED[name] ?? fieldRow(name).ovs, (1n << widthOf(name)) - 1n]),
  ['vlan_tci', 0xffffn],
  ['ct_state', 0xffn],
]);
