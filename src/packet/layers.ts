/** A packet as plain data, layer by layer: what `buildPacket` takes, and what `layersOf` makes of a frame. */

import type { Arp } from './arp.ts';
import type { DhcpFields } from './dhcp.ts';
import { dissect, type EthernetHeader, type Packet } from './dissect.ts';
import type { DnsFields } from './dns.ts';
import type { VlanTag } from './ethernet.ts';
import type { Fields } from './fields.ts';
import type { GeneveFields } from './geneve.ts';
import type { GreFields } from './gre.ts';
import type { IcmpFields } from './icmp.ts';
import type { Icmpv6Fields } from './icmpv6.ts';
import type { IgmpFields } from './igmp.ts';
import type { Ipv4Header } from './ipv4.ts';
import type { Ipv6Header } from './ipv6.ts';
import type { LlcFields } from './llc.ts';
import type { Lldp } from './lldp.ts';
import type { MplsFields } from './mpls.ts';
import type { SctpFields } from './sctp.ts';
import type { TcpFields } from './tcp.ts';
import type { UdpHeader } from './udp.ts';
import type { VxlanFields } from './vxlan.ts';

/** Every layer, and of each header every field but a few, may be left out. The names are those of `Packet`. */
export interface PacketLayers {
  eth?: Fields<EthernetHeader> | undefined;
  /** Outermost first. */
  vlans?: readonly Fields<VlanTag, 'vid'>[] | undefined;
  llc?: LlcFields | undefined;
  /** Outermost first. */
  mpls?: readonly MplsFields[] | undefined;
  /** A target's MAC address that is not given is all zeros. */
  arp?: Fields<Arp, 'operation' | 'senderMac' | 'senderAddress' | 'targetAddress'> | undefined;
  lldp?: Lldp | undefined;
  ipv4?: Fields<Ipv4Header, 'src' | 'dst'> | undefined;
  ipv6?: Fields<Ipv6Header, 'src' | 'dst'> | undefined;
  icmp?: IcmpFields | undefined;
  icmpv6?: Icmpv6Fields | undefined;
  igmp?: IgmpFields | undefined;
  tcp?: TcpFields | undefined;
  /** Ports that are not given are those of the layer above. */
  udp?: Fields<UdpHeader> | undefined;
  sctp?: SctpFields | undefined;
  gre?: Fields<GreFields> | undefined;
  dhcp?: DhcpFields | undefined;
  dns?: DnsFields | undefined;
  vxlan?: VxlanFields | undefined;
  geneve?: GeneveFields | undefined;
  inner?: PacketLayers | undefined;
  quoted?: PacketLayers | undefined;
  payload?: Uint8Array | undefined;
  trailer?: Uint8Array | undefined;
}

/** The headers of a `Packet`, as they stand on one another. */
export const HEADERS = [
  'eth',
  'llc',
  'arp',
  'lldp',
  'ipv4',
  'ipv6',
  'icmp',
  'icmpv6',
  'igmp',
  'tcp',
  'udp',
  'sctp',
  'gre',
  'dhcp',
  'dns',
  'vxlan',
  'geneve',
] as const;
/** What parsers say of the place of a header, and is no field of it. */
const POSITIONS: ReadonlySet<string> = new Set(['payloadOffset', 'payloadEnd', 'headerLength', 'checksumOk']);

/** All of a frame, or of a packet, at once: the layers that it has, with every field, and its payload where nothing is inside. */
export function layersOf(given: Uint8Array | Packet): PacketLayers {
  const packet = given instanceof Uint8Array ? dissect(given) : given;
  const { vlans, mpls, inner, quoted, payload, trailer } = packet;
  const found: Record<string, unknown> = {};
  for (const name of HEADERS) {
    const header = packet[name];
    if (header !== undefined) found[name] = fieldsOf(header);
  }
  if (vlans.length > 0) found.vlans = vlans;
  if (mpls.length > 0) found.mpls = mpls;
  if (inner !== undefined) found.inner = layersOf(inner);
  if (quoted !== undefined) found.quoted = layersOf(quoted);
  if (payload.length > 0) found.payload = payload;
  if (trailer.length > 0) found.trailer = trailer;
  return found;
}

function fieldsOf(header: object): object {
  return Object.fromEntries(Object.entries(header).filter(([name]) => !POSITIONS.has(name)));
}
