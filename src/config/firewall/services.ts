/** Names of services (IANA's registry) for firewall rules. */

import type { Service } from '../model.ts';

const tcp = (...ports: number[]): Service[] => ports.map((port) => ({ protocol: 'tcp', port, icmpType: undefined }));
const udp = (...ports: number[]): Service[] => ports.map((port) => ({ protocol: 'udp', port, icmpType: undefined }));

export const SERVICES: ReadonlyMap<string, Service[]> = new Map<string, Service[]>([
  ['bgp', tcp(179)],
  ['dhcp', udp(67, 68)],
  ['dns', [...udp(53), ...tcp(53)]],
  ['http', tcp(80)],
  ['http-alt', tcp(8080)],
  ['https', tcp(443)],
  ['imap', tcp(143)],
  ['imaps', tcp(993)],
  ['ldap', tcp(389)],
  ['ldaps', tcp(636)],
  ['mqtt', tcp(1883)],
  ['mysql', tcp(3306)],
  ['nfs', tcp(2049)],
  ['ntp', udp(123)],
  ['openflow', tcp(6653)],
  ['ovsdb', tcp(6640)],
  ['ping', [{ protocol: 'icmp', port: undefined, icmpType: 8 }]],
  ['icmp', [{ protocol: 'icmp', port: undefined, icmpType: undefined }]],
  ['pop3', tcp(110)],
  ['pop3s', tcp(995)],
  ['postgresql', tcp(5432)],
  ['rdp', tcp(3389)],
  ['redis', tcp(6379)],
  ['smtp', tcp(25)],
  ['smtps', tcp(465)],
  ['snmp', udp(161)],
  ['ssh', tcp(22)],
  ['submission', tcp(587)],
  ['syslog', udp(514)],
  ['telnet', tcp(23)],
  ['tcp', [{ protocol: 'tcp', port: undefined, icmpType: undefined }]],
  ['udp', [{ protocol: 'udp', port: undefined, icmpType: undefined }]],
  ['vxlan', udp(4789)],
]);

/** `all` is any IPv4: `{ services: undefined }`. undefined: no such service. */
export function readService(text: string): { services: Service[] | undefined } | undefined {
  const [name = '', port, ...rest] = text.trim().split(/\s+/);
  if (port === undefined) {
    if (name === 'all') return { services: undefined };
    const services = SERVICES.get(name);
    return services === undefined ? undefined : { services };
  }
  if (rest.length > 0 || (name !== 'tcp' && name !== 'udp') || !/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535)
    return undefined;
  return { services: [{ protocol: name, port: Number(port), icmpType: undefined }] };
}

/** The name that a protocol's port has by itself; undefined: it has none. */
export function serviceNamed(protocol: string, port: string): string | undefined {
  for (const [name, services] of SERVICES) {
    const [only, second] = services;
    if (second === undefined && only?.protocol === protocol && String(only.port) === port) return name;
  }
  return undefined;
}
