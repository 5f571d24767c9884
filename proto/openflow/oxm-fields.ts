/**
 * The match fields of OpenFlow 1.4 (7.2.2.7) and of Open vSwitch (ovs-fields(7)), one row each: the table from which
 * match types, widths, masks, prerequisites, headers and text all come.
 */

import { type FieldKind, type FieldRow, type Row, row } from './oxm-row.ts';

export type { FieldKind, FieldRow, OxmHeader } from './oxm-row.ts';
export type { Prerequisite } from './prerequisites.ts';

const BASIC = 0x8000;
const NXM_0 = 0x0000;
const NXM_1 = 0x0001;
const PACKET_REGISTERS = 0x8001;
/** OpenFlow extensions of the Open Networking Foundation for fields that 1.5 made standard. */
const ONF = 0x4f4e4600;
const EXPERIMENTER = 0xffff;
/** Nicira's experimenter fields, and the Open vSwitch number for those of NSH. */
const NICIRA = 0x00002320;
const NSH = 0x005ad650;
const ERICSSON = 0x1000;

const register = <const N extends number>(index: N) => row(`reg${index}`, 'number', 32, NXM_1, index, { mask: true });

const standard = {
  inPort: row('in_port', 'number', 32, BASIC, 0),
  inPhyPort: row('in_phy_port', 'number', 32, BASIC, 1),
  metadata: row('metadata', 'bigint', 64, BASIC, 2, { mask: true }),
  ethDst: row('dl_dst', 'mac', 48, BASIC, 3, { mask: true, nxm: [NXM_0, 1] }),
  ethSrc: row('dl_src', 'mac', 48, BASIC, 4, { mask: true, nxm: [NXM_0, 2] }),
  ethType: row('dl_type', 'number', 16, BASIC, 5, { nxm: [NXM_0, 3] }),
  /** Bit 12 (0x1000) says that there is a tag: 0 is untagged. */
  vlanVid: row('vlan_vid', 'number', 13, BASIC, 6, { mask: true }),
  vlanPcp: row('dl_vlan_pcp', 'number', 3, BASIC, 7, { needs: 'vlan' }),
  ipDscp: row('ip_dscp', 'number', 6, BASIC, 8, { needs: 'ip' }),
  ipEcn: row('nw_ecn', 'number', 2, BASIC, 9, { needs: 'ip', nxm: [NXM_1, 28] }),
  ipProto: row('nw_proto', 'number', 8, BASIC, 10, { needs: 'ip', nxm: [NXM_0, 6] }),
  ipv4Src: row('nw_src', 'ipv4', 32, BASIC, 11, { mask: true, needs: 'ipv4', nxm: [NXM_0, 7] }),
  ipv4Dst: row('nw_dst', 'ipv4', 32, BASIC, 12, { mask: true, needs: 'ipv4', nxm: [NXM_0, 8] }),
  tcpSrc: row('tcp_src', 'number', 16, BASIC, 13, { mask: true, needs: 'tcp', nxm: [NXM_0, 9] }),
  tcpDst: row('tcp_dst', 'number', 16, BASIC, 14, { mask: true, needs: 'tcp', nxm: [NXM_0, 10] }),
  udpSrc: row('udp_src', 'number', 16, BASIC, 15, { mask: true, needs: 'udp', nxm: [NXM_0, 11] }),
  udpDst: row('udp_dst', 'number', 16, BASIC, 16, { mask: true, needs: 'udp', nxm: [NXM_0, 12] }),
  sctpSrc: row('sctp_src', 'number', 16, BASIC, 17, { mask: true, needs: 'sctp' }),
  sctpDst: row('sctp_dst', 'number', 16, BASIC, 18, { mask: true, needs: 'sctp' }),
  icmpv4Type: row('icmp_type', 'number', 8, BASIC, 19, { needs: 'icmpv4', nxm: [NXM_0, 13] }),
  icmpv4Code: row('icmp_code', 'number', 8, BASIC, 20, { needs: 'icmpv4', nxm: [NXM_0, 14] }),
  arpOp: row('arp_op', 'number', 16, BASIC, 21, { needs: 'arp', nxm: [NXM_0, 15] }),
  arpSpa: row('arp_spa', 'ipv4', 32, BASIC, 22, { mask: true, needs: 'arp', nxm: [NXM_0, 16] }),
  arpTpa: row('arp_tpa', 'ipv4', 32, BASIC, 23, { mask: true, needs: 'arp', nxm: [NXM_0, 17] }),
  arpSha: row('arp_sha', 'mac', 48, BASIC, 24, { mask: true, needs: 'arp', nxm: [NXM_1, 17] }),
  arpTha: row('arp_tha', 'mac', 48, BASIC, 25, { mask: true, needs: 'arp', nxm: [NXM_1, 18] }),
  ipv6Src: row('ipv6_src', 'ipv6', 128, BASIC, 26, { mask: true, needs: 'ipv6', nxm: [NXM_1, 19] }),
  ipv6Dst: row('ipv6_dst', 'ipv6', 128, BASIC, 27, { mask: true, needs: 'ipv6', nxm: [NXM_1, 20] }),
  ipv6FlowLabel: row('ipv6_label', 'number', 20, BASIC, 28, { mask: true, bytes: 4, needs: 'ipv6', nxm: [NXM_1, 27] }),
  icmpv6Type: row('icmpv6_type', 'number', 8, BASIC, 29, { needs: 'icmpv6', nxm: [NXM_1, 21] }),
  icmpv6Code: row('icmpv6_code', 'number', 8, BASIC, 30, { needs: 'icmpv6', nxm: [NXM_1, 22] }),
  ipv6NdTarget: row('nd_target', 'ipv6', 128, BASIC, 31, { mask: true, needs: 'nd', nxm: [NXM_1, 23] }),
  ipv6NdSll: row('nd_sll', 'mac', 48, BASIC, 32, { mask: true, needs: 'ndSolicit', nxm: [NXM_1, 24] }),
  ipv6NdTll: row('nd_tll', 'mac', 48, BASIC, 33, { mask: true, needs: 'ndAdvert', nxm: [NXM_1, 25] }),
  mplsLabel: row('mpls_label', 'number', 20, BASIC, 34, { bytes: 4, needs: 'mpls' }),
  mplsTc: row('mpls_tc', 'number', 3, BASIC, 35, { needs: 'mpls' }),
  mplsBos: row('mpls_bos', 'number', 1, BASIC, 36, { needs: 'mpls' }),
  pbbIsid: row('pbb_isid', 'number', 24, BASIC, 37, { mask: true, needs: 'pbb' }),
  tunnelId: row('tun_id', 'bigint', 64, BASIC, 38, { mask: true, nxm: [NXM_1, 16] }),
  ipv6Exthdr: row('ipv6_exthdr', 'number', 9, BASIC, 39, { mask: true, needs: 'ipv6' }),
  pbbUca: row('pbb_uca', 'number', 1, BASIC, 41, { needs: 'pbb' }),
} as const;

const openVSwitch = {
  tcpFlags: row('tcp_flags', 'number', 12, EXPERIMENTER, 42, {
    mask: true,
    needs: 'tcp',
    experimenter: ONF,
    nxm: [NXM_1, 34],
  }),
  actsetOutput: row('actset_output', 'number', 32, EXPERIMENTER, 43, { experimenter: ONF }),
  packetType: row('packet_type', 'number', 32, BASIC, 44),
  reg0: register(0),
  reg1: register(1),
  reg2: register(2),
  reg3: register(3),
  reg4: register(4),
  reg5: register(5),
  reg6: register(6),
  reg7: register(7),
  reg8: register(8),
  reg9: register(9),
  reg10: register(10),
  reg11: register(11),
  reg12: register(12),
  reg13: register(13),
  reg14: register(14),
  reg15: register(15),
  xreg0: row('xreg0', 'bigint', 64, PACKET_REGISTERS, 0, { mask: true }),
  xreg1: row('xreg1', 'bigint', 64, PACKET_REGISTERS, 1, { mask: true }),
  xreg2: row('xreg2', 'bigint', 64, PACKET_REGISTERS, 2, { mask: true }),
  xreg3: row('xreg3', 'bigint', 64, PACKET_REGISTERS, 3, { mask: true }),
  xreg4: row('xreg4', 'bigint', 64, PACKET_REGISTERS, 4, { mask: true }),
  xreg5: row('xreg5', 'bigint', 64, PACKET_REGISTERS, 5, { mask: true }),
  xreg6: row('xreg6', 'bigint', 64, PACKET_REGISTERS, 6, { mask: true }),
  xreg7: row('xreg7', 'bigint', 64, PACKET_REGISTERS, 7, { mask: true }),
  xxreg0: row('xxreg0', 'hex', 128, NXM_1, 111, { mask: true }),
  xxreg1: row('xxreg1', 'hex', 128, NXM_1, 112, { mask: true }),
  xxreg2: row('xxreg2', 'hex', 128, NXM_1, 113, { mask: true }),
  xxreg3: row('xxreg3', 'hex', 128, NXM_1, 114, { mask: true }),
  /** NXM_OF_IN_PORT: 16 bits; what Nicira's actions name when they mean the port. */
  nxmInPort: row('in_port', 'number', 16, NXM_0, 0),
  /** NXM_OF_VLAN_TCI: the whole tag; bit 12 says that there is one. */
  vlanTci: row('vlan_tci', 'number', 16, NXM_0, 4, { mask: true }),
  nxmIpTos: row('nw_tos', 'number', 8, NXM_0, 5, { needs: 'ip' }),
  ipFrag: row('ip_frag', 'number', 2, NXM_1, 26, { mask: true, needs: 'ip' }),
  ipTtl: row('nw_ttl', 'number', 8, NXM_1, 29, { needs: 'ip' }),
  mplsTtl: row('mpls_ttl', 'number', 8, NXM_1, 30, { needs: 'mpls' }),
  tunIpv4Src: row('tun_src', 'ipv4', 32, NXM_1, 31, { mask: true }),
  tunIpv4Dst: row('tun_dst', 'ipv4', 32, NXM_1, 32, { mask: true }),
  tunIpv6Src: row('tun_ipv6_src', 'ipv6', 128, NXM_1, 109, { mask: true }),
  tunIpv6Dst: row('tun_ipv6_dst', 'ipv6', 128, NXM_1, 110, { mask: true }),
  tunFlags: row('tun_flags', 'number', 1, NXM_1, 104, { mask: true, bytes: 2 }),
  tunGbpId: row('tun_gbp_id', 'number', 16, NXM_1, 38, { mask: true }),
  tunGbpFlags: row('tun_gbp_flags', 'number', 8, NXM_1, 39, { mask: true }),
  pktMark: row('pkt_mark', 'number', 32, NXM_1, 33, { mask: true }),
  dpHash: row('dp_hash', 'number', 32, NXM_1, 35, { mask: true }),
  recircId: row('recirc_id', 'number', 32, NXM_1, 36),
  conjId: row('conj_id', 'number', 32, NXM_1, 37),
  ctState: row('ct_state', 'number', 32, NXM_1, 105, { mask: true }),
  ctZone: row('ct_zone', 'number', 16, NXM_1, 106),
  ctMark: row('ct_mark', 'number', 32, NXM_1, 107, { mask: true }),
  ctLabel: row('ct_label', 'hex', 128, NXM_1, 108, { mask: true }),
  ctNwProto: row('ct_nw_proto', 'number', 8, NXM_1, 119, { needs: 'connection' }),
  ctNwSrc: row('ct_nw_src', 'ipv4', 32, NXM_1, 120, { mask: true, needs: 'connectionIpv4' }),
  ctNwDst: row('ct_nw_dst', 'ipv4', 32, NXM_1, 121, { mask: true, needs: 'connectionIpv4' }),
  ctIpv6Src: row('ct_ipv6_src', 'ipv6', 128, NXM_1, 122, { mask: true, needs: 'connectionIpv6' }),
  ctIpv6Dst: row('ct_ipv6_dst', 'ipv6', 128, NXM_1, 123, { mask: true, needs: 'connectionIpv6' }),
  ctTpSrc: row('ct_tp_src', 'number', 16, NXM_1, 124, { mask: true, needs: 'connectionPorts' }),
  ctTpDst: row('ct_tp_dst', 'number', 16, NXM_1, 125, { mask: true, needs: 'connectionPorts' }),
  icmpv6NdReserved: row('nd_reserved', 'number', 32, ERICSSON, 1, { needs: 'nd' }),
  icmpv6NdOptionsType: row('nd_options_type', 'number', 8, ERICSSON, 2, { needs: 'nd' }),
  tunErspanIdx: row('tun_erspan_idx', 'number', 20, EXPERIMENTER, 11, { mask: true, bytes: 4, experimenter: NICIRA }),
  tunErspanVer: row('tun_erspan_ver', 'number', 4, EXPERIMENTER, 12, { mask: true, experimenter: NICIRA }),
  tunErspanDir: row('tun_erspan_dir', 'number', 1, EXPERIMENTER, 13, { mask: true, experimenter: NICIRA }),
  tunErspanHwid: row('tun_erspan_hwid', 'number', 6, EXPERIMENTER, 14, { mask: true, experimenter: NICIRA }),
  tunGtpuFlags: row('tun_gtpu_flags', 'number', 8, EXPERIMENTER, 15, { mask: true, experimenter: NICIRA }),
  tunGtpuMsgtype: row('tun_gtpu_msgtype', 'number', 8, EXPERIMENTER, 16, { mask: true, experimenter: NICIRA }),
  nshFlags: row('nsh_flags', 'number', 8, EXPERIMENTER, 1, { mask: true, needs: 'nsh', experimenter: NSH }),
  nshMdtype: row('nsh_mdtype', 'number', 8, EXPERIMENTER, 2, { needs: 'nsh', experimenter: NSH }),
  nshNp: row('nsh_np', 'number', 8, EXPERIMENTER, 3, { needs: 'nsh', experimenter: NSH }),
  nshSpi: row('nsh_spi', 'number', 24, EXPERIMENTER, 4, { bytes: 4, needs: 'nsh', experimenter: NSH }),
  nshSi: row('nsh_si', 'number', 8, EXPERIMENTER, 5, { needs: 'nsh', experimenter: NSH }),
  nshC1: row('nsh_c1', 'number', 32, EXPERIMENTER, 6, { mask: true, needs: 'nsh', experimenter: NSH }),
  nshC2: row('nsh_c2', 'number', 32, EXPERIMENTER, 7, { mask: true, needs: 'nsh', experimenter: NSH }),
  nshC3: row('nsh_c3', 'number', 32, EXPERIMENTER, 8, { mask: true, needs: 'nsh', experimenter: NSH }),
  nshC4: row('nsh_c4', 'number', 32, EXPERIMENTER, 9, { mask: true, needs: 'nsh', experimenter: NSH }),
  nshTtl: row('nsh_ttl', 'number', 8, EXPERIMENTER, 10, { needs: 'nsh', experimenter: NSH }),
} as const;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type TunMetadataName = `tunMetadata${Digit | `${1 | 2 | 3 | 4 | 5}${Digit}` | `6${0 | 1 | 2 | 3}`}`;

/** Options of tunnels (of Geneve, say): the switch's TLV table says which option each is, and how wide: 4 to 124 bytes. */
const tunMetadata = Object.fromEntries(
  Array.from({ length: 64 }, (_, n) => [
    `tunMetadata${n}`,
    row(`tun_metadata${n}`, 'octets', 992, NXM_1, 40 + n, { mask: true }),
  ]),
) as Record<TunMetadataName, Row<'octets', { mask: true }>>;

export const OXM_FIELDS = Object.freeze({ ...standard, ...openVSwitch, ...tunMetadata }) satisfies Readonly<
  Record<string, FieldRow>
>;

export type FieldName = keyof typeof OXM_FIELDS;

export const FIELD_NAMES = Object.freeze(Object.keys(OXM_FIELDS)) as readonly FieldName[];

export function fieldRow(name: FieldName): FieldRow {
  return OXM_FIELDS[name];
}

const ROWS = new Map<string, FieldRow>(Object.entries(OXM_FIELDS));

/** undefined: there is none of that name. */
export function rowNamed(name: string): FieldRow | undefined {
  return ROWS.get(name);
}

const BASIC_HEADERS = new Map<number, FieldName>();
const EXPERIMENTER_HEADERS = new Map<number, FieldName>();
for (const name of FIELD_NAMES) {
  const { header, nxm } = fieldRow(name);
  if (header.experimenter !== undefined) EXPERIMENTER_HEADERS.set(header.experimenter * 128 + header.field, name);
  else BASIC_HEADERS.set(header.oxmClass * 128 + header.field, name);
  if (nxm !== undefined) BASIC_HEADERS.set(nxm.oxmClass * 128 + nxm.field, name);
}

/** The field that a header names, in OXM or NXM; undefined where we know none. */
export function fieldOf(oxmClass: number, field: number, experimenter?: number): FieldName | undefined {
  if (experimenter !== undefined) return EXPERIMENTER_HEADERS.get(experimenter * 128 + field);
  return BASIC_HEADERS.get(oxmClass * 128 + field);
}

type Scalar<K extends FieldKind> = K extends 'number' ? number : K extends 'bigint' ? bigint : string;

/** What a field's value is in TypeScript: number, bigint, or text (MAC, IPv4, IPv6, `0x…` above 64 bits and where the width varies). */
export type FieldValue = number | bigint | string;
export type FieldValueOf<N extends FieldName> = Scalar<(typeof OXM_FIELDS)[N]['kind']>;

/** What a match may say of a field: a value, and a value with a mask where the field can be masked. */
export type FieldMatch<N extends FieldName> = (typeof OXM_FIELDS)[N]['maskable'] extends true
  ? FieldValueOf<N> | Masked<FieldValueOf<N>>
  : FieldValueOf<N>;

export interface Masked<T> {
  value: T;
  mask: T;
}
