/** The names that a field has in ovs-ofctl's text: its own, an older one, and those of its headers (ovs-fields(7)). */

import { FIELD_NAMES, type FieldName, fieldRow, type OxmHeader } from '../../../proto/openflow/oxm-fields.ts';

/** How a number is written: in decimal, in hex, or in words. */
export type Notation = 'decimal' | 'hex' | 'port' | 'ctState' | 'tcpFlags' | 'tunFlags' | 'fragment' | 'packetType';

/** Where ovs-ofctl's name is not the table's, which is the one that matches are printed with. */
const NAMES: Partial<Record<FieldName, readonly string[]>> = {
  inPort: ['in_port_oxm'],
  ethSrc: ['eth_src', 'dl_src'],
  ethDst: ['eth_dst', 'dl_dst'],
  ethType: ['eth_type', 'dl_type'],
  vlanPcp: ['vlan_pcp'],
  ipv4Src: ['ip_src', 'nw_src'],
  ipv4Dst: ['ip_dst', 'nw_dst'],
  ipProto: ['nw_proto', 'ip_proto'],
  ipEcn: ['nw_ecn', 'ip_ecn'],
  ipFrag: ['ip_frag', 'nw_frag'],
  tcpSrc: ['tcp_src', 'tp_src'],
  tcpDst: ['tcp_dst', 'tp_dst'],
  tunnelId: ['tun_id', 'tunnel_id'],
  tunGtpuFlags: ['tun_gtpu_flags', 'gtpu_flags'],
  tunGtpuMsgtype: ['tun_gtpu_msgtype', 'gtpu_msgtype'],
};

/** Where the name of a header is not made of the field's own name here. */
const OXM_NAMES: Partial<Record<FieldName, string>> = {
  ipv6FlowLabel: 'IPV6_FLABEL',
  icmpv6NdReserved: 'ICMPV6_ND_RESERVED',
};
const NXM_NAMES: Partial<Record<FieldName, string>> = {
  nxmInPort: 'IN_PORT',
  nxmIpTos: 'IP_TOS',
  ipv4Src: 'IP_SRC',
  ipv4Dst: 'IP_DST',
  icmpv4Type: 'ICMP_TYPE',
  icmpv4Code: 'ICMP_CODE',
  ipv6FlowLabel: 'IPV6_LABEL',
  ipv6NdTarget: 'ND_TARGET',
  ipv6NdSll: 'ND_SLL',
  ipv6NdTll: 'ND_TLL',
  tunnelId: 'TUN_ID',
};

const ONF = 0x4f4e4600;
const NSH = 0x005ad650;

const NOTATIONS: Partial<Record<FieldName, Notation>> = {
  inPort: 'port',
  nxmInPort: 'port',
  actsetOutput: 'port',
  ctState: 'ctState',
  tcpFlags: 'tcpFlags',
  tunFlags: 'tunFlags',
  ipFrag: 'fragment',
  packetType: 'packetType',
};

const HEX = new Set<FieldName>(
  FIELD_NAMES.filter((name) =>
    /^(x*reg\d+|metadata|tunnelId|ethType|vlanTci|ipv6FlowLabel|pktMark|dpHash|recircId|ctZone|ctMark|ctLabel|tunGbpFlags|tunErspanIdx|tunErspanHwid|tunGtpuFlags|tunMetadata\d+|nshFlags|nshSpi|nshC\d)$/.test(
      name,
    ),
  ),
);

export interface FieldText {
  /** What set_field and learn print. */
  name: string;
  /** What move, load and the like print: NXM's name where there is one. */
  header: string;
  notation: Notation;
  /** The bits that `[]` means. */
  bits: number;
}

/** `ipv6NdTarget` → `IPV6_ND_TARGET` */
function upper(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function headerName(name: FieldName, { oxmClass, experimenter }: OxmHeader): string {
  const plain = OXM_NAMES[name] ?? upper(name);
  if (oxmClass === 0) return `NXM_OF_${NXM_NAMES[name] ?? upper(name)}`;
  if (oxmClass === 1) return `NXM_NX_${NXM_NAMES[name] ?? upper(name)}`;
  if (oxmClass === 0x8001) return `OXM_OF_PKT_${upper(name.slice(1))}`;
  if (oxmClass === 0x1000) return `ERICOXM_OF_${plain}`;
  if (experimenter === ONF) return `ONFOXM_ET_${plain}`;
  if (experimenter === NSH) return `NXOXM_${plain}`;
  if (experimenter !== undefined) return `NXOXM_ET_${plain.replace(/^TUN_/, '')}`;
  return `OXM_OF_${plain}`;
}

const TEXTS = new Map<FieldName, FieldText>();
const BY_WORD = new Map<string, FieldName>();

function known(word: string, name: FieldName): void {
  if (!BY_WORD.has(word)) BY_WORD.set(word, name);
}

for (const field of FIELD_NAMES) {
  const { header, nxm, ovs, bits } = fieldRow(field);
  const names = NAMES[field] ?? [ovs];
  TEXTS.set(field, {
    name: names[0]!,
    header: headerName(field, nxm ?? header),
    notation: NOTATIONS[field] ?? (HEX.has(field) ? 'hex' : 'decimal'),
    // Bit 12, which says that there is a tag, is not counted.
    bits: field === 'vlanVid' ? 12 : bits,
  });
  for (const word of names) known(word, field);
  known(headerName(field, header), field);
  if (nxm !== undefined) known(headerName(field, nxm), field);
}

export function fieldText(name: FieldName): FieldText {
  return TEXTS.get(name)!;
}

/** The field of that name, be it its own, an older one, or a header's. */
export function fieldNamed(word: string): FieldName | undefined {
  return BY_WORD.get(word);
}

export function fieldWords(): Iterable<string> {
  return BY_WORD.keys();
}
