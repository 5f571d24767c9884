/** What the file says of one bridge on one host, with the port numbers that the switch has for it now. */

import {
  type AppDatapath,
  addressOf,
  type Bridge,
  type Config,
  familyOf,
  linkLocalAddress,
  type Port,
  type Router,
  type Segment,
  segmentsOf,
  type TunnelEnd,
  tunnelEnds,
} from '../../src/index.ts';

export interface SitePort {
  number: number;
  port: Port;
}

/** A port of one segment: how its frames look outside. */
export interface Member {
  number: number;
  name: string;
  /** `access`: untagged only. `tagged`: with the segment's VLAN. `native`: untagged on a trunk. `native-tagged`: untagged or
   * tagged when it comes in, tagged when it leaves. `tunnelled`: any frame, as it is. */
  form: 'access' | 'tagged' | 'native' | 'native-tagged' | 'tunnelled';
  source: string;
}

export interface SiteSegment {
  segment: Segment;
  /** Firewall zone of packets that come from it; 0 none. */
  zone: number;
  members: Member[];
  /**
   * The other hosts of the segment: underlay address, and the tunnel port that leads there, one for all of them or one
   * for each; undefined: no overlay here.
   */
  tunnel: { vni: number; ends: { number: number; peer: string }[]; numbers: number[] } | undefined;
}

export interface Site {
  ports: SitePort[];
  segments: SiteSegment[];
  /** Numbers of tunnel ports. */
  tunnels: number[];
  /** Seconds after which a silent station is forgotten. */
  macAging: number;
  /** Routers with an interface on a segment of this bridge. */
  routers: SiteRouter[];
  selves: SelfPort[];
}

export interface SiteRouter {
  mac: string;
  here: boolean;
  name: string;
  source: string;
  /** Its own, where no host has them. */
  addresses: { segment: number; address: string; source: string }[];
}

/** The port where a router's own services live. */
export interface SelfPort {
  number: number;
  name: string;
  /** The port's own, which a router uses as well on the segment of the port. */
  mac: string;
  /** In no segment: whatever comes from it is the router's. */
  alone: boolean;
  router: string;
  source: string;
}

/** undefined: the switch is no bridge of the file, or carries no segment. */
export function siteOf(config: Config | undefined, dp: AppDatapath): Site | undefined {
  const bridge = config?.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (config === undefined || bridge === undefined) return undefined;
  const present = new Map(Array.from(dp.ports.values(), ({ name, number }) => [name, number]));
  const ports = bridge.ports
    // A selector has no port number; the ports that it selects stand behind it.
    .filter((port) => port.host === dp.host && port.select === undefined)
    .flatMap((port) => {
      const number = present.get(port.name);
      return number === undefined ? [] : [{ number, port }];
    });
  const here = segmentsAt(config, dp.host, bridge);
  const ends = dp.host === undefined ? new Map<string, TunnelEnd[]>() : tunnelEnds(config, dp.host, bridge);
  const segments = config.segments
    .filter(({ name }) => here.has(name) || ends.has(name))
    .map((segment) => ({
      segment,
      zone: zoneOf(config, segment.name),
      members: ports.flatMap(({ number, port }) => membersOf(number, port, segment.name)),
      tunnel: tunnelOf(dp, segment, ends.get(segment.name)),
    }));
  if (segments.length === 0) return undefined;
  const routers = config.routers
    .filter((router) => router.interfaces.some((each) => here.has(each.segment)))
    .map((router) => siteRouter(config, router, here, dp));
  const tunnels = [...new Set(segments.flatMap(({ tunnel }) => tunnel?.numbers ?? []))];
  const selves = config.routers.flatMap(({ name, host, bridge: at, self }) => {
    const port = host === dp.host && at === bridge.name && self !== undefined ? dp.port(self.port) : undefined;
    if (self === undefined || port === undefined) return [];
    const { number, mac } = port;
    return [{ number, mac, name: port.name, alone: self.interface === undefined, router: name, source: self.source }];
  });
  return { ports, segments, tunnels, routers, selves, macAging: bridge.macAging ?? 300 };
}

function siteRouter(config: Config, router: Router, here: ReadonlySet<string>, dp: AppDatapath): SiteRouter {
  const { name, mac, host, source, self } = router;
  const addresses = router.interfaces.flatMap((each) => {
    const segment = config.segments.find((one) => one.name === each.segment)?.id;
    if (segment === undefined || !here.has(each.segment) || self?.interface === each.name) return [];
    const linkLocal = each.addresses.some((text) => familyOf(text) === 6) ? [linkLocalAddress(mac)] : [];
    return [...each.addresses.map(addressOf), ...linkLocal].map((address) => ({
      ...{ segment, address, source: each.source },
    }));
  });
  return { name, mac, source, here: host === dp.host, addresses };
}

/** Names of the segments that a bridge on a host carries: by its ports, and by a router that lives there. */
function segmentsAt(config: Config, host: string | undefined, bridge: Bridge): Set<string> {
  const names = new Set<string>();
  if (bridge.forwarding !== 'flows') return names;
  for (const port of bridge.ports) if (port.host === host) for (const name of segmentsOf(port)) names.add(name);
  for (const router of config.routers) {
    if (router.host !== host || router.bridge !== bridge.name) continue;
    for (const { segment } of router.interfaces) names.add(segment);
  }
  return names;
}

function membersOf(number: number, { vlans, name, source }: Port, segment: string): Member[] {
  if (vlans === undefined) return [];
  const member = (form: Member['form']): Member => ({ number, name, form, source });
  if (vlans.mode === 'access') return vlans.segment === segment ? [member('access')] : [];
  if (vlans.mode === 'dot1q-tunnel') return vlans.segment === segment ? [member('tunnelled')] : [];
  const members: Member[] = [];
  if (vlans.native === segment) members.push(member(vlans.nativeTagged ? 'native-tagged' : 'native'));
  else if (vlans.segments.includes(segment)) members.push(member('tagged'));
  return members;
}

function zoneOf(config: Config, segment: string): number {
  for (const router of config.routers) {
    for (const each of router.interfaces) if (each.segment === segment) return each.zone;
  }
  return 0;
}

function tunnelOf(dp: AppDatapath, segment: Segment, ends: readonly TunnelEnd[] | undefined): SiteSegment['tunnel'] {
  const present = (ends ?? []).flatMap(({ port, address }) => {
    const number = dp.port(port)?.number;
    return number === undefined ? [] : [{ number, peer: address }];
  });
  if (segment.overlay === undefined || present.length === 0) return undefined;
  return { vni: segment.overlay.vni, ends: present, numbers: [...new Set(present.map(({ number }) => number))] };
}
