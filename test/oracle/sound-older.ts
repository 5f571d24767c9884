// Arbitrary actions of OpenFlow 1.1's that Open vSwitch still accepts over 1.4, and their text.
import fc from 'fast-check';
import { ipv4, mac, u16 } from '../property/arbitrary.ts';
import { type ActionKind, ANY, IP, kind, type Setting } from './action-kind.ts';

const upTo = (max: number) => fc.integer({ min: 0, max });

/** One field, one value. */
function older<T>(
  type: string,
  field: string,
  settings: readonly Setting[],
  value: fc.Arbitrary<T>,
  text: (value: T) => string,
) {
  return kind(settings, value, (each) => ({ type, [field]: each }), text);
}

const V4: readonly Setting[] = ['tcp', 'udp', 'icmp', 'tracked'];
const PORTS: readonly Setting[] = ['tcp', 'tcp6', 'udp'];

export const OLDER_KINDS: Readonly<Record<string, readonly ActionKind[]>> = {
  setVlanVid: [older('setVlanVid', 'vlanVid', ['vlan'], upTo(0xfff), (vid) => `set_vlan_vid:${vid}`)],
  setVlanPcp: [older('setVlanPcp', 'vlanPcp', ['vlan'], upTo(7), (pcp) => `set_vlan_pcp:${pcp}`)],
  setDlSrc: [older('setDlSrc', 'dlAddr', ANY, mac, (address) => `mod_dl_src:${address}`)],
  setDlDst: [older('setDlDst', 'dlAddr', ANY, mac, (address) => `mod_dl_dst:${address}`)],
  setNwSrc: [older('setNwSrc', 'nwAddr', V4, ipv4, (address) => `mod_nw_src:${address}`)],
  setNwDst: [older('setNwDst', 'nwAddr', V4, ipv4, (address) => `mod_nw_dst:${address}`)],
  setNwTos: [
    older(
      'setNwTos',
      'nwTos',
      IP,
      upTo(63).map((dscp) => dscp << 2),
      (tos) => `mod_nw_tos:${tos}`,
    ),
  ],
  setNwEcn: [older('setNwEcn', 'nwEcn', IP, upTo(3), (ecn) => `mod_nw_ecn:${ecn}`)],
  setTpSrc: [older('setTpSrc', 'tpPort', PORTS, u16, (port) => `mod_tp_src:${port}`)],
  setTpDst: [older('setTpDst', 'tpPort', PORTS, u16, (port) => `mod_tp_dst:${port}`)],
  setMplsLabel: [older('setMplsLabel', 'mplsLabel', ['mpls'], upTo(0xfffff), (label) => `set_mpls_label(${label})`)],
  setMplsTc: [older('setMplsTc', 'mplsTc', ['mpls'], upTo(7), (tc) => `set_mpls_tc(${tc})`)],
};
