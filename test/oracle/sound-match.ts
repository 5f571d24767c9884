// Arbitrary matches that Open vSwitch accepts, and what it must print of each: every field with its prerequisites.
import fc from 'fast-check';
import type { Match } from '../../proto/openflow/match.ts';
import { FIELD_NAMES, type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { ipv4Text, ipv6Text, macText } from '../../proto/wire/address.ts';
import { type Bits, type Facts, fact, numberOf } from './printed-match.ts';

/** What a packet is, and which fields one may ask of such a packet. */
interface Kind {
  match: Match;
  fields: readonly FieldName[];
}

const IPV4: Match = { ethType: 0x0800 };
const IPV6: Match = { ethType: 0x86dd };
const ip: FieldName[] = ['ipDscp', 'ipEcn', 'ipTtl'];
const ipv4: FieldName[] = ['ipv4Src', 'ipv4Dst', ...ip];
const ipv6: FieldName[] = ['ipv6Src', 'ipv6Dst', 'ipv6FlowLabel', ...ip];
const arp: FieldName[] = ['arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha'];
const tcp: FieldName[] = ['tcpSrc', 'tcpDst', 'tcpFlags'];
const udp: FieldName[] = ['udpSrc', 'udpDst'];
const sctp: FieldName[] = ['sctpSrc', 'sctpDst'];
const mpls: FieldName[] = ['mplsLabel', 'mplsTc', 'mplsBos', 'mplsTtl'];
const nd: FieldName[] = ['icmpv6NdReserved', 'icmpv6NdOptionsType'];
const nsh: FieldName[] = ['nshFlags', 'nshNp', 'nshSpi', 'nshSi', 'nshTtl'];
const contexts: FieldName[] = ['nshC1', 'nshC2', 'nshC3', 'nshC4'];
const tracked = { ctState: { value: 0x22, mask: 0x22 } };

const KINDS: readonly Kind[] = [
  { match: {}, fields: [] },
  { match: { ethType: 0x88cc }, fields: [] },
  { match: { vlanVid: 0x1064 }, fields: ['vlanPcp'] },
  { match: { ethType: 0x0806 }, fields: arp },
  { match: { ethType: 0x8847 }, fields: mpls },
  { match: { ethType: 0x8848 }, fields: mpls },
  // A later fragment has no ports: where they are asked for, fragments are not.
  { match: IPV4, fields: [...ipv4, 'ipFrag'] },
  { match: { ...IPV4, ipProto: 47 }, fields: ipv4 },
  { match: IPV4, fields: ['nxmIpTos', 'ipProto'] },
  { match: { ...IPV4, ipProto: 6 }, fields: [...ipv4, ...tcp] },
  { match: { ...IPV4, ipProto: 17 }, fields: [...ipv4, ...udp] },
  { match: { ...IPV4, ipProto: 132 }, fields: [...ipv4, ...sctp] },
  { match: { ...IPV4, ipProto: 1 }, fields: [...ipv4, 'icmpv4Type', 'icmpv4Code'] },
  { match: IPV6, fields: [...ipv6, 'ipFrag'] },
  { match: { ...IPV6, ipProto: 6 }, fields: [...ipv6, ...tcp] },
  { match: { ...IPV6, ipProto: 17 }, fields: [...ipv6, ...udp] },
  { match: { ...IPV6, ipProto: 132 }, fields: [...ipv6, ...sctp] },
  { match: { ...IPV6, ipProto: 58 }, fields: [...ipv6, 'icmpv6Type', 'icmpv6Code'] },
  {
    match: { ...IPV6, ipProto: 58, icmpv6Type: 135, icmpv6Code: 0 },
    fields: [...ipv6, 'ipv6NdTarget', 'ipv6NdSll', ...nd],
  },
  {
    match: { ...IPV6, ipProto: 58, icmpv6Type: 136, icmpv6Code: 0 },
    fields: [...ipv6, 'ipv6NdTarget', 'ipv6NdTll', ...nd],
  },
  { match: { ethType: 0x894f }, fields: [...nsh, 'nshMdtype'] },
  { match: { ethType: 0x894f, nshMdtype: 1 }, fields: [...nsh, ...contexts] },
  { match: { tunErspanVer: 1 }, fields: ['tunErspanIdx'] },
  { match: { tunErspanVer: 2 }, fields: ['tunErspanDir', 'tunErspanHwid'] },
  { match: { ...tracked, ...IPV4 }, fields: ['ctNwProto', 'ctNwSrc', 'ctNwDst'] },
  { match: { ...tracked, ...IPV4, ctNwProto: 6 }, fields: ['ctNwSrc', 'ctNwDst', 'ctTpSrc', 'ctTpDst'] },
  { match: { ...tracked, ...IPV6 }, fields: ['ctNwProto', 'ctIpv6Src', 'ctIpv6Dst'] },
];

/** Fields that any packet has. Two of one list say the same: one of them at most stands in a match. */
const ALWAYS: readonly (readonly FieldName[])[] = [
  ['inPort', 'nxmInPort'],
  ['ethSrc'],
  ['ethDst'],
  ['vlanVid', 'vlanTci'],
  ['metadata'],
  ['tunnelId'],
  ['tunIpv4Src'],
  ['tunIpv4Dst'],
  ['tunIpv6Src'],
  ['tunIpv6Dst'],
  ['tunFlags'],
  ['tunGbpId'],
  ['tunGbpFlags'],
  ['tunGtpuFlags'],
  ['tunGtpuMsgtype'],
  ['tunMetadata0'],
  ['tunMetadata1'],
  ['tunMetadata63'],
  ['pktMark'],
  ['dpHash'],
  ['recircId'],
  ['conjId'],
  ['ctState'],
  ['ctZone'],
  ['ctMark'],
  ['ctLabel'],
  ['actsetOutput'],
  ...[0, 1, 2, 3].map((i) => [`xxreg${i}`, `xreg${2 * i}`, `reg${4 * i}`] as FieldName[]),
  ...[0, 1, 2, 3].map((i) => [`xxreg${i}`, `xreg${2 * i}`, `reg${4 * i + 1}`] as FieldName[]),
  ...[0, 1, 2, 3].map((i) => [`xxreg${i}`, `xreg${2 * i + 1}`, `reg${4 * i + 2}`] as FieldName[]),
  ...[0, 1, 2, 3].map((i) => [`xxreg${i}`, `xreg${2 * i + 1}`, `reg${4 * i + 3}`] as FieldName[]),
];

/** Fields whose place in a kind is their whole meaning. */
const OF_KINDS = ['ethType', 'ipProto', 'vlanPcp', 'tunErspanVer'];

/** Every field that some match of ours may have. */
export const COVERED: ReadonlySet<string> = new Set([
  ...KINDS.flatMap(({ fields }) => fields),
  ...ALWAYS.flat(),
  ...OF_KINDS,
]);

/** Fields that are in no match here, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  inPhyPort: 'Open vSwitch refuses it: BAD_FIELD',
  pbbIsid: 'Open vSwitch refuses it: BAD_FIELD',
  pbbUca: 'Open vSwitch refuses it: BAD_FIELD',
  ipv6Exthdr: 'Open vSwitch refuses it: BAD_FIELD',
  packetType: 'of a packet that is no Ethernet frame one can ask nothing else: see test/golden/flows.txt',
  ...Object.fromEntries(
    FIELD_NAMES.filter((name) => /^tunMetadata\d+$/.test(name)).map((name) => [name, 'three of the 64 are tried']),
  ),
};

/** Values that Open vSwitch takes, where not all of the field's bits are its. */
const VALUES: Partial<Record<FieldName, fc.Arbitrary<bigint>>> = {
  inPort: port(),
  nxmInPort: fc.bigInt({ min: 1n, max: 0xfeffn }),
  actsetOutput: port(),
  // Open vSwitch prints no zero of these, though it matches it.
  tunGtpuFlags: fc.bigInt({ min: 1n, max: 255n }),
  tunGtpuMsgtype: fc.bigInt({ min: 1n, max: 255n }),
  tunErspanIdx: fc.bigInt({ min: 1n, max: 0xfffffn }),
  tunErspanDir: fc.constant(1n),
  nshMdtype: fc.constant(2n),
  nshTtl: fc.bigInt({ min: 0n, max: 63n }),
  tunErspanHwid: fc.bigInt({ min: 1n, max: 15n }),
  ctState: fc.bigInt({ min: 0n, max: 0xffn }),
  ipFrag: fc.constantFrom(0n, 1n, 3n),
  nxmIpTos: fc.bigInt({ min: 0n, max: 63n }).map((dscp) => dscp << 2n),
  ipProto: fc.constantFrom(0n, 4n, 50n, 51n, 255n),
  arpOp: fc.bigInt({ min: 0n, max: 255n }),
  /** Types of neighbour discovery have kinds of their own. */
  icmpv6Type: fc.bigInt({ min: 0n, max: 130n }),
  // A tag, or with all of it zero, none.
  vlanVid: fc.oneof(
    fc.constant(0n),
    fc.bigInt({ min: 0n, max: 4095n }).map((vid) => vid | 0x1000n),
  ),
  vlanTci: fc.bigInt({ min: 0n, max: 0xffffn }).map((tci) => tci | 0x1000n),
};

function port(): fc.Arbitrary<bigint> {
  return fc.oneof(fc.bigInt({ min: 1n, max: 0xfeffn }), fc.constantFrom(0xfffffffen, 0xfffffffdn));
}

/** Masks that it prints, where it does not print all: none at all, or these. */
const MASKS: Partial<Record<FieldName, fc.Arbitrary<bigint> | undefined>> = {
  tunGbpFlags: undefined,
  tunGtpuFlags: undefined,
  tunErspanIdx: undefined,
  tunErspanDir: undefined,
  tunErspanHwid: undefined,
  tunGtpuMsgtype: undefined,
  nshFlags: undefined,
  ctState: fc.bigInt({ min: 1n, max: 0xffn }),
  ipFrag: fc.constantFrom(1n, 2n),
  vlanVid: fc.bigInt({ min: 0n, max: 0xfffn }).map((mask) => mask | 0x1000n),
  tcpFlags: fc.bigInt({ min: 1n, max: 0xfffn }),
};

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

function matchOf(kind: Kind, entries: readonly Entry[]): SoundMatch {
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
  .tuple(fc.constantFrom(...KINDS), single(ALWAYS))
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
