/** Packets for a router's MAC are taken from the bridge. */

import { type AppFlow, actions, drop, ETHER_TYPE, flow, goto, move, next, set } from '../../src/index.ts';
import { selfForkFlows } from './self-flows.ts';
import type { SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

export function forkFlows(routers: SiteRouter[]): Flows {
  const flows: Flows = [...selfForkFlows(routers), ...arrivalFlows(routers)];
  flows.push([
    'bridged',
    flow({ priority: 0, match: {}, actions: [goto('switching')], intent: 'not to a router: bridged' }),
  ]);
  return flows;
}

function arrivalFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, number, interfaces, source }) =>
    interfaces.flatMap(
      (each): Flows => [
        [
          `${name}/${each.name}`,
          flow({
            priority: 100,
            match: { ethType: ETHER_TYPE.ipv4, segment: each.id, ethDst: each.mac },
            // What was routed may go into a tunnel even if it came out of one.
            actions: actions(
              move('segment', 'ingressSegment'),
              set({ fromTunnel: 0, 'router.number': number }),
              next(),
            ),
            intent: { text: `to router ${name} by ${each.name}`, source: each.source },
          }),
        ],
        [
          `${name}/${each.name} other`,
          flow({
            priority: 90,
            match: { segment: each.id, ethDst: each.mac },
            // The host at `self` has the same MAC.
            actions: each.hostAnswers ? [goto('switching')] : drop(),
            intent: { text: `router ${name} takes IPv4 only`, source },
          }),
        ],
      ],
    ),
  );
}
