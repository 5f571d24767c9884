/** What netfilter's NAT makes of a new connection: the first rule that applies decides, of destinations and of sources. */

import { holds } from './address.ts';
import { type Choice, interfaceOf, type NatRule, type Network, type Packet, type Ports, towards } from './network.ts';

/** Of `masquerade` and `snat` where the file says nothing. */
const USUAL: Ports = [1024, 65_535];

export interface Translated {
  rule: NatRule;
  /** What the packet was sent to. */
  public: string;
}

export const tellNat = (rule: NatRule) => `nat ${JSON.stringify(rule)}`;

export function translateDestination(
  network: Network,
  packet: Packet,
  met: (what: string) => void,
): { packet: Packet; rule: Translated | undefined } {
  for (const rule of network.nat) {
    const dst = destinationOf(rule, packet);
    if (dst === undefined) continue;
    met(`${tellNat(rule)} in`);
    return { packet: { ...packet, ...dst }, rule: { rule, public: packet.dst } };
  }
  return { packet, rule: undefined };
}

function destinationOf(rule: NatRule, packet: Packet): Pick<Packet, 'dst' | 'dstPort'> | undefined {
  if (rule.kind === 'oneToOne') {
    const dst = rule.inside[rule.outside.indexOf(packet.dst)];
    return dst === undefined ? undefined : { dst, dstPort: packet.dstPort };
  }
  if (rule.kind !== 'forward' || rule.address !== packet.dst || rule.protocol !== packet.protocol) return undefined;
  if (rule.from !== undefined && !holds(rule.from, packet.src)) return undefined;
  const [first, last] = rule.ports;
  if (packet.dstPort < first || packet.dstPort > last) return undefined;
  const dstPort = rule.toPort === undefined ? packet.dstPort : rule.toPort + packet.dstPort - first;
  return { dst: rule.toAddress, dstPort };
}

export interface Way {
  /** Names of interfaces. */
  arrival: string;
  out: string;
  translated: Translated | undefined;
}

/** undefined: it stays as it is. */
export function translateSource(
  network: Network,
  packet: Packet,
  { arrival, out, translated }: Way,
  met: (what: string) => void,
): Choice | undefined {
  const only = (address: string): Choice => ({ addresses: [address, address], ports: undefined });
  // Hairpin: who reaches its own segment by a public address gets its answers by the router, too; one with an address of its
  // own there comes from that.
  if (translated !== undefined && arrival === out) {
    met('hairpin');
    for (const rule of network.nat) {
      if (towardsName(network, packet.src) !== arrival) break;
      const own = rule.kind === 'oneToOne' ? rule.outside[rule.inside.indexOf(packet.src)] : undefined;
      if (own !== undefined) return only(own);
    }
    return only(translated.public);
  }
  for (const rule of network.nat) {
    if (rule.kind === 'forward') continue;
    if (rule.kind === 'oneToOne') {
      const outside = rule.outside[rule.inside.indexOf(packet.src)];
      if (outside === undefined || towardsName(network, outside) !== out) continue;
      met(`${tellNat(rule)} out`);
      return only(outside);
    }
    if (rule.out !== out || !holds(rule.from, packet.src)) continue;
    if (rule.kind === 'exempt' && rule.to !== undefined && !holds(rule.to, packet.dst)) continue;
    met(tellNat(rule));
    if (rule.kind === 'exempt') return undefined;
    const primary = interfaceOf(network, out).own[0]!;
    const addresses: Choice['addresses'] = rule.kind === 'snat' ? rule.to : [primary, primary];
    return { addresses, ports: rule.ports ?? USUAL };
  }
  return undefined;
}

/** The interface that packets for the address leave by. */
export function towardsName(network: Network, address: string): string | undefined {
  const way = towards(network, address);
  return way !== undefined && 'out' in way ? way.out.name : undefined;
}
