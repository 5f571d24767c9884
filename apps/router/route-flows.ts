/** A router's way for each packet: its own addresses, connected prefixes, static routes, the longest prefix first. */

import {
  type AppAction,
  type AppFlow,
  actions,
  ctState,
  decNwTtl,
  destinationIn,
  drop,
  familyOf,
  flow,
  goto,
  move,
  multipath,
  prefixLengthOf,
  punt,
  set,
  sourceIn,
} from '../../src/index.ts';
import { type Family, familiesOf, isIp, LINK_LOCAL } from './family.ts';
import { setNextHop } from './next-hop.ts';
import type { SiteHop, SiteInterface, SiteRoute, SiteRouter } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

/** The meter of packets whose senders are told why they do not go on. */
export const REFUSED = 'refused';

/** What `router.path` says of a packet that the stage `route` hands to the controller. */
export const REFUSALS = { 'net-unreachable': 1, 'host-unreachable': 2, 'admin-prohibited': 3 } as const;

/** IPv4 multicast, and what is above: broadcasts among them. */
const GROUPS = '224.0.0.0/3';

/** Its own addresses, and TTL: what the router sends itself has its first one, as it was given. */
export function ownFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap((router) => {
    const { name, number, interfaces, self, source } = router;
    const flows: Flows = interfaces.flatMap((each) =>
      each.own.map((address): Flows[number] => [
        `${name} own ${address}`,
        {
          priority: 320,
          match: { 'router.number': number, ...destinationIn(address) },
          actions: actions(set({ egressZone: FW }), goto('firewall')),
          intent: { text: `${address} is router ${name} itself`, source: each.source },
        },
      ]),
    );
    for (const { name: at, id, linkLocal, source: line } of interfaces) {
      if (linkLocal === undefined) continue;
      flows.push([
        `${name} own ${at}`,
        {
          priority: 320,
          match: { 'router.number': number, ingressSegment: id, ...destinationIn(linkLocal) },
          actions: actions(set({ egressZone: FW }), goto('firewall')),
          intent: { text: `${linkLocal} is router ${name} itself`, source: line },
        },
      ]);
    }
    flows.push(...followedFlows(router));
    for (const family of familiesOf(router)) {
      const ip = { 'router.number': number, ...isIp(family) };
      for (const match of family === 4 ? [destinationIn(GROUPS)] : [sourceIn(LINK_LOCAL), sourceIn('::')]) {
        flows.push([
          `${name} on link ${JSON.stringify(match)}`,
          {
            priority: 317,
            match: { ...ip, ...match },
            actions: drop(),
            intent: { text: `router ${name}: what is for one link, or for groups, is not routed`, source },
          },
        ]);
      }
      if (self !== undefined) {
        flows.push([
          `${name} from itself ${family}`,
          flow({
            priority: 315,
            match: { ...ip, ingressZone: FW },
            actions: [goto('lookup')],
            intent: { text: `from router ${name} itself, at ${self.name}`, source: self.source },
          }),
        ]);
      }
      for (const ttl of [0, 1]) {
        flows.push([
          `${name} ttl ${ttl} ${family}`,
          flow({
            priority: 310,
            match: { ...ip, ipTtl: ttl },
            actions: [punt(undefined, { meter: REFUSED })],
            intent: {
              text: `router ${name}: the TTL ends here: its sender is told, ${family === 4 ? 'ICMP' : 'ICMPv6'} time exceeded`,
              source,
            },
          }),
        ]);
      }
      flows.push([
        `${name} forward ${family}`,
        flow({
          priority: 100,
          match: ip,
          actions: [decNwTtl(), goto('lookup')],
          intent: { text: `router ${name}: TTL less one`, source },
        }),
      ]);
    }
    return flows;
  });
}

/**
 * Where the host's address is followed, what comes to its MAC for a subnet of the segment is for it, whichever address it has by now:
 * it may have got another a moment ago, or has several. What NAT has sent elsewhere goes on.
 */
function followedFlows({ name, number, self, stateful }: SiteRouter): Flows {
  const at = self?.at;
  if (self === undefined || at?.follow !== true) return [];
  return at.connected.map((subnet): Flows[number] => [
    `${name} host in ${subnet}`,
    {
      // Below what comes from the host itself.
      priority: 313,
      match: {
        ...{ 'router.number': number, ingressSegment: at.id, ...destinationIn(subnet) },
        ...(stateful ? { ctState: ctState('-dnat') } : {}),
      },
      actions: actions(set({ egressZone: FW }), goto('firewall')),
      intent: { text: `${name}/${at.name} follows the address of ${self.name}`, source: self.source },
    },
  ]);
}

/** The longest prefix wins: its length is in the priority. */
export function lookupFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap((router) => {
    const { name, number, interfaces, routes, source } = router;
    const entry = (key: string, prefix: string, way: AppAction[], text: string, line: string): Flows[number] => [
      `${name} ${key} ${prefix}`,
      { ...towardsPrefix(number, prefix), actions: way, intent: { text, source: line } },
    ];
    const flows: Flows = [];
    for (const each of interfaces) {
      for (const address of each.connected) {
        const hop = familyOf(address) === 4 ? move('ipv4Dst', 'router.nextHop') : move('ipv6Dst', 'router.nextHop6');
        const text = `${address} is connected to ${name}/${each.name}`;
        flows.push(entry('connected', address, actions(leaveBy(each), hop, goto('firewall')), text, each.source));
      }
    }
    for (const route of routes) {
      const way = wayOf(route, number);
      if (way !== undefined) flows.push(entry('route', route.prefix, way, textOf(route), route.source));
    }
    for (const family of familiesOf(router)) {
      flows.push([
        `${name} none ${family}`,
        flow({
          priority: 1,
          match: { 'router.number': number, ...isIp(family) },
          actions: refuse('net-unreachable'),
          intent: { text: `router ${name} has no route${toldTo(family, 'net-unreachable')}`, source },
        }),
      ]);
    }
    return flows;
  });
}

/** Which of several next hops a packet takes whose route has them: by the number that its connection got. */
export function pathFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, number, routes }) =>
    routes.flatMap(({ prefix, hops, source }): Flows => {
      if (hops.length < 2) return [];
      const { priority, match } = towardsPrefix(number, prefix);
      return hops.map((hop, index) => [
        `${name} ${prefix} ${index}`,
        {
          priority,
          match: { ...match, 'router.path': index },
          actions: actions(leaveBy(hop.out), setNextHop(hop.address), goto('firewall')),
          intent: { text: `${prefix} via ${hop.address}, one of ${hops.length}`, source },
        },
      ]);
    }),
  );
}

/** As Linux tells them (ip-route(8)). */
const KINDS = { unreachable: 'host-unreachable', prohibit: 'admin-prohibited' } as const;

/** undefined: its interface is not there. */
function wayOf({ type, hops }: SiteRoute, number: number): AppAction[] | undefined {
  switch (type) {
    case 'blackhole':
      return drop();
    case 'unreachable':
    case 'prohibit':
      return refuse(KINDS[type]);
    case 'unicast': {
      const [first, ...more] = hops;
      if (first === undefined) return undefined;
      if (more.length > 0) return [multipath('router.path', hops.length, number), goto('path')];
      return actions(leaveBy(first.out), setNextHop(first.address), goto('firewall'));
    }
  }
}

function refuse(kind: keyof typeof REFUSALS): AppAction[] {
  return [...set({ 'router.path': REFUSALS[kind] }), punt(undefined, { meter: REFUSED })];
}

/** In the words of RFC 792 and 1812, and of RFC 4443. */
const TOLD = {
  'net-unreachable': { 4: 'ICMP network unreachable', 6: 'ICMPv6 no route to destination' },
  'host-unreachable': { 4: 'ICMP host unreachable', 6: 'ICMPv6 address unreachable' },
  'admin-prohibited': { 4: 'ICMP administratively prohibited', 6: 'ICMPv6 administratively prohibited' },
} as const satisfies Record<keyof typeof REFUSALS, Record<Family, string>>;

function toldTo(family: Family, kind: keyof typeof REFUSALS): string {
  return `: its sender is told, ${TOLD[kind][family]}`;
}

function textOf({ prefix, type, hops }: SiteRoute): string {
  if (type === 'blackhole') return `${prefix} ${type}`;
  if (type !== 'unicast') return `${prefix} ${type}${toldTo(familyOf(prefix), KINDS[type])}`;
  return `${prefix} via ${hops.map(({ address }: SiteHop) => address).join(', ')}`;
}

function towardsPrefix(number: number, prefix: string): Pick<AppFlow, 'priority' | 'match'> {
  const length = prefixLengthOf(prefix);
  const match = length === 0 ? isIp(familyOf(prefix)) : destinationIn(prefix);
  return { priority: 100 + length, match: { 'router.number': number, ...match } };
}

function leaveBy({ zone, id }: SiteInterface): AppAction[] {
  return set({ egressZone: zone, segment: id });
}
