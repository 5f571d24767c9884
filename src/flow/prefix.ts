/** IPv4 addresses and prefixes as match values and numbers. */

import type { Masked } from '../../proto/openflow/oxm-fields.ts';
import { ipv4Number, ipv4Text } from '../../proto/wire/address.ts';
import { FlowError } from './flow-error.ts';

/** The address as the number that a register holds. */
export function addressNumber(address: string): number {
  const number = ipv4Number(address);
  if (number === undefined) throw new FlowError(`"${address}" is no IPv4 address`);
  return number;
}

/** `10.66.66.1/24` → the prefix that it lies in, as a match value; without `/` the address alone. */
export function inPrefix(text: string): string | Masked<string> {
  const length = prefixLengthOf(text);
  const address = addressNumber(text.split('/')[0]!);
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return { value: ipv4Text((address & mask) >>> 0), mask: ipv4Text(mask) };
}

/** `10.66.66.1/24` → `10.66.66.1` */
export function addressOf(text: string): string {
  return text.split('/')[0]!;
}

/** 32 where none is given. */
export function prefixLengthOf(text: string): number {
  const length = text.split('/')[1];
  return length === undefined ? 32 : Number(length);
}

/** Whether the prefix holds the address. */
export function overlaps(prefix: string, address: string): boolean {
  const length = prefixLengthOf(prefix);
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return ((addressNumber(addressOf(prefix)) ^ addressNumber(address)) & mask) === 0;
}
