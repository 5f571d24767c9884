/** A frame in one line, as a network engineer reads it. */

import { hexText } from '../../proto/wire/address.ts';
import { ARP_REPLY, ARP_REQUEST, type Arp } from './arp.ts';
import { describeDns } from './describe-dns.ts';
import { describeIcmp, describeIcmpv6, describeIgmp } from './describe-icmp.ts';
import { type Dhcp, dhcpMessageName } from './dhcp.ts';
import { dissect, type Packet } from './dissect.ts';
import { ETHER_TYPE, LEAST_ETHER_TYPE } from './ethernet.ts';
import type { Gre } from './gre.ts';
import { IP_PROTOCOL } from './ipv4.ts';
import type { Ipv6Fragment } from './ipv6-extension.ts';
import type { Lldp } from './lldp.ts';

const PARTS = ' · ';

/**
 * `vlan 5 · 10.0.0.1:1234 → 10.0.0.2:80 tcp syn`, `arp who-has 10.0.0.2 tell 10.0.0.1`; what a tunnel carries, or an error is
 * about, follows behind a `·`. MAC addresses stand where there is no network layer. Never throws.
 */
export function describePacket(frame: Uint8Array): string {
  const packet = dissect(frame);
  return packet.eth === undefined ? `${bytesText(frame.length)}, too short for Ethernet` : describe(packet);
}

function describe(packet: Packet): string {
  const { inner, quoted } = packet;
  const parts = [
    ...packet.vlans.map(({ vid }) => `vlan ${vid}`),
    ...packet.mpls.map(({ label }) => `mpls ${label}`),
    main(packet),
  ];
  if (inner !== undefined) parts.push(describe(inner));
  if (quoted !== undefined) parts.push(`about ${describe(quoted)}`);
  return parts.join(PARTS);
}

function main(packet: Packet): string {
  const { arp, lldp, ipv4, ipv6 } = packet;
  if (arp !== undefined) return describeArp(arp);
  if (lldp !== undefined) return describeLldp(lldp);
  const ip = ipv4 ?? ipv6;
  return ip === undefined ? withoutNetwork(packet) : overIp(packet, ip);
}

function describeArp({ operation, senderMac, senderAddress, targetMac, targetAddress }: Arp): string {
  if (operation === ARP_REPLY) return `arp ${senderAddress} is-at ${senderMac} to ${targetAddress} ${targetMac}`;
  if (operation !== ARP_REQUEST) return `arp operation ${operation} from ${senderAddress} to ${targetAddress}`;
  // An announcement asks for the sender's own address, a probe has none yet (RFC 5227).
  if (senderAddress === targetAddress) return `arp announcement ${senderAddress} is-at ${senderMac}`;
  return `arp who-has ${targetAddress} tell ${senderAddress} ${senderMac}`;
}

function describeLldp({ chassisId, portId, ttl }: Lldp): string {
  return `lldp chassis ${readable(chassisId.id)} port ${readable(portId.id)} ttl ${ttl}`;
}

function readable(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => byte > 0x20 && byte < 0x7f);
  return isText ? String.fromCharCode(...bytes) : `0x${hexText(bytes)}`;
}

function withoutNetwork({ eth, llc, mpls, payload }: Packet): string {
  const rest = bytesText(payload.length);
  if (eth === undefined) return rest;
  if (mpls.length > 0) return `${eth.src} → ${eth.dst} ${rest}`;
  return `${eth.src} → ${eth.dst} ${llc === undefined ? typeText(eth.ethType) : llcText(llc)} ${rest}`;
}

function typeText(ethType: number): string {
  if (ethType < LEAST_ETHER_TYPE) return '802.3';
  const [name] = Object.entries(ETHER_TYPE).find(([, value]) => value === ethType) ?? [];
  return name === undefined ? `type ${hex(ethType, 4)}` : `broken ${name}`;
}

function llcText({ dsap, ssap, snap }: NonNullable<Packet['llc']>): string {
  if (snap === undefined) return `llc ${hex(ssap, 2)} → ${hex(dsap, 2)}`;
  return `snap ${hex(snap.oui, 6)} type ${hex(snap.protocol, 4)}`;
}

function overIp(packet: Packet, { src, dst, protocol }: { src: string; dst: string; protocol: number }): string {
  const { icmp, icmpv6, igmp, tcp, udp, sctp, gre, vxlan, geneve, payload } = packet;
  const way = `${src} → ${dst}`;
  const fragment = fragmentText(packet);
  if (icmp !== undefined) return `icmp ${describeIcmp(icmp)} ${way}${fragment}`;
  if (icmpv6 !== undefined) return `icmpv6 ${describeIcmpv6(icmpv6)} ${way}${fragment}`;
  if (igmp !== undefined) return `igmp ${describeIgmp(igmp)} ${way}${fragment}`;
  if (vxlan !== undefined) return `${way} vxlan ${vxlan.vni}${fragment}`;
  if (geneve !== undefined) return `${way} geneve ${geneve.vni}${fragment}`;
  const data = payload.length === 0 ? '' : ` ${bytesText(payload.length)}`;
  if (gre !== undefined) return `${way} ${greText(gre, packet.inner)}${fragment}${data}`;
  const ports = tcp ?? udp ?? sctp;
  if (ports === undefined) return `${way} ${protocolText(protocol)}${fragment}${data}`;
  const between = `${withPort(src, ports.srcPort)} → ${withPort(dst, ports.dstPort)}`;
  if (tcp !== undefined) return `${between} tcp ${tcp.flags.join(' ') || 'no flags'}${fragment}${data}`;
  return `${between} ${udp === undefined ? 'sctp' : overUdp(packet)}${fragment}${data}`;
}

function greText({ key, protocol }: Gre, inner: Packet | undefined): string {
  return `gre${key === undefined ? '' : ` key ${key}`}${inner === undefined ? ` type ${hex(protocol, 4)}` : ''}`;
}

function overUdp({ dhcp, dns }: Packet): string {
  if (dhcp !== undefined) return `dhcp ${dhcpText(dhcp)}`;
  return dns === undefined ? 'udp' : `dns ${describeDns(dns)}`;
}

function dhcpText(dhcp: Dhcp): string {
  const address = dhcp.yourAddress === '0.0.0.0' ? '' : ` ${dhcp.yourAddress}`;
  return `${dhcpMessageName(dhcp) ?? `operation ${dhcp.operation}`}${address} for ${dhcp.clientMac}`;
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function protocolText(protocol: number): string {
  const [name] = Object.entries(IP_PROTOCOL).find(([, value]) => value === protocol) ?? [];
  return name ?? `protocol ${protocol}`;
}

function fragmentText({ ipv4, ipv6 }: Packet): string {
  if (ipv4 !== undefined) return fragmentOf(ipv4.fragmentOffset, ipv4.moreFragments, ipv4.id);
  const found = ipv6?.extensions.findLast((each): each is Ipv6Fragment => each.kind === 'fragment');
  return found === undefined ? '' : fragmentOf(found.offset, found.moreFragments, found.id);
}

function fragmentOf(offset: number, more: boolean, id: number): string {
  if (offset === 0 && !more) return '';
  return ` fragment ${id} at ${offset}${more ? '' : ', the last'}`;
}

function bytesText(length: number): string {
  return length === 1 ? '1 byte' : `${length} bytes`;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
