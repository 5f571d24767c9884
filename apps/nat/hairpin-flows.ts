/**
 * Hairpin: who reaches a station of its own segment by a public address gets its answers by the router too, because the
 * station sees it come from a public address: its own where it has one, else the one that it asked for.
 */

import { type AppMatch, ct, ctState, destinationIn, ETHER_TYPE, familyOf, set, sourceIn } from '../../src/index.ts';
import { type Flows, ofRouter } from './flows.ts';
import { type Pair, pairsOf } from './pairs.ts';
import type { NatSite, SiteRule } from './site.ts';

/** In the table that says what is translated at all. */
const OWN_ADDRESS = 3_000;
const ASKED_ADDRESS = 2_000;

export function hairpinFlows(site: NatSite): Flows {
  return site.rules.flatMap((each): Flows => {
    const { rule, primary } = each;
    if (rule.kind === 'forward') {
      const address = rule.address === 'primary' ? primary : rule.address;
      if (address === undefined) return [];
      const who = { ethType: etherTypeOf(address), 'nat.rule': each.id };
      return site
        .towards(rule.toAddress)
        .map((segment) => hairpinFlow(site, each, ASKED_ADDRESS, segment, who, address));
    }
    if (rule.kind === 'one-to-one') return pairsOf(rule).flatMap((pair) => oneToOneFlows(site, each, pair));
    return [];
  });
}

function oneToOneFlows(site: NatSite, each: SiteRule, { outside, inside }: Pair): Flows {
  return site
    .towards(inside)
    .flatMap((segment) => [
      hairpinFlow(site, each, OWN_ADDRESS, segment, sourceIn(inside), outside),
      hairpinFlow(site, each, ASKED_ADDRESS, segment, { 'nat.rule': each.id, ...destinationIn(inside) }, outside),
    ]);
}

function etherTypeOf(address: string): number {
  return familyOf(address) === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
}

function hairpinFlow(
  site: NatSite,
  { id, intent }: SiteRule,
  priority: number,
  segment: number,
  who: AppMatch,
  address: string,
): Flows[number] {
  return [
    `${site.name} hairpin ${intent.text} ${priority} ${address} ${segment}`,
    {
      priority,
      match: {
        ...ofRouter(site),
        'router.trackedState': ctState('+dnat'),
        ingressSegment: segment,
        segment,
        ...who,
      },
      actions: [
        ct({
          zone: site.sourceZone,
          commit: true,
          nat: { side: 'src', address },
          set: set({ 'nat.rule': id }),
          table: 'guard',
        }),
      ],
      // Its destination was translated by the same rule, and was counted there.
      intent: { ...intent, counts: false },
    },
  ];
}
