/** On a segment where Flowloom tells the stations what they need, nobody else does (of IPv6: RFC 6105). */

import {
  type AppFlow,
  type AppMatch,
  DHCP_PORT,
  drop,
  ETHER_TYPE,
  flow,
  IP_PROTOCOL,
  ND_TYPE,
  next,
} from '../../src/index.ts';
import type { SiteSegment } from './site.ts';

type Flows = [key: string, flow: AppFlow][];

const GUARDED = [
  {
    serves: 'dhcp',
    what: 'answers of other DHCP servers',
    match: {
      ...{ ethType: ETHER_TYPE.ipv4, ipProto: IP_PROTOCOL.udp },
      // From whichever port: clients look at their own alone.
      udpDst: DHCP_PORT.client,
    },
  },
  {
    serves: 'ra',
    what: 'other router advertisements',
    match: { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6, icmpv6Type: ND_TYPE.routerAdvertisement },
  },
] as const;

/** A port that `serves` such a thing may; what comes out of a tunnel was looked at where it went in. */
export function guardFlows(site: readonly SiteSegment[]): Flows {
  return site.flatMap(({ settings, id, name, ports }): Flows => {
    const { server, relay, advertise, source } = settings;
    const isGuarded = { dhcp: server !== undefined || relay !== undefined, ra: advertise !== undefined };
    return GUARDED.filter(({ serves }) => isGuarded[serves]).flatMap(({ serves, what, match }): Flows => {
      const may = ports.filter(({ port }) => port?.serves.includes(serves) === true);
      const on: AppMatch = { ...match, segment: id };
      return [
        ...may.map(({ port, number }): Flows[number] => [
          `${name} ${serves} of ${number}`,
          flow({
            priority: 110,
            match: { ...on, inPort: number },
            actions: [next()],
            intent: { text: `port ${port?.name} serves ${serves} on segment ${name}`, source: port?.source ?? source },
          }),
        ]),
        [
          `${name} ${serves}`,
          flow({
            priority: 100,
            match: { ...on, fromTunnel: 0 },
            actions: drop(),
            intent: { text: `no ${what} on segment ${name}`, source },
          }),
        ],
      ];
    });
  });
}
