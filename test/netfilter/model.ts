/**
 * What netfilter does with packets, as its documentation tells (nft(8); the hooks' order: conntrack, DNAT, routing, filter,
 * SNAT): small, slow, and written without a look at how Flowloom does it.
 */

import {
  inPrefix,
  interfaceOf,
  isOwn,
  type NatRule,
  type Network,
  type Outcome,
  type Packet,
  type Rule,
  reversed,
  towards,
} from './network.ts';

interface Connection {
  original: Packet;
  /** As an answer looks where it comes in. */
  reply: Packet;
}

export interface Model {
  /** `arrival`: the interface's name. */
  receive(packet: Packet, arrival: string): Outcome;
  /** An ICMP error of whoever got `about`. */
  receiveError(about: Packet): Outcome;
}

export function createModel(network: Network): Model {
  const connections: Connection[] = [];

  /** The connection that a packet belongs to, and what it looks like on its way out. */
  function find(packet: Packet): Packet | undefined {
    for (const { original, reply } of connections) {
      if (same(packet, original)) return reversed(reply);
      if (same(packet, reply)) return reversed(original);
    }
    return undefined;
  }

  function receive(packet: Packet, arrival: string): Outcome {
    const known = find(packet);
    if (known !== undefined) return deliver(known);
    const { packet: forwarded, rule } = translateDestination(network, packet);
    const isLocal = isOwn(network, forwarded.dst);
    const egress = towards(network, forwarded.dst);
    if (!isLocal && egress === undefined) return { kind: 'no route' };
    const verdict = judge(network, forwarded, zoneOf(network, arrival), isLocal ? 'fw' : egress!.zone);
    if (verdict === 'drop') return { kind: 'dropped' };
    if (verdict === 'reject') return { kind: packet.protocol === 'tcp' ? 'reset' : 'port unreachable' };
    if (isLocal) return forwarded.protocol === 'icmp' ? { kind: 'pong' } : { kind: 'local' };
    const source = translateSource(network, forwarded, arrival, egress!.name, rule);
    const sent = { ...forwarded, src: source ?? forwarded.src };
    connections.push({ original: packet, reply: reversed(sent) });
    return deliver(sent);
  }

  function deliver(packet: Packet): Outcome {
    const egress = towards(network, packet.dst);
    return egress === undefined ? { kind: 'no route' } : { kind: 'delivered', at: egress.name, packet };
  }

  return {
    receive,
    receiveError(about) {
      // It quotes a packet of the connection; it goes back to who sent that, which it then quotes as that one knows it.
      const back = find(reversed(about));
      if (back === undefined) return { kind: 'dropped' };
      return { kind: 'error delivered', at: towards(network, back.dst)!.name, about: reversed(back) };
    },
  };
}

function same(a: Packet, b: Packet): boolean {
  return (
    a.protocol === b.protocol &&
    a.src === b.src &&
    a.dst === b.dst &&
    a.srcPort === b.srcPort &&
    a.dstPort === b.dstPort
  );
}

function zoneOf(network: Network, name: string): string {
  return interfaceOf(network, name).zone;
}

function translateDestination(network: Network, packet: Packet): { packet: Packet; rule: NatRule | undefined } {
  for (const rule of network.nat) {
    if (rule.kind === 'oneToOne' && rule.outside === packet.dst)
      return { packet: { ...packet, dst: rule.inside }, rule };
    if (rule.kind !== 'forward' || rule.address !== packet.dst || rule.protocol !== packet.protocol) continue;
    const [first, last] = rule.ports;
    if (packet.dstPort < first || packet.dstPort > last) continue;
    const dstPort = rule.toPort === undefined ? packet.dstPort : rule.toPort + packet.dstPort - first;
    return { packet: { ...packet, dst: rule.toAddress, dstPort }, rule };
  }
  return { packet, rule: undefined };
}

/** undefined: as it is. */
function translateSource(
  network: Network,
  packet: Packet,
  arrival: string,
  out: string,
  translated: NatRule | undefined,
): string | undefined {
  // Hairpin: who reaches its own segment by a public address gets its answers by the router, too; one with an address of its own there comes from that.
  if (translated !== undefined && arrival === out) {
    const own = network.nat.find((rule) => rule.kind === 'oneToOne' && rule.inside === packet.src);
    if (own?.kind === 'oneToOne') return own.outside;
    return translated.kind === 'forward'
      ? translated.address
      : translated.kind === 'oneToOne'
        ? translated.outside
        : undefined;
  }
  for (const rule of network.nat) {
    if (rule.kind === 'oneToOne') {
      if (rule.inside === packet.src && towards(network, rule.outside)?.name === out) return rule.outside;
    } else if (rule.kind !== 'forward' && rule.out === out && inPrefix(rule.from, packet.src)) {
      if (rule.kind === 'exempt' && rule.to !== undefined && !inPrefix(rule.to, packet.dst)) continue;
      if (rule.kind === 'exempt') return undefined;
      return rule.kind === 'snat' ? rule.to : interfaceOf(network, out).own[0];
    }
  }
  return undefined;
}

function judge({ firewall }: Network, packet: Packet, from: string, to: string): Rule['action'] {
  if (firewall === undefined) return 'accept';
  const isZone = (wanted: string, zone: string) => wanted === 'all' || wanted === zone;
  const rule = firewall.rules.find(
    (each) =>
      isZone(each.from.zone, from) &&
      isZone(each.to.zone, to) &&
      (each.from.prefix === undefined || inPrefix(each.from.prefix, packet.src)) &&
      (each.to.prefix === undefined || inPrefix(each.to.prefix, packet.dst)) &&
      isService(each.service, packet),
  );
  if (rule !== undefined) return rule.action;
  return firewall.policy.find((each) => isZone(each.from, from) && isZone(each.to, to))?.action ?? 'drop';
}

function isService(service: Rule['service'], { protocol, dstPort }: Packet): boolean {
  if (service === undefined) return true;
  if (service.protocol !== protocol) return false;
  return service.ports === undefined || (service.ports[0] <= dstPort && dstPort <= service.ports[1]);
}
