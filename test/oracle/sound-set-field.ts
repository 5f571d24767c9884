// OFPAT_SET_FIELD of every field that Open vSwitch lets one set, in flows that match such packets.
import fc from 'fast-check';
import type { FieldName } from '../../proto/openflow/oxm-fields.ts';
import { ipv4, ipv6, mac, u8, u16, u32, u64 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, IP, kind, type Setting } from './action-kind.ts';
import { below } from './sound-run.ts';

function setFieldKind(settings: readonly Setting[], field: FieldName, value: fc.Arbitrary<unknown>, ovs: string) {
  return kind(
    settings,
    value,
    (each) => ({ type: 'setField', field, value: each }),
    (each) => `set_field:${String(each)}->${ovs}`,
  );
}

const number = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
export const hex = (bits: number) => below(bits).map((value) => `0x${value.toString(16)}`);

export const SET_FIELDS: readonly ActionKind[] = [
  setFieldKind(ANY, 'ethSrc', mac, 'eth_src'),
  setFieldKind(ANY, 'ethDst', mac, 'eth_dst'),
  setFieldKind(
    ['vlan'],
    'vlanVid',
    number(12).map((vid) => vid | 0x1000),
    'vlan_vid',
  ),
  setFieldKind(['vlan'], 'vlanPcp', number(3), 'vlan_pcp'),
  setFieldKind(['tcp', 'icmp', 'tracked'], 'ipv4Src', ipv4, 'ip_src'),
  setFieldKind(['tcp', 'icmp', 'tracked'], 'ipv4Dst', ipv4, 'ip_dst'),
  setFieldKind(['tcp6', 'solicitation'], 'ipv6Src', ipv6, 'ipv6_src'),
  setFieldKind(['tcp6', 'solicitation'], 'ipv6Dst', ipv6, 'ipv6_dst'),
  setFieldKind(['tcp6', 'solicitation'], 'ipv6FlowLabel', number(20), 'ipv6_label'),
  setFieldKind(IP, 'ipDscp', number(6), 'ip_dscp'),
  setFieldKind(IP, 'ipEcn', number(2), 'nw_ecn'),
  setFieldKind(IP, 'ipTtl', u8, 'nw_ttl'),
  setFieldKind(['tcp', 'tcp6'], 'tcpSrc', u16, 'tcp_src'),
  setFieldKind(['tcp', 'tcp6'], 'tcpDst', u16, 'tcp_dst'),
  setFieldKind(['udp'], 'udpSrc', u16, 'udp_src'),
  setFieldKind(['udp'], 'udpDst', u16, 'udp_dst'),
  setFieldKind(['icmp'], 'icmpv4Type', u8, 'icmp_type'),
  setFieldKind(['icmp'], 'icmpv4Code', u8, 'icmp_code'),
  setFieldKind(['solicitation'], 'ipv6NdTarget', ipv6, 'nd_target'),
  setFieldKind(['solicitation'], 'ipv6NdSll', mac, 'nd_sll'),
  setFieldKind(['arp'], 'arpOp', number(8), 'arp_op'),
  setFieldKind(['arp'], 'arpSpa', ipv4, 'arp_spa'),
  setFieldKind(['arp'], 'arpTpa', ipv4, 'arp_tpa'),
  setFieldKind(['arp'], 'arpSha', mac, 'arp_sha'),
  setFieldKind(['arp'], 'arpTha', mac, 'arp_tha'),
  setFieldKind(['mpls'], 'mplsLabel', number(20), 'mpls_label'),
  setFieldKind(['mpls'], 'mplsTc', number(3), 'mpls_tc'),
  setFieldKind(['mpls'], 'mplsTtl', u8, 'mpls_ttl'),
  setFieldKind(ANY, 'metadata', u64, 'metadata'),
  setFieldKind(ANY, 'tunnelId', u64, 'tun_id'),
  setFieldKind(ANY, 'tunIpv4Dst', ipv4, 'tun_dst'),
  setFieldKind(ANY, 'tunIpv6Dst', ipv6, 'tun_ipv6_dst'),
  setFieldKind(ANY, 'tunGbpId', u16, 'tun_gbp_id'),
  setFieldKind(ANY, 'pktMark', u32, 'pkt_mark'),
  setFieldKind(ANY, 'reg0', u32, 'reg0'),
  setFieldKind(ANY, 'reg15', u32, 'reg15'),
  setFieldKind(ANY, 'xreg5', u64, 'xreg5'),
  setFieldKind(ANY, 'xxreg2', hex(128), 'xxreg2'),
];
