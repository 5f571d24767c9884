/** The link-local IPv6 address that follows from a MAC address (RFC 4291 2.5.6 and appendix A). */

import { ipv6Text, macBytes } from '../../proto/wire/address.ts';

export function linkLocalAddress(mac: string): string {
  const [first = 0, second = 0, third = 0, ...rest] = macBytes(mac) ?? [];
  const address = new Uint8Array(16);
  address.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0, first ^ 0x02, second, third, 0xff, 0xfe, ...rest]);
  return ipv6Text(address);
}
