/** What arrives at a router: neighbours learned from ARP, ARP answered, packets for its MAC taken from the bridge. */

import {
  type AppFlow,
  actions,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  inPrefix,
  learn,
  load,
  move,
  next,
  punt,
  set,
} from '../../src/index.ts';
import { onePerPrefix, type SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

/** Of an interface: who sends ARP from ever new addresses of a wide prefix does not fill the switch. */
const NEIGHBOURS = 16_384;
const REQUEST = 1;
const REPLY = 2;

/** A neighbour has no timeout: any ARP from it renews it, and what forwards needs no controller. */
export function neighbourFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, interfaces }) =>
    interfaces.flatMap((each) =>
      onePerPrefix(each.addresses).map((address): Flows[number] => [
        `${name}/${each.name} ${address}`,
        flow({
          priority: 100,
          match: { ethType: ETHER_TYPE.arp, segment: each.id, arpSpa: inPrefix(address) },
          actions: [
            learn({
              table: 'neighbours',
              priority: 10,
              limit: NEIGHBOURS,
              intent: { text: `a neighbour of ${name}/${each.name} that the switch learned`, source: each.source },
              items: [
                { match: 'segment' },
                { match: 'router.nextHop', from: 'arpSpa' },
                { load: 'ethDst', from: 'arpSha' },
                { load: 'router.neighbourKnown', from: 1 },
              ],
            }),
            next(),
          ],
          intent: { text: `learn the neighbours of ${name}/${each.name}`, source: each.source },
        }),
      ]),
    ),
  );
}

export function respondFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, mac, interfaces }) =>
    interfaces.flatMap((each) =>
      each.own.flatMap(
        (address): Flows => [
          [
            `answer ${address}`,
            flow({
              priority: 100,
              match: { ethType: ETHER_TYPE.arp, segment: each.id, arpOp: REQUEST, arpTpa: address },
              actions: actions(
                move('ethSrc', 'ethDst'),
                set({ ethSrc: mac, arpOp: REPLY }),
                move('arpSha', 'arpTha'),
                set({ arpSha: mac }),
                move('arpSpa', 'arpTpa'),
                set({ arpSpa: address }),
                backWhereItCameFrom(),
                goto('output'),
              ),
              intent: { text: `answer ARP for ${address}`, source: each.source },
            }),
          ],
          [
            `resolved ${address}`,
            flow({
              priority: 100,
              match: { ethType: ETHER_TYPE.arp, segment: each.id, arpOp: REPLY, arpTpa: address },
              actions: [punt()],
              intent: {
                text: `a neighbour of ${name}/${each.name} answers: packets that wait for it go on`,
                source: each.source,
              },
            }),
          ],
        ],
      ),
    ),
  );
}

/** Out of the port, or the tunnel, that it came in by; never as IN_PORT, which would bypass tags and tunnels. */
export function backWhereItCameFrom() {
  return [move('inPort', 'outPort'), load('nxmInPort', 0)];
}

export function forkFlows(routers: SiteRouter[]): Flows {
  const flows: Flows = routers.flatMap(({ name, mac, number, interfaces, source }) =>
    interfaces.flatMap(
      (each): Flows => [
        [
          `${name}/${each.name}`,
          flow({
            priority: 100,
            match: { ethType: ETHER_TYPE.ipv4, segment: each.id, ethDst: mac },
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
            match: { segment: each.id, ethDst: mac },
            actions: drop(),
            intent: { text: `router ${name} takes IPv4 only`, source },
          }),
        ],
      ],
    ),
  );
  flows.push([
    'bridged',
    flow({ priority: 0, match: {}, actions: [goto('switching')], intent: 'not to a router: bridged' }),
  ]);
  return flows;
}
