/** What comes to the app and what does not: clients' messages, so many a second from each port; no answers of other servers. */

import {
  type AppFlow,
  type AppMeter,
  ARP_REPLY,
  ARP_REQUEST,
  actions,
  DHCP_PORT,
  ETHER_TYPE,
  flow,
  goto,
  IP_PROTOCOL,
  load,
  move,
  ND_TYPE,
  punt,
  set,
} from '../../src/index.ts';
import type { SitePort, SiteSegment } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const EVERYBODY = '255.255.255.255';
const NOWHERE = '0.0.0.0';
/** Packets a second, and at once: one guest's, and those of all behind a trunk or a tunnel. */
const ACCESS: AppMeter = { unit: 'packets', rate: 10, burst: 30 };
const TRUNK: AppMeter = { unit: 'packets', rate: 100, burst: 300 };

const udp = { ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.udp } as const;
const icmpv6 = { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6 } as const;

const RELAYS = 'from relays';
const meterOf = ({ name }: SitePort) => `from ${name}`;

export function meters(site: readonly SiteSegment[]): [key: string, meter: AppMeter][] {
  const all = new Map<string, AppMeter>();
  for (const { ports } of site) for (const port of ports) all.set(meterOf(port), port.isAccess ? ACCESS : TRUNK);
  if (site.some(({ isHome, routerMac }) => isHome && routerMac !== undefined)) all.set(RELAYS, TRUNK);
  return [...all];
}

export function respondFlows(site: readonly SiteSegment[]): Flows {
  return site.flatMap(
    (segment): Flows => [
      ...segment.answered.flatMap((port) => [...askedBy(port, segment), ...solicitedBy(port, segment)]),
      ...segment.ports.flatMap((port) => probedAt(port, segment)),
      ...ownAddress(segment),
      ...relayed(segment),
      ...answeredBy(segment),
    ],
  );
}

/** Relays elsewhere reach the server's address by the router (RFC 2131 4.1). */
function relayed({ settings: { server, source }, isHome, name, routerMac }: SiteSegment): Flows {
  if (server === undefined || routerMac === undefined || !isHome) return [];
  const ports = { udpSrc: DHCP_PORT.server, udpDst: DHCP_PORT.server };
  return [
    [
      `${name} relayed`,
      flow({
        priority: 190,
        match: { ...udp, ethDst: routerMac, ipv4Dst: server.address, ...ports },
        actions: [punt(undefined, { meter: RELAYS })],
        intent: { text: `DHCP of segment ${name} from relays`, source },
      }),
    ],
  ];
}

function askedBy(port: SitePort, { settings, id, name }: SiteSegment): Flows {
  if (settings.server === undefined && settings.relay === undefined) return [];
  const intent = { text: `DHCP of segment ${name} from port ${port.name}`, source: settings.source };
  const toUs = (ipv4Dst: string): AppFlow =>
    flow({
      priority: 200,
      match: { ...udp, inPort: port.number, segment: id, udpDst: DHCP_PORT.server, ipv4Dst },
      actions: [punt(undefined, { meter: meterOf(port) })],
      intent,
    });
  const flows: Flows = [[`${name} ${port.name} everybody`, toUs(EVERYBODY)]];
  if (settings.server !== undefined) flows.push([`${name} ${port.name} server`, toUs(settings.server.address)]);
  return flows;
}

/** Routers are asked for by those who have just come (RFC 4861 4.1). */
function solicitedBy(port: SitePort, { settings: { advertise, source }, id, name }: SiteSegment): Flows {
  if (advertise === undefined) return [];
  return [
    [
      `${name} ${port.name} solicits`,
      flow({
        priority: 200,
        match: { ...icmpv6, inPort: port.number, segment: id, icmpv6Type: ND_TYPE.routerSolicitation },
        actions: [punt(undefined, { meter: meterOf(port) })],
        intent: { text: `routers are asked for on segment ${name}, at port ${port.name}`, source },
      }),
    ],
  ];
}

/** What the servers elsewhere say to the relay comes to the router, whichever way. */
function answeredBy({ settings: { relay, source }, isHome, name }: SiteSegment): Flows {
  if (relay === undefined || !isHome) return [];
  const ports = { udpSrc: DHCP_PORT.server, udpDst: DHCP_PORT.server };
  return relay.servers.map((server): Flows[number] => [
    `${name} answers of ${server}`,
    flow({
      priority: 190,
      match: { ...udp, ...ports, ipv4Src: server, ipv4Dst: relay.address },
      actions: [punt(undefined, { meter: RELAYS })],
      intent: { text: `DHCP of segment ${name}, answered by ${server}`, source },
    }),
  ]);
}

/** Who has an address that was to be given to somebody else says so. */
function probedAt(port: SitePort, { settings, id, name }: SiteSegment): Flows {
  if (settings.server === undefined) return [];
  return [
    [
      `${name} ${port.name} probed`,
      flow({
        priority: 200,
        match: {
          ...{ ethType: ETHER_TYPE.arp, inPort: port.number, segment: id, ethDst: settings.server.ownMac },
          ...{ arpOp: ARP_REPLY, arpTpa: NOWHERE },
        },
        actions: [punt(undefined, { meter: meterOf(port) })],
        intent: { text: `addresses of segment ${name} that are in use, at port ${port.name}`, source: settings.source },
      }),
    ],
  ];
}

/** Where no router has the server's address, the switch answers ARP for it. */
function ownAddress({ settings: { server, source }, id, name }: SiteSegment): Flows {
  if (server === undefined || server.router !== undefined) return [];
  return [
    [
      `${name} own`,
      flow({
        priority: 100,
        match: { ethType: ETHER_TYPE.arp, segment: id, fromTunnel: 0, arpOp: ARP_REQUEST, arpTpa: server.address },
        actions: actions(
          move('ethSrc', 'ethDst'),
          set({ ethSrc: server.mac, arpOp: ARP_REPLY }),
          move('arpSha', 'arpTha'),
          set({ arpSha: server.mac }),
          move('arpSpa', 'arpTpa'),
          set({ arpSpa: server.address }),
          // Out of the port that it came in by, with tags as they must be.
          move('inPort', 'outPort'),
          load('nxmInPort', 0),
          goto('output'),
        ),
        intent: { text: `answer ARP for ${server.address}, the DHCP server of segment ${name}`, source },
      }),
    ],
  ];
}
