/** Conntrack of a router's packets, and what is kept of it. */

import { type AppFlow, ct, ctState, drop, flow, move, next } from '../../src/index.ts';
import { type Family, familiesOf, isIp } from './family.ts';
import type { SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

export function conntrackFlows(routers: SiteRouter[]): Flows {
  return routers
    .filter(({ stateful }) => stateful)
    .flatMap((router) =>
      familiesOf(router).map((family): Flows[number] => {
        const { name, number, source } = router;
        return [
          `${name} ${family}`,
          flow({
            priority: 100,
            match: { ...isIp(family), 'router.number': number },
            actions: [ct({ zone: number, nat: 'follow', table: 'next' })],
            intent: { text: `router ${name}: connections are tracked`, source },
          }),
        ];
      }),
    );
}

/** The state is kept before the next ct overwrites it. */
export function saveFlows(routers: SiteRouter[]): Flows {
  return routers
    .filter(({ stateful }) => stateful)
    .flatMap((router): Flows => {
      const { name, number, guarded, source } = router;
      const invalid = guarded ? familiesOf(router).map((family) => invalidFlow(router, family)) : [];
      return [
        ...invalid,
        [
          name,
          flow({
            priority: 100,
            match: { 'router.number': number },
            actions: [move('ctState', 'router.trackedState'), next()],
            intent: { text: `router ${name}: remember the connection's state`, source },
          }),
        ],
      ];
    });
}

/** Where nobody commits connections, as without a firewall, answers of TCP begin none and belong to none. */
function invalidFlow({ name, number, source }: SiteRouter, family: Family): Flows[number] {
  return [
    `${name} invalid ${family}`,
    flow({
      priority: 110,
      match: { ...isIp(family), 'router.number': number, ctState: ctState('+inv+trk') },
      actions: drop(),
      intent: { text: `router ${name}: packets that belong to no connection and can start none`, source },
    }),
  ];
}
