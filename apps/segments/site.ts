/** What the file says of one bridge on one host, with the port numbers that the switch has for it now. */

import {
  type AppDatapath,
  type Config,
  type Overlay,
  type Port,
  type Segment,
  tunnelPortName,
} from '../../src/index.ts';

export interface SitePort {
  number: number;
  port: Port;
}

/** A port of one segment: how its frames look outside. */
export interface Member {
  number: number;
  name: string;
  /** `access`: untagged only. `tagged`: with the segment's VLAN. `native`: untagged on a trunk. `tunnelled`: any frame, as it is. */
  form: 'access' | 'tagged' | 'native' | 'tunnelled';
  source: string;
}

export interface SiteSegment {
  segment: Segment;
  /** Firewall zone of packets that come from it; 0 none. */
  zone: number;
  members: Member[];
  /** The tunnel's port and the underlay addresses of the other hosts that have the segment; undefined: no overlay here. */
  tunnel: { number: number; vni: number; peers: string[] } | undefined;
}

export interface Site {
  ports: SitePort[];
  segments: SiteSegment[];
  /** Numbers of tunnel ports. */
  tunnels: number[];
  /** Routers with an interface on a segment of this bridge. */
  routers: { mac: string; here: boolean; name: string; source: string }[];
}

/** undefined: the switch is no bridge of the file, or carries no segment. */
export function siteOf(config: Config | undefined, dp: AppDatapath): Site | undefined {
  const bridge = config?.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (config === undefined || bridge === undefined) return undefined;
  const ports = bridge.ports
    // A selector has no port number; the ports that it selects stand behind it.
    .filter((port) => port.host === dp.host && port.select === undefined)
    .flatMap((port) => {
      const present = dp.port(port.name);
      return present === undefined ? [] : [{ number: present.number, port }];
    });
  const here = segmentsAt(config, dp.host, dp.bridge);
  const segments = config.segments
    .filter((segment) => here.has(segment.name))
    .map((segment) => ({
      segment,
      zone: zoneOf(config, segment.name),
      members: ports.flatMap(({ number, port }) => membersOf(number, port, segment.name)),
      tunnel: tunnelOf(config, dp, segment),
    }));
  if (segments.length === 0) return undefined;
  const routers = config.routers
    .filter((router) => router.interfaces.some((each) => here.has(each.segment)))
    .map(({ name, mac, host, source }) => ({ name, mac, source, here: host === dp.host }));
  const tunnels = [...new Set(segments.flatMap(({ tunnel }) => (tunnel === undefined ? [] : [tunnel.number])))];
  return { ports, segments, tunnels, routers };
}

/** Names of the segments that a bridge on a host carries: by its ports, and by a router that lives there. */
function segmentsAt(config: Config, host: string | undefined, bridge: string | undefined): Set<string> {
  const names = new Set<string>();
  for (const each of config.bridges) {
    if (each.forwarding !== 'flows' || (bridge !== undefined && each.name !== bridge)) continue;
    for (const port of each.ports) if (port.host === host) for (const name of segmentsOf(port)) names.add(name);
  }
  for (const router of config.routers) {
    if (router.host !== host || (bridge !== undefined && router.bridge !== bridge)) continue;
    for (const { segment } of router.interfaces) names.add(segment);
  }
  return names;
}

function segmentsOf({ vlans }: Port): string[] {
  if (vlans === undefined) return [];
  if (vlans.mode !== 'trunk') return [vlans.segment];
  return vlans.native === undefined ? vlans.segments : [...vlans.segments, vlans.native];
}

function membersOf(number: number, { vlans, name, source }: Port, segment: string): Member[] {
  if (vlans === undefined) return [];
  const member = (form: Member['form']): Member => ({ number, name, form, source });
  if (vlans.mode === 'access') return vlans.segment === segment ? [member('access')] : [];
  if (vlans.mode === 'dot1q-tunnel') return vlans.segment === segment ? [member('tunnelled')] : [];
  const members: Member[] = [];
  if (vlans.native === segment) members.push(member('native'));
  else if (vlans.segments.includes(segment)) members.push(member('tagged'));
  return members;
}

function zoneOf(config: Config, segment: string): number {
  for (const router of config.routers) {
    for (const each of router.interfaces) if (each.segment === segment) return each.zone;
  }
  return 0;
}

function tunnelOf(config: Config, dp: AppDatapath, segment: Segment): SiteSegment['tunnel'] {
  const overlay: Overlay | undefined = segment.overlay;
  const port = overlay === undefined ? undefined : dp.port(tunnelPortName(overlay));
  if (overlay === undefined || port === undefined) return undefined;
  const peers = config.hosts
    .filter(({ name }) => name !== dp.host && segmentsAt(config, name, undefined).has(segment.name))
    .flatMap(({ underlay }) => (underlay === undefined ? [] : [underlay]));
  return { number: port.number, vni: overlay.vni, peers };
}
