/** Which tunnels join the hosts of a segment. OVSDB makes their ports and the flows use them, so both ask here. */

import { ipv4Number } from '../../proto/wire/address.ts';
import { fnv1a32 } from './hash.ts';
import type { Bridge, Config, Host, Overlay, Segment } from './model.ts';
import { segmentsOf } from './port-segments.ts';

type Network = Pick<Config, 'hosts' | 'segments' | 'bridges' | 'routers'>;

export interface TunnelPort {
  name: string;
  overlay: Overlay;
  /** Where it leads; undefined: the flows give the remote address and the VNI of each packet. */
  peer: { host: string; address: string } | undefined;
  /** The segments that travel through it. */
  segments: Segment[];
}

/** One of the other hosts of a segment, and the port that leads there. */
export interface TunnelEnd {
  port: string;
  host: string;
  address: string;
}

const prefixes = { vxlan: 'vx', geneve: 'gn', gre: 'gr' } as const;
/** By these Open vSwitch's IPsec finds the other end, which a flow cannot tell it. */
const ipsecOptions = ['psk', 'remote_cert', 'remote_name'];

export function isIpsec({ options }: Pick<Overlay, 'options'>): boolean {
  return ipsecOptions.some((key) => Object.hasOwn(options, key));
}

/** Whether options make sense only on a port with one other end. */
export function needsPeer(options: Overlay['options']): boolean {
  return isIpsec({ options }) || Object.values(options).some((value) => value.includes('{peer}'));
}

/** `vx4789t64`, or with a peer `vxc0a83204p3p1` (its address, of IPv6 a hash, and the port): at most 15 characters, the limit of an interface's name. */
export function tunnelPortName(overlay: Pick<Overlay, 'type' | 'dstPort' | 'ttl'>, peer?: string): string {
  const prefix = prefixes[overlay.type];
  if (peer === undefined) return `${prefix}${overlay.dstPort ?? ''}t${overlay.ttl}`;
  const number = ipv4Number(peer) ?? fnv1a32(peer);
  return `${prefix}${number.toString(16).padStart(8, '0')}${overlay.dstPort === undefined ? '' : `p${overlay.dstPort.toString(36)}`}`;
}

/** The hosts that the overlay joins, each with each. */
export function meshHosts(network: Network, segment: Segment, users = segmentUsers(network)): Host[] {
  const joined = segment.overlay?.members ?? [...(users.get(segment.name)?.keys() ?? [])];
  return network.hosts.filter(({ name, underlay }) => underlay !== undefined && joined.includes(name));
}

/** The tunnel ports of a bridge on a host: of those with the same protocol, port and TTL one is enough. */
export function tunnelPorts(network: Network, host: string, bridge: Bridge): TunnelPort[] {
  const ports = new Map<string, TunnelPort>();
  for (const { segment, overlay, peers } of tunnelledSegments(network, host, bridge)) {
    for (const peer of overlay.perPeer ? peers : [undefined]) {
      const name = tunnelPortName(overlay, peer?.address);
      const port = ports.get(name);
      if (port === undefined) ports.set(name, { name, overlay, peer, segments: [segment] });
      else port.segments.push(segment);
    }
  }
  return [...ports.values()];
}

/** By segment: the ends of its tunnels, as seen from a bridge on a host. */
export function tunnelEnds(network: Network, host: string, bridge: Bridge): Map<string, TunnelEnd[]> {
  const ends = new Map<string, TunnelEnd[]>();
  for (const { segment, overlay, peers } of tunnelledSegments(network, host, bridge)) {
    const end = (peer: { host: string; address: string }) => ({
      ...peer,
      port: tunnelPortName(overlay, overlay.perPeer ? peer.address : undefined),
    });
    ends.set(segment.name, peers.map(end));
  }
  return ends;
}

interface Tunnelled {
  segment: Segment;
  overlay: Overlay;
  /** Never empty. */
  peers: { host: string; address: string }[];
}

function tunnelledSegments(network: Network, host: string, bridge: Bridge): Tunnelled[] {
  if (bridge.forwarding !== 'flows' || !bridge.hosts.includes(host)) return [];
  const users = segmentUsers(network);
  return network.segments.flatMap((segment): Tunnelled[] => {
    const { name, overlay } = segment;
    const used = users.get(name);
    if (overlay === undefined || used === undefined) return [];
    // A member may have the bridge without a port in the segment, for stations to come.
    const here = used.get(host)?.has(bridge.name) ?? overlay.members?.includes(host) ?? false;
    if (!here || ![...used.values()].some((bridges) => bridges.has(bridge.name))) return [];
    const joined = meshHosts(network, segment, users);
    if (!joined.some((each) => each.name === host)) return [];
    const peers = joined
      .filter((each) => each.name !== host)
      .map((each) => ({ host: each.name, address: each.underlay ?? '' }));
    return peers.length === 0 ? [] : [{ segment, overlay, peers }];
  });
}

/** By segment and host: the bridges whose ports or routers have it there. */
export function segmentUsers(network: Pick<Config, 'bridges' | 'routers'>): Map<string, Map<string, Set<string>>> {
  const users = new Map<string, Map<string, Set<string>>>();
  const add = (segment: string, host: string, bridge: string) => {
    const hosts = users.get(segment) ?? new Map<string, Set<string>>();
    users.set(segment, hosts.set(host, (hosts.get(host) ?? new Set()).add(bridge)));
  };
  for (const bridge of network.bridges) {
    if (bridge.forwarding !== 'flows') continue;
    for (const port of bridge.ports) for (const each of segmentsOf(port)) add(each, port.host, bridge.name);
  }
  for (const { bridge, host, interfaces } of network.routers) {
    for (const { segment } of interfaces) add(segment, host, bridge);
  }
  return users;
}
