/** Neighbours of a router, which the switch itself learns from ARP (RFC 826) and neighbour discovery (RFC 4861). */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  ETHER_TYPE,
  familyOf,
  inPrefix,
  type LearnItem,
  learn,
  next,
  sourceIn,
} from '../../src/index.ts';
import { ADVERTISEMENT, LINK_LOCAL, SOLICITATION } from './family.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** Of an interface: who sends from ever new addresses of a wide prefix does not fill the switch. */
const NEIGHBOURS = 16_384;

/**
 * A neighbour has no timeout: whatever it says of itself renews it, and what forwards needs no controller. Routers on one segment
 * have the same neighbours.
 */
export function neighbourFlows(routers: readonly SiteRouter[]): Flows {
  const flows = new Map<string, AppFlow>();
  for (const { name, interfaces } of routers) {
    for (const each of interfaces) {
      for (const prefix of prefixesOf(each)) {
        for (const [kind, match, items] of heardFrom(prefix)) {
          const key = `${each.id} ${kind} ${JSON.stringify(inPrefix(prefix))}`;
          if (!flows.has(key)) flows.set(key, learnFlow(`${name}/${each.name}`, each, match, items));
        }
      }
    }
  }
  return [...flows];
}

function prefixesOf({ connected, linkLocal }: SiteInterface): string[] {
  return [...connected, ...(linkLocal === undefined ? [] : [LINK_LOCAL])];
}

/** What neighbours with addresses of the prefix say of themselves, by their own MAC. */
function heardFrom(prefix: string): [kind: string, match: AppMatch, items: LearnItem[]][] {
  if (familyOf(prefix) === 4) {
    const items: LearnItem[] = [
      { match: 'router.nextHop', from: 'arpSpa' },
      { load: 'ethDst', from: 'arpSha' },
    ];
    return [['ARP', { ethType: ETHER_TYPE.arp, arpSpa: inPrefix(prefix) }, items]];
  }
  const from = (address: 'ipv6Src' | 'ipv6NdTarget'): LearnItem[] => [
    { match: 'router.nextHop6', from: address },
    { load: 'ethDst', from: 'ethSrc' },
  ];
  return [
    ['solicitation', { ...sourceIn(prefix), ...SOLICITATION }, from('ipv6Src')],
    ['advertisement', { ...ADVERTISEMENT, ipv6NdTarget: inPrefix(prefix) }, from('ipv6NdTarget')],
  ];
}

function learnNeighbour(name: string, source: string, items: LearnItem[]): AppAction {
  return learn({
    table: 'neighbours',
    priority: 10,
    limit: NEIGHBOURS,
    intent: { text: `a neighbour of ${name} that the switch learned`, source },
    items: [{ match: 'segment' }, ...items, { load: 'router.neighbourKnown', from: 1 }],
  });
}

/**
 * The host at `self` tells that it has another address than the one that is followed: the app hears of it, and those who send there
 * find it meanwhile.
 */
export function otherAddressFlows({ name, self }: SiteRouter, report: AppAction): Flows {
  const at = self?.at;
  if (self === undefined || at === undefined) return [];
  return at.connected.flatMap((prefix) =>
    heardFrom(prefix).map(([kind, match, items]): Flows[number] => [
      `${name} other ${kind} ${prefix}`,
      {
        priority: 110,
        match: { ...match, inPort: self.port },
        actions: [report, learnNeighbour(`${name}/${at.name}`, at.source, items), next()],
        intent: { text: `${name}/${at.name} follows the address of ${self.name}`, source: self.source },
      },
    ]),
  );
}

function learnFlow(name: string, { id, source }: SiteInterface, match: AppMatch, items: LearnItem[]): AppFlow {
  return {
    priority: 100,
    match: { ...match, segment: id },
    actions: [learnNeighbour(name, source, items), next()],
    intent: { text: `learn the neighbours of ${name}`, source },
  };
}
