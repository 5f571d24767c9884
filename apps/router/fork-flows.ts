/** Packets for a router's MAC are taken from the bridge. */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  actions,
  destinationIn,
  drop,
  goto,
  move,
  next,
  set,
} from '../../src/index.ts';
import { ADVERTISEMENT, familiesOf, isIp, LINK_LOCAL, MULTICAST, SOLICITATION } from './family.ts';
import { selfForkFlows } from './self-flows.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

export function forkFlows(routers: SiteRouter[]): Flows {
  const arriving = routers.flatMap((router) => router.interfaces.flatMap((each) => arrivalFlows(router, each)));
  return [
    ...selfForkFlows(routers),
    ...arriving,
    ['bridged', { priority: 0, match: {}, actions: [goto('switching')], intent: 'not to a router: bridged' }],
  ];
}

function arrivalFlows(router: SiteRouter, each: SiteInterface): Flows {
  const { name, number, source } = router;
  const to = { segment: each.id, ethDst: each.mac };
  // What was routed may go into a tunnel even if it came out of one.
  const take = actions(
    move('segment', 'ingressSegment'),
    set({ fromTunnel: 0, 'router.number': number, ...(each.isZoneOwn ? { ingressZone: each.zone } : {}) }),
    next(),
  );
  // The host at `self` has the same MAC.
  const leave = each.hostAnswers ? [goto('switching')] : drop();
  const entry = (key: string, priority: number, match: AppMatch, way: AppAction[], text: string): Flows[number] => [
    `${name}/${each.name}${key}`,
    {
      priority,
      match: { ...to, ...match },
      actions: way,
      intent: { text, source: priority < 100 ? source : each.source },
    },
  ];
  const own = `to router ${name} by ${each.name}`;
  const flows = familiesOf(router).map((family) => entry(family === 4 ? '' : ' IPv6', 100, isIp(family), take, own));
  if (each.linkLocal !== undefined) {
    const onLink = 'link-local addresses and groups are not routed';
    flows.push(
      entry(' link-local', 105, destinationIn(LINK_LOCAL), leave, onLink),
      entry(' group', 105, destinationIn(MULTICAST), leave, onLink),
    );
    if (each.hostAnswers) {
      const host = `neighbour discovery of the host that shares the MAC of ${name}/${each.name}`;
      flows.push(entry(' solicitation', 107, SOLICITATION, leave, host));
      flows.push(entry(' advertisement', 107, ADVERTISEMENT, leave, host));
    } else flows.push(entry(' itself', 106, destinationIn(each.linkLocal), take, own));
  }
  flows.push(entry(' other', 90, {}, leave, `router ${name} takes IP only`));
  return flows;
}
