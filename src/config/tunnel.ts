/** Which tunnel ports a bridge needs on a host. OVSDB makes them and the flows use them, so both must find the same ones. */

import type { Bridge, Config, Overlay, Segment } from './model.ts';

/** One flow-based tunnel port: the flows give the remote address and the VNI of each packet. */
export interface TunnelPort {
  name: string;
  overlay: Overlay;
  /** The segments that travel through it. */
  segments: Segment[];
}

/** `vx4789t64`: at most 15 characters, the limit of an interface's name. */
export function tunnelPortName(overlay: Pick<Overlay, 'type' | 'dstPort' | 'ttl'>): string {
  return `vx${overlay.dstPort}t${overlay.ttl}`;
}

/** The hosts, other than `host`, that have a tunnel endpoint and a bridge that carries the segment. */
export function tunnelPeers(config: Config, segment: string, host: string): string[] {
  const peers = new Set<string>();
  for (const bridge of config.bridges) {
    if (bridge.forwarding !== 'flows' || !segmentsOf(config, bridge).has(segment)) continue;
    for (const name of bridge.hosts) peers.add(name);
  }
  return config.hosts
    .filter(({ name, underlay }) => name !== host && underlay !== undefined && peers.has(name))
    .map(({ name }) => name);
}

/** One port per type, UDP port and TTL, where a segment with an overlay has another host to reach. */
export function tunnelPorts(config: Config, host: string, bridge: Bridge): TunnelPort[] {
  const local = config.hosts.find(({ name }) => name === host);
  if (bridge.forwarding !== 'flows' || local?.underlay === undefined) return [];
  const used = segmentsOf(config, bridge);
  const ports = new Map<string, TunnelPort>();
  for (const segment of config.segments) {
    if (segment.overlay === undefined || !used.has(segment.name)) continue;
    if (tunnelPeers(config, segment.name, host).length === 0) continue;
    const name = tunnelPortName(segment.overlay);
    const port = ports.get(name);
    if (port === undefined) ports.set(name, { name, overlay: segment.overlay, segments: [segment] });
    else port.segments.push(segment);
  }
  return [...ports.values()];
}

/** Names of the segments that a bridge carries, on whichever of its hosts. */
function segmentsOf(config: Config, bridge: Bridge): Set<string> {
  const names = new Set<string>();
  for (const { vlans } of bridge.ports) {
    if (vlans === undefined) continue;
    if (vlans.mode !== 'trunk') names.add(vlans.segment);
    else for (const name of [...vlans.segments, ...(vlans.native === undefined ? [] : [vlans.native])]) names.add(name);
  }
  for (const router of config.routers) {
    if (router.bridge !== bridge.name) continue;
    for (const { segment } of router.interfaces) names.add(segment);
  }
  return names;
}
