/**
 * Where everything that is known of a packet lies in its key: words of 32 bits, as Open vSwitch's struct flow has them.
 * Protocols that exclude each other share words as there: ARP's addresses lie where IPv4's do, ICMP's type where a port.
 */

import { FIELD_NAMES, type FieldName, fieldRow } from '../../../proto/openflow/oxm-fields.ts';

/** How many MPLS labels and VLAN tags a key holds (FLOW_MAX_MPLS_LABELS, FLOW_MAX_VLAN_HEADERS). */
export const MOST_MPLS_LABELS = 3;
export const MOST_VLAN_TAGS = 2;
/** The bit of a word of `vlans` that says that there is a tag (OFPVID_PRESENT). */
export const HAS_TAG = 0x1000;
/** Words for tunnel options (256 bytes, TUN_METADATA_TOT_OPT_SIZE). */
export const OPTION_WORDS = 64;

/** What lies in a key, in order, and how many words it takes. */
const PARTS = {
  // What is known of the packet beside its bytes.
  inPort: 1,
  packetType: 1,
  actsetOutput: 1,
  metadata: 2,
  registers: 16,
  tunnelId: 2,
  tunIpv4Src: 1,
  tunIpv4Dst: 1,
  tunIpv6Src: 4,
  tunIpv6Dst: 4,
  tunTos: 1,
  tunTtl: 1,
  tunFlags: 1,
  tunGbpId: 1,
  tunGbpFlags: 1,
  tunErspan: 4,
  tunGtpu: 2,
  /** Bit n: there is an option n; the bits of 32 and above in the first word. */
  optionsPresent: 2,
  options: OPTION_WORDS,
  pktMark: 1,
  skbPriority: 1,
  dpHash: 1,
  recircId: 1,
  conjId: 1,
  // What connection tracking said.
  ctState: 1,
  ctZone: 1,
  ctMark: 1,
  ctLabel: 4,
  ctNwProto: 1,
  ctNwSrc: 1,
  ctNwDst: 1,
  ctIpv6Src: 4,
  ctIpv6Dst: 4,
  ctTpSrc: 1,
  ctTpDst: 1,
  // What the packet's bytes say.
  ethDst: 2,
  ethSrc: 2,
  ethType: 1,
  /** TPID in the upper half, TCI with its bit 12 always set in the lower; outermost first, 0: none. */
  vlans: MOST_VLAN_TAGS,
  mpls: MOST_MPLS_LABELS,
  nwSrc: 1,
  nwDst: 1,
  ipv6Src: 4,
  ipv6Dst: 4,
  ipv6Label: 1,
  nwProto: 1,
  nwTos: 1,
  nwTtl: 1,
  /** Bit 0: a fragment; bit 1: not the first. */
  nwFrag: 1,
  ndTarget: 4,
  arpSha: 2,
  arpTha: 2,
  /** Of TCP; of neighbour discovery the type of its first link-layer address option. */
  tcpFlags: 1,
  tpSrc: 1,
  tpDst: 1,
  /** The group of IGMP; of neighbour discovery the flags. */
  igmpGroup: 1,
  nshHead: 4,
  nshPath: 1,
  nshContext: 4,
} as const;

export type Part = keyof typeof PARTS;

let words = 0;
/** The first word of each. */
export const WORD = Object.freeze(
  Object.fromEntries(
    Object.entries(PARTS).map(([part, size]) => {
      words += size;
      return [part, words - size];
    }),
  ),
) as Readonly<Record<Part, number>>;

export const KEY_WORDS = words;
/** From here on a key says what the packet's bytes say. */
export const FIRST_CONNECTION_WORD = WORD.ctState;
export const FIRST_HEADER_WORD = WORD.ethDst;

/** The bits of a field: from bit `shift` of the word `last` upwards, into the words before it. */
export interface Place {
  last: number;
  shift: number;
  bits: number;
}

const at = (part: Part, word: number, bits: number, shift = 0): Place => ({ last: WORD[part] + word, shift, bits });
const vlan = (bits: number, shift = 0) => at('vlans', 0, bits, shift);
const mpls = (bits: number, shift: number) => at('mpls', 0, bits, shift);

/** Fields that lie elsewhere than in the part of their name, or that name bits of a part. */
const PLACES: Partial<Record<FieldName, Place>> = {
  nxmInPort: at('inPort', 0, 16),
  vlanVid: vlan(13),
  vlanPcp: vlan(3, 13),
  vlanTci: vlan(16),
  ipDscp: at('nwTos', 0, 6, 2),
  ipEcn: at('nwTos', 0, 2),
  nxmIpTos: at('nwTos', 0, 8),
  ipProto: at('nwProto', 0, 8),
  ipTtl: at('nwTtl', 0, 8),
  ipFrag: at('nwFrag', 0, 2),
  ipv4Src: at('nwSrc', 0, 32),
  ipv4Dst: at('nwDst', 0, 32),
  ipv6FlowLabel: at('ipv6Label', 0, 20),
  arpOp: at('nwProto', 0, 16),
  arpSpa: at('nwSrc', 0, 32),
  arpTpa: at('nwDst', 0, 32),
  tcpSrc: at('tpSrc', 0, 16),
  tcpDst: at('tpDst', 0, 16),
  udpSrc: at('tpSrc', 0, 16),
  udpDst: at('tpDst', 0, 16),
  sctpSrc: at('tpSrc', 0, 16),
  sctpDst: at('tpDst', 0, 16),
  icmpv4Type: at('tpSrc', 0, 8),
  icmpv4Code: at('tpDst', 0, 8),
  icmpv6Type: at('tpSrc', 0, 8),
  icmpv6Code: at('tpDst', 0, 8),
  ipv6NdTarget: at('ndTarget', 3, 128),
  ipv6NdSll: at('arpSha', 1, 48),
  ipv6NdTll: at('arpTha', 1, 48),
  icmpv6NdReserved: at('igmpGroup', 0, 32),
  icmpv6NdOptionsType: at('tcpFlags', 0, 8),
  mplsLabel: mpls(20, 12),
  mplsTc: mpls(3, 9),
  mplsBos: mpls(1, 8),
  mplsTtl: mpls(8, 0),
  tunErspanIdx: at('tunErspan', 0, 20),
  tunErspanVer: at('tunErspan', 1, 4),
  tunErspanDir: at('tunErspan', 2, 1),
  tunErspanHwid: at('tunErspan', 3, 6),
  tunGtpuFlags: at('tunGtpu', 0, 8),
  tunGtpuMsgtype: at('tunGtpu', 1, 8),
  nshFlags: at('nshHead', 0, 8),
  nshTtl: at('nshHead', 1, 8),
  nshMdtype: at('nshHead', 2, 8),
  nshNp: at('nshHead', 3, 8),
  nshSpi: at('nshPath', 0, 24, 8),
  nshSi: at('nshPath', 0, 8),
};

const UNKNOWN_TO_OPEN_VSWITCH: readonly FieldName[] = ['inPhyPort', 'pbbIsid', 'pbbUca', 'ipv6Exthdr'];

function placeFor(name: FieldName): Place | undefined {
  const named = PLACES[name];
  if (named !== undefined || UNKNOWN_TO_OPEN_VSWITCH.includes(name)) return named;
  const [, kind, number] = /^(reg|xreg|xxreg|nshC)(\d+)$/.exec(name) ?? [];
  const index = Number(number);
  const { bits } = fieldRow(name);
  switch (kind) {
    case 'reg':
      return at('registers', index, bits);
    case 'xreg':
      return at('registers', 2 * index + 1, bits);
    case 'xxreg':
      return at('registers', 4 * index + 3, bits);
    case 'nshC':
      return at('nshContext', index - 1, bits);
    default:
      return name in PARTS ? at(name as Part, PARTS[name as Part] - 1, bits) : undefined;
  }
}

const ALL = new Map(FIELD_NAMES.map((name) => [name, placeFor(name)]));

/** undefined: a field that Open vSwitch does not know, or a tunnel option, whose place the TLV table says. */
export function placeOf(name: FieldName): Place | undefined {
  return ALL.get(name);
}
