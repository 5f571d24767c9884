/** What differs between IPv4 and IPv6 in a router's flows. */

import { ETHER_TYPE, familyOf } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

export type Family = ReturnType<typeof familyOf>;

/** The families that a router routes: of its addresses, and of those that it will follow. */
export function familiesOf({ interfaces }: Pick<SiteRouter, 'interfaces'>): Family[] {
  const own = new Set(
    interfaces.flatMap(({ addresses, follow }) => [...addresses.map(familyOf), ...(follow ? [4] : [])]),
  );
  return ([4, 6] as const).filter((family) => own.has(family));
}

export function isIp(family: Family) {
  return family === 4 ? ({ ethType: ETHER_TYPE.ipv4 } as const) : ({ ethType: ETHER_TYPE.ipv6 } as const);
}
