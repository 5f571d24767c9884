/** How a station says that an address is its own: by ARP (RFC 826), and by neighbour discovery (RFC 4861 7.2). */

import type { AppMatch } from './flow.ts';
import { familyOf } from './prefix.ts';

const ARP = { ethType: 0x0806 } as const;
const ICMPV6 = { ethType: 0x86dd, ipProto: 58 } as const;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** Matches of the packets by which others believe it. */
export function addressClaims(address: string): AppMatch[] {
  if (familyOf(address) === 4) return [{ ...ARP, arpSpa: address }];
  return [
    { ...ICMPV6, icmpv6Type: ADVERTISEMENT, ipv6NdTarget: address },
    { ...ICMPV6, icmpv6Type: SOLICITATION, ipv6Src: address },
  ];
}
