/** What differs between IPv4 and IPv6 in a router's flows. */

import { ETHER_TYPE, familyOf, IP_PROTOCOL, ND_TYPE } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

export type Family = ReturnType<typeof familyOf>;

/** The families that a router routes: of its addresses, and of those that it will follow. */
export function familiesOf({ interfaces }: Pick<SiteRouter, 'interfaces'>): Family[] {
  const own = new Set(interfaces.flatMap(({ connected }) => connected.map(familyOf)));
  return ([4, 6] as const).filter((family) => own.has(family));
}

export function isIp(family: Family) {
  return family === 4 ? ({ ethType: ETHER_TYPE.ipv4 } as const) : ({ ethType: ETHER_TYPE.ipv6 } as const);
}

/** Neighbour discovery (RFC 4861): with a hop limit below 255 it comes from another link. */
const NEIGHBOUR = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6, ipTtl: 255 } as const;
export const SOLICITATION = { ...NEIGHBOUR, icmpv6Type: ND_TYPE.neighborSolicitation } as const;
export const ADVERTISEMENT = { ...NEIGHBOUR, icmpv6Type: ND_TYPE.neighborAdvertisement } as const;

export const LINK_LOCAL = 'fe80::/10';
export const MULTICAST = 'ff00::/8';
