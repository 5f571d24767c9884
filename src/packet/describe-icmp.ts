/** Messages of ICMP, ICMPv6, neighbour discovery and IGMP in words (RFC 792, 4443, 4861, 2236). */

import { ICMP_TYPE, type IcmpHeader } from './icmp.ts';
import { UNREACHABLE } from './icmp-error.ts';
import { ICMPV6_TYPE, type Icmpv6Header } from './icmpv6.ts';
import { IGMP_TYPE, type IgmpHeader } from './igmp.ts';
import { linkLayerOf, ND_OPTION, ND_TYPE, type NeighborDiscovery } from './neighbor-discovery.ts';

const ICMP_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMP_TYPE.echoReply, 'echo reply'],
  [ICMP_TYPE.sourceQuench, 'source quench'],
  [ICMP_TYPE.redirect, 'redirect'],
  [ICMP_TYPE.echoRequest, 'echo request'],
  [9, 'router advertisement'],
  [10, 'router solicitation'],
  [ICMP_TYPE.timeExceeded, 'time exceeded'],
  [ICMP_TYPE.parameterProblem, 'parameter problem'],
  [13, 'timestamp request'],
  [14, 'timestamp reply'],
]);
const UNREACHABLE_NAMES: ReadonlyMap<number, string> = new Map([
  [UNREACHABLE.network, 'network unreachable'],
  [UNREACHABLE.host, 'host unreachable'],
  [UNREACHABLE.protocol, 'protocol unreachable'],
  [UNREACHABLE.port, 'port unreachable'],
  [UNREACHABLE.fragmentationNeeded, 'fragmentation needed'],
  [UNREACHABLE.prohibited, 'prohibited'],
]);
const ICMPV6_NAMES: ReadonlyMap<number, string> = new Map([
  [ICMPV6_TYPE.packetTooBig, 'packet too big'],
  [ICMPV6_TYPE.timeExceeded, 'time exceeded'],
  [ICMPV6_TYPE.parameterProblem, 'parameter problem'],
  [ICMPV6_TYPE.echoRequest, 'echo request'],
  [ICMPV6_TYPE.echoReply, 'echo reply'],
  [130, 'multicast listener query'],
  [131, 'multicast listener report'],
  [132, 'multicast listener done'],
  [ND_TYPE.routerSolicitation, 'router solicitation'],
  [ND_TYPE.routerAdvertisement, 'router advertisement'],
  [ND_TYPE.neighborSolicitation, 'neighbour solicitation'],
  [ND_TYPE.neighborAdvertisement, 'neighbour advertisement'],
  [ND_TYPE.redirect, 'redirect'],
  [143, 'multicast listener report'],
]);
const UNREACHABLE_V6_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'no route'],
  [1, 'prohibited'],
  [3, 'address unreachable'],
  [4, 'port unreachable'],
]);
const IGMP_NAMES: ReadonlyMap<number, string> = new Map([
  [IGMP_TYPE.query, 'query'],
  [IGMP_TYPE.reportV1, 'report'],
  [IGMP_TYPE.reportV2, 'report'],
  [IGMP_TYPE.leave, 'leave'],
]);

export function describeIcmp(icmp: IcmpHeader): string {
  const { type, code, rest } = icmp;
  if (type === ICMP_TYPE.unreachable) {
    const name = UNREACHABLE_NAMES.get(code) ?? `unreachable code ${code}`;
    return code === UNREACHABLE.fragmentationNeeded ? `${name} mtu ${rest & 0xffff}` : name;
  }
  return `${ICMP_NAMES.get(type) ?? `type ${type} code ${code}`}${echoText(icmp)}`;
}

function echoText({ identifier, sequence }: Pick<IcmpHeader, 'identifier' | 'sequence'>): string {
  return identifier === undefined ? '' : ` id ${identifier} seq ${sequence}`;
}

export function describeIcmpv6(icmpv6: Icmpv6Header): string {
  const { type, code, rest, nd } = icmpv6;
  if (type === ICMPV6_TYPE.unreachable) return UNREACHABLE_V6_NAMES.get(code) ?? `unreachable code ${code}`;
  const name = ICMPV6_NAMES.get(type) ?? `type ${type} code ${code}`;
  if (type === ICMPV6_TYPE.packetTooBig) return `${name} mtu ${rest}`;
  return `${name}${echoText(icmpv6)}${nd === undefined ? '' : discoveryText(type, nd)}`;
}

function discoveryText(type: number, nd: NeighborDiscovery): string {
  if (type === ND_TYPE.neighborSolicitation) return ` who-has ${nd.target}`;
  if (type === ND_TYPE.neighborAdvertisement) {
    const mac = linkLayerOf(nd, ND_OPTION.targetLinkLayer);
    return ` ${nd.target}${mac === undefined ? '' : ` is-at ${mac}`}`;
  }
  return type === ND_TYPE.redirect ? ` ${nd.destination} by ${nd.target}` : '';
}

export function describeIgmp({ type, group }: IgmpHeader): string {
  if (type === IGMP_TYPE.reportV3) return 'report v3';
  return `${IGMP_NAMES.get(type) ?? `type ${type}`} ${group}`;
}
