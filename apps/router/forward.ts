/** What a router does with a packet: tracks it, finds its way, answers for itself, and gives it its next hop. */

import {
  type AppAction,
  type AppFlow,
  actions,
  addressNumber,
  ct,
  ctState,
  decNwTtl,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  IP_PROTOCOL,
  inPrefix,
  load,
  move,
  next,
  prefixLengthOf,
  punt,
  resubmit,
  set,
} from '../../src/index.ts';
import { backWhereItCameFrom } from './arrival.ts';
import { onePerPrefix, type SiteInterface, type SiteRouter } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
/** Zone number of the router itself, `fw` in the file. */
const FW = 255;

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

export function routeFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, number, interfaces, routes, source }) => {
    const ip = { ethType: ETHER_TYPE.ipv4, 'router.number': number };
    const flows: Flows = [];
    for (const each of interfaces) {
      for (const address of each.own) {
        flows.push([
          `${name} own ${address}`,
          flow({
            priority: 320,
            match: { ...ip, ipv4Dst: address },
            actions: actions(set({ egressZone: FW }), next()),
            intent: { text: `${address} is router ${name} itself`, source: each.source },
          }),
        ]);
      }
      for (const address of onePerPrefix(each.addresses)) {
        const hop = move('ipv4Dst', 'router.nextHop');
        flows.push(
          route(
            `${name} connected ${address}`,
            ip,
            address,
            each,
            [hop],
            `${address} is connected to ${name}/${each.name}`,
            each.source,
          ),
        );
      }
    }
    for (const { prefix, via, out, source: line } of routes) {
      const hop = set({ 'router.nextHop': addressNumber(via) });
      flows.push(route(`${name} route ${prefix}`, ip, prefix, out, hop, `${prefix} via ${via}`, line));
    }
    for (const ttl of [0, 1]) {
      flows.push([
        `${name} ttl ${ttl}`,
        flow({
          priority: 310,
          match: { ...ip, ipTtl: ttl },
          actions: [punt()],
          intent: { text: `router ${name}: TTL exceeded is told to the sender`, source },
        }),
      ]);
    }
    flows.push([
      `${name} none`,
      flow({ priority: 1, match: ip, actions: drop(), intent: { text: `router ${name} has no route`, source } }),
    ]);
    return flows;
  });
}

/** The longest prefix wins: its length is in the priority. */
function route(
  key: string,
  ip: AppFlow['match'],
  prefix: string,
  out: SiteInterface,
  hop: AppAction[],
  text: string,
  source: string,
): Flows[number] {
  const length = prefixLengthOf(prefix);
  return [
    key,
    flow({
      priority: 100 + length,
      match: length === 0 ? ip : { ...ip, ipv4Dst: inPrefix(prefix) },
      actions: actions(decNwTtl(), set({ egressZone: out.zone, segment: out.id }), hop, next()),
      intent: { text, source },
    }),
  ];
}

export function nextHopFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, mac, number, interfaces, source }): Flows => {
    const mine = { 'router.number': number, egressZone: FW };
    const echo: Flows = interfaces.flatMap((each) =>
      each.own.map((address): Flows[number] => [
        `${name} echo ${address}`,
        flow({
          priority: 110,
          match: {
            ...mine,
            ethType: ETHER_TYPE.ipv4,
            ipProto: IP_PROTOCOL.icmp,
            icmpv4Type: ECHO_REQUEST,
            ipv4Dst: address,
          },
          actions: actions(
            move('ipv4Src', 'ipv4Dst'),
            set({ ipv4Src: address, icmpv4Type: ECHO_REPLY, ipTtl: 64 }),
            move('ethSrc', 'ethDst'),
            set({ ethSrc: mac }),
            move('ingressSegment', 'segment'),
            backWhereItCameFrom(),
            goto('output'),
          ),
          intent: { text: `${address} answers ping`, source: each.source },
        }),
      ]),
    );
    return [
      ...echo,
      [
        `${name} itself`,
        flow({
          priority: 100,
          match: mine,
          actions: drop(),
          intent: { text: `router ${name} offers nothing else itself`, source },
        }),
      ],
      [
        `${name}`,
        flow({
          priority: 50,
          match: { 'router.number': number },
          // In port 0: what was routed may leave by the port that it came in by.
          actions: actions(
            set({ ethSrc: mac }),
            load('nxmInPort', 0),
            set({ 'router.neighbourKnown': 0 }),
            resubmit('neighbours'),
            goto('resolve'),
          ),
          intent: { text: `router ${name}: look up the next hop`, source },
        }),
      ],
    ];
  });
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
    ['unknown', flow({ priority: 0, match: {}, actions: [punt()], intent: 'the next hop must be asked for by ARP' })],
  ];
}
