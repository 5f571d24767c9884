/** The firewall, as read from the file. */

import type { Source } from '../source.ts';

export interface Firewall {
  source: Source;
  zones: FirewallZone[];
  policy: FirewallPolicy[];
  rules: FirewallRule[];
}

/** Zone numbers: 0 none, 1… as listed in the file, 255 `fw` (the router itself). */
export interface FirewallZone {
  name: string;
  source: Source;
  number: number;
  /** `router/interface`. */
  members: string[];
}

export interface FirewallPolicy {
  source: Source;
  text: string;
  action: 'accept' | 'drop';
  /** undefined: all zones. */
  from: FirewallZoneRef | undefined;
  to: FirewallZoneRef | undefined;
}

export interface FirewallRule {
  source: Source;
  text: string;
  action: 'accept' | 'drop';
  from: FirewallZoneRef | undefined;
  to: FirewallZoneRef | undefined;
  /** Prefixes; undefined: any. */
  fromAddress: string | undefined;
  toAddress: string | undefined;
  /** undefined: any IPv4. */
  service: Service[] | undefined;
}

export interface FirewallZoneRef {
  name: string;
  number: number;
}

/** One protocol and port of a service: `{ protocol: 'tcp', port: 80 }`, ping is `{ protocol: 'icmp', icmpType: 8 }`. */
export interface Service {
  protocol: 'tcp' | 'udp' | 'icmp';
  port: number | undefined;
  icmpType: number | undefined;
}
