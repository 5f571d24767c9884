// Which fields a match may have together, which values and masks of each Open vSwitch takes, and which it does not have.
import fc from 'fast-check';
import type { Match } from '../../proto/openflow/match.ts';
import { FIELD_NAMES, type FieldName } from '../../proto/openflow/oxm-fields.ts';

/** What a packet is, and which fields one may ask of such a packet. */
export interface PacketKind {
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

export const PACKETS: readonly PacketKind[] = [
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
export const ALWAYS: readonly (readonly FieldName[])[] = [
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
  ...PACKETS.flatMap(({ fields }) => fields),
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
export const VALUES: Partial<Record<FieldName, fc.Arbitrary<bigint>>> = {
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
export const MASKS: Partial<Record<FieldName, fc.Arbitrary<bigint> | undefined>> = {
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
