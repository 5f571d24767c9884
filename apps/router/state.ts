/** What people see of the routers on a switch: their interfaces, routes and neighbours, as rows of plain data. */

import {
  type AppDatapath,
  type Config,
  networkPrefix,
  type PublishedInterface,
  type PublishedNeighbour,
  type PublishedRoute,
  segmentsOf,
  tunnelEnds,
} from '../../src/index.ts';
import type { Neighbour } from './neighbours.ts';
import { nextHopKey } from './next-hop.ts';
import type { Unknown } from './resolver.ts';
import type { SiteRouter } from './site.ts';
import { interfaceOn } from './solicit.ts';

export function interfaceRows(
  dp: AppDatapath,
  network: Config | undefined,
  routers: readonly SiteRouter[],
): PublishedInterface[] {
  const carried = carriedSegments(dp, network);
  return routers.flatMap((router) =>
    router.interfaces.map(
      ({ name, segment, addresses, mac, mtu = null, follow, source }): PublishedInterface => ({
        ...{ switch: dp.name, router: router.name, name, segment, addresses, mac, mtu, source },
        ...{ kind: follow ? 'followed' : 'static', state: carried.has(segment) ? 'up' : 'down' },
      }),
    ),
  );
}

/** Names of the segments that a port or tunnel of the switch carries now. */
function carriedSegments(dp: AppDatapath, network: Config | undefined): Set<string> {
  const bridge = network?.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (network === undefined || bridge === undefined || dp.host === undefined) return new Set();
  const up = new Set(Array.from(dp.ports.values(), (port) => (port.up ? port.name : '')));
  const own = bridge.ports.filter(({ host, name }) => host === dp.host && up.has(name)).flatMap(segmentsOf);
  const ends = tunnelEnds(network, dp.host, bridge);
  const tunnelled = [...ends].flatMap(([segment, those]) => (those.some(({ port }) => up.has(port)) ? [segment] : []));
  return new Set([...own, ...tunnelled]);
}

export function routeRows(
  dp: AppDatapath,
  routers: readonly SiteRouter[],
  neighbours: readonly Neighbour[],
): PublishedRoute[] {
  const known = new Set(neighbours.map(nextHopKey));
  return routers.flatMap(({ name: router, interfaces, routes }) => {
    const here = { switch: dp.name, router };
    const connected = interfaces.flatMap(({ name, addresses, source }) =>
      addresses.map(
        (prefix): PublishedRoute => ({
          ...{ ...here, prefix: networkPrefix(prefix), via: null, interface: name, source },
          ...{ kind: 'connected', state: 'active' },
        }),
      ),
    );
    const others = routes.flatMap(({ prefix, type, hops, source }): PublishedRoute[] => {
      const row = { ...here, prefix, via: null, interface: null, source, kind: type, state: 'active' } as const;
      if (type !== 'unicast') return [{ ...row, kind: type }];
      return hops.map(({ address, out }): PublishedRoute => {
        const state = known.has(nextHopKey({ segment: out.id, address })) ? 'active' : 'unresolved';
        return { ...row, via: address, interface: out.name, kind: 'static', state };
      });
    });
    return [...connected, ...others];
  });
}

export function neighbourRows(
  dp: AppDatapath,
  routers: readonly SiteRouter[],
  neighbours: readonly Neighbour[],
  unknown: Iterable<Unknown>,
): PublishedNeighbour[] {
  const all = [...neighbours, ...Array.from(unknown, (each) => ({ ...each, mac: null }))];
  return all.flatMap(({ segment, address, mac, state, since }): PublishedNeighbour[] => {
    const found = interfaceOn(routers, { segment, address });
    if (found === undefined) return [];
    const { router, via } = found;
    return [
      {
        ...{ switch: dp.name, router: router.name, interface: via.name, address, mac, state },
        ...{ since: new Date(since).toISOString(), source: via.source },
      },
    ];
  });
}
