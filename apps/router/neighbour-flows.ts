/** Neighbours of a router, which the switch itself learns from ARP (RFC 826). */

import { type AppFlow, ETHER_TYPE, flow, inPrefix, learn, next } from '../../src/index.ts';
import { onePerPrefix, type SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** Of an interface: who sends ARP from ever new addresses of a wide prefix does not fill the switch. */
const NEIGHBOURS = 16_384;

/**
 * A neighbour has no timeout: any ARP from it renews it, and what forwards needs no controller. Routers on one segment have the
 * same neighbours.
 */
export function neighbourFlows(routers: SiteRouter[]): Flows {
  const flows = new Map<string, AppFlow>();
  for (const { name, interfaces } of routers) {
    for (const each of interfaces) {
      for (const address of onePerPrefix(each.addresses)) {
        const key = `${each.id} ${JSON.stringify(inPrefix(address))}`;
        if (flows.has(key)) continue;
        flows.set(
          key,
          flow({
            priority: 100,
            match: { ethType: ETHER_TYPE.arp, segment: each.id, arpSpa: inPrefix(address) },
            actions: [
              learn({
                table: 'neighbours',
                priority: 10,
                limit: NEIGHBOURS,
                intent: { text: `a neighbour of ${name}/${each.name} that the switch learned`, source: each.source },
                items: [
                  { match: 'segment' },
                  { match: 'router.nextHop', from: 'arpSpa' },
                  { load: 'ethDst', from: 'arpSha' },
                  { load: 'router.neighbourKnown', from: 1 },
                ],
              }),
              next(),
            ],
            intent: { text: `learn the neighbours of ${name}/${each.name}`, source: each.source },
          }),
        );
      }
    }
  }
  return [...flows];
}
