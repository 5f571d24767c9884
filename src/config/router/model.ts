/** Routers, as read from the file. */

import type { Source } from '../source.ts';

export interface Router {
  name: string;
  source: Source;
  host: string;
  /** The bridge on that host that carries its segments. */
  bridge: string;
  /** The router's MAC on every interface; default: derived from its name (locally administered). */
  mac: string;
  interfaces: RouterInterface[];
  routes: Route[];
  /** The port where its own services live, the host's network stack: zone `fw`. undefined: it has none, and drops what is for it. */
  self: RouterSelf | undefined;
}

export interface RouterSelf {
  source: Source;
  /** Name of a port of the router's own bridge and host. */
  port: string;
  /** The interface on whose segment the port is: there the host itself answers for the addresses. undefined: the port is in no segment. */
  interface: string | undefined;
}

export interface RouterInterface {
  name: string;
  source: Source;
  segment: string;
  /** Number of the firewall zone, 1 and above; 0: in no zone. */
  zone: number;
  /** `10.66.66.1/24`, `2001:db8::1/64`, the first of a family is the primary; empty where the address is followed. */
  addresses: string[];
  /**
   * `address: follow`: its addresses are those that the host at the router's `self` has, one of a family; the prefixes are the
   * segment's subnets that hold them. Apps learn what it is now from the service `router.addresses` (apps/router/services.ts).
   */
  follow: boolean;
  /** The largest packet that leaves by it; undefined: what the segment carries. */
  mtu: number | undefined;
  options: InterfaceOption[];
}

/** As of Shorewall: what may not come in by an interface, and `routeback`, what may go back by it. */
export type InterfaceOption = 'norfc1918' | 'nosmurfs' | 'tcpflags' | 'routefilter' | 'routeback';

export interface Route {
  source: Source;
  /** `0.0.0.0/0` or `::/0` for the default route. */
  prefix: string;
  /** Next hops, between which connections are shared out; none where packets are refused. */
  hops: RouteHop[];
  /** As of Linux (ip-route(8)): `unreachable` and `prohibit` are told to the sender, `blackhole` is not. */
  type: 'unicast' | 'unreachable' | 'prohibit' | 'blackhole';
}

export interface RouteHop {
  address: string;
  /** The interface whose connected prefix holds it. */
  interface: string;
}
