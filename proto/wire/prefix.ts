/** IP addresses and prefixes of both families (RFC 4632, RFC 4291) as text, as numbers and as masks. */

import { ipv4Number, ipv4Text, ipv6Bytes, ipv6Text } from './address.ts';

export type Family = 4 | 6;

export interface IpAddress {
  family: Family;
  /** 32 or 128 bits. */
  number: bigint;
}

export interface IpPrefix {
  family: Family;
  /** The address as written; the network's own where the text has no host bits. */
  number: bigint;
  length: number;
}

/** No leading zeros: some programs read them as octal. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** undefined: the text is no address. IPv6 may be written in any form of RFC 4291, without a zone. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    return IPV4.test(text) ? { family: 4, number: BigInt(ipv4Number(text)!) } : undefined;
  }
  const bytes = ipv6Bytes(text);
  if (bytes === undefined) return undefined;
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  return { family: 6, number };
}

/** IPv6 in the one form of RFC 5952. */
export function ipText({ family, number }: IpAddress): string {
  if (family === 4) return ipv4Text(Number(number));
  const bytes = new Uint8Array(16);
  for (let i = 15, rest = number; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return ipv6Text(bytes);
}

/** `10.0.0.0/8`; an address alone is the prefix of its whole length. undefined: the text is neither. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const most = bitsOf(address.family);
  if (slash < 0) return { ...address, length: most };
  const length = text.slice(slash + 1);
  return LENGTH.test(length) && Number(length) <= most ? { ...address, length: Number(length) } : undefined;
}

/** As many ones as the prefix is long. */
export function maskOf({ family, length }: Pick<IpPrefix, 'family' | 'length'>): bigint {
  const rest = BigInt(bitsOf(family) - length);
  return ((1n << BigInt(length)) - 1n) << rest;
}

/** The first address of the prefix. */
export function networkOf(prefix: IpPrefix): IpAddress {
  return { family: prefix.family, number: prefix.number & maskOf(prefix) };
}

/** The last address of the prefix; its broadcast address where it is IPv4. */
export function lastOf(prefix: IpPrefix): IpAddress {
  const rest = BigInt(bitsOf(prefix.family) - prefix.length);
  return { family: prefix.family, number: networkOf(prefix).number | ((1n << rest) - 1n) };
}

/** `10.66.66.0/24`, without host bits. */
export function networkText(prefix: IpPrefix): string {
  return `${ipText(networkOf(prefix))}/${prefix.length}`;
}

export function isNetwork(prefix: IpPrefix): boolean {
  return networkOf(prefix).number === prefix.number;
}

/** Whether the prefix holds an address, or a whole other prefix. One of the other family it never holds. */
export function holds(prefix: IpPrefix, other: IpAddress | IpPrefix): boolean {
  if (prefix.family !== other.family) return false;
  if ('length' in other && other.length < prefix.length) return false;
  return (other.number & maskOf(prefix)) === networkOf(prefix).number;
}

export function meet(a: IpPrefix, b: IpPrefix): boolean {
  return a.length < b.length ? holds(a, b) : holds(b, a);
}

/** Network and broadcast address of an IPv4 prefix that has them (RFC 3021: /31 and /32 have none). */
export function isReservedIn(prefix: IpPrefix, address: IpAddress): boolean {
  if (prefix.family === 6 || address.family === 6 || prefix.length > 30) return false;
  return address.number === networkOf(prefix).number || address.number === lastOf(prefix).number;
}

const NO_STATIONS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/96', '::ffff:0:0/96', 'ff00::/8'].map(
  (text) => parseIpPrefix(text)!,
);

/** An address that one station can have: neither unspecified, loopback, IPv4 in the shape of IPv6 (RFC 4291 2.5.5), multicast nor above. */
export function isUnicast(address: IpAddress): boolean {
  return !NO_STATIONS.some((prefix) => holds(prefix, address));
}

const LINK_LOCAL = [parseIpPrefix('fe80::/10')!, parseIpPrefix('169.254.0.0/16')!];

export function isLinkLocal(address: IpAddress): boolean {
  return LINK_LOCAL.some((prefix) => holds(prefix, address));
}
