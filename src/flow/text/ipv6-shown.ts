/** IPv6 addresses as ovs-ofctl prints them (inet_ntop): those that hold an IPv4 address end in it, as ::ffff:192.0.2.1. */

import { hexBytes, ipv4Text, ipv6Text } from '../../../proto/wire/address.ts';

export function ipv6Shown(bits: bigint): string {
  const upper = bits >> 32n;
  const lower = bits & 0xffffffffn;
  if (upper === 0xffffn) return `::ffff:${ipv4Text(Number(lower))}`;
  if (upper === 0n && lower > 0xffffn) return `::${ipv4Text(Number(lower))}`;
  return ipv6Text(hexBytes(bits.toString(16).padStart(32, '0'))!);
}
