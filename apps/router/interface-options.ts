/**
 * Options of interfaces, as Shorewall has them (shorewall-interfaces(5)): what may not come in by an interface, before
 * anything is translated or tracked. `routeback` is a rule of the firewall.
 */

import {
  type AppFlow,
  type AppMatch,
  addressNumber,
  addressText,
  drop,
  ETHER_TYPE,
  familyOf,
  goto,
  IP_PROTOCOL,
  inPrefix,
  next,
  prefixLengthOf,
  sourceIn,
} from '../../src/index.ts';
import { familiesOf, isIp } from './family.ts';
import type { SiteInterface, SiteRouter } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

const RFC1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
/** Groups, and everybody on a link. */
const NO_SENDERS = ['224.0.0.0/4', '255.255.255.255', 'ff00::/8'];
/** Who has no address yet, and what is not routed. */
const NOT_ROUTED = ['0.0.0.0', 'fe80::/10'];

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
const URG = 0x20;
const ALL_FLAGS = FIN | SYN | RST | PSH | ACK | URG;

/** Of these flags exactly those are set. */
const BAD_FLAGS: { of: number; set: number; srcPort?: number }[] = [
  { of: ALL_FLAGS, set: FIN | PSH | URG },
  { of: ALL_FLAGS, set: 0 },
  { of: SYN | RST, set: SYN | RST },
  { of: RST | FIN, set: RST | FIN },
  { of: SYN | FIN, set: SYN | FIN },
  { of: FIN | SYN | RST | ACK, set: SYN, srcPort: 0 },
];
/** Later fragments have no TCP header. */
const FIRST_OR_WHOLE = { value: 0, mask: 2 };

/** `norfc1918`, `nosmurfs`, `tcpflags`. */
export function guardFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap((router) => {
    const { name, number, self } = router;
    const flows = router.interfaces.flatMap((each) =>
      each.options.flatMap((option) =>
        refusedBy(option, router).map((match, i): Flows[number] => [
          `${name}/${each.name} ${option} ${i}`,
          { ...refusal(router, each, option), priority: 500, match: { ...by(number, each), ...match } },
        ]),
      ),
    );
    const isNeeded = router.interfaces.some(({ options }) => options.some((option) => option !== 'routeback'));
    if (self === undefined || !isNeeded) return flows;
    const intent = { text: `from router ${name} itself, at ${self.name}`, source: self.source };
    const itself = { 'router.number': number, ingressZone: FW };
    return [...flows, [`${name} itself`, { priority: 600, match: itself, actions: [goto('unsnat')], intent }]];
  });
}

function refusedBy(option: SiteInterface['options'][number], { interfaces }: SiteRouter): AppMatch[] {
  switch (option) {
    case 'norfc1918':
      return RFC1918.flatMap((prefix) => [
        sourceIn(prefix),
        { ethType: ETHER_TYPE.ipv4, ipv4Dst: inPrefix(prefix) } satisfies AppMatch,
      ]);
    case 'nosmurfs': {
      const broadcasts = interfaces.flatMap(({ connected }) => connected.flatMap((each) => broadcastOf(each) ?? []));
      return [...NO_SENDERS, ...new Set(broadcasts)].map(sourceIn);
    }
    case 'tcpflags':
      return ([4, 6] as const).flatMap((family) =>
        BAD_FLAGS.map(({ of, set, srcPort }) => ({
          ...{ ...isIp(family), ipProto: IP_PROTOCOL.tcp, ipFrag: FIRST_OR_WHOLE },
          tcpFlags: { value: set, mask: of },
          ...(srcPort === undefined ? {} : { tcpSrc: srcPort }),
        })),
      );
    default:
      return [];
  }
}

/** undefined: it has none. */
function broadcastOf(address: string): string | undefined {
  const network = inPrefix(address);
  if (familyOf(address) === 6 || typeof network === 'string' || prefixLengthOf(address) > 30) return undefined;
  return addressText((addressNumber(network.value) | ~addressNumber(network.mask)) >>> 0);
}

/** `routefilter`: who sends must be where the router would send to (RFC 3704, strict reverse path forwarding). */
export function reversePathFlows(routers: readonly SiteRouter[]): Flows {
  return routers.flatMap((router) =>
    router.interfaces
      .filter(({ options }) => options.includes('routefilter'))
      .flatMap((each) => reversePath(router, each)),
  );
}

function reversePath(router: SiteRouter, arrival: SiteInterface): Flows {
  const { name, number, interfaces, routes } = router;
  const refused = refusal(router, arrival, 'routefilter');
  const right = `routefilter at ${name}/${arrival.name}: here the route leads back`;
  const passes = { actions: [next()], intent: { text: right, source: arrival.source } };
  const entry = (key: string, priority: number, match: AppMatch, isRight: boolean): Flows[number] => [
    `${name}/${arrival.name} from ${key}`,
    { ...(isRight ? passes : refused), priority, match: { ...by(number, arrival), ...match } },
  ];
  const from = (prefix: string) => (prefixLengthOf(prefix) === 0 ? isIp(familyOf(prefix)) : sourceIn(prefix));
  const byLength = (prefix: string) => 100 + prefixLengthOf(prefix);
  const prefixes = new Map<string, boolean>();
  for (const { prefix, hops } of routes)
    prefixes.set(
      prefix,
      hops.some(({ out }) => out.name === arrival.name),
    );
  const connected = interfaces.flatMap((each) => each.connected.map((address) => ({ each, address })));
  return [
    ...NOT_ROUTED.map((prefix) => entry(prefix, 330, sourceIn(prefix), true)),
    ...interfaces.flatMap(({ own }) => own.map((address) => entry(address, 320, sourceIn(address), false))),
    ...connected.map(({ each, address }) =>
      entry(address, byLength(address), from(address), each.name === arrival.name),
    ),
    ...[...prefixes].map(([prefix, isRight]) => entry(prefix, byLength(prefix), from(prefix), isRight)),
    ...familiesOf(router).map((family) => entry(`IPv${family}`, 1, isIp(family), false)),
  ];
}

function by(number: number, { id }: SiteInterface): AppMatch {
  return { 'router.number': number, ingressSegment: id };
}

function refusal({ name }: SiteRouter, each: SiteInterface, option: string): Pick<AppFlow, 'actions' | 'intent'> {
  return { actions: drop(), intent: { text: `${option} at ${name}/${each.name}`, source: each.source } };
}
