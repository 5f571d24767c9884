/** Answers to connections whose source was translated get their inside address back, before anything else looks at it. */

import { ct, destinationIn, familyOf, next, publicPrefixes } from '../../src/index.ts';
import { establishedFlow, type Flows, ofRouter, staleFlow } from './flows.ts';
import { inwardFlows, isByPrefix } from './prefix-translation.ts';
import type { NatSite, SiteRule } from './site.ts';

const TO_PUBLIC = 50;

export function toPublicFlows(site: NatSite): Flows {
  const flows = new Map<string, Flows[number][1]>();
  for (const each of site.rules) {
    if (isByPrefix(each.rule)) continue;
    for (const prefix of prefixesOf(each)) {
      const key = `${site.name} ${prefix}`;
      if (flows.has(key)) continue;
      flows.set(key, {
        priority: TO_PUBLIC,
        match: { ...ofRouter(site), ...destinationIn(prefix) },
        actions: [ct({ zone: site.sourceZone, nat: 'follow', table: 'next' })],
        // What it turns back is counted where its rule is known.
        intent: { ...each.intent, counts: false },
      });
    }
  }
  return [...inwardFlows(site), ...flows];
}

/** Of what went through the zone: known connections go on as long as their rule stands. */
export function answerFlows(site: NatSite): Flows {
  const translating = site.rules.filter(({ rule }) => rule.kind !== 'exempt' && !isByPrefix(rule));
  if (translating.length === 0) return [];
  const established = translating.map((each: SiteRule) => establishedFlow(site, each, [next()]));
  return [...established, staleFlow(site, '+trk-new-inv')];
}

/** With their lengths, so that each is named once. */
function prefixesOf({ rule, primary }: SiteRule): string[] {
  const isPrimary =
    (rule.kind === 'snat' && rule.to === 'primary') || (rule.kind === 'forward' && rule.address === 'primary');
  if (isPrimary) return primary === undefined ? [] : [`${primary}/${familyOf(primary) === 4 ? 32 : 128}`];
  return publicPrefixes(rule);
}
