/** What should have got another source and did not, because none was left, never leaves. */

import { ctState, drop, goto, punt, sourceIn } from '../../src/index.ts';
import { ESTABLISHED, EXHAUSTED_METER, type Flows, HEADERS, ofRouter, REST } from './flows.ts';
import { isByPrefix } from './prefix-translation.ts';
import type { NatSite, SiteRule } from './site.ts';

export function guardFlows(site: NatSite, ordered: readonly (readonly [SiteRule, number])[]): Flows {
  const { name, source } = site;
  return [
    [
      `${name} translated`,
      {
        priority: ESTABLISHED,
        match: { ...ofRouter(site), ctState: ctState('+trk+snat') },
        actions: [goto('next-hop')],
        intent: { text: `router ${name}: translated`, source },
      },
    ],
    ...ordered.flatMap(([{ rule, segment, intent }, priority]): Flows => {
      if ((rule.kind !== 'snat' && rule.kind !== 'one-to-one') || isByPrefix(rule)) return [];
      return [
        [
          `${name} ${intent.text}`,
          {
            priority,
            match: {
              ...ofRouter(site),
              ctState: ctState('+trk+new-snat'),
              segment,
              ...sourceIn(rule.kind === 'snat' ? rule.from : rule.inside),
            },
            actions: [punt(HEADERS, { meter: EXHAUSTED_METER })],
            intent: { text: `${intent.text}: nothing is left to translate to`, source: intent.source },
          },
        ],
      ];
    }),
    [
      `${name} rest`,
      {
        priority: REST,
        match: ofRouter(site),
        actions: drop(),
        intent: { text: `router ${name}: nothing leaves untranslated`, source },
      },
    ],
  ];
}
