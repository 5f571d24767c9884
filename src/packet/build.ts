/** A packet's bytes from its layers, the innermost first; what is not given follows from the other layers. */

import { ARP_REQUEST, buildArpMessage } from './arp.ts';
import { joined } from './bytes.ts';
import { beginsWithEthernet, contradiction } from './contradiction.ts';
import { buildDhcp, DHCP_OPERATION, DHCP_PORT } from './dhcp.ts';
import { buildDns, DNS_PORT } from './dns.ts';
import { BROADCAST_MAC, buildEthernet, ETHER_TYPE } from './ethernet.ts';
import { buildGeneve, GENEVE_PORT } from './geneve.ts';
import { buildGre } from './gre.ts';
import { buildIcmp } from './icmp.ts';
import { buildIcmpv6 } from './icmpv6.ts';
import { buildIgmp } from './igmp.ts';
import { buildIpv4, IP_PROTOCOL } from './ipv4.ts';
import { buildIpv6, finalDestination } from './ipv6.ts';
import type { PacketLayers } from './layers.ts';
import { buildLlc } from './llc.ts';
import { buildLldp, LLDP_NEAREST_BRIDGE } from './lldp.ts';
import { buildMpls } from './mpls.ts';
import { buildSctp } from './sctp.ts';
import { buildTcp } from './tcp.ts';
import { buildUdp } from './udp.ts';
import { buildVxlan, VXLAN_PORT } from './vxlan.ts';

const NO_MAC = '00:00:00:00:00:00';
/** Of payloads of which no layer says what they are: for experiments (IEEE 802, RFC 3692). */
const EXPERIMENTAL_ETHER_TYPE = 0x88b5;
const EXPERIMENTAL_PROTOCOL = 253;
/** The first of the ports that are nobody's (RFC 6335). */
const DYNAMIC_PORT = 49_152;
const DEFAULT_TTL = 64;
/** Neighbour discovery is heard only if no router passed it on (RFC 4861 7.1). */
const DISCOVERY_HOP_LIMIT = 255;

/**
 * An Ethernet frame without FCS and padding. EtherTypes, protocols, lengths and checksums are as they must be, TTLs 64, ids 0, MAC
 * addresses zeros or, of ARP and LLDP, what is usual; a field that is given wins, be it wrong.
 *
 * Throws a TypeError for layers that contradict each other or lack one below, a RangeError for what has no room.
 */
export function buildPacket(layers: PacketLayers): Uint8Array {
  return bytesOf(layers, true);
}

/** `frame`: from Ethernet on. */
function bytesOf(layers: PacketLayers, frame: boolean): Uint8Array {
  const problem = contradiction(layers);
  if (problem !== undefined) throw new TypeError(problem);
  const network = networkBytes(layers, transportBytes(layers, applicationBytes(layers, contentOf(layers))));
  const packet = layers.mpls === undefined ? network : buildMpls(layers.mpls, network);
  const { trailer = new Uint8Array(0) } = layers;
  return frame ? joined(frameBytes(layers, packet), trailer) : joined(packet, trailer);
}

function contentOf({ inner, quoted, payload, vxlan, gre, geneve }: PacketLayers): Uint8Array {
  if (quoted !== undefined) return bytesOf(quoted, false);
  if (inner === undefined) return payload ?? new Uint8Array(0);
  const bridged = (gre ?? geneve)?.protocol === ETHER_TYPE.transparentBridging;
  return bytesOf(inner, vxlan !== undefined || bridged || beginsWithEthernet(inner));
}

function applicationBytes({ dhcp, dns, vxlan, geneve, inner }: PacketLayers, content: Uint8Array): Uint8Array {
  if (dhcp !== undefined) return buildDhcp(dhcp, content);
  if (dns !== undefined) return buildDns(dns, content);
  if (vxlan !== undefined) return buildVxlan(vxlan, content);
  if (geneve === undefined) return content;
  return buildGeneve({ ...geneve, protocol: geneve.protocol ?? carriedType(inner) }, content);
}

function transportBytes(layers: PacketLayers, content: Uint8Array): Uint8Array {
  const { icmp, icmpv6, igmp, tcp, sctp, gre, inner } = layers;
  const { src, dst } = checksumAddresses(layers);
  if (icmp !== undefined) return buildIcmp(icmp, content);
  if (icmpv6 !== undefined) return buildIcmpv6({ ...icmpv6, src, dst }, content);
  if (igmp !== undefined) return buildIgmp(igmp, content);
  if (tcp !== undefined) return buildTcp({ ...tcp, src, dst }, content);
  if (sctp !== undefined) return buildSctp(sctp, content);
  if (gre !== undefined) return buildGre({ ...gre, protocol: gre.protocol ?? carriedType(inner) }, content);
  const udp = isUdp(layers) ? { ...layers.udp, ...portsOf(layers) } : undefined;
  return udp === undefined ? content : buildUdp({ ...udp, src, dst }, content);
}

function checksumAddresses({ ipv4, ipv6 }: PacketLayers): { src: string; dst: string } {
  if (ipv4 !== undefined) return { src: ipv4.src, dst: ipv4.dst };
  return ipv6 === undefined ? { src: '::', dst: '::' } : { src: ipv6.src, dst: finalDestination(ipv6) };
}

/** What goes over UDP does so unasked. */
function isUdp({ udp, dhcp, dns, vxlan, geneve }: PacketLayers): boolean {
  return (udp ?? dhcp ?? dns ?? vxlan ?? geneve) !== undefined;
}

function portsOf({ udp, dhcp, dns, vxlan, geneve }: PacketLayers): { srcPort: number; dstPort: number } {
  let usual: [src: number, dst: number] | undefined;
  if (vxlan !== undefined) usual = [DYNAMIC_PORT, VXLAN_PORT];
  else if (geneve !== undefined) usual = [DYNAMIC_PORT, GENEVE_PORT];
  else if (dns !== undefined) usual = dns.response === true ? [DNS_PORT, DYNAMIC_PORT] : [DYNAMIC_PORT, DNS_PORT];
  else if (dhcp?.operation === DHCP_OPERATION.reply) usual = [DHCP_PORT.server, DHCP_PORT.client];
  else if (dhcp !== undefined) usual = [DHCP_PORT.client, DHCP_PORT.server];
  const [srcPort, dstPort] = [udp?.srcPort ?? usual?.[0], udp?.dstPort ?? usual?.[1]];
  if (srcPort !== undefined && dstPort !== undefined) return { srcPort, dstPort };
  throw new TypeError('`udp` wants `srcPort` and `dstPort` where no layer above it has usual ones');
}

function networkBytes(layers: PacketLayers, content: Uint8Array): Uint8Array {
  const { arp, lldp, ipv4, ipv6, igmp, icmpv6 } = layers;
  if (arp !== undefined) return buildArpMessage({ ...arp, targetMac: arp.targetMac ?? NO_MAC });
  if (lldp !== undefined) return buildLldp(lldp);
  if (ipv4 !== undefined) {
    // Groups are of the link's (RFC 2236 2).
    const ttl = ipv4.ttl ?? (igmp === undefined ? DEFAULT_TTL : 1);
    return buildIpv4({ ...ipv4, ttl, protocol: ipv4.protocol ?? protocolOf(layers) }, content);
  }
  if (ipv6 === undefined) return content;
  const hopLimit = ipv6.hopLimit ?? (icmpv6?.nd === undefined ? DEFAULT_TTL : DISCOVERY_HOP_LIMIT);
  return buildIpv6({ ...ipv6, hopLimit, protocol: ipv6.protocol ?? protocolOf(layers) }, content);
}

function protocolOf(layers: PacketLayers): number {
  if (isUdp(layers)) return IP_PROTOCOL.udp;
  for (const name of ['icmp', 'icmpv6', 'igmp', 'tcp', 'sctp', 'gre'] as const) {
    if (layers[name] !== undefined) return IP_PROTOCOL[name];
  }
  if (layers.inner !== undefined) return layers.inner.ipv4 === undefined ? IP_PROTOCOL.ipv6 : IP_PROTOCOL.ipv4;
  return EXPERIMENTAL_PROTOCOL;
}

/** By which a tunnel names what it carries. */
function carriedType(inner: PacketLayers | undefined): number {
  if (inner === undefined) return EXPERIMENTAL_ETHER_TYPE;
  return beginsWithEthernet(inner) ? ETHER_TYPE.transparentBridging : etherTypeOf(inner);
}

function etherTypeOf(layers: PacketLayers): number {
  if (layers.mpls !== undefined) return ETHER_TYPE.mpls;
  for (const name of ['arp', 'lldp', 'ipv4', 'ipv6'] as const) if (layers[name] !== undefined) return ETHER_TYPE[name];
  return EXPERIMENTAL_ETHER_TYPE;
}

function frameBytes(layers: PacketLayers, packet: Uint8Array): Uint8Array {
  const { eth, vlans, llc, arp, lldp } = layers;
  const body = llc === undefined ? packet : buildLlc(llc, packet);
  const asked = arp?.operation === ARP_REQUEST ? BROADCAST_MAC : arp?.targetMac;
  const dst = eth?.dst ?? (lldp === undefined ? (asked ?? NO_MAC) : LLDP_NEAREST_BRIDGE);
  const src = eth?.src ?? arp?.senderMac ?? NO_MAC;
  const ethType = eth?.ethType ?? (llc === undefined ? etherTypeOf(layers) : body.length);
  return buildEthernet({ dst, src, vlans: vlans ?? [], ethType }, body);
}
