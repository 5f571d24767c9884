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
}

export interface RouterInterface {
  name: string;
  source: Source;
  segment: string;
  /** Number of the firewall zone, 1 and above; 0: in no zone. */
  zone: number;
  /** `10.66.66.1/24`, the first is the primary. */
  addresses: string[];
}

export interface Route {
  source: Source;
  /** `0.0.0.0/0` for the default route. */
  prefix: string;
  via: string;
  /** The interface whose connected prefix holds `via`. */
  interface: string;
}
