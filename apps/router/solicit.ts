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
import type { NextHop } from './next-hop.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

const UNKNOWN = '00:00:00:00:00:00';

/** An interface, and whose it is. */
export interface Via {
  router: SiteRouter;
  via: SiteInterface;
}

/** Of several routers on a segment: the one that is connected to the address, else one that speaks its family there. */
export function interfaceOn(routers: readonly SiteRouter[], { segment, address }: NextHop): Via | undefined {
  const there = routers.flatMap((router) =>
    router.interfaces.filter(({ id }) => id === segment).map((via): Via => ({ router, via })),
  );
  return (
    there.find(({ via }) => via.connected.some((prefix) => overlaps(prefix, address))) ??
    there.find(({ via }) => sourceFor(via, address) !== undefined) ??
    there[0]
  );
}

/** By which address of the interface it is asked; undefined: it has none, as one that follows and has not heard of its own. */
function sourceFor({ addresses, own, linkLocal }: SiteInterface, target: string): string | undefined {
  const near = addresses.find((each) => overlaps(each, target));
  if (near !== undefined) return addressOf(near);
  return familyOf(target) === 6 ? linkLocal : own.find((each) => familyOf(each) === 4);
}

/** `lastMac`: only the station that had it is asked. */
export function solicit(dp: AppDatapath, { via }: Via, target: string, lastMac?: string): void {
  const src = sourceFor(via, target);
  if (src === undefined) return;
  const { mac } = via;
  const data =
    familyOf(target) === 6
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
