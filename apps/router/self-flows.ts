/**
 * The port `self` of a router, where the host's own network stack is: what comes from it is the router's own and is routed as
 * zone `fw`; what is for the router itself goes there.
 */

import {
  type AppAction,
  type AppFlow,
  type AppMatch,
  ARP_REPLY,
  ARP_REQUEST,
  actions,
  destinationIn,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  IP_PROTOCOL,
  load,
  move,
  next,
  punt,
  set,
  sourceIn,
} from '../../src/index.ts';
import { arpAnswer } from './arp-answer.ts';
import { ADVERTISEMENT, familiesOf, isIp, LINK_LOCAL, SOLICITATION } from './family.ts';
import { otherAddressFlows } from './neighbour-flows.ts';
import type { SiteInterface, SiteRouter, SiteSelf } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];
type RouterWithSelf = SiteRouter & { self: SiteSelf };

const GROUP = { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' };
/** UDP port of DHCP clients (RFC 2131). */
const BOOTPC = 68;
/** RFC 8415 7.2. */
const DHCPV6_CLIENT = 546;
/** The meters of packets by which an address that is followed is seen to be another, or still the same. */
export const FOLLOWED = 'followed';
export const FOLLOWED_ANSWERS = 'followed-answers';

function isIpv4(address: string): boolean {
  return !address.includes(':');
}

export function withSelf(routers: readonly SiteRouter[]): RouterWithSelf[] {
  return routers.filter((router): router is RouterWithSelf => router.self !== undefined);
}

/** The stage `learn`: ARP and neighbour discovery by which the host tells that it has another address than is known. */
export function heardFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap((router): Flows => {
    const { name, mac, self } = router;
    const { at, port, source } = self;
    if (at?.follow !== true) return [];
    const told = { text: `${name}/${at.name} follows the address of ${self.name}`, source };
    const entry = (key: string, priority: number, match: AppMatch, way: AppAction[]): Flows[number] => [
      `${name} ${key}`,
      { priority, match: { ...match, inPort: port }, actions: way, intent: told },
    ];
    const known = at.own.flatMap((address) =>
      saysItHas(address).map((match, i) => entry(`known ${address} ${i}`, 120, match, [next()])),
    );
    const answers = [punt(undefined, { meter: FOLLOWED_ANSWERS })];
    return [
      entry('still there', 130, { ethType: ETHER_TYPE.arp, ethDst: mac, arpOp: ARP_REPLY }, answers),
      entry('still there 6', 130, { ...ADVERTISEMENT, ethDst: mac }, answers),
      ...known,
      ...otherAddressFlows(router, punt(undefined, { meter: FOLLOWED })),
    ];
  });
}

function saysItHas(address: string): AppMatch[] {
  if (isIpv4(address)) return [{ ethType: ETHER_TYPE.arp, arpSpa: address }];
  return [
    { ...SOLICITATION, ...sourceIn(address) },
    { ...ADVERTISEMENT, ipv6NdTarget: address },
  ];
}

/** Where the port is in no segment the router is all that the host sees, and answers for everything but the host's own. */
export function selfRespondFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap(({ name, mac, self, interfaces }): Flows => {
    const { at, port, source } = self;
    if (at !== undefined) return [];
    const from = { ethType: ETHER_TYPE.arp, inPort: port } as const;
    const silent = (key: string, match: AppMatch): Flows[number] => [
      `${name} self ${key}`,
      {
        priority: 130,
        match: { ...from, ...match },
        actions: drop(),
        intent: { text: `the host at ${self.name} asks about its own address`, source },
      },
    ];
    return [
      silent('probe', { arpSpa: '0.0.0.0' }),
      ...interfaces.flatMap(({ own }) => own.filter(isIpv4).map((address) => silent(address, { arpTpa: address }))),
      [
        `${name} self`,
        flow({
          priority: 120,
          match: { ...from, arpOp: ARP_REQUEST },
          actions: actions(arpAnswer(mac), set({ outPort: port }), load('nxmInPort', 0), goto('output')),
          intent: { text: `router ${name} answers ARP of the host at ${self.name}`, source },
        }),
      ],
    ];
  });
}

/** The stage `fork`: IP of the host goes to the router, whatever MAC it is sent to. */
export function selfForkFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap((router): Flows => {
    const { name, self } = router;
    const { at, port, source } = self;
    const entry = (key: string, priority: number, match: AppMatch, way: AppAction[], text: string): Flows[number] => [
      `${name} self ${key}`,
      { priority, match: { ...match, inPort: port }, actions: way, intent: { text, source } },
    ];
    const aside = at === undefined ? drop() : [goto('switching')];
    const onLink = `link-local addresses and groups of the host at ${self.name} are not routed`;
    const flows = [
      entry('group', 140, { ethDst: GROUP }, aside, onLink),
      ...familiesOf(router).map((family) =>
        entry(String(family), 120, isIp(family), ownWay(router), `from router ${name} itself, at ${self.name}`),
      ),
    ];
    if (familiesOf(router).includes(6)) {
      flows.push(
        entry('link-local', 135, destinationIn(LINK_LOCAL), aside, onLink),
        entry('solicitation', 135, SOLICITATION, aside, onLink),
        entry('advertisement', 135, ADVERTISEMENT, aside, onLink),
      );
    }
    if (at !== undefined) return [...flows, ...uplinkFlows(router, at)];
    return [...flows, entry('other', 110, {}, drop(), `${self.name} speaks IP with router ${name} alone`)];
  });
}

function ownWay({ number }: SiteRouter): AppAction[] {
  return actions(
    move('segment', 'ingressSegment'),
    set({ ingressZone: FW, fromTunnel: 0, 'router.number': number }),
    next(),
  );
}

/** Where the port is on a segment the host may get its address by DHCP, and the interface follow it. */
function uplinkFlows(router: RouterWithSelf, at: SiteInterface): Flows {
  const { name, self } = router;
  const { port, source } = self;
  const dhcp = { segment: at.id, ethDst: self.mac, ipProto: IP_PROTOCOL.udp } as const;
  const told = { text: `the host at ${self.name} is told its address by DHCP`, source };
  const leave = [goto('switching')];
  const flows: Flows = [
    [
      `${name} self DHCP`,
      flow({
        priority: 130,
        match: { ...dhcp, ethType: ETHER_TYPE.ipv4, udpDst: BOOTPC },
        actions: leave,
        intent: told,
      }),
    ],
    [
      `${name} self DHCPv6`,
      flow({
        priority: 130,
        match: { ...dhcp, ethType: ETHER_TYPE.ipv6, udpDst: DHCPV6_CLIENT },
        actions: leave,
        intent: told,
      }),
    ],
  ];
  if (!at.follow) return flows;
  for (const address of at.own) {
    flows.push([
      `${name} self ${address}`,
      {
        priority: 122,
        match: { inPort: port, ...sourceIn(address) },
        actions: ownWay(router),
        intent: { text: `from router ${name} itself, at ${self.name}`, source },
      },
    ]);
  }
  for (const subnet of at.connected) {
    flows.push([
      `${name} self in ${subnet}`,
      {
        priority: 121,
        match: { inPort: port, ...sourceIn(subnet) },
        actions: actions(punt(undefined, { meter: FOLLOWED }), ownWay(router)),
        intent: { text: `${name}/${at.name} follows the address of ${self.name}`, source },
      },
    ]);
  }
  return flows;
}

/** The stage `next-hop`: what is for the router itself, and what the firewall let through, goes to the host. */
export function toSelfFlow({ name, mac, number, self }: RouterWithSelf): Flows[number] {
  return [
    `${name} self`,
    flow({
      priority: 120,
      match: { 'router.number': number, egressZone: FW },
      actions: actions(
        set({ ethSrc: mac, ethDst: self.mac, segment: self.at?.id ?? 0, outPort: self.port }),
        load('nxmInPort', 0),
        goto('output'),
      ),
      intent: { text: `to router ${name} itself, at ${self.name}`, source: self.source },
    }),
  ];
}
