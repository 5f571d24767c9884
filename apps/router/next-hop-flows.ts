/** A routed packet gets its next hop's MAC; what is for the router itself is answered or dropped. */

import { type AppFlow, type AppMatch, actions, drop, flow, goto, load, punt, resubmit, set } from '../../src/index.ts';
import { echoFlows } from './echo-flows.ts';
import { UNKNOWN } from './meters.ts';
import { toSelfFlow, withSelf } from './self-flows.ts';
import type { SiteRouter } from './site.ts';
import { transitFlows } from './transit-flows.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

export function nextHopFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap((router): Flows => {
    const { name, mac, number, interfaces, source } = router;
    const mine = { 'router.number': number, egressZone: FW };
    const itself = [...echoFlows(router, routers), ...withSelf([router]).map(toSelfFlow)];
    if (router.self === undefined) {
      itself.push([
        `${name} itself`,
        flow({
          priority: 100,
          match: mine,
          actions: drop(),
          intent: { text: `router ${name} offers nothing else itself`, source },
        }),
      ]);
    }
    // Where the host at `self` is on the segment, the router has its MAC there.
    const shared = interfaces
      .filter((each) => each.mac !== mac)
      .map((each) =>
        lookUpFlow(`${name}/${each.name}`, 60, { 'router.number': number, segment: each.id }, each.mac, each.source),
      );
    return [
      ...itself,
      ...transitFlows(router, routers),
      ...shared,
      lookUpFlow(name, 50, { 'router.number': number }, mac, source),
    ];
  });
}

function lookUpFlow(name: string, priority: number, match: AppMatch, mac: string, source: string): Flows[number] {
  return [
    name,
    {
      priority,
      match,
      // In port 0: what was routed may leave by the port that it came in by.
      actions: actions(
        set({ ethSrc: mac }),
        load('nxmInPort', 0),
        set({ 'router.neighbourKnown': 0 }),
        resubmit('neighbours'),
        goto('resolve'),
      ),
      intent: { text: `router ${name}: look up the next hop`, source },
    },
  ];
}

export function resolveFlows(routers: SiteRouter[]): Flows {
  if (routers.length === 0) return [];
  return [
    [
      'known',
      flow({
        priority: 50,
        match: { 'router.neighbourKnown': 1 },
        actions: [goto('switching')],
        intent: 'the next hop is known',
      }),
    ],
    [
      'unknown',
      flow({
        priority: 0,
        match: {},
        actions: [punt(undefined, { meter: UNKNOWN })],
        intent: 'the next hop must be asked for: meanwhile the first packets wait',
      }),
    ],
  ];
}
