/** How a station says that an address is its own: by ARP (RFC 826), and by neighbour discovery (RFC 4861 7.2). */

import { ETHER_TYPE } from '../packet/ethernet.ts';
import { IP_PROTOCOL } from '../packet/ipv4.ts';
import { ND_TYPE } from '../packet/neighbor-discovery.ts';
import type { AppMatch } from './flow.ts';
import { familyOf } from './prefix.ts';

/** Matches of the packets by which others believe it. */
export function addressClaims(address: string): AppMatch[] {
  if (familyOf(address) === 4) return [{ ethType: ETHER_TYPE.arp, arpSpa: address }];
  const discovery = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6 } as const;
  return [
    { ...discovery, icmpv6Type: ND_TYPE.neighborAdvertisement, ipv6NdTarget: address },
    { ...discovery, icmpv6Type: ND_TYPE.neighborSolicitation, ipv6Src: address },
  ];
}
