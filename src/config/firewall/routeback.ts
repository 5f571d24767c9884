/** `routeback` of an interface as a rule, the last one: what leaves by the interface that it came in by is accepted. */

import type { Findings } from '../findings.ts';
import type { FirewallPolicy, FirewallRule, FirewallZone } from '../model.ts';
import type { ZoneScope } from './zones.ts';

export function routebackRules(
  { routers, segments }: ZoneScope,
  zones: readonly FirewallZone[],
  policy: readonly FirewallPolicy[],
  findings: Findings,
): FirewallRule[] {
  return routers.flatMap((router) =>
    router.interfaces
      .filter(({ options }) => options.includes('routeback'))
      .map((each): FirewallRule => {
        const member = `${router.name}/${each.name}`;
        const zone = zones.find(({ interfaces }) => interfaces.includes(member));
        const ref = zone && { name: zone.name, number: zone.number };
        const against = policy.find(
          ({ from, to, action }) => ref && action !== 'accept' && from?.name === ref.name && to?.name === ref.name,
        );
        if (against !== undefined) {
          findings.warning(
            ['routers', router.name, 'interfaces', each.name, 'options'],
            `interface ${member}: routeback comes before policy \`${against.text}\` (${against.source}), which would refuse the same`,
            'keep one of them',
            'key',
          );
        }
        return {
          ...{ source: each.source, text: `accept what goes back by ${member} (routeback)`, action: 'accept' },
          ...{ from: ref, to: ref, fromAddresses: undefined, toAddresses: undefined, services: undefined },
          ...{ over: undefined, log: undefined, limit: undefined },
          back: { router: router.name, segment: segments.find(({ name }) => name === each.segment)?.id ?? 0 },
        };
      }),
  );
}
