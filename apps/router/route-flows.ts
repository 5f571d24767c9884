/** A router's way for each packet: its own addresses, connected prefixes, static routes, the longest prefix first. */

import {
  type AppAction,
  type AppFlow,
  actions,
  addressNumber,
  decNwTtl,
  drop,
  ETHER_TYPE,
  flow,
  goto,
  inPrefix,
  move,
  next,
  prefixLengthOf,
  punt,
  set,
} from '../../src/index.ts';
import { onePerPrefix, type SiteInterface, type SiteRouter } from './site.ts';
import { FW } from './zone-numbers.ts';

type Flows = [key: string, flow: AppFlow][];

/** Its own addresses, and TTL: what the router sends itself has its first one, as it was given. */
export function ownFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, number, interfaces, self, source }) => {
    const ip = { ethType: ETHER_TYPE.ipv4, 'router.number': number };
    const flows: Flows = interfaces.flatMap((each) =>
      each.own.map((address): Flows[number] => [
        `${name} own ${address}`,
        flow({
          priority: 320,
          match: { ...ip, ipv4Dst: address },
          actions: actions(set({ egressZone: FW }), goto('firewall')),
          intent: { text: `${address} is router ${name} itself`, source: each.source },
        }),
      ]),
    );
    if (self !== undefined) {
      flows.push([
        `${name} from itself`,
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
      `${name} forward`,
      flow({
        priority: 100,
        match: ip,
        actions: [decNwTtl(), goto('lookup')],
        intent: { text: `router ${name}: TTL less one`, source },
      }),
    ]);
    return flows;
  });
}

export function lookupFlows(routers: SiteRouter[]): Flows {
  return routers.flatMap(({ name, number, interfaces, routes, source }) => {
    const ip = { ethType: ETHER_TYPE.ipv4, 'router.number': number };
    const flows: Flows = [];
    for (const each of interfaces) {
      for (const address of onePerPrefix(each.addresses)) {
        const hop = move('ipv4Dst', 'router.nextHop');
        const text = `${address} is connected to ${name}/${each.name}`;
        flows.push(route(`${name} connected ${address}`, ip, address, each, [hop], text, each.source));
      }
    }
    for (const { prefix, via, out, source: line } of routes) {
      const hop = set({ 'router.nextHop': addressNumber(via) });
      flows.push(route(`${name} route ${prefix}`, ip, prefix, out, hop, `${prefix} via ${via}`, line));
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
      actions: actions(set({ egressZone: out.zone, segment: out.id }), hop, next()),
      intent: { text, source },
    }),
  ];
}
