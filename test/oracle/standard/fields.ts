// Every field of OpenFlow 1.4 that the flows do not have (7.2.2.7).
import type { Match } from '../../../proto/openflow/match.ts';
import { type Cases, ken } from './case.ts';
import { anyFlow, kenAnyFlow } from './flows.ts';

export const fields: Cases = {};

/** By the kind of packet: fields of two can't stand in one match. */
const FIELDS: Record<string, [match: Match, ken: Record<string, unknown>]> = {
  udp: [
    { ethType: 0x0800, ipProto: 17, udpSrc: 1003, udpDst: 1004 },
    { eth_type: 0x0800, ip_proto: 17, udp_src: 1003, udp_dst: 1004 },
  ],
  sctp: [
    { ethType: 0x86dd, ipProto: 132, sctpSrc: 1005, sctpDst: 1006, ipv6Src: '2001:db8::1', ipv6FlowLabel: 0x12345 },
    { eth_type: 0x86dd, ip_proto: 132, sctp_src: 1005, sctp_dst: 1006, ipv6_src: '2001:db8::1', ipv6_flabel: 0x12345 },
  ],
  icmp: [
    { ethType: 0x0800, ipProto: 1, icmpv4Type: 3, icmpv4Code: 4 },
    { eth_type: 0x0800, ip_proto: 1, icmpv4_type: 3, icmpv4_code: 4 },
  ],
  arp: [
    {
      ethType: 0x0806,
      arpOp: 2,
      arpSpa: '192.0.2.3',
      arpTpa: { value: '192.0.2.128', mask: '255.255.255.128' },
      arpSha: '0a:00:00:00:00:31',
      arpTha: '0a:00:00:00:00:32',
    },
    {
      eth_type: 0x0806,
      arp_op: 2,
      arp_spa: '192.0.2.3',
      arp_tpa: { tuple: ['192.0.2.128', '255.255.255.128'] },
      arp_sha: '0a:00:00:00:00:31',
      arp_tha: '0a:00:00:00:00:32',
    },
  ],
  nd: [
    {
      ethType: 0x86dd,
      ipProto: 58,
      ipv6Dst: { value: '2001:db8::', mask: 'ffff:ffff::' },
      icmpv6Type: 135,
      icmpv6Code: 0,
      ipv6NdTarget: '2001:db8::2',
      ipv6NdSll: '0a:00:00:00:00:33',
    },
    {
      eth_type: 0x86dd,
      ip_proto: 58,
      ipv6_dst: { tuple: ['2001:db8::', 'ffff:ffff::'] },
      icmpv6_type: 135,
      icmpv6_code: 0,
      ipv6_nd_target: '2001:db8::2',
      ipv6_nd_sll: '0a:00:00:00:00:33',
    },
  ],
  advert: [
    { ethType: 0x86dd, ipProto: 58, icmpv6Type: 136, ipv6NdTll: '0a:00:00:00:00:34' },
    { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 136, ipv6_nd_tll: '0a:00:00:00:00:34' },
  ],
  notInOvs: [
    { inPort: 56, inPhyPort: 57, ethType: 0x86dd, ipv6Exthdr: { value: 0x101, mask: 0x1ff } },
    { in_port: 56, in_phy_port: 57, eth_type: 0x86dd, ipv6_exthdr: { tuple: [0x101, 0x1ff] } },
  ],
};
for (const [name, [match, kenMatch]] of Object.entries(FIELDS)) {
  fields[`flowModOf ${name}`] = [
    { ...anyFlow, match },
    ken('FlowMod', { ...kenAnyFlow, match: ken('Match', kenMatch), instructions: [] }),
  ];
}
