/** The network as a Flowloom file. */

import type { NatRule, Network, Rule, Side } from './network.ts';

export const ROUTER = 'edge';
export const ROUTER_MAC = '02:00:00:00:00:fe';

export function fileOf({ family, interfaces, nat, firewall }: Network): string {
  const length = family === 4 ? 24 : 64;
  const list = (items: readonly string[]) => `[${items.map((each) => `"${each}"`).join(', ')}]`;
  const zones = new Map<string, string[]>();
  for (const { zone, name } of interfaces) zones.set(zone, [...(zones.get(zone) ?? []), `${ROUTER}/${name}`]);
  return [
    'flowloom: 1',
    'hosts: { hv1: {} }',
    'segments:',
    ...interfaces.map(({ name, prefix }) => `  ${name}: { subnet: "${prefix}" }`),
    'bridges:',
    '  br0:',
    '    hosts: [hv1]',
    '    datapath: netdev',
    '    ports:',
    ...interfaces.flatMap(({ name, guests }) => guests.map((guest) => `      hv1/${guest.name}: { access: ${name} }`)),
    'routers:',
    `  ${ROUTER}:`,
    '    host: hv1',
    `    mac: "${ROUTER_MAC}"`,
    '    interfaces:',
    ...interfaces.map(
      ({ name, own }) =>
        `      ${name}: { segment: ${name}, address: ${list(own.map((each) => `${each}/${length}`))} }`,
    ),
    ...(nat.length === 0 ? [] : ['nat:', ...nat.map((rule) => `  - ${natText(rule)}`)]),
    ...(firewall === undefined
      ? []
      : [
          'firewall:',
          '  zones:',
          ...Array.from(zones, ([zone, members]) => `    ${zone}: [${members.join(', ')}]`),
          '  policy:',
          ...firewall.policy.map(({ from, to, action }) => `    - ${from} to ${to} ${action}`),
          ...(firewall.rules.length === 0
            ? []
            : ['  rules:', ...firewall.rules.map((rule) => `    - ${ruleText(rule, family)}`)]),
        ]),
    '',
  ].join('\n');
}

function natText(rule: NatRule): string {
  const port = (address: string, ports: string) =>
    address.includes(':') ? `[${address}]:${ports}` : `${address}:${ports}`;
  switch (rule.kind) {
    case 'masquerade':
      return `masquerade ${rule.from} out ${ROUTER}/${rule.out}`;
    case 'exempt':
      return `exempt ${rule.from}${rule.to === undefined ? '' : ` to ${rule.to}`} out ${ROUTER}/${rule.out}`;
    case 'snat':
      return `snat ${rule.from} to ${rule.to} out ${ROUTER}/${rule.out}`;
    case 'oneToOne':
      return `one-to-one ${rule.outside} with ${rule.inside}`;
    case 'forward': {
      const [first, last] = rule.ports;
      const range = first === last ? `${first}` : `${first}-${last}`;
      const target =
        rule.toPort === undefined
          ? undefined
          : first === last
            ? `${rule.toPort}`
            : `${rule.toPort}-${rule.toPort + last - first}`;
      return `forward ${rule.protocol} ${port(rule.address, range)} to ${target === undefined ? rule.toAddress : port(rule.toAddress, target)}`;
    }
  }
}

function ruleText({ action, from, to, service }: Rule, family: 4 | 6): string {
  const side = ({ zone, prefix }: Side) => (prefix === undefined ? zone : `${zone}:${prefix}`);
  const text = `${action} ${serviceText(service, family)} from ${side(from)} to ${side(to)}`;
  return text.includes('::') ? `"${text}"` : text;
}

function serviceText(service: Rule['service'], family: 4 | 6): string {
  if (service === undefined) return 'all';
  const { protocol, ports } = service;
  if (protocol === 'icmp') return family === 4 ? 'icmp' : 'icmpv6';
  if (ports === undefined) return protocol;
  return `${protocol} ${ports[0] === ports[1] ? ports[0] : `${ports[0]}-${ports[1]}`}`;
}
