/** Addresses of machines, IPv4 or IPv6 (RFC 4291), as the file has them; IPv6 in the one form of RFC 5952. */

import { ipv6Bytes, ipv6Text } from '../../proto/wire/address.ts';
import { addressNumber, isUnicast } from './prefix.ts';

/** undefined: no address. */
export function ipAddress(text: string): string | undefined {
  if (addressNumber(text) !== undefined) return text;
  const bytes = text.includes(':') ? ipv6Bytes(text) : undefined;
  return bytes && ipv6Text(bytes);
}

/** Whether a machine can be reached at it from another one, whichever way it is cabled. */
export function isReachable(address: string): boolean {
  const number = addressNumber(address);
  if (number !== undefined) return isUnicast(number);
  const [first = 0, second = 0, ...rest] = ipv6Bytes(address) ?? [];
  const linkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  const multicast = first === 0xff;
  // The unspecified address, loopback, and IPv4 in an IPv6 shape.
  const special = first === 0 && second === 0 && rest.slice(0, 6).every((byte) => byte === 0);
  return !linkLocal && !multicast && !special;
}
