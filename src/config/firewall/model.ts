/** The firewall, as read from the file. */

import type { Source } from '../source.ts';

export interface Firewall {
  source: Source;
  zones: FirewallZone[];
  sets: FirewallSet[];
  /** The file's own. */
  services: { name: string; services: Service[] }[];
  policy: FirewallPolicy[];
  rules: FirewallRule[];
}

/** Zone numbers: 0 none, 1… as listed in the file, 255 `fw` (the router itself). */
export interface FirewallZone {
  name: string;
  source: Source;
  number: number;
  /** As written. */
  members: string[];
  /** `router/interface`: its zone for what is routed. */
  interfaces: string[];
  /** `host/port`, and segments by name, which means all of their ports: their zone for what is bridged. */
  ports: string[];
  segments: string[];
}

export interface FirewallSet {
  name: string;
  source: Source;
  /** `10.66.66.8/32`, no prefix twice. */
  members: { prefix: string; source: Source }[];
}

export type FirewallAction = 'accept' | 'drop' | 'reject';

export interface FirewallPolicy {
  source: Source;
  text: string;
  action: FirewallAction;
  /** undefined: all zones. */
  from: FirewallZoneRef | undefined;
  to: FirewallZoneRef | undefined;
  log: FirewallLog | undefined;
  limit: FirewallLimit | undefined;
}

export interface FirewallRule extends FirewallPolicy {
  /** undefined: any. */
  fromAddresses: FirewallAddresses | undefined;
  toAddresses: FirewallAddresses | undefined;
  /** undefined: any IP. */
  services: Service[] | undefined;
  /** It applies to packets of more bytes, their IP header included. */
  over: number | undefined;
  /** Only what leaves a router by the interface that it came in by, on this segment; it stands in no list of the file. */
  back?: { router: string; segment: number };
}

export interface FirewallZoneRef {
  name: string;
  number: number;
}

/** Any of these prefixes and of the members of these sets. */
export interface FirewallAddresses {
  prefixes: string[];
  sets: string[];
}

export type FirewallLogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error';

export interface FirewallLog {
  level: FirewallLogLevel;
  prefix: string | undefined;
  /** What is written down at the most. */
  limit: ConnectionLimit;
}

export type FirewallLimit = ConnectionLimit | PacketLimit;

/** So many in so many seconds. */
export interface ConnectionLimit {
  kind: 'connections';
  count: number;
  seconds: number;
  burst: number;
}

/** A second. */
export interface PacketLimit {
  kind: 'packets' | 'kilobits';
  rate: number;
  /** undefined: as much as the switch lets pass at once. */
  burst: number | undefined;
}

/** One protocol of a service, and what of it: `{ protocol: 6, ports: [[80, 80], [443, 443]] }`. */
export interface Service {
  /** IANA's number. */
  protocol: number;
  /** undefined: over both. */
  family: 4 | 6 | undefined;
  /** Destination ports, rising; none: any. */
  ports: [first: number, last: number][];
  /** Likewise. */
  sourcePorts: [first: number, last: number][];
  /** Types of ICMP; none: any. */
  types: number[];
}
