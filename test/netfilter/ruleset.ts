/** The network as a ruleset of nftables (nft(8)), as somebody would write it by hand. */

import { holds } from './address.ts';
import type { Action, InterfaceOption, Network, Policy, Ports, Protocol, Rule, Service, Side } from './network.ts';
import { OTHER_PROTOCOLS } from './network.ts';
import { destinationRules, hairpinRules, ip, ownHairpinRules, sourceRules } from './ruleset-nat.ts';

export function rulesetOf(network: Network): string {
  const { family, nat, firewall } = network;
  const chains: string[] = [
    'chain raw {',
    'type filter hook prerouting priority raw;',
    ...network.interfaces.flatMap(({ name, options }) =>
      options.flatMap((option) => optionRules(network, option).map((rule) => `iifname "${name}" ${rule} drop`)),
    ),
    '}',
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
    ...filter(network, 'forward'),
    ...filter(network, 'input'),
  ];
  const limits = limited(network).map(({ name, burst }) => `limit ${name} { rate 1/hour burst ${burst} packets; }`);
  return [
    `table ${family === 4 ? 'ip' : 'ip6'} flowloom {`,
    ...(firewall === undefined ? [] : limits),
    ...chains,
    '}',
    '',
  ].join('\n');
}

/** Rules with a limit: while nothing is added, as no time passes. `mark`: of the connections that they let in. */
function limited({ firewall }: Network): { rule: Rule; name: string; burst: number; mark: number }[] {
  return (firewall?.rules ?? []).flatMap((rule, i) =>
    rule.limit === undefined ? [] : [{ rule, name: `l${i}`, burst: rule.limit.burst, mark: i + 2 }],
  );
}

/** Of connections that are allowed, by a rule whose packets are not limited. */
const ALLOWED = 1;

function filter(network: Network, hook: 'forward' | 'input'): string[] {
  const { family, firewall } = network;
  const head = `type filter hook ${hook} priority filter; policy ${firewall === undefined ? 'accept' : 'drop'};`;
  // Neighbours are found by ICMPv6, whatever the rules say.
  const discovery = family === 6 ? ['icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'] : [];
  if (firewall === undefined) return [`chain ${hook} {`, head, '}'];
  const counted = limited(network).filter(({ rule }) => rule.limit?.kind === 'packets');
  return [
    `chain ${hook} {`,
    head,
    ...(hook === 'input' ? discovery : []),
    'ct state invalid drop',
    ...counted.flatMap(({ name, mark }) => [
      `ct mark ${mark} ct direction original limit name "${name}" accept`,
      `ct mark ${mark} ct direction original drop`,
    ]),
    // A packet that is sent again before there was an answer is of the connection, too.
    'ct mark != 0 accept',
    'ct state established,related accept',
    ...firewall.rules.flatMap((rule) => filterRules(network, rule, hook)),
    ...(hook === 'forward'
      ? network.interfaces
          .filter(({ options }) => options.includes('routeback'))
          .map(({ name }) => `iifname "${name}" oifname "${name}" ${verdict('accept', ALLOWED)}`)
      : []),
    ...firewall.policy.flatMap((policy) => policyRules(network, policy, hook)),
    '}',
  ];
}

function optionRules({ family, interfaces }: Network, option: InterfaceOption): string[] {
  switch (option) {
    case 'norfc1918': {
      const all = '{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 }';
      return family === 4 ? [`ip saddr ${all}`, `ip daddr ${all}`] : [];
    }
    case 'nosmurfs':
      return family === 4 ? ['fib saddr type { broadcast, multicast }'] : ['ip6 saddr ff00::/8'];
    case 'tcpflags':
      return [
        'tcp flags & (fin|syn|rst|psh|ack|urg) == 0',
        'tcp flags & (fin|syn|rst|psh|ack|urg) == (fin|psh|urg)',
        'tcp flags & (syn|rst) == (syn|rst)',
        'tcp flags & (rst|fin) == (rst|fin)',
        'tcp flags & (syn|fin) == (syn|fin)',
      ];
    case 'routefilter': {
      const own = interfaces.flatMap((each) => each.own).join(', ');
      const discovery = family === 6 ? 'ip6 saddr != fe80::/10 ' : '';
      return [`${family === 4 ? 'ip' : 'ip6'} saddr { ${own} }`, `${discovery}fib saddr . iif oif missing`];
    }
    case 'routeback':
      return [];
  }
}

function verdict(action: Action, mark: number): string {
  return action === 'accept' ? `ct mark set ${mark} accept` : action;
}

function sides(network: Network, from: Side, to: Side, hook: 'forward' | 'input'): string | undefined {
  if (hook === 'input' ? to.zone !== 'fw' && to.zone !== 'all' : to.zone === 'fw') return undefined;
  const word = ip(network);
  const among = (prefixes: readonly string[]) => `{ ${leastOf(prefixes).join(', ')} }`;
  return [
    devices(network, 'iifname', from.zone),
    hook === 'input' ? '' : devices(network, 'oifname', to.zone),
    from.prefixes === undefined ? '' : `${word} saddr ${among(from.prefixes)}`,
    to.prefixes === undefined ? '' : `${word} daddr ${among(to.prefixes)}`,
  ]
    .filter((each) => each !== '')
    .join(' ');
}

/** Without those that are within another: a set of nftables has none twice. */
function leastOf(prefixes: readonly string[]): string[] {
  return prefixes.filter(
    (each) =>
      !prefixes.some(
        (other) => other !== each && holds(other, each.split('/')[0]!) && lengthOf(other) <= lengthOf(each),
      ),
  );
}

const lengthOf = (prefix: string) => Number(prefix.split('/')[1] ?? 128);

function filterRules(network: Network, rule: Rule, hook: 'forward' | 'input'): string[] {
  const { from, to, service, action, over, limit } = rule;
  const match = sides(network, from, to, hook);
  if (match === undefined) return [];
  const known = limited(network).find((each) => each.rule === rule);
  const size = over === undefined ? '' : `meta length > ${over}`;
  const most = known === undefined ? '' : `limit name "${known.name}"`;
  const mark = limit?.kind === 'packets' ? known!.mark : ALLOWED;
  const matches = service === undefined ? [undefined] : service.any;
  return matches.flatMap((each) => {
    const what = [match, each === undefined ? '' : serviceMatch(network, each), size];
    const line = (...words: string[]) => [...what, ...words].filter((word) => word !== '').join(' ');
    const then =
      action === 'reject'
        ? rejections(each).map(([protocol, how]) => line(protocol, most, how))
        : [line(most, verdict(action, mark))];
    // What exceeds a limit of packets goes nowhere else.
    return limit?.kind === 'packets' ? [...then, line('drop')] : then;
  });
}

function policyRules(network: Network, { from, to, action }: Policy, hook: 'forward' | 'input'): string[] {
  const match = sides(network, { zone: from }, { zone: to }, hook);
  if (match === undefined) return [];
  if (action !== 'reject') return [`${match} ${verdict(action, ALLOWED)}`];
  return rejections(undefined).map(([protocol, how]) => `${match} ${protocol} ${how}`);
}

/** Of what, and how. */
function rejections(service: Service | undefined): [string, string][] {
  const tcp: [string, string] = ['meta l4proto tcp', 'reject with tcp reset'];
  const rest: [string, string] = ['meta l4proto != tcp', 'reject'];
  if (service === undefined) return [tcp, rest];
  return [service.protocol === 'tcp' ? tcp : rest];
}

function devices({ interfaces }: Network, key: string, zone: string): string {
  if (zone === 'all') return '';
  const names = interfaces.filter((each) => each.zone === zone).map(({ name }) => `"${name}"`);
  // Of ports alone: nothing is routed there.
  return `${key} { ${(names.length === 0 ? ['"none"'] : names).join(', ')} }`;
}

function serviceMatch({ family }: Network, { protocol, ports, echo }: Service): string {
  const icmp = family === 4 ? 'icmp' : 'ipv6-icmp';
  const names: Record<Protocol, string> = { tcp: 'tcp', udp: 'udp', icmp, other: OTHER_PROTOCOLS.join('-') };
  if (echo === true) return `${family === 4 ? 'icmp' : 'icmpv6'} type echo-request`;
  if (ports === undefined) return `meta l4proto ${names[protocol]}`;
  return `${protocol} dport { ${mergedOf(ports).join(', ')} }`;
}

/** Ranges that do not overlap. */
function mergedOf(ports: readonly Ports[]): string[] {
  const merged: Ports[] = [];
  for (const [first, last] of ports.toSorted(([a], [b]) => a - b)) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1]) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged.map(([first, last]) => `${first}-${last}`);
}
