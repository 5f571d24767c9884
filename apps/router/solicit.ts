/** How a router asks who has an address on one of its interfaces: by ARP (RFC 826), or by neighbour solicitation (RFC 4861). */

import {
  type AppDatapath,
  ARP_REQUEST,
  addressOf,
  BROADCAST_MAC,
  buildArp,
  buildSolicitation,
  familyOf,
  overlaps,
  resubmit,
  set,
} from '../../src/index.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

const UNKNOWN = '00:00:00:00:00:00';

/** An interface, and whose it is. */
export interface Via {
  router: SiteRouter;
  via: SiteInterface;
}

export function interfaceOn(routers: readonly SiteRouter[], segment: number): Via | undefined {
  for (const router of routers) {
    const via = router.interfaces.find(({ id }) => id === segment);
    if (via !== undefined) return { router, via };
  }
  return undefined;
}

/** `lastMac`: only the station that had it is asked. */
export function solicit(dp: AppDatapath, { via }: Via, target: string, lastMac?: string): void {
  const family = familyOf(target);
  const near =
    via.addresses.find((each) => overlaps(each, target)) ?? via.addresses.find((each) => familyOf(each) === family);
  if (near === undefined) return;
  const { mac } = via;
  const src = addressOf(near);
  const data =
    family === 6
      ? buildSolicitation({ mac, src, target, lastMac })
      : buildArp(
          {
            ...{ operation: ARP_REQUEST, senderMac: mac, senderAddress: src },
            ...{ targetMac: lastMac ?? UNKNOWN, targetAddress: target },
          },
          lastMac ?? BROADCAST_MAC,
        );
  dp.packetOut({
    data,
    actions: [...set({ segment: via.id }), resubmit(lastMac === undefined ? 'flood' : 'switching')],
  });
}
