/**
 * What stays on a segment, before it is judged: which zones it comes from and goes to, and its connection's state, kept
 * apart for each two zones (docs/decisions/0036).
 */

import {
  type AppAction,
  type AppDatapath,
  type AppFlow,
  type AppMatch,
  actions,
  ct,
  ctState,
  destinationIn,
  drop,
  ETHER_TYPE,
  type Firewall,
  flow,
  goto,
  IP_PROTOCOL,
  set,
  sourceIn,
} from '../../src/index.ts';
import type { FilteredSegment, ZonedPlace } from './bridged-site.ts';

type Flows = [key: string, flow: AppFlow][];
type Side = 'from' | 'to';

const IP = [
  ['ipv4', { ethType: ETHER_TYPE.ipv4 }],
  ['ipv6', { ethType: ETHER_TYPE.ipv6 }],
] as const;

/** Multicast listeners (RFC 3810), and neighbour discovery (RFC 4861) without redirects. */
const LINK_TYPES = [130, 131, 132, 133, 134, 135, 136, 143];

/** IP of filtered segments gets the zone that it comes from; all else goes on. */
export function bridgedFlows(segments: readonly FilteredSegment[]): Flows {
  if (segments.length === 0) return [];
  const flows = segments.flatMap(
    (segment): Flows => [
      ...routerFlows(segment),
      ...backFlows(segment),
      ...placed(segment, 'from').flatMap(([key, priority, match, place]) =>
        IP.filter(([, { ethType }]) => (match.ethType ?? ethType) === ethType).map(([family, ip]): Flows[number] => [
          `${key} ${family}`,
          flow({
            priority,
            match: { ...ip, ...match },
            actions: actions(set({ ingressZone: place.zone }), goto('egress')),
            intent: { text: `segment ${segment.name}: what comes from ${place.text} is judged`, source: place.source },
          }),
        ]),
      ),
    ],
  );
  for (const type of LINK_TYPES) {
    flows.push([
      `icmpv6 type ${type}`,
      flow({
        priority: 300,
        match: { ethType: ETHER_TYPE.ipv6, ipProto: IP_PROTOCOL.icmpv6, icmpv6Type: type },
        actions: [goto('output')],
        intent: 'neighbour discovery and multicast listeners are not judged',
      }),
    ]);
  }
  const intent = 'what is no IP, or stays on a segment without zones, is not judged';
  flows.push(['rest', flow({ priority: 0, match: {}, actions: [goto('output')], intent })]);
  return flows;
}

/** What routers get and send is judged as routed traffic. */
function routerFlows({ id, name, routers }: FilteredSegment): Flows {
  return routers.flatMap((router): Flows => {
    const pass = (match: AppMatch, what: string) => ({
      ...{ priority: 400, match: { segment: id, ...match }, actions: [goto('output')] },
      intent: {
        text: `segment ${name}: what goes ${what} router ${router.name} is not judged here`,
        source: router.source,
      },
    });
    return [
      [`${name} from ${router.name} ${router.mac}`, pass({ ethSrc: router.mac }, 'from')],
      [`${name} to ${router.name} ${router.mac}`, pass({ ethDst: router.mac }, 'to')],
    ];
  });
}

/** The copy of a flood for the port that it came from is not sent, and nobody is to be told that it was refused. */
function backFlows({ id, name, places }: FilteredSegment): Flows {
  return places
    .filter(({ peer, station }) => peer === undefined && station === undefined)
    .map(({ key, port, text, source }) => [
      `${name} back to ${key}`,
      flow({
        priority: 500,
        match: { segment: id, flooded: 1, inPort: port, outPort: port },
        actions: drop(),
        intent: { text: `segment ${name}: no copy goes back to ${text}`, source },
      }),
    ]);
}

export function egressFlows(segments: readonly FilteredSegment[]): Flows {
  return segments.flatMap(
    (segment): Flows => [
      ...broadcastFlows(segment),
      ...placed(segment, 'to').map(([key, priority, match, place]): Flows[number] => [
        key,
        flow({
          priority,
          match,
          actions: actions(set({ egressZone: place.zone }), goto('track')),
          intent: { text: `segment ${segment.name}: what goes to ${place.text} is judged`, source: place.source },
        }),
      ]),
    ],
  );
}

/** What is for all of a host whose ports are in several zones that host judges, for each of them. */
function broadcastFlows({ id, name, places }: FilteredSegment): Flows {
  return places
    .filter(({ isMixed }) => isMixed === true)
    .map(({ key, port, peer, text, source }) => [
      `${name} broadcast ${key}`,
      flow({
        priority: 230,
        match: {
          segment: id,
          outPort: port,
          ...(peer === undefined ? {} : { tunnelPeer: peer }),
          ethDst: { value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' },
        },
        actions: [goto('output')],
        intent: { text: `segment ${name}: broadcasts to ${text} are judged there`, source },
      }),
    ]);
}

/** A match for each place of a segment, and at last one for anything else: what comes from Flowloom itself. */
function placed(
  { id, name, places, source }: FilteredSegment,
  side: Side,
): [key: string, priority: number, match: AppMatch, place: Pick<ZonedPlace, 'zone' | 'text' | 'source'>][] {
  const elsewhere = { zone: 0, text: 'elsewhere', source };
  return [
    ...places.flatMap((place): ReturnType<typeof placed> => {
      const { port, peer, station } = place;
      const match: AppMatch = {
        segment: id,
        ...(side === 'from' ? { inPort: port } : { outPort: port }),
        ...(peer === undefined ? {} : { tunnelPeer: peer }),
      };
      const key = `${name} ${place.key}`;
      if (station === undefined) return [[key, 200, match, place]];
      if ('mac' in station) {
        return [
          [key, 220, { ...match, ...(side === 'from' ? { ethSrc: station.mac } : { ethDst: station.mac }) }, place],
        ];
      }
      const ends = side === 'from' ? sourceIn(station.address) : destinationIn(station.address);
      return [[key, 220, { ...match, ...ends }, place]];
    }),
    [`${name} elsewhere`, 100, { segment: id }, elsewhere],
  ];
}

/** Both ways between two zones share a ct zone. */
export function trackFlows(
  segments: readonly FilteredSegment[],
  firewall: Firewall | undefined,
  dp: AppDatapath,
  /** Which sets its ends are in. */
  lookUp: AppAction[],
): Flows {
  if (firewall === undefined) return [];
  const names = new Map(firewall.zones.map(({ number, name }) => [number, name]));
  return segments.flatMap(({ id, name, zones }) =>
    zones.flatMap((from) =>
      zones.flatMap((to) => {
        const pair = [from, to].toSorted((a, b) => a - b).map((zone) => names.get(zone) ?? 'none');
        const zone = dp.ctZone(`segment ${name}, ${pair.join(' and ')}`);
        const text = `segment ${name}: connections between ${pair.join(' and ')} are tracked`;
        return IP.map(([family, ip]): Flows[number] => [
          `${name} ${from} ${to} ${family}`,
          flow({
            priority: 100,
            match: { ...ip, segment: id, ingressZone: from, egressZone: to },
            actions: actions(lookUp, set({ 'firewall.connections': zone }), ct({ zone, table: 'judge' })),
            intent: { text, source: firewall.source },
          }),
        ]);
      }),
    ),
  );
}

/** Before any verdict. */
export function invalidFlows(segments: readonly FilteredSegment[]): Flows {
  if (segments.length === 0) return [];
  const intent = 'packets within a segment that belong to no connection and can start none';
  return [['invalid', flow({ priority: 65_000, match: { ctState: ctState('+inv+trk') }, actions: drop(), intent })]];
}
