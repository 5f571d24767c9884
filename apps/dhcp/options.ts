/** What a server gives besides the address, as options in the order in which the client asked for them (RFC 2131 4.3.1). */

import {
  addressNumber,
  buildDnsName,
  DHCP_OPTION,
  type DhcpOption,
  type DhcpOptionSetting,
  type DhcpServer,
  inPrefix,
  prefixLengthOf,
} from '../../src/index.ts';
import type { ClientMessage } from './client.ts';

/** Of a client that says nothing: what makes the network work. */
const USUAL = [1, 3, 6, 15];
const MTU = 26;
const LEAST_MTU = 68;

export function bytesOfNumber(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = number < 0 ? number + 2 ** (8 * length) : number;
  for (let at = length - 1; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

export function bytesOfAddress(address: string): Uint8Array {
  return bytesOfNumber(addressNumber(address), 4);
}

export function textBytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** Those that the client wants and the server has, the client's first wish first. */
export function givenOptions(server: DhcpServer, { wanted, client }: ClientMessage): DhcpOption[] {
  const has = settingsOf(server);
  const host = client.hostname;
  if (host !== undefined) has.set(DHCP_OPTION.hostName, textBytes(host));
  const codes = wanted ?? [...new Set([...USUAL, ...server.options.flatMap(({ code }) => code ?? [])])];
  // The mask is told even unasked, before the routers, by which it is used (RFC 2132 3.3); classless routes in front of
  // routers, which they replace (RFC 3442).
  const order = new Set([DHCP_OPTION.subnetMask, ...codes]);
  return [...order].flatMap((code) => {
    const value = has.get(code);
    return value === undefined ? [] : [{ code, value }];
  });
}

/** What the segment's tunnels leave is told (RFC 2132 5.1), where the file says nothing of it. */
export function withMtu(server: DhcpServer, mtu: number | undefined): DhcpServer {
  if (mtu === undefined || mtu < LEAST_MTU || server.options.some(({ code }) => code === MTU)) return server;
  const option: DhcpOptionSetting = { source: '', name: 'mtu', code: MTU, kind: 'uint16', values: [mtu] };
  return { ...server, options: [...server.options, option] };
}

function settingsOf(server: DhcpServer): Map<number, Uint8Array> {
  const has = new Map<number, Uint8Array>();
  const mask = inPrefix(server.subnet);
  has.set(DHCP_OPTION.subnetMask, bytesOfAddress(typeof mask === 'string' ? '255.255.255.255' : mask.mask));
  if (server.routers.length > 0) has.set(DHCP_OPTION.router, Buffer.concat(server.routers.map(bytesOfAddress)));
  if (server.dns.length > 0) has.set(DHCP_OPTION.nameServer, Buffer.concat(server.dns.map(bytesOfAddress)));
  if (server.domain !== undefined) has.set(DHCP_OPTION.domainName, textBytes(server.domain));
  for (const option of server.options) {
    if (option.code !== undefined) has.set(option.code, settingBytes(option, server.routers[0]));
  }
  return has;
}

/** `router`: who takes the classless routes has no use for the option of routers, so the default route goes with them. */
function settingBytes({ kind, values }: DhcpOptionSetting, router: string | undefined): Uint8Array {
  switch (kind) {
    case 'address':
    case 'addresses':
      return Buffer.concat(values.map((value) => bytesOfAddress(String(value))));
    case 'text':
      return textBytes(String(values[0]));
    case 'bytes':
      return Buffer.from(String(values[0]), 'hex');
    case 'domains':
      return Buffer.concat(values.map((value) => buildDnsName(String(value))));
    case 'routes':
      return routeBytes(values.map(String), router);
    case 'boolean':
    case 'uint8':
      return bytesOfNumber(Number(values[0]), 1);
    case 'uint16':
      return bytesOfNumber(Number(values[0]), 2);
    case 'uint32':
    case 'int32':
      return bytesOfNumber(Number(values[0]), 4);
  }
}

/** A prefix and its router in turn; of the prefix as many bytes as its length needs (RFC 3442). */
function routeBytes(values: readonly string[], router: string | undefined): Uint8Array {
  const all = [...values];
  if (router !== undefined && !values.includes('0.0.0.0/0')) all.push('0.0.0.0/0', router);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 1 < all.length; at += 2) {
    const [prefix, via] = [all[at]!, all[at + 1]!];
    const length = prefixLengthOf(prefix);
    const network = bytesOfAddress(prefix.split('/')[0]!).subarray(0, Math.ceil(length / 8));
    parts.push(Uint8Array.of(length), network, bytesOfAddress(via));
  }
  return Buffer.concat(parts);
}
