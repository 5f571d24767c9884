/** Reads `reserve`: addresses for one client each, by its port, MAC, client identifier or host name. */

import { holds, type IpPrefix, parseIp, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import { suggestion } from '../../text/suggest.ts';
import type { DhcpReservation, Port } from '../model.ts';
import type { Path } from '../path.ts';
import type { Surroundings } from './dhcp.ts';
import { inside, portsOn } from './in-segment.ts';

type Client = DhcpReservation['client'];

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const HEX = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i;

export function readReservations(
  form: Readonly<Record<string, string>>,
  subnet: IpPrefix,
  server: string,
  around: Surroundings,
): DhcpReservation[] {
  const { path, where, segment, bridges, findings } = around;
  const ports = portsOn(bridges, segment.name);
  const reservations: DhcpReservation[] = [];
  for (const [key, address] of Object.entries(form)) {
    const at = [...path, 'reserve', key];
    const client = clientOf(key, ports, at, around);
    if (client === undefined || !inside(address, subnet, at, `${address}, reserved for ${key},`, around)) continue;
    const same = (other: DhcpReservation) => JSON.stringify(other.client) === JSON.stringify(client);
    const twin = reservations.find((other) => other.address === address || same(other));
    if (twin !== undefined) {
      const message = same(twin)
        ? `${twin.key} and ${key} are one client`
        : `${address} is reserved for ${twin.key} already`;
      findings.problem(at, `${where}: ${message} (${twin.source})`, 'give each client an address of its own');
      continue;
    }
    const taken = takenBy(address, client, ports, server, around);
    if (taken === undefined) reservations.push({ source: findings.source(at), key, client, address });
    else findings.problem(at, `${where}: ${address}, reserved for ${key}, ${taken}`, 'reserve another address');
  }
  return reservations;
}

function clientOf(key: string, ports: readonly Port[], at: Path, around: Surroundings): Client | undefined {
  const { where, segment, findings } = around;
  if (MAC.test(key)) return { by: 'mac', mac: key.toLowerCase() };
  const [, by, text = ''] = /^(client-id|hostname) (\S.*)$/.exec(key) ?? [];
  if (by === 'hostname') return { by, hostname: text.toLowerCase() };
  if (by === 'client-id') {
    const id = HEX.test(text) ? text.replaceAll(':', '').toLowerCase() : Buffer.from(text).toString('hex');
    return { by, id };
  }
  const slash = key.indexOf('/');
  const host = slash < 0 ? undefined : key.slice(0, slash);
  const port = key.slice(slash + 1);
  const candidates = ports.filter((each) => host === undefined || each.host === host);
  const named = candidates.filter((each) => each.name === port);
  const selecting = candidates.filter(
    ({ select, name }) => select !== undefined && (name === port || matches(select.name, port)),
  );
  if (named.length > 0 || selecting.length > 0) {
    return { by: 'port', host, port, selected: selecting.map(({ source }) => source) };
  }
  findings.problem(
    at,
    `${where}: \`${key}\` is no port of segment ${segment.name}`,
    suggestion(
      key,
      ports.map((each) => (host === undefined ? each.name : `${each.host}/${each.name}`)),
      'write a port, a MAC in quotes, `hostname NAME` or `client-id ID`',
    ),
    'key',
  );
  return undefined;
}

/** With `*` and `?`, as a selector's name has them. */
function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return false;
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
}

function takenBy(
  address: string,
  client: Client,
  ports: readonly Port[],
  server: string,
  { router, interface: via }: Surroundings,
): string | undefined {
  if (via?.addresses.some((text) => text.slice(0, text.indexOf('/')) === address)) {
    return `is router ${router?.name}'s`;
  }
  if (address === server) return "is the server's own";
  const isClients = (port: Port) =>
    client.by === 'port' && port.name === client.port && (client.host === undefined || client.host === port.host);
  const holder = ports.find((port) => addressesOf(port).includes(address) && !isClients(port));
  if (holder !== undefined && !(client.by === 'mac' && holder.macs.includes(client.mac))) {
    return `is the address of port ${holder.host}/${holder.name} (${holder.source})`;
  }
  const other = ports.find((port) => isClients(port) && addressesOf(port).some((text) => !text.includes(':')));
  if (other !== undefined && !addressesOf(other).some((text) => holds(parseIpPrefix(text)!, parseIp(address)!))) {
    return `can't be used: port ${other.host}/${other.name} sends from ${addressesOf(other).join(', ')} only (${other.source})`;
  }
  return undefined;
}

function addressesOf({ addresses }: Port): string[] {
  return addresses;
}
