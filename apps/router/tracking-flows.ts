/** Conntrack of a router's packets, and what is kept of it. */

import { type AppFlow, ct, ctState, drop, ETHER_TYPE, flow, move, next } from '../../src/index.ts';
import type { SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

export function conntrackFlows(routers: SiteRouter[]): Flows {
  return routers
    .filter(({ stateful }) => stateful)
    .map(({ name, number, source }) => [
      name,
      flow({
        priority: 100,
        match: { ethType: ETHER_TYPE.ipv4, 'router.number': number },
        actions: [ct({ zone: number, nat: 'follow', table: 'next' })],
        intent: { text: `router ${name}: connections are tracked`, source },
      }),
    ]);
}

/** The state is kept before the next ct overwrites it. */
export function saveFlows(routers: SiteRouter[]): Flows {
  return routers
    .filter(({ stateful }) => stateful)
    .flatMap(
      ({ name, number, guarded, source }): Flows => [
        ...(guarded ? [invalidFlow(name, number, source)] : []),
        [
          name,
          flow({
            priority: 100,
            match: { 'router.number': number },
            actions: [move('ctState', 'router.trackedState'), next()],
            intent: { text: `router ${name}: remember the connection's state`, source },
          }),
        ],
      ],
    );
}

/** Where nobody commits connections, as without a firewall, answers of TCP begin none and belong to none. */
function invalidFlow(name: string, number: number, source: string): Flows[number] {
  return [
    `${name} invalid`,
    flow({
      priority: 110,
      match: { ethType: ETHER_TYPE.ipv4, 'router.number': number, ctState: ctState('+inv+trk') },
      actions: drop(),
      intent: { text: `router ${name}: packets that belong to no connection and can start none`, source },
    }),
  ];
}
