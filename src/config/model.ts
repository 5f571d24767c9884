/**
 * The user's file after it was read and checked: every short form written out, every default filled in, every
 * name resolved. What the rest of Flowloom works from; `schema.ts` holds the forms that people write.
 */

import type { DhcpSegment } from './dhcp/model.ts';
import type { Firewall } from './firewall/model.ts';
import type { NatRule } from './nat/model.ts';
import type { Router } from './router/model.ts';
import type { Source } from './source.ts';

export type * from './dhcp/model.ts';
export type * from './firewall/model.ts';
export type * from './nat/model.ts';
export type * from './router/model.ts';
export type { Source } from './source.ts';

export interface Config {
  /** The file's path as given on the command line. */
  file: string;
  /** Who Flowloom is in `external_ids:flowloom` of the rows that it makes; two Flowlooms on one host have two names. */
  owner: string;
  /** Flowloom's key and certificates for TLS with hosts, as paths; undefined: there is none. */
  tls: { privateKey: string; certificate: string; caCert: string } | undefined;
  hosts: Host[];
  segments: Segment[];
  bridges: Bridge[];
  routers: Router[];
  nat: NatRule[];
  firewall: Firewall | undefined;
  dhcp: DhcpSegment[];
  apps: AppEntry[];
}

/** A machine that runs Open vSwitch. */
export interface Host {
  name: string;
  source: Source;
  /** OVSDB target that Flowloom dials (`tcp:ADDR:PORT`, `ssl:ADDR:PORT`, `unix:PATH`); undefined: the host dials in (`ovs-vsctl set-manager`). */
  ovsdb: string | undefined;
  /** How a host that dials in is known: Open_vSwitch.external_ids:system-id, or external_ids:hostname. Default: its name. */
  systemId: string;
  /** The IP address of its tunnel endpoint. */
  underlay: string | undefined;
  /** What its way to the other tunnel ends takes; undefined: what Open vSwitch tells. */
  underlayMtu: number | undefined;
  /** OpenFlow controller target for its bridges; undefined: Flowloom's own address on the OVSDB connection. */
  controller: string | undefined;
  /** What to do where somebody changed what is Flowloom's: put it right, or only tell. */
  drift: 'repair' | 'report';
  /** Keys of Open_vSwitch.other_config; others' keys stay. */
  otherConfig: Record<string, string>;
  /** Rows of the table Manager: who else may reach the database, and how. */
  managers: Remote[];
  /** The row of the table SSL; undefined: left as it is. */
  ssl: DatabaseRow | undefined;
}

/** A row of the table Controller or Manager. */
export interface Remote {
  source: Source;
  /** `tcp:ADDR:PORT`, `ptcp:PORT` …; `flowloom` as a controller: Flowloom itself. */
  target: string;
  columns: DatabaseColumns;
}

/** A row of Open vSwitch's database in its own words (ovs-vswitchd.conf.db(5)), checked against the schema. */
export interface DatabaseRow {
  table: string;
  source: Source;
  columns: DatabaseColumns;
}

/** Only the columns that the file sets; what is missing has its default. */
export type DatabaseColumns = Readonly<Record<string, DatabaseValue>>;

export type DatabaseAtom = number | boolean | string;

export type DatabaseValue =
  | DatabaseAtom
  | readonly DatabaseAtom[]
  | ReadonlyMap<DatabaseAtom, DatabaseAtom>
  /** Rows that the column refers to and that are there for it alone. */
  | { readonly rows: readonly DatabaseRow[] }
  | { readonly rowsByKey: ReadonlyMap<DatabaseAtom, DatabaseRow> };

/** A broadcast domain: a VLAN on ports, a VNI between hosts. */
export interface Segment {
  name: string;
  source: Source;
  /** 16-bit number that the pipeline carries in metadata[0..15]: the VLAN where there is one, else 4096 and above. */
  id: number;
  vlan: number | undefined;
  /** Prefixes of either family, `10.66.66.0/24`; empty: none is told. */
  subnets: string[];
  overlay: Overlay | undefined;
  /** What its tunnels leave for a packet. In what apps are given, once all its hosts have told; the file does not have it. */
  mtu?: number;
  /** Firewall zone of its ports for what is bridged; 0: none. */
  zone: number;
}

export interface Overlay {
  type: 'vxlan' | 'geneve' | 'gre';
  /** 24 bits; gre's key has 32. */
  vni: number;
  /** UDP destination port; undefined: gre has none. */
  dstPort: number | undefined;
  /** TTL of the outer packets; default 64. */
  ttl: number;
  /** Hosts that it joins, all with all; undefined: those that use the segment. */
  members: string[] | undefined;
  /** Whether each other host has a tunnel port of its own; else one serves all, and the flows name the remote end. */
  perPeer: boolean;
  /** Whether the ends ask each other whether they live (RFC 5880). */
  bfd: boolean;
  /** Bytes more than the tunnel's own that the guests' packets leave free. */
  headroom: number;
  /** Further Interface.options of the tunnel ports; `{peer}` in a value is the other host's name. */
  options: Record<string, string>;
}

/** One bridge on one or more hosts. */
export interface Bridge {
  name: string;
  source: Source;
  hosts: string[];
  /** Open vSwitch's datapath_type. */
  datapath: 'system' | 'netdev';
  /** `flows`: Flowloom's pipeline, fail_mode secure. `normal`: no controller, Open vSwitch's own MAC learning, fail_mode standalone. */
  forwarding: 'flows' | 'normal';
  /** A bridge of this name that somebody else made is taken over, and its flows may go when it gets its first controller. */
  adopt: boolean;
  failMode: 'secure' | 'standalone';
  /** OpenFlow versions, no others; undefined: whatever is enabled, 1.4 among them where there are flows. */
  protocols: string[] | undefined;
  /** Seconds after which a station that is silent is forgotten; undefined: 300. */
  macAging: number | undefined;
  /** Passed through to Bridge.other_config. */
  otherConfig: Record<string, string>;
  /** Further columns of its row. */
  columns: DatabaseColumns;
  /** With `flows`: Flowloom, and whoever else. */
  controllers: Remote[];
  mirrors: Mirror[];
  ports: Port[];
}

/** What some ports carry, copied to one of them (SPAN) or into a VLAN (RSPAN); on one host. */
export interface Mirror {
  name: string;
  source: Source;
  host: string;
  /** What every port carries. */
  all: boolean;
  /** Names of the ports by which copied frames come into the bridge, and by which they leave it. */
  from: string[];
  to: string[];
  /** Only frames of these VLANs; empty: of all. */
  vlans: number[];
  output: { port: string } | { vlan: number };
}

/** A port of a bridge on one host. */
export interface Port {
  host: string;
  /** The interface's name, unique on its host. */
  name: string;
  source: Source;
  /** Interface.type, as Open vSwitch writes it: `` for `system`. */
  type: string;
  /** Interface.options: a tunnel's `remote_ip` and `key`, a patch port's `peer`. */
  options: Record<string, string>;
  /** Interfaces that are one port together; undefined: the one of the port's own name. */
  bond: string[] | undefined;
  /** Interface.mtu_request; undefined: Open vSwitch's choice, or what the segment's overlay leaves. */
  mtu: number | undefined;
  vlans: PortVlans | undefined;
  /** Addresses, and prefixes of stations with many, of both families: an address given is an address enforced (anti-spoof). */
  addresses: string[];
  macs: string[];
  /** What its station may offer others, though its addresses are enforced: answers of DHCP, router advertisements. */
  serves: ('dhcp' | 'ra')[];
  /** Firewall zone for what is bridged, before that of the segment; 0: none of its own. */
  zone: number;
  /** Which ports of other programs it stands for; undefined: one port, by its name, that Flowloom makes and keeps. */
  select: PortSelector | undefined;
  /** Further columns of its Port row, and of the row of its interface (of each interface of a bond). */
  columns: DatabaseColumns;
  interfaceColumns: DatabaseColumns;
}

/**
 * Ports that other programs create, bound to segments without being owned; all that is given must match. In what apps are
 * given, the ports that a port with `select` selects now follow it: with their own names, and their `select` undefined.
 */
export interface PortSelector {
  /** The interface's name, with `*` and `?`. */
  name: string | undefined;
  /** The station's MAC: external_ids:attached-mac, or what the device's own MAC tells of it. */
  mac: string | undefined;
  /** external_ids:iface-id. */
  ifaceId: string | undefined;
  /** external_ids:attached-mac. */
  attachedMac: string | undefined;
  /** Any others of Interface.external_ids; values with `*` and `?`. */
  externalIds: Record<string, string>;
}

/** How a port takes part in segments (names of segments). undefined at the port: it is in none. */
export type PortVlans =
  | { mode: 'access'; segment: string }
  /** Frames of the guest, tagged or not, are carried in the segment (802.1ad / QinQ, vlan_mode dot1q-tunnel). */
  | { mode: 'dot1q-tunnel'; segment: string }
  /** Tagged for each of `segments`; untagged frames belong to `native` where there is one, whose own frames leave
   * untagged (vlan_mode native-untagged) or, `nativeTagged`, tagged as well (native-tagged). */
  | { mode: 'trunk'; segments: string[]; native: string | undefined; nativeTagged: boolean };

/** One entry of `apps`: a name or a path, and what the user wrote as its config (checked by the app's own schema). */
export interface AppEntry {
  name: string;
  source: Source;
  config: unknown;
  /** Where each key of the config stands: JSON pointer (`/flows/0/match`) → source; used to place the app's own errors. */
  sources: Record<string, Source>;
}
