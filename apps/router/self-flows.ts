/**
 * The port `self` of a router, where the host's own network stack is: what comes from it is the router's own and is routed as
 * zone `fw`; what is for the router itself goes there.
 */

import {
  type AppFlow,
  type AppMatch,
  actions,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  IP_PROTOCOL,
  inPrefix,
  load,
  move,
  next,
  punt,
  set,
} from '../../src/index.ts';
import type { SiteRouter, SiteSelf } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];
type RouterWithSelf = SiteRouter & { self: SiteSelf };

const GROUP = { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' };
const REQUEST = 1;
const REPLY = 2;
/** UDP port of DHCP clients (RFC 2131). */
const BOOTPC = 68;
/** The meter of packets by which an address that is followed is seen to be another. */
export const FOLLOWED = 'followed';

export function withSelf(routers: readonly SiteRouter[]): RouterWithSelf[] {
  return routers.filter((router): router is RouterWithSelf => router.self !== undefined);
}

/** The stage `learn`: ARP by which the host tells that it has another address than is known. */
export function heardFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap(({ name, mac, self }): Flows => {
    const { at, port, source } = self;
    if (at?.follow !== true) return [];
    const from = { ethType: ETHER_TYPE.arp, inPort: port } as const;
    const told = { text: `${name}/${at.name} follows the address of ${self.name}`, source };
    return [
      [
        `${name} still there`,
        flow({ priority: 130, match: { ...from, ethDst: mac, arpOp: REPLY }, actions: [punt()], intent: told }),
      ],
      ...at.own.map((address): Flows[number] => [
        `${name} known ${address}`,
        flow({ priority: 120, match: { ...from, arpSpa: address }, actions: [next()], intent: told }),
      ]),
      ...at.subnets.map((subnet): Flows[number] => [
        `${name} other ${subnet}`,
        flow({
          priority: 110,
          match: { ...from, arpSpa: inPrefix(subnet) },
          actions: [punt(undefined, { meter: FOLLOWED }), next()],
          intent: told,
        }),
      ]),
    ];
  });
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
      ...interfaces.flatMap(({ own }) => own.map((address) => silent(address, { arpTpa: address }))),
      [
        `${name} self`,
        flow({
          priority: 120,
          match: { ...from, arpOp: REQUEST },
          actions: actions(
            move('ethSrc', 'ethDst'),
            set({ ethSrc: mac, arpOp: REPLY }),
            move('arpSha', 'arpTha'),
            set({ arpSha: mac }),
            move('arpSpa', SCRATCH),
            move('arpTpa', 'arpSpa'),
            move(SCRATCH, 'arpTpa'),
            set({ outPort: port }),
            load('nxmInPort', 0),
            goto('output'),
          ),
          intent: { text: `router ${name} answers ARP of the host at ${self.name}`, source },
        }),
      ],
    ];
  });
}

/** A register that is of no use yet: an address on its way from one field to another. */
const SCRATCH = 'router.nextHop';

/** The stage `fork`: IP of the host goes to the router, whatever MAC it is sent to. */
export function selfForkFlows(routers: readonly SiteRouter[]): Flows {
  return withSelf(routers).flatMap(({ name, number, self }): Flows => {
    const { at, port, source } = self;
    const from = { inPort: port } as const;
    const ip = { ...from, ethType: ETHER_TYPE.ipv4 } as const;
    const own = actions(
      move('segment', 'ingressSegment'),
      set({ ingressZone: FW, fromTunnel: 0, 'router.number': number }),
      next(),
    );
    const intent = { text: `from router ${name} itself, at ${self.name}`, source };
    const flows: Flows = [
      [
        `${name} self group`,
        flow({
          priority: 140,
          match: { ...from, ethDst: GROUP },
          actions: at === undefined ? drop() : [goto('switching')],
          intent: { text: `multicast of the host at ${self.name} is not routed`, source },
        }),
      ],
      [`${name} self`, flow({ priority: 120, match: ip, actions: own, intent })],
    ];
    if (at === undefined) {
      const other = { text: `${self.name} speaks IP with router ${name} alone`, source };
      flows.push([`${name} self other`, flow({ priority: 110, match: from, actions: drop(), intent: other })]);
      return flows;
    }
    flows.push([
      `${name} self DHCP`,
      flow({
        priority: 130,
        match: {
          ethType: ETHER_TYPE.ipv4,
          segment: at.id,
          ethDst: self.mac,
          ipProto: IP_PROTOCOL.udp,
          udpDst: BOOTPC,
        },
        actions: [goto('switching')],
        intent: { text: `the host at ${self.name} is told its address by DHCP`, source },
      }),
    ]);
    if (!at.follow) return flows;
    const told = { text: `${name}/${at.name} follows the address of ${self.name}`, source };
    for (const address of at.own) {
      flows.push([
        `${name} self ${address}`,
        flow({ priority: 122, match: { ...ip, ipv4Src: address }, actions: own, intent }),
      ]);
    }
    for (const subnet of at.subnets) {
      flows.push([
        `${name} self in ${subnet}`,
        flow({
          priority: 121,
          match: { ...ip, ipv4Src: inPrefix(subnet) },
          actions: actions(punt(undefined, { meter: FOLLOWED }), own),
          intent: told,
        }),
      ]);
    }
    return flows;
  });
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
