/** From one router to another on the same switch: that one is no station, and a packet with it as next hop goes on there. */

import { type AppAction, type AppFlow, actions, move, resubmit, set } from '../../src/index.ts';
import { nextHopMatch } from './next-hop.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** The stage `next-hop`. */
export function transitFlows(router: SiteRouter, all: readonly SiteRouter[]): Flows {
  const others = all.filter((other) => other !== router);
  return router.interfaces.flatMap(({ id }) =>
    others.flatMap((other) =>
      other.interfaces
        .filter((each) => each.id === id)
        .flatMap((each) => each.own.map((address) => transitFlow(router, other, each, address))),
    ),
  );
}

function transitFlow(router: SiteRouter, other: SiteRouter, at: SiteInterface, address: string): Flows[number] {
  return [
    `${router.name} to ${other.name} at ${address}`,
    {
      priority: 70,
      match: { 'router.number': router.number, ...nextHopMatch({ segment: at.id, address }) },
      actions: actions(
        move('segment', 'ingressSegment'),
        set({ ingressZone: at.zone, 'router.number': other.number, 'router.transit': 1 }),
        anew(),
      ),
      intent: { text: `from router ${router.name} to router ${other.name} at ${address}`, source: at.source },
    },
  ];
}

/** Through the pipeline of a router from its beginning. */
export function anew(): AppAction[] {
  return actions(set({ egressZone: 0, 'router.trackedState': 0 }), resubmit('unsnat'));
}

export function isTransit(router: SiteRouter, all: readonly SiteRouter[]): boolean {
  const segments = new Set(router.interfaces.map(({ id }) => id));
  return all.some((other) => other !== router && other.interfaces.some(({ id }) => segments.has(id)));
}
