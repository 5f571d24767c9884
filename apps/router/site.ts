/** The routers that live on one switch, with what the flows need to know of them. */

import {
  type AppDatapath,
  addressOf,
  type Config,
  familyOf,
  inPrefix,
  linkLocalAddress,
  type Route,
  type Router,
  type RouterInterface,
} from '../../src/index.ts';

export interface SiteInterface extends RouterInterface {
  /** Segment.id */
  id: number;
  /** Addresses without prefix length, of both families. */
  own: string[];
  /** Another router has another zone on its segment: what comes to this one has come from this one's. */
  isZoneOwn: boolean;
  /** Its link-local address, where it has IPv6. */
  linkLocal: string | undefined;
  /** Its MAC there: the router's own, or that of the port `self` where that is on its segment. Frames of the router that leave by it come from this one. */
  mac: string;
  /** The port `self` is on its segment: the host there answers ARP for the addresses. */
  hostAnswers: boolean;
  /**
   * One of each prefix that is connected there: of its addresses; of an interface that follows, the subnets of its segment, in
   * one of which its address is.
   */
  connected: string[];
}

/** The port where the router's own services live. */
export interface SiteSelf {
  port: number;
  name: string;
  /** The MAC of the port, to which packets for the router itself go. */
  mac: string;
  source: string;
  /** The interface on whose segment the port is; undefined: it is in none. */
  at: SiteInterface | undefined;
}

export interface SiteRoute extends Omit<Route, 'hops'> {
  hops: SiteHop[];
}

export interface SiteHop {
  address: string;
  out: SiteInterface;
}

export interface SiteRouter {
  name: string;
  source: string;
  mac: string;
  /** Number of the router in the pipeline, and of its ct zone. */
  number: number;
  interfaces: SiteInterface[];
  routes: SiteRoute[];
  /** undefined: it has none, or the port is not there now. */
  self: SiteSelf | undefined;
  /** There is NAT or a firewall: its packets go through conntrack. */
  stateful: boolean;
  /** There is a firewall: what can begin no connection is dropped. */
  guarded: boolean;
}

/** `followed`: the addresses that are followed, by `ROUTER/INTERFACE`. */
export function routersOn(
  config: Config | undefined,
  dp: AppDatapath,
  followed: ReadonlyMap<string, readonly string[]>,
): SiteRouter[] {
  if (config === undefined) return [];
  return config.routers
    .filter((router) => router.host === dp.host && router.bridge === dp.bridge)
    .map((router) => siteRouter(config, router, dp, followed));
}

function siteRouter(
  config: Config,
  router: Router,
  dp: AppDatapath,
  followed: ReadonlyMap<string, readonly string[]>,
): SiteRouter {
  const port = router.self === undefined ? undefined : dp.port(router.self.port);
  const interfaces = router.interfaces.map((each): SiteInterface => {
    const addresses = each.follow ? [...(followed.get(`${router.name}/${each.name}`) ?? [])] : each.addresses;
    const hostAnswers = port !== undefined && router.self?.interface === each.name;
    const segment = config.segments.find(({ name }) => name === each.segment);
    const mac = hostAnswers ? port.mac : router.mac;
    const connected = each.follow ? (segment?.subnets ?? []) : onePerPrefix(addresses);
    return {
      ...each,
      addresses,
      connected,
      id: segment?.id ?? 0,
      own: addresses.map(addressOf),
      isZoneOwn: config.routers.some((other) =>
        other.interfaces.some(({ segment: on, zone }) => on === each.segment && zone !== each.zone),
      ),
      mac,
      linkLocal: connected.some((text) => familyOf(text) === 6) ? linkLocalAddress(mac) : undefined,
      hostAnswers,
    };
  });
  const at = interfaces.find(({ hostAnswers }) => hostAnswers);
  return {
    name: router.name,
    source: router.source,
    mac: router.mac,
    number: routerNumber(dp, router.name),
    interfaces,
    routes: router.routes.map((route) => ({
      ...route,
      hops: route.hops.flatMap(({ address, interface: name }) => {
        const out = interfaces.find((each) => each.name === name);
        return out === undefined ? [] : [{ address, out }];
      }),
    })),
    self:
      router.self === undefined || port === undefined
        ? undefined
        : { port: port.number, name: port.name, mac: port.mac, source: router.self.source, at },
    guarded: config.firewall !== undefined,
    stateful: config.firewall !== undefined || config.nat.some((rule) => rule.router === router.name),
  };
}

/** Zone of conntrack where a router's connections are: NAT of destinations and the firewall share it. */
function routerNumber(dp: AppDatapath, router: string): number {
  return dp.ctZone(`router ${router}`);
}

/** Several addresses of an interface may lie in one prefix: what stands once per prefix goes by the first of them. */
function onePerPrefix(addresses: string[]): string[] {
  const seen = new Map<string, string>();
  for (const address of addresses) {
    const prefix = JSON.stringify(inPrefix(address));
    if (!seen.has(prefix)) seen.set(prefix, address);
  }
  return [...seen.values()];
}
