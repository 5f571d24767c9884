/** What each segment's stations are told of the network, as read from the file: DHCP for IPv4, router advertisements for IPv6. */

import type { Source } from '../source.ts';

export interface DhcpSegment {
  segment: string;
  source: Source;
  server: DhcpServer | undefined;
  relay: DhcpRelay | undefined;
  advertise: RouterAdvertisement | undefined;
}

/** Flowloom answers DHCP itself (RFC 2131). */
export interface DhcpServer {
  /** The IPv4 prefix that all of its addresses lie in. */
  subnet: string;
  /** The server identifier: the router's address there, or one of the server's own. */
  address: string;
  /** The router whose address it is; undefined: the address is the server's own. */
  router: string | undefined;
  /** Where answers come from. */
  mac: string;
  /**
   * The server's own, by which it asks who has an address: from every switch of the segment, while the router's MAC is at one
   * place alone.
   */
  ownMac: string;
  ranges: DhcpRange[];
  /** Seconds. */
  lease: number;
  /** Leases that the stations at one access port may have at a time. */
  leasesPerPort: number;
  /** What clients get as their default routers, name servers and domain. */
  routers: string[];
  dns: string[];
  domain: string | undefined;
  options: DhcpOptionSetting[];
  reservations: DhcpReservation[];
}

/** First and last address, both of them given out. */
export interface DhcpRange {
  source: Source;
  first: string;
  last: string;
}

/** An option by its number, its value as the kind says it: of `bytes` hex digits, of `routes` a prefix and its router in turn. */
export interface DhcpOptionSetting {
  source: Source;
  /** As the file calls it. */
  name: string;
  /** undefined: no option, but the header's field for the next server. */
  code: number | undefined;
  kind: DhcpOptionKind;
  values: (string | number)[];
}

export type DhcpOptionKind =
  | 'address'
  | 'addresses'
  | 'text'
  | 'boolean'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'int32'
  | 'domains'
  | 'routes'
  | 'bytes';

export interface DhcpReservation {
  source: Source;
  /** As the file has it. */
  key: string;
  client: /** Who is at a port of that name; `selected` are lines of the file whose selector may stand for it. */
    | { by: 'port'; host: string | undefined; port: string; selected: Source[] }
    | { by: 'mac'; mac: string }
    /** Hex digits. */
    | { by: 'client-id'; id: string }
    | { by: 'hostname'; hostname: string };
  address: string;
}

/** Another server answers; it is asked on behalf of the segment's clients (RFC 1542, 3046). */
export interface DhcpRelay {
  /** All of them are asked. */
  servers: string[];
  /** Which router asks, from which address of its on the segment. */
  router: string;
  address: string;
}

/** The router's advertisements on the segment (RFC 4861, 8106). */
export interface RouterAdvertisement {
  router: string;
  prefixes: { prefix: string; onLink: boolean; autonomous: boolean }[];
  /** Of the prefixes, seconds. */
  validLifetime: number;
  preferredLifetime: number;
  /** Seconds for which the router is a default router; 0: it is none. */
  lifetime: number;
  managed: boolean;
  other: boolean;
  mtu: number | undefined;
  dns: string[];
  /** To be searched. */
  domains: string[];
}
