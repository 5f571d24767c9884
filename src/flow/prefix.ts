/** IP addresses and prefixes of both families as match values and numbers. */

import type { Masked } from '../../proto/openflow/oxm-fields.ts';
import {
  bitsOf,
  type Family,
  holds,
  type IpAddress,
  type IpPrefix,
  ipText,
  maskOf,
  networkOf,
  networkText,
  parseIp,
  parseIpPrefix,
} from '../../proto/wire/prefix.ts';
import { FlowError } from './flow-error.ts';

/** IPv4 and IPv6 by their EtherTypes. */
const ETHER_TYPES = { 4: 0x0800, 6: 0x86dd } as const;

/** `10.66.66.1`, `10.66.66.0/24`, `2001:db8::/32` → 4 or 6. */
export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** The IPv4 address as the number that a register holds. */
export function addressNumber(address: string): number {
  const read = parseIp(address);
  if (read?.family !== 4) throw new FlowError(`"${address}" is no IPv4 address`);
  return Number(read.number);
}

/** The address of either family as the number that a field of 128 bits holds, IPv4 in its low 32. */
export function addressBits(address: string): bigint {
  return ip(address).number;
}

/** The reverse of `addressBits`. */
export function addressOfBits(family: Family, number: bigint): string {
  return ipText({ family, number });
}

/** `10.66.66.1/24` → the prefix that it lies in, as a match value; without `/` the address alone. */
export function inPrefix(text: string): string | Masked<string> {
  const prefix = prefixOf(text);
  const { family } = prefix;
  return { value: ipText(networkOf(prefix)), mask: ipText({ family, number: maskOf(prefix) }) };
}

/** What matches packets from a prefix of either family. */
export function sourceIn(text: string) {
  return familyOf(text) === 4
    ? ({ ethType: ETHER_TYPES[4], ipv4Src: inPrefix(text) } as const)
    : ({ ethType: ETHER_TYPES[6], ipv6Src: inPrefix(text) } as const);
}

/** What matches packets to a prefix of either family. */
export function destinationIn(text: string) {
  return familyOf(text) === 4
    ? ({ ethType: ETHER_TYPES[4], ipv4Dst: inPrefix(text) } as const)
    : ({ ethType: ETHER_TYPES[6], ipv6Dst: inPrefix(text) } as const);
}

/** `10.66.66.1/24` → `10.66.66.1` */
export function addressOf(text: string): string {
  return text.split('/')[0]!;
}

/** `10.66.66.1/24` → `10.66.66.0/24` */
export function networkPrefix(text: string): string {
  return networkText(prefixOf(text));
}

/** 32, or 128 of IPv6, where none is given. */
export function prefixLengthOf(text: string): number {
  const length = text.split('/')[1];
  return length === undefined ? bitsOf(familyOf(text)) : Number(length);
}

/** Whether the prefix holds the address; one of the other family it never holds. */
export function overlaps(prefix: string, address: string): boolean {
  return holds(prefixOf(prefix), ip(address));
}

function ip(text: string): IpAddress {
  const read = parseIp(text);
  if (read === undefined) throw new FlowError(`"${text}" is no IP address`);
  return read;
}

function prefixOf(text: string): IpPrefix {
  const read = parseIpPrefix(text);
  if (read === undefined) throw new FlowError(`"${text}" is no IP prefix`);
  return read;
}
