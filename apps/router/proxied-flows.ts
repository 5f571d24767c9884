/**
 * Public addresses of NAT that no interface has: the router answers ARP and solicitations for them as for its own, and what NAT gives to nobody
 * ends here.
 */

import {
  type AppFlow,
  ARP_REQUEST,
  actions,
  type Config,
  destinationIn,
  ETHER_TYPE,
  familyOf,
  flow,
  goto,
  inPrefix,
  move,
  type ProxiedPrefix,
  proxiedPrefixes,
  set,
} from '../../src/index.ts';
import { advertisement, takenFlow } from './advertise-flows.ts';
import { arpAnswer } from './arp-answer.ts';
import { SOLICITATION } from './family.ts';
import { backWhereItCameFrom } from './send-back.ts';
import type { SiteInterface, SiteRouter } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

/** The stage `respond`. */
export function proxiedRespondFlows(config: Config | undefined, routers: readonly SiteRouter[]): Flows {
  return eachProxied(config, routers).flatMap(([{ name }, at, { prefix, text, source }]): Flows => {
    const key = `${name} answer ${prefix}`;
    // Below those of its own addresses, which it may hold.
    const priority = 90;
    if (familyOf(prefix) === 6) {
      const match = { ...SOLICITATION, segment: at.id, ipv6NdTarget: inPrefix(prefix) };
      return [
        [
          key,
          flow({
            priority,
            match,
            actions: actions(
              advertisement(at.mac, [move('ipv6NdTarget', 'ipv6Src')]),
              backWhereItCameFrom(),
              goto('advertise'),
            ),
            intent: { text: `answer neighbour solicitations for ${prefix}: ${text}`, source },
          }),
        ],
        [`${name} ${prefix} is taken`, takenFlow(priority + 5, match, prefix, source)],
      ];
    }
    return [
      [
        key,
        flow({
          priority,
          match: { ethType: ETHER_TYPE.arp, segment: at.id, arpOp: ARP_REQUEST, arpTpa: inPrefix(prefix) },
          actions: actions(arpAnswer(at.mac), backWhereItCameFrom(), goto('output')),
          intent: { text: `answer ARP for ${prefix}: ${text}`, source },
        }),
      ],
    ];
  });
}

/** The stage `route`: nobody is asked for them on the segment. */
export function proxiedOwnFlows(config: Config | undefined, routers: readonly SiteRouter[]): Flows {
  return eachProxied(config, routers).map(([{ name, number }, , { prefix, text, source }]) => [
    `${name} own ${prefix}`,
    {
      priority: 318,
      match: { 'router.number': number, ...destinationIn(prefix) },
      actions: actions(set({ egressZone: FW }), goto('firewall')),
      intent: { text: `${prefix} is router ${name} itself: ${text}`, source },
    },
  ]);
}

/** Those of IPv4, with where the router answers for them. */
export function eachProxied(
  config: Config | undefined,
  routers: readonly SiteRouter[],
): [SiteRouter, SiteInterface, ProxiedPrefix][] {
  return routers.flatMap((router) =>
    proxiedPrefixes(config?.nat ?? [], router).flatMap((proxied): [SiteRouter, SiteInterface, ProxiedPrefix][] => {
      const at = router.interfaces.find(({ name }) => name === proxied.interface);
      return at === undefined ? [] : [[router, at, proxied]];
    }),
  );
}
