/** The routers that live on one switch, with what the flows need to know of them. */

import {
  type AppDatapath,
  addressOf,
  type Config,
  inPrefix,
  type Route,
  type Router,
  type RouterInterface,
} from '../../src/index.ts';

export interface SiteInterface extends RouterInterface {
  /** Segment.id */
  id: number;
  /** Addresses without prefix length. */
  own: string[];
}

export interface SiteRouter {
  name: string;
  source: string;
  mac: string;
  /** Number of the router in the pipeline, and of its ct zone. */
  number: number;
  interfaces: SiteInterface[];
  routes: (Route & { out: SiteInterface })[];
  /** There is NAT or a firewall: its packets go through conntrack. */
  stateful: boolean;
  /** There is a firewall: what can begin no connection is dropped. */
  guarded: boolean;
}

export function routersOn(config: Config | undefined, dp: AppDatapath): SiteRouter[] {
  if (config === undefined) return [];
  return config.routers
    .filter((router) => router.host === dp.host && router.bridge === dp.bridge)
    .map((router) => siteRouter(config, router, dp));
}

function siteRouter(config: Config, router: Router, dp: AppDatapath): SiteRouter {
  const interfaces = router.interfaces.map((each) => ({
    ...each,
    id: config.segments.find(({ name }) => name === each.segment)?.id ?? 0,
    own: each.addresses.map(addressOf),
  }));
  return {
    name: router.name,
    source: router.source,
    mac: router.mac,
    number: routerNumber(dp, router.name),
    interfaces,
    routes: router.routes.flatMap((route) => {
      const out = interfaces.find(({ name }) => name === route.interface);
      return out === undefined ? [] : [{ ...route, out }];
    }),
    guarded: config.firewall !== undefined,
    stateful: config.firewall !== undefined || config.nat.some((rule) => rule.router === router.name),
  };
}

/** Zone of conntrack where a router's connections are: NAT of destinations and the firewall share it. */
function routerNumber(dp: AppDatapath, router: string): number {
  return dp.ctZone(`router ${router}`);
}

/** Several addresses of an interface may lie in one prefix: what stands once per prefix goes by the first of them. */
export function onePerPrefix(addresses: string[]): string[] {
  const seen = new Map<string, string>();
  for (const address of addresses) {
    const prefix = JSON.stringify(inPrefix(address));
    if (!seen.has(prefix)) seen.set(prefix, address);
  }
  return [...seen.values()];
}
