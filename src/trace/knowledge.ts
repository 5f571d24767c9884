/** What is known of the network when a packet is put into words: switches, their ports, who is behind them. */

import { holds, type IpPrefix, parseIp, parseIpPrefix } from '../../proto/wire/prefix.ts';
import type { Config, Port, PortVlans, Segment } from '../config/model.ts';
import { segmentsOf } from '../config/port-segments.ts';

export interface KnownPort {
  number: number;
  name: string;
  /** The device's own; undefined: it is not known. */
  mac: string | undefined;
  /** The bridge's own interface: what comes in there comes from the host. */
  isLocal: boolean;
}

/** Somebody behind a port of a switch, as it has learned or the file says. */
export interface KnownStation {
  mac: string;
  /** IPv4 and IPv6. */
  addresses: readonly string[];
  /** Segment.id; undefined: there are none. */
  segment: number | undefined;
  port: number;
  /** Behind this port of this switch, not behind a tunnel or a cable that leads to it. */
  isHere: boolean;
  /** Nobody has heard it: it is taken to be there, with a MAC address of our own making. */
  isMadeUp?: boolean;
}

export interface KnownSwitch {
  dpid: string;
  /** `hv1/br0`, or the dpid. */
  name: string;
  host: string | undefined;
  bridge: string | undefined;
  ports: readonly KnownPort[];
  stations: readonly KnownStation[];
}

export interface Knowledge {
  switches: readonly KnownSwitch[];
  /** The file with the ports that it selects now. */
  network: Config | undefined;
}

export interface Place {
  at: KnownSwitch;
  port: KnownPort;
}

/** What the file says of a port. */
export function portInFile({ network }: Knowledge, { at, port }: Place): Port | undefined {
  const bridge = network?.bridges.find(({ name }) => name === at.bridge);
  return bridge?.ports.find(({ host, name }) => host === at.host && name === port.name);
}

export function segmentNamed({ network }: Knowledge, name: string): Segment | undefined {
  return network?.segments.find((each) => each.name === name);
}

/** How the segment's addresses begin, by itself or by a router on it. */
export function prefixesOf({ network }: Knowledge, segment: Segment): IpPrefix[] {
  const own = segment.subnets.map(parseIpPrefix);
  const routed = routersOn(network, segment).flatMap(({ addresses }) => addresses.map(parseIpPrefix));
  return [...own, ...routed].filter((prefix) => prefix !== undefined);
}

export interface RouterOn {
  router: string;
  mac: string;
  /** `10.0.0.1/24` */
  addresses: string[];
}

export function routersOn(network: Config | undefined, segment: Segment): RouterOn[] {
  return (network?.routers ?? []).flatMap(({ name, mac, interfaces }) =>
    interfaces
      .filter((each) => each.segment === segment.name)
      .map(({ addresses }) => ({ router: name, mac, addresses })),
  );
}

/** Which of the segments a frame on the port is in, and with which tag; undefined: the file does not say. */
export interface Tagged {
  segment: Segment | undefined;
  /** VLAN of its tag; undefined: untagged. */
  vlan: number | undefined;
}

/** `wanted`: what the words say; else the segment that the address belongs to, the native one, or the first. */
export function taggedOn(
  knowledge: Knowledge,
  vlans: PortVlans | undefined,
  wanted: number | 'none' | undefined,
  addresses: readonly (string | undefined)[],
): Tagged {
  const vlan = wanted === 'none' ? undefined : wanted;
  if (vlans === undefined) return { segment: undefined, vlan };
  if (vlans.mode !== 'trunk') return { segment: segmentNamed(knowledge, vlans.segment), vlan };
  const native = vlans.native === undefined ? undefined : segmentNamed(knowledge, vlans.native);
  const all = segmentsOf({ vlans }).map((name) => segmentNamed(knowledge, name));
  const segments = all.filter((each) => each !== undefined);
  if (wanted === 'none') return { segment: native, vlan };
  if (vlan !== undefined) return { segment: segments.find((each) => each.vlan === vlan), vlan };
  const belongs = (segment: Segment) => addresses.some((address) => isOn(knowledge, segment, address));
  const chosen = segments.find(belongs) ?? native ?? segments[0];
  const isTagged = chosen !== native || vlans.nativeTagged;
  return { segment: chosen, vlan: isTagged ? chosen?.vlan : undefined };
}

/** Whether the address is one of the segment's. */
export function isOn(knowledge: Knowledge, segment: Segment, address: string | undefined): boolean {
  const ip = address === undefined ? undefined : parseIp(address);
  return ip !== undefined && prefixesOf(knowledge, segment).some((prefix) => holds(prefix, ip));
}

/** Stations as they are known from switches and from the file, of one segment where that is given. */
export function stationsWith(
  { switches, network }: Knowledge,
  segment: Segment | undefined,
): { mac: string | undefined; addresses: readonly string[]; name: string }[] {
  const learned = switches.flatMap(({ stations }) =>
    stations
      .filter((each) => segment === undefined || each.segment === undefined || each.segment === segment.id)
      .map(({ mac, addresses }) => ({ mac, addresses, name: mac })),
  );
  const written = (network?.bridges ?? []).flatMap(({ ports }) =>
    ports
      .filter((port) => port.addresses.length + port.macs.length > 0)
      .filter((port) => segment === undefined || segmentsOf(port).includes(segment.name))
      .map(({ macs, addresses, name }) => ({
        mac: macs[0],
        addresses: addresses.filter((each) => !each.includes('/')),
        name,
      })),
  );
  return [...learned, ...written];
}
