/** The rules of NAT as those of nftables. */

import { towardsName } from './model-nat.ts';
import { interfaceOf, type NatRule, type Network, type Ports } from './network.ts';

export const ip = ({ family }: Network) => (family === 4 ? 'ip' : 'ip6');

export function destinationRules(network: Network, rule: NatRule): string[] {
  const word = ip(network);
  if (rule.kind === 'oneToOne') {
    return rule.outside.map((outside, i) => `${word} daddr ${outside} dnat to ${rule.inside[i]}`);
  }
  if (rule.kind !== 'forward') return [];
  const { protocol, address, ports, from, toAddress, toPort } = rule;
  const [first, last] = ports;
  const who = from === undefined ? '' : `${word} saddr ${from} `;
  const match = `${who}${word} daddr ${address} ${protocol} dport`;
  if (toPort === undefined) return [`${match} ${first}-${last} dnat to ${toAddress}`];
  const target = network.family === 4 ? toAddress : `[${toAddress}]`;
  return Array.from({ length: last - first + 1 }, (_, i) => `${match} ${first + i} dnat to ${target}:${toPort + i}`);
}

/** Public address → station. */
function pairsOf(rule: NatRule): [string, string][] {
  if (rule.kind === 'forward') return [[rule.address, rule.toAddress]];
  return rule.kind === 'oneToOne' ? rule.outside.map((outside, i) => [outside, rule.inside[i]!]) : [];
}

export function hairpinRules(network: Network, rule: NatRule): string[] {
  return pairsOf(rule).flatMap(([public_, target]) => {
    const name = towardsName(network, target);
    if (name === undefined) return [];
    const by = `iifname "${name}" oifname "${name}" ct status dnat ct original ${ip(network)} daddr ${public_}`;
    return [`${by} ${ip(network)} daddr ${target} snat to ${public_}`];
  });
}

/** A station with an address of its own outside comes from that. */
export function ownHairpinRules(network: Network, rule: NatRule): string[] {
  if (rule.kind !== 'oneToOne') return [];
  return pairsOf(rule).map(([outside, inside]) => {
    const name = towardsName(network, inside)!;
    return `iifname "${name}" oifname "${name}" ct status dnat ${ip(network)} saddr ${inside} snat to ${outside}`;
  });
}

export function sourceRules(network: Network, rule: NatRule): string[] {
  const word = ip(network);
  if (rule.kind === 'forward') return [];
  if (rule.kind === 'oneToOne') {
    return pairsOf(rule).map(
      ([outside, inside]) => `oifname "${towardsName(network, outside)}" ${word} saddr ${inside} snat to ${outside}`,
    );
  }
  const match = `oifname "${interfaceOf(network, rule.out).name}" ${word} saddr ${rule.from}`;
  if (rule.kind === 'exempt') return [`${match}${rule.to === undefined ? '' : ` ${word} daddr ${rule.to}`} accept`];
  const to = rule.kind === 'masquerade' ? undefined : rule.to[0] === rule.to[1] ? rule.to[0] : rule.to.join('-');
  const verb = to === undefined ? 'masquerade' : `snat to ${to}`;
  if (rule.ports === undefined) return [`${match} ${verb}`];
  return [`${match} meta l4proto { tcp, udp } ${withPorts(network, to, rule.ports)}`, `${match} ${verb}`];
}

function withPorts({ family }: Network, to: string | undefined, [first, last]: Ports): string {
  if (to === undefined) return `masquerade to :${first}-${last}`;
  return `snat to ${family === 4 ? to : `[${to}]`}:${first}-${last}`;
}
