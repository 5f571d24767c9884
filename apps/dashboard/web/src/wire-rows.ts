/** What the stream's lists hold besides flows: rules, events, and what apps publish. */

export interface RuleStatus {
  id: string;
  kind: 'firewall' | 'policy' | 'nat';
  text: string;
  source: string;
  action: string;
  from: string | null;
  to: string | null;
  packets: number;
  bytes: number;
  packetRate: number;
  bitRate: number;
  lastHit: string | null;
  flows: number;
  switches: string[];
  problems: string[];
  counter: string | null;
}

export interface EventStatus {
  id: number;
  time: number;
  kind: 'file' | 'host' | 'switch' | 'drift' | 'refused' | 'app';
  subject: string;
  text: string;
  level: 'info' | 'notice' | 'warn' | 'error' | null;
  fields: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RouterInterfaceStatus {
  id: string;
  switch: string;
  router: string;
  name: string;
  segment: string;
  addresses: readonly string[];
  mac: string;
  mtu: number | null;
  kind: 'static' | 'followed';
  state: 'up' | 'down';
  source: string;
}

export interface RouteStatus {
  id: string;
  switch: string;
  router: string;
  prefix: string;
  via: string | null;
  interface: string | null;
  kind: 'connected' | 'static' | 'unreachable' | 'prohibit' | 'blackhole';
  state: 'active' | 'unresolved';
  source: string;
}

export interface NeighbourStatus {
  id: string;
  switch: string;
  router: string;
  interface: string;
  address: string;
  mac: string | null;
  state: 'reachable' | 'stale' | 'asked' | 'failed';
  since: string;
  source: string | null;
}

export interface LeaseStatus {
  id: string;
  segment: string;
  address: string;
  mac: string;
  hostname: string | null;
  clientId: string | null;
  state: 'offered' | 'bound' | 'expired' | 'declined' | 'reserved';
  expires: string | null;
  switch: string | null;
  port: string | null;
  source: string;
}

export interface ZoneStatus {
  name: string;
  source: string;
  members: string[];
}
