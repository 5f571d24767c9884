/** Shorewall's macros (shorewall-macros(5)) and its columns PROTO and DPORT as the services of a rule. */

import { SERVICES } from '../../config/firewall/services.ts';

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['web', 'tcp 80,443'],
  ['mail', 'tcp 25,465,587'],
  ['trcrt', 'udp 33434-33524'],
  ['smb', 'tcp 139,445'],
  ['ipsecnat', 'udp 500,4500'],
  ['openvpn', 'udp 1194'],
  ['squid', 'tcp 3128'],
  ['vnc', 'tcp 5900-5909'],
  ['git', 'tcp 9418'],
  ['rsync', 'tcp 873'],
  ['whois', 'tcp 43'],
  ['svn', 'tcp 3690'],
  ['mssql', 'tcp 1433'],
]);

/** undefined: no such macro is known. */
export function macroService(macro: string): string | undefined {
  const name = macro.toLowerCase();
  return SERVICES.has(name) ? name : OTHER_NAMES.get(name);
}

/** undefined: it cannot be said. */
export function columnService(protocol: string | undefined, ports: string | undefined): string | undefined {
  const range = ports?.replaceAll(':', '-');
  if (protocol === undefined || protocol === 'all') return ports === undefined ? 'all' : undefined;
  const name = protocol.toLowerCase().replace(/^6$/, 'tcp').replace(/^17$/, 'udp').replace(/^1$/, 'icmp');
  if (name === 'icmp' || name === 'ipv6-icmp') {
    if (range === undefined) return 'icmp';
    return range === '8' || range === 'echo-request' ? 'ping' : /^\d+$/.test(range) ? `icmp ${range}` : undefined;
  }
  if (range === undefined) return /^\d+$/.test(name) ? `protocol ${name}` : name;
  const numbers = range.split(',').map((port) => (/^\d/.test(port) ? port : portNamed(port)));
  if (numbers.some((port) => port === undefined)) return undefined;
  return name === 'tcp' || name === 'udp' || name === 'sctp' ? `${name} ${numbers.join(',')}` : undefined;
}

/** Names of services(5) that rules of the file do not know. */
const PORTS: Readonly<Record<string, string>> = {
  ...{ www: '80', domain: '53', bootps: '67', bootpc: '68', 'pop-3': '110', auth: '113', nntp: '119', imap2: '143' },
  ...{ 'netbios-ns': '137', 'netbios-dgm': '138', 'netbios-ssn': '139', 'microsoft-ds': '445', rsync: '873' },
  ...{ isakmp: '500', printer: '515', socks: '1080', squid: '3128', 'ipsec-nat-t': '4500', xmpp: '5222' },
};

function portNamed(name: string): string | undefined {
  const known = PORTS[name.toLowerCase()];
  if (known !== undefined) return known;
  const port = SERVICES.get(name.toLowerCase())?.[0]?.ports[0]?.[0];
  return port === undefined ? undefined : String(port);
}
