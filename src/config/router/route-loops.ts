/** Warns of static routes by which two routers send packets to each other for ever. */

import { holds, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Route, Router } from '../model.ts';

export function checkRouteLoops(routers: readonly Router[], findings: Findings): void {
  for (const [index, router] of routers.entries()) {
    for (const route of router.routes) {
      for (const hop of route.hops) {
        const segment = router.interfaces.find(({ name }) => name === hop.interface)?.segment;
        const next = routers.find((other) => other !== router && hasAddress(other, segment, hop.address));
        if (next === undefined) continue;
        const back = wayOf(next, route.prefix);
        const returns =
          back?.hops.some((each) => hasAddress(router, segmentOf(next, each.interface), each.address)) === true;
        // Both lines are in the warning of the first of them.
        const told = routers.indexOf(next) < index && wayOf(router, back?.prefix ?? '') === route;
        if (back === undefined || !returns || told) continue;
        findings.warning(
          ['routers', router.name, 'routes', router.routes.indexOf(route)],
          `router ${router.name} sends ${route.prefix} to router ${next.name}, and that one sends it back (${back.source})`,
          'let one of them have another way',
        );
      }
    }
  }
}

function segmentOf({ interfaces }: Router, name: string): string | undefined {
  return interfaces.find((each) => each.name === name)?.segment;
}

function hasAddress({ interfaces }: Router, segment: string | undefined, address: string): boolean {
  return interfaces.some(
    (each) => each.segment === segment && each.addresses.some((text) => text.startsWith(`${address}/`)),
  );
}

/** The static route that all of the prefix takes; undefined: none, or it is connected. */
function wayOf({ interfaces, routes }: Router, text: string): Route | undefined {
  const prefix = parseIpPrefix(text);
  if (prefix === undefined) return undefined;
  const connected = interfaces
    .flatMap(({ addresses }) => addresses)
    .some((each) => holds(parseIpPrefix(each)!, prefix));
  if (connected) return undefined;
  return routes
    .filter((route) => holds(parseIpPrefix(route.prefix)!, prefix))
    .toSorted((a, b) => parseIpPrefix(b.prefix)!.length - parseIpPrefix(a.prefix)!.length)[0];
}
