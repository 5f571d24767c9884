/**
 * Packets that are too large for the interface by which they leave. Only interfaces with a smaller MTU than another one of the
 * router are looked at: whoever has one MTU everywhere pays nothing.
 */

import { type AppFlow, checkPacketLarger, flow, goto, punt } from '../../src/index.ts';
import type { SiteInterface, SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** The meter of those that come to the controller. */
export const OVERSIZE = 'oversize';
const ETHERNET_HEADER = 14;

/** The interfaces that take less than another one, and how much. */
export function narrow({ interfaces }: SiteRouter): { via: SiteInterface; mtu: number }[] {
  const widest = Math.max(...interfaces.map(({ mtu = 0 }) => mtu));
  return interfaces.flatMap((via) => (via.mtu !== undefined && via.mtu < widest ? [{ via, mtu: via.mtu }] : []));
}

/** The table `resolve`, where the next hop is known. */
export function measureFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap((router) =>
    narrow(router).map(({ via, mtu }): Flows[number] => [
      `${router.name}/${via.name} size`,
      flow({
        priority: measurePriority(mtu),
        match: { 'router.neighbourKnown': 1, 'router.number': router.number, segment: via.id },
        actions: [checkPacketLarger(mtu + ETHERNET_HEADER, 'router.tooBig'), goto('size')],
        intent: {
          text: `packets that leave by ${router.name}/${via.name} have ${mtu} bytes at most`,
          source: via.source,
        },
      }),
    ]),
  );
}

/** Above the flow for what is known. By it an MTU is known after a restart, until the hosts tell it again. */
const LEAST = 100;
const MOST = 65_535;

function measurePriority(mtu: number): number {
  return Math.min(MOST, LEAST + mtu);
}

/** undefined: it is another flow's. */
export function mtuOfPriority(priority: number): number | undefined {
  return priority > LEAST ? priority - LEAST : undefined;
}

export function sizeFlows(routers: readonly SiteRouter[]): Flows {
  if (!routers.some((router) => narrow(router).length > 0)) return [];
  return [
    [
      'too big',
      flow({
        priority: 10,
        match: { 'router.tooBig': 1 },
        actions: [punt(undefined, { meter: OVERSIZE })],
        intent: 'too large to leave: its sender is told, and what may be cut is cut',
      }),
    ],
    ['fits', flow({ priority: 0, match: {}, actions: [goto('switching')], intent: 'it fits' })],
  ];
}
