/** What apps publish of the network's state, rows of plain data with names as the file has them, and how they tell people. */

/** One interface of a router. */
export interface PublishedInterface {
  switch: string;
  router: string;
  name: string;
  segment: string;
  /** With the prefix length. */
  addresses: readonly string[];
  mac: string;
  mtu: number | null;
  kind: 'static' | 'followed';
  state: 'up' | 'down';
  source: string;
}

/** One route of a router, or one way of several to the same prefix. */
export interface PublishedRoute {
  switch: string;
  router: string;
  prefix: string;
  via: string | null;
  interface: string | null;
  kind: 'connected' | 'static' | 'unreachable' | 'prohibit' | 'blackhole';
  /** `unresolved`: nobody knows the MAC address of `via` yet. */
  state: 'active' | 'unresolved';
  source: string;
}

/** Whom a router knows on its segments, or has asked for. */
export interface PublishedNeighbour {
  switch: string;
  router: string;
  interface: string;
  address: string;
  mac: string | null;
  state: 'reachable' | 'stale' | 'asked' | 'failed';
  /** ISO 8601. */
  since: string;
  source?: string;
}

/** An address that DHCP gave out, offers or keeps. */
export interface PublishedLease {
  segment: string;
  address: string;
  mac: string;
  hostname: string | null;
  clientId: string | null;
  state: 'offered' | 'bound' | 'expired' | 'declined' | 'reserved';
  /** ISO 8601; null: never. */
  expires: string | null;
  switch: string | null;
  port: string | null;
  source: string;
}

export interface Published {
  interfaces: PublishedInterface;
  routes: PublishedRoute;
  neighbours: PublishedNeighbour;
  leases: PublishedLease;
}

/** Gives all rows of one topic as they are now, whenever somebody wants to know; another call of an instance takes its place. */
export type Publish = <T extends keyof Published>(topic: T, rows: () => readonly Published[T][]) => void;

/** `debug` goes to the log alone. */
export type TellLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error';

/** Plain data: of a packet its addresses, of a rule its text. */
export type TellFields = Readonly<Record<string, string | number | boolean | null>>;

export type Tell = (level: TellLevel, text: string, fields?: TellFields) => void;
