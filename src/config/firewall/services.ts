/** Services of firewall rules: names (IANA's registry, and the file's own), protocols, ports and types of ICMP. */

import type { Service } from '../model.ts';
import {
  fromPorts,
  icmp,
  merged,
  type NoService,
  ofPorts,
  PROTOCOLS,
  protocol,
  readProtocol,
  serviceText,
} from './protocols.ts';

const tcp = (...ports: number[]): Service[] => [ofPorts(6, ports)];
const udp = (...ports: number[]): Service[] => [ofPorts(17, ports)];

export const SERVICES: ReadonlyMap<string, Service[]> = new Map<string, Service[]>([
  ['amqp', tcp(5672)],
  ['bgp', tcp(179)],
  ['bootp', udp(67, 68)],
  ['dhcp', udp(67, 68)],
  ['dhcpv6', udp(546, 547)],
  ['dns', [...udp(53), ...tcp(53)]],
  ['finger', tcp(79)],
  ['ftp', tcp(21)],
  ['git', tcp(9418)],
  ['http', tcp(80)],
  ['http-alt', tcp(8080)],
  ['https', tcp(443)],
  ['ident', tcp(113)],
  ['imap', tcp(143)],
  ['imaps', tcp(993)],
  ['ipsec', [...udp(500, 4500), protocol(50)]],
  ['irc', tcp(6667)],
  ['kerberos', [...tcp(88), ...udp(88)]],
  ['ldap', tcp(389)],
  ['ldaps', tcp(636)],
  ['mdns', udp(5353)],
  ['mqtt', tcp(1883)],
  ['mssql', tcp(1433)],
  ['mysql', tcp(3306)],
  ['netbios', [...udp(137, 138), ...tcp(139)]],
  ['nfs', tcp(2049)],
  ['ntp', udp(123)],
  ['openflow', tcp(6653)],
  ['openvpn', udp(1194)],
  ['ovsdb', tcp(6640)],
  ['ping', [icmp(4, 8), icmp(6, 128)]],
  ['pop3', tcp(110)],
  ['pop3s', tcp(995)],
  ['postgresql', tcp(5432)],
  ['radius', udp(1812, 1813)],
  ['rdp', [...tcp(3389), ...udp(3389)]],
  ['redis', tcp(6379)],
  ['rsync', tcp(873)],
  ['sip', [...tcp(5060), ...udp(5060)]],
  ['smb', tcp(445)],
  ['smtp', tcp(25)],
  ['smtps', tcp(465)],
  ['snmp', udp(161)],
  ['snmp-trap', udp(162)],
  ['ssh', tcp(22)],
  ['stun', [...udp(3478), ...tcp(3478)]],
  ['submission', tcp(587)],
  ['syslog', udp(514)],
  ['telnet', tcp(23)],
  ['tftp', udp(69)],
  ['traceroute', [{ ...protocol(17), ports: [[33_434, 33_534]] }]],
  ['vnc', [{ ...protocol(6), ports: [[5900, 5909]] }]],
  ['vxlan', udp(4789)],
  ['whois', tcp(43)],
  ['wireguard', udp(51_820)],
]);

/** The file's own services, by name: what they mean. */
export type OwnServices = ReadonlyMap<string, Service[]>;

/**
 * `ssh`, `http,https`, `tcp 25,110`, `udp 5000-5010 source 1024-65535`, `icmp echo-request`, `gre`, `protocol 89`. `all` is
 * any IP: then `services` is undefined.
 */
export function readService(text: string, own: OwnServices): { services: Service[] | undefined } | NoService {
  const words = text
    .trim()
    .replace(/\s*,\s*/g, ',')
    .split(/\s+/);
  const at = words.indexOf('source');
  const from = at < 0 ? undefined : words[at + 1];
  if (at >= 0 && (at === 0 || from === undefined || words.length > at + 2)) return { unknown: text };
  const [name = '', what, ...rest] = at < 0 ? words : words.slice(0, at);
  if (name === 'all' && what === undefined && from === undefined) return { services: undefined };
  if (rest.length > 0) return { unknown: text };
  const to = readDestinations(name, what, text, own);
  if (from === undefined || !('services' in to)) return to;
  const services: Service[] = [];
  for (const service of to.services) {
    const found = fromPorts(service, from);
    if ('wrong' in found) return found;
    services.push(found);
  }
  return { services: merged(services) };
}

function readDestinations(
  name: string,
  what: string | undefined,
  text: string,
  own: OwnServices,
): { services: Service[] } | NoService {
  if (what !== undefined) {
    const found = readProtocol(name, what);
    return found === undefined ? { unknown: text } : 'wrong' in found ? found : { services: merged([found]) };
  }
  const services: Service[] = [];
  for (const each of name.split(',')) {
    const known = own.get(each) ?? SERVICES.get(each);
    const found = known === undefined ? readProtocol(each, undefined) : undefined;
    if (known !== undefined) services.push(...known);
    else if (found === undefined) return otherwiseSpelled(each) ?? { unknown: each };
    else if ('wrong' in found) return found;
    else services.push(found);
  }
  return { services: merged(services) };
}

/** `22/tcp`, `tcp/22`, `tcp:22` */
function otherwiseSpelled(text: string): NoService | undefined {
  const [first = '', second = '', ...rest] = text.split(/[/:]/);
  const [protocol, port] = /^\d/.test(first) ? [second, first] : [first, second];
  if (rest.length > 0 || !/^(tcp|udp|sctp)$/.test(protocol) || !/^\d+(-\d+)?$/.test(port)) return undefined;
  return { wrong: `unknown service \`${text}\``, fix: `write \`${protocol} ${port}\`` };
}

/** Every name that a service may have. */
export function serviceNames(own: OwnServices): string[] {
  return [...new Set([...own.keys(), ...SERVICES.keys(), ...PROTOCOLS.keys(), 'all'])];
}

/** The name that a protocol's port has by itself; undefined: it has none. */
export function serviceNamed(protocol: string, port: string): string | undefined {
  for (const [name, services] of SERVICES) {
    const [only, second] = services;
    if (second === undefined && only !== undefined && serviceText(only) === `${protocol} ${port}`) return name;
  }
  return undefined;
}
