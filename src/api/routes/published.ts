/** REST routes: what routers and DHCP know of the network, as apps publish it. */

import { apiError } from '../errors.ts';
import type { Route } from '../route.ts';

export const publishedRoutes: Route[] = [
  {
    path: '/interfaces',
    summary: 'Interfaces of routers: addresses, MTU, whether they are up',
    schema: 'RouterInterfaceStatus',
    list: true,
    query: { router: 'Only those of this router' },
    answer: (source, { query }) => ofRouter(source.published('interfaces'), query),
  },
  {
    path: '/routes',
    summary: 'Routes of routers, and whether their next hops are known',
    schema: 'RouteStatus',
    list: true,
    query: { router: 'Only those of this router' },
    answer: (source, { query }) => ofRouter(source.published('routes'), query),
  },
  {
    path: '/neighbours',
    summary: 'Whom routers know on their segments by which MAC address, and whom they ask for',
    schema: 'NeighbourStatus',
    list: true,
    query: { router: 'Only those of this router', address: 'Only who has this address' },
    answer: (source, { query }) => ofRouter(source.published('neighbours'), query),
  },
  {
    path: '/leases',
    summary: 'Addresses that DHCP gave out, offers or keeps for somebody',
    schema: 'LeaseStatus',
    list: true,
    query: { segment: 'Only those of this segment', address: 'Only this address', mac: 'Only those of this station' },
    answer: (source, { query }) => of(source.published('leases'), query),
  },
];

/** Rows that say so in each field that is asked for. */
function of<R extends object>(rows: readonly R[], wanted: Record<string, string>): R[] {
  return rows.filter((row) =>
    Object.entries(wanted).every(([field, value]) => {
      const told = (row as Readonly<Record<string, unknown>>)[field];
      return told === value || told === value.toLowerCase();
    }),
  );
}

function ofRouter<R extends { router: string }>(rows: readonly R[], wanted: Record<string, string>): R[] {
  const { router } = wanted;
  const names = new Set(rows.map((row) => row.router));
  if (router !== undefined && !names.has(router)) {
    const hint = names.size === 0 ? 'none is there yet' : `name one of ${[...names].join(', ')}`;
    throw apiError(404, 'unknown-router', `there is nothing of a router "${router}"`, hint);
  }
  return of(rows, wanted);
}
