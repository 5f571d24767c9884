/** The network as a ruleset of nftables (nft(8)), as somebody would write it by hand. */

import type { Action, NatRule, Network, Protocol, Rule, Side } from './network.ts';
import { interfaceOf, towards } from './network.ts';

export function rulesetOf(network: Network): string {
  const { family, nat, firewall } = network;
  const known = 'ct state established,related accept';
  const policy = firewall === undefined ? 'accept' : 'drop';
  const filter = (hook: 'forward' | 'input') => [
    `chain ${hook} {`,
    `type filter hook ${hook} priority filter; policy ${policy};`,
    known,
    ...(firewall === undefined ? [] : filterRules(network, firewall, hook)),
    '}',
  ];
  return [
    `table ${family === 4 ? 'ip' : 'ip6'} flowloom {`,
    'chain prerouting {',
    'type nat hook prerouting priority dstnat;',
    ...nat.flatMap((rule) => destinationRules(network, rule)),
    '}',
    'chain postrouting {',
    'type nat hook postrouting priority srcnat;',
    ...nat.flatMap((rule) => ownHairpinRules(network, rule)),
    ...nat.flatMap((rule) => hairpinRules(network, rule)),
    ...nat.flatMap((rule) => sourceRules(network, rule)),
    '}',
    ...filter('forward'),
    // Neighbours are found by ICMPv6, whatever the rules say.
    ...(family === 6
      ? filter('input').toSpliced(2, 0, 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept')
      : filter('input')),
    '}',
    '',
  ].join('\n');
}

const ip = ({ family }: Network) => (family === 4 ? 'ip' : 'ip6');

function destinationRules(network: Network, rule: NatRule): string[] {
  const word = ip(network);
  if (rule.kind === 'oneToOne') return [`${word} daddr ${rule.outside} dnat to ${rule.inside}`];
  if (rule.kind !== 'forward') return [];
  const { protocol, address, ports, toAddress, toPort } = rule;
  const [first, last] = ports;
  const match = `${word} daddr ${address} ${protocol} dport`;
  if (toPort === undefined) return [`${match} ${first}-${last} dnat to ${toAddress}`];
  const target = network.family === 4 ? toAddress : `[${toAddress}]`;
  return Array.from({ length: last - first + 1 }, (_, i) => `${match} ${first + i} dnat to ${target}:${toPort + i}`);
}

function hairpinRules(network: Network, rule: NatRule): string[] {
  if (rule.kind !== 'forward' && rule.kind !== 'oneToOne') return [];
  const [public_, target] = rule.kind === 'forward' ? [rule.address, rule.toAddress] : [rule.outside, rule.inside];
  const { name } = towards(network, target)!;
  const by = `iifname "${name}" oifname "${name}" ct status dnat ct original ${ip(network)} daddr ${public_}`;
  return [`${by} ${ip(network)} daddr ${target} snat to ${public_}`];
}

/** A station with an address of its own outside comes from that. */
function ownHairpinRules(network: Network, rule: NatRule): string[] {
  if (rule.kind !== 'oneToOne') return [];
  const { name } = towards(network, rule.inside)!;
  return [
    `iifname "${name}" oifname "${name}" ct status dnat ${ip(network)} saddr ${rule.inside} snat to ${rule.outside}`,
  ];
}

function sourceRules(network: Network, rule: NatRule): string[] {
  const word = ip(network);
  switch (rule.kind) {
    case 'forward':
      return [];
    case 'oneToOne':
      return [`oifname "${towards(network, rule.outside)!.name}" ${word} saddr ${rule.inside} snat to ${rule.outside}`];
    default: {
      const to = rule.kind === 'exempt' && rule.to !== undefined ? ` ${word} daddr ${rule.to}` : '';
      const verdict = rule.kind === 'exempt' ? 'accept' : rule.kind === 'snat' ? `snat to ${rule.to}` : 'masquerade';
      return [`oifname "${interfaceOf(network, rule.out).name}" ${word} saddr ${rule.from}${to} ${verdict}`];
    }
  }
}

function filterRules(
  network: Network,
  { rules, policy }: NonNullable<Network['firewall']>,
  hook: 'forward' | 'input',
): string[] {
  const lines: string[] = [];
  const add = (from: Side, to: Side, service: Rule['service'], action: Action) => {
    if (hook === 'input' ? to.zone !== 'fw' && to.zone !== 'all' : to.zone === 'fw') return;
    const match = [
      devices(network, 'iifname', from.zone),
      hook === 'input' ? '' : devices(network, 'oifname', to.zone),
      from.prefix === undefined ? '' : `${ip(network)} saddr ${from.prefix}`,
      to.prefix === undefined ? '' : `${ip(network)} daddr ${to.prefix}`,
      serviceMatch(network, service),
    ].filter((each) => each !== '');
    if (action !== 'reject') lines.push([...match, action].join(' '));
    else {
      if (service === undefined || service.protocol === 'tcp') {
        lines.push([...match, service === undefined ? 'meta l4proto tcp' : '', 'reject with tcp reset'].join(' '));
      }
      if (service?.protocol !== 'tcp') lines.push([...match, 'reject'].join(' '));
    }
  };
  for (const { from, to, service, action } of rules) add(from, to, service, action);
  for (const { from, to, action } of policy) add({ zone: from }, { zone: to }, undefined, action);
  return lines;
}

function devices({ interfaces }: Network, key: string, zone: string): string {
  if (zone === 'all') return '';
  return `${key} { ${interfaces
    .filter((each) => each.zone === zone)
    .map(({ name }) => `"${name}"`)
    .join(', ')} }`;
}

function serviceMatch({ family }: Network, service: Rule['service']): string {
  if (service === undefined) return '';
  const { protocol, ports } = service;
  const names: Record<Protocol, string> = { tcp: 'tcp', udp: 'udp', icmp: family === 4 ? 'icmp' : 'ipv6-icmp' };
  return ports === undefined ? `meta l4proto ${names[protocol]}` : `${protocol} dport ${ports[0]}-${ports[1]}`;
}
