/** IPv4 addresses and prefixes (RFC 4632) as text and as numbers. */

import { ipv4Number, ipv4Text } from '../../proto/wire/address.ts';

export interface Prefix {
  /** The address as written; the network's own where the text had no host bits. */
  address: number;
  length: number;
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
/** No leading zeros: some programs read them as octal. */
export const IPV4_PATTERN = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
export const PREFIX_PATTERN = new RegExp(`^${OCTET}(\\.${OCTET}){3}/(3[0-2]|[12]?[0-9])$`);

export function addressNumber(text: string): number | undefined {
  return IPV4_PATTERN.test(text) ? ipv4Number(text) : undefined;
}

export function parsePrefix(text: string): Prefix | undefined {
  if (!PREFIX_PATTERN.test(text)) return undefined;
  const slash = text.indexOf('/');
  return { address: ipv4Number(text.slice(0, slash))!, length: Number(text.slice(slash + 1)) };
}

export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

export function networkOf(prefix: Prefix): number {
  return (prefix.address & maskOf(prefix.length)) >>> 0;
}

export function networkText(prefix: Prefix): string {
  return `${ipv4Text(networkOf(prefix))}/${prefix.length}`;
}

export function contains(prefix: Prefix, address: number): boolean {
  return networkOf({ address, length: prefix.length }) === networkOf(prefix);
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  const length = Math.min(a.length, b.length);
  return networkOf({ address: a.address, length }) === networkOf({ address: b.address, length });
}

/** Network and broadcast address of a prefix that has them (RFC 3021: /31 and /32 have none). */
export function isReservedIn(prefix: Prefix, address: number): boolean {
  if (prefix.length > 30) return false;
  const network = networkOf(prefix);
  return address === network || address === (network | ~maskOf(prefix.length)) >>> 0;
}

/** An address that one station can have: not 0/8, loopback, multicast or above. */
export function isUnicast(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}
