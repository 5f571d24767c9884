/**
 * The stages in which a frame is dissected: link, labels, network, transport, application. Each reads the headers of its own,
 * from where the one before ended, and says what follows and where.
 */

import { ARP_LENGTH, type Arp, parseArp } from './arp.ts';
import { DHCP_PORT, type Dhcp, parseDhcp } from './dhcp.ts';
import { DNS_PORT, type Dns, MULTICAST_DNS_PORT, parseDns } from './dns.ts';
import { ETHER_TYPE, LEAST_ETHER_TYPE, parseVlans, type VlanTag } from './ethernet.ts';
import { GENEVE_PORT, type Geneve, parseGeneve } from './geneve.ts';
import { type Gre, parseGre } from './gre.ts';
import { ICMP_ERRORS, type ParsedIcmp, parseIcmp } from './icmp.ts';
import { ICMPV6_ERRORS, type Icmpv6, parseIcmpv6 } from './icmpv6.ts';
import { type Igmp, parseIgmp } from './igmp.ts';
import { IP_PROTOCOL, type Ipv4, parseIpv4 } from './ipv4.ts';
import { type Ipv6, isLaterFragment, parseIpv6 } from './ipv6.ts';
import { type Llc, parseLlc } from './llc.ts';
import { type Lldp, parseLldpUnit } from './lldp.ts';
import { type MplsLabel, parseMpls } from './mpls.ts';
import { parseSctp, type Sctp } from './sctp.ts';
import { parseTcp, type Tcp } from './tcp.ts';
import { parseUdp, type Udp } from './udp.ts';
import { parseVxlan, VXLAN_PORT, type Vxlan } from './vxlan.ts';

/** Where the next header begins, and where what it belongs to ends. */
interface Stage {
  at: number;
  end: number;
}

export interface LinkStage extends Stage {
  vlans: VlanTag[];
  llc?: Llc;
  /** As the frame has it; of 802.3 a length. */
  ethType: number;
  /** An EtherType; undefined where it is not told. */
  next: number | undefined;
}

export interface LabelStage extends Stage {
  mpls: MplsLabel[];
  next: number | undefined;
}

export interface NetworkStage extends Stage {
  arp?: Arp;
  ipv4?: Ipv4;
  ipv6?: Ipv6;
  lldp?: Lldp;
  /** A protocol of IP; undefined where there is none, and in later fragments. */
  next: number | undefined;
}

export interface TransportStage extends Stage {
  icmp?: ParsedIcmp;
  icmpv6?: Icmpv6;
  igmp?: Igmp;
  tcp?: Tcp;
  udp?: Udp;
  sctp?: Sctp;
  gre?: Gre;
  /** A packet within IP. */
  carried?: Carried;
}

/** A packet in this one: as what of it, and its EtherType where it does not begin with Ethernet. */
export interface Carried {
  as: 'inner' | 'quoted';
  ethType: number | undefined;
}

export interface ApplicationStage extends Stage {
  dhcp?: Dhcp;
  dns?: Dns;
  vxlan?: Vxlan;
  geneve?: Geneve;
  carried?: Carried | undefined;
}

const ETHERNET_LENGTH = 14;
const FRAME: Carried = { as: 'inner', ethType: undefined };
const IPV4: Carried = { as: 'inner', ethType: ETHER_TYPE.ipv4 };
const IPV6: Carried = { as: 'inner', ethType: ETHER_TYPE.ipv6 };
const QUOTED_IPV4: Carried = { as: 'quoted', ethType: ETHER_TYPE.ipv4 };
const QUOTED_IPV6: Carried = { as: 'quoted', ethType: ETHER_TYPE.ipv6 };

export function linkStage(frame: Uint8Array): LinkStage {
  const { length } = frame;
  const found = length < ETHERNET_LENGTH ? undefined : parseVlans(frame);
  if (found === undefined) return { vlans: [], ethType: 0, next: undefined, at: 0, end: length };
  const { vlans, ethType, payloadOffset: at } = found;
  if (ethType >= LEAST_ETHER_TYPE) return { vlans, ethType, next: ethType, at, end: length };
  const end = Math.min(length, at + ethType);
  const llc = parseLlc(frame, at, end);
  if (llc === undefined) return { vlans, ethType, next: undefined, at, end };
  const next = llc.snap?.oui === 0 ? llc.snap.protocol : undefined;
  return { vlans, llc, ethType, next, at: llc.payloadOffset, end };
}

export function labelStage(frame: Uint8Array, { next, at, end }: Pick<LinkStage, 'next' | 'at' | 'end'>): LabelStage {
  const labelled = next === ETHER_TYPE.mpls || next === ETHER_TYPE.mplsMulticast;
  const mpls = labelled ? parseMpls(frame, at, end) : undefined;
  if (mpls === undefined) return { mpls: [], next: labelled ? undefined : next, at, end };
  const after = at + 4 * mpls.length;
  const bottom = mpls.at(-1)!.bottomOfStack;
  return { mpls, next: bottom && after < end ? unlabelled(frame[after]!) : undefined, at: after, end };
}

/** What a stack carries is not told; IP is known by its version (RFC 4928 3). */
function unlabelled(first: number): number | undefined {
  const version = first >>> 4;
  return version === 4 ? ETHER_TYPE.ipv4 : version === 6 ? ETHER_TYPE.ipv6 : undefined;
}

export function networkStage(frame: Uint8Array, { next, at, end }: LabelStage): NetworkStage {
  switch (next) {
    case ETHER_TYPE.ipv4: {
      const ipv4 = parseIpv4(frame, at, end);
      if (ipv4 === undefined) break;
      const { payloadOffset, payloadEnd, protocol, fragmentOffset } = ipv4;
      return { ipv4, next: fragmentOffset === 0 ? protocol : undefined, at: payloadOffset, end: payloadEnd };
    }
    case ETHER_TYPE.ipv6: {
      const ipv6 = parseIpv6(frame, at, end);
      if (ipv6 === undefined) break;
      const { payloadOffset, payloadEnd, protocol, extensions } = ipv6;
      return { ipv6, next: isLaterFragment(extensions) ? undefined : protocol, at: payloadOffset, end: payloadEnd };
    }
    case ETHER_TYPE.arp: {
      const arp = parseArp(frame, at, end);
      return arp === undefined ? rest(at, end) : { arp, ...rest(at + ARP_LENGTH, at + ARP_LENGTH) };
    }
    case ETHER_TYPE.lldp: {
      const unit = parseLldpUnit(frame, at, end);
      return unit === undefined ? rest(at, end) : { lldp: unit.lldp, ...rest(unit.end, unit.end) };
    }
  }
  return rest(at, end);
}

function rest(at: number, end: number): Stage & { next: undefined } {
  return { next: undefined, at, end };
}

export function transportStage(frame: Uint8Array, network: NetworkStage): TransportStage {
  const { next, at, end } = network;
  switch (next) {
    case IP_PROTOCOL.tcp: {
      const tcp = parseTcp(frame, at, end);
      return tcp === undefined ? { at, end } : { tcp, at: tcp.payloadOffset, end };
    }
    case IP_PROTOCOL.udp: {
      const udp = parseUdp(frame, at, end);
      return udp === undefined ? { at, end } : { udp, at: udp.payloadOffset, end: Math.min(end, at + udp.length) };
    }
    case IP_PROTOCOL.sctp: {
      const sctp = parseSctp(frame, at, end);
      return sctp === undefined ? { at, end } : { sctp, at: sctp.payloadOffset, end };
    }
    case IP_PROTOCOL.gre: {
      const gre = parseGre(frame, at, end);
      return gre === undefined ? { at, end } : { gre, at: gre.payloadOffset, end };
    }
    case IP_PROTOCOL.ipv4:
      return { carried: IPV4, at, end };
    case IP_PROTOCOL.ipv6:
      return { carried: IPV6, at, end };
    default:
      return controlMessage(frame, network);
  }
}

/** ICMP and IGMP go with one version of IP each. */
function controlMessage(frame: Uint8Array, { ipv4, ipv6, next, at, end }: NetworkStage): TransportStage {
  if (next === IP_PROTOCOL.icmp && ipv4 !== undefined) {
    const icmp = parseIcmp(frame, at, end);
    if (icmp !== undefined) return { icmp, at: icmp.payloadOffset, end };
  }
  if (next === IP_PROTOCOL.igmp && ipv4 !== undefined) {
    const igmp = parseIgmp(frame, at, end);
    if (igmp !== undefined) return { igmp, at: igmp.payloadOffset, end };
  }
  if (next === IP_PROTOCOL.icmpv6 && ipv6 !== undefined) {
    const icmpv6 = parseIcmpv6(frame, at, end);
    if (icmpv6 !== undefined) return { icmpv6, at: icmpv6.payloadOffset, end };
  }
  return { at, end };
}

export function applicationStage(frame: Uint8Array, transport: TransportStage): ApplicationStage {
  const { udp, gre, icmp, icmpv6, at, end } = transport;
  if (udp !== undefined) return overUdp(frame, udp, at, end);
  let carried = transport.carried;
  if (gre !== undefined) carried = tunnelled(gre.protocol, end - at);
  else if (icmp !== undefined && ICMP_ERRORS.has(icmp.type)) carried = QUOTED_IPV4;
  else if (icmpv6 !== undefined && ICMPV6_ERRORS.has(icmpv6.type)) carried = QUOTED_IPV6;
  return { carried: end > at ? carried : undefined, at, end };
}

/** What GRE and Geneve name by its EtherType. */
function tunnelled(ethType: number, length: number): Carried | undefined {
  switch (ethType) {
    case ETHER_TYPE.transparentBridging:
      return length < ETHERNET_LENGTH ? undefined : FRAME;
    case ETHER_TYPE.ipv4:
      return IPV4;
    case ETHER_TYPE.ipv6:
      return IPV6;
    case ETHER_TYPE.arp:
    case ETHER_TYPE.mpls:
    case ETHER_TYPE.mplsMulticast:
      return { as: 'inner', ethType };
    default:
      return undefined;
  }
}

function overUdp(frame: Uint8Array, { srcPort, dstPort }: Udp, at: number, end: number): ApplicationStage {
  const either = (port: number) => srcPort === port || dstPort === port;
  if (dstPort === VXLAN_PORT) {
    const vxlan = parseVxlan(frame, at, end);
    if (vxlan === undefined) return { at, end };
    return {
      vxlan,
      carried: end - vxlan.payloadOffset < ETHERNET_LENGTH ? undefined : FRAME,
      at: vxlan.payloadOffset,
      end,
    };
  }
  if (dstPort === GENEVE_PORT) {
    const geneve = parseGeneve(frame, at, end);
    if (geneve === undefined) return { at, end };
    const { protocol, payloadOffset } = geneve;
    const carried = end > payloadOffset ? tunnelled(protocol, end - payloadOffset) : undefined;
    return { geneve, carried, at: payloadOffset, end };
  }
  if (either(DHCP_PORT.server) || either(DHCP_PORT.client)) {
    const dhcp = parseDhcp(frame, at, end);
    if (dhcp !== undefined) return { dhcp, at: dhcp.payloadOffset, end };
  }
  if (either(DNS_PORT) || either(MULTICAST_DNS_PORT)) {
    const dns = parseDns(frame, at, end);
    if (dns !== undefined) return { dns, at: dns.payloadOffset, end };
  }
  return { at, end };
}
