/** The network as a Flowloom file. */

import { OWN_SERVICES } from './firewall-choice.ts';
import type { Log, NatRule, Network, Ports, Route, Rule, Side } from './network.ts';

export const ROUTER = 'edge';
export const ROUTER_MAC = '02:00:00:00:00:fe';

export function fileOf({ family, interfaces, routes, nat, firewall }: Network): string {
  const length = family === 4 ? 24 : 64;
  const list = (items: readonly string[]) => `[${items.map((each) => `"${each}"`).join(', ')}]`;
  const zones = new Map<string, string[]>();
  const join = (zone: string | undefined, member: string) => {
    if (zone !== undefined) zones.set(zone, [...(zones.get(zone) ?? []), member]);
  };
  for (const { zone, name, guests } of interfaces) {
    join(zone, `${ROUTER}/${name}`);
    for (const guest of guests) join(guest.zone, `hv1/${guest.name}`);
  }
  const sides = firewall?.rules.flatMap(({ from, to }) => [from, to]) ?? [];
  const sets = new Map(sides.flatMap(({ set, prefixes }) => (set === undefined ? [] : [[set, prefixes!] as const])));
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
      ({ name, own, options }) =>
        `      ${name}: { segment: ${name}, address: ${list(own.map((each) => `${each}/${length}`))}, options: [${options.join(', ')}] }`,
    ),
    ...(routes.length === 0
      ? []
      : ['    routes:', ...routes.map((route) => `      - ${quoted(routeText(route, interfaces))}`)]),
    ...(nat.length === 0 ? [] : ['nat:', ...nat.map((rule) => `  - ${quoted(natText(rule))}`)]),
    ...(firewall === undefined
      ? []
      : [
          'firewall:',
          '  zones:',
          ...Array.from(zones, ([zone, members]) => `    ${zone}: [${members.join(', ')}]`),
          '  services:',
          ...Object.entries(OWN_SERVICES).map(([name, { text }]) => `    ${name}: ${list(text)}`),
          ...(sets.size === 0 ? [] : ['  sets:', ...Array.from(sets, ([name, all]) => `    ${name}: ${list(all)}`)]),
          '  policy:',
          ...firewall.policy.map(({ from, to, action, log }) => `    - ${from} to ${to} ${action}${logText(log)}`),
          ...(firewall.rules.length === 0
            ? []
            : ['  rules:', ...firewall.rules.map((rule) => `    - ${quoted(ruleText(rule))}`)]),
        ]),
    '',
  ].join('\n');
}

/** In YAML a colon may end a key. */
function quoted(text: string): string {
  return /::|\[/.test(text) ? JSON.stringify(text) : text;
}

function routeText({ prefix, via }: Route, interfaces: Network['interfaces']): string {
  if ('refused' in via) return `${prefix} ${via.refused}`;
  const gateway = interfaces.flatMap(({ guests }) => guests).find(({ name }) => name === via.guest)!;
  return `${prefix.endsWith('/0') ? 'default' : prefix} via ${gateway.address}`;
}

function natText(rule: NatRule): string {
  const withPorts = (ports: Ports | undefined) => (ports === undefined ? '' : ` ports ${rangeOf(ports)}`);
  switch (rule.kind) {
    case 'masquerade':
      return `masquerade ${rule.from} out ${ROUTER}/${rule.out}${withPorts(rule.ports)}`;
    case 'exempt':
      return `exempt ${rule.from}${rule.to === undefined ? '' : ` to ${rule.to}`} out ${ROUTER}/${rule.out}`;
    case 'snat': {
      const [first, last] = rule.to;
      const to = first === last ? first : `${first}-${last}`;
      return `snat ${rule.from} to ${to} out ${ROUTER}/${rule.out}${withPorts(rule.ports)}`;
    }
    case 'oneToOne':
      return `one-to-one ${runOf(rule.outside)} with ${runOf(rule.inside)}`;
    case 'forward': {
      const { protocol, address, ports, from, toAddress, toPort } = rule;
      const target = toPort === undefined ? toAddress : endpoint(toAddress, [toPort, toPort + ports[1] - ports[0]]);
      return `forward ${protocol} ${endpoint(address, ports)}${from === undefined ? '' : ` from ${from}`} to ${target}`;
    }
  }
}

/** One address, or a prefix of four. */
function runOf([first, ...more]: readonly string[]): string {
  if (more.length === 0) return first!;
  return `${first}/${first!.includes(':') ? 126 : 30}`;
}

function rangeOf([first, last]: Ports): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function endpoint(address: string, ports: Ports): string {
  return `${address.includes(':') ? `[${address}]` : address}:${rangeOf(ports)}`;
}

function ruleText({ action, from, to, service, over, limit, log }: Rule): string {
  const side = ({ zone, prefixes, set }: Side) =>
    set !== undefined ? `${zone}:@${set}` : prefixes === undefined ? zone : `${zone}:${prefixes.join(',')}`;
  const most = limit?.kind === 'connections' ? `3/min burst ${limit.burst}` : `1 packet/s burst ${limit?.burst}`;
  return [
    `${action} ${service?.text ?? 'all'} from ${side(from)} to ${side(to)}`,
    ...(over === undefined ? [] : [` over ${over} bytes`]),
    ...(limit === undefined ? [] : [` limit ${most}`]),
    logText(log),
  ].join('');
}

/** None comes back while no time passes. */
function logText(log: Log | undefined): string {
  return log === undefined ? '' : ` log info prefix ${log.prefix} limit 1/min burst ${log.burst}`;
}
