/** Which segments with DHCP or advertisements a switch has, and by which of its ports their stations come. */

import {
  type AppDatapath,
  type Config,
  type DhcpSegment,
  type Port,
  type Router,
  type Segment,
  segmentsOf,
  tunnelEnds,
} from '../../src/index.ts';

export interface SitePort {
  number: number;
  name: string;
  /** undefined: a tunnel. */
  port: Port | undefined;
  /** By it come the stations of one guest, not those of other switches. */
  isAccess: boolean;
}

export interface SiteSegment {
  settings: DhcpSegment;
  id: number;
  name: string;
  /**
   * Who comes by trunks and tunnels may come to other switches of ours, too: one of them answers those, the router's own. An
   * answer from elsewhere would have the physical switches between think that the router is there.
   */
  isHome: boolean;
  /** Of the router on the segment that the settings name. */
  routerMac: string | undefined;
  /** All, and those whose stations are answered here. */
  ports: SitePort[];
  answered: SitePort[];
}

export function siteOf(config: Config | undefined, dp: AppDatapath): SiteSegment[] {
  const bridge = config?.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (config === undefined || bridge === undefined || dp.host === undefined) return [];
  const ends = tunnelEnds(config, dp.host, bridge);
  return config.dhcp.flatMap((settings): SiteSegment[] => {
    const segment = config.segments.find(({ name }) => name === settings.segment);
    if (segment === undefined) return [];
    const tunnels = new Set((ends.get(segment.name) ?? []).map(({ port }) => port));
    const ports = [
      ...bridge.ports.flatMap((port): SitePort[] => {
        const number = port.host === dp.host && port.select === undefined ? dp.port(port.name)?.number : undefined;
        if (number === undefined || !segmentsOf(port).includes(segment.name)) return [];
        return [{ number, name: port.name, port, isAccess: port.vlans?.mode !== 'trunk' }];
      }),
      ...[...tunnels].flatMap((name): SitePort[] => {
        const number = dp.port(name)?.number;
        return number === undefined ? [] : [{ number, name, port: undefined, isAccess: false }];
      }),
    ];
    const router = routerOf(config, settings);
    const isHome = `${dp.host}/${dp.bridge}` === homeOf(config, settings, segment);
    const answered = isHome ? ports : ports.filter(({ isAccess }) => isAccess);
    if (ports.length === 0 && !isHome) return [];
    return [{ settings, id: segment.id, name: segment.name, isHome, routerMac: router?.mac, ports, answered }];
  });
}

/** `hv1/br0`: where the router is; without one, the first that has the segment. */
function homeOf(config: Config, settings: DhcpSegment, segment: Segment): string | undefined {
  const router = routerOf(config, settings);
  if (router !== undefined) return `${router.host}/${router.bridge}`;
  for (const bridge of config.bridges) {
    const port = bridge.ports.find((each) => segmentsOf(each).includes(segment.name));
    if (port !== undefined) return `${port.host}/${bridge.name}`;
  }
  return undefined;
}

export function routerOf(config: Config, { server, relay, advertise }: DhcpSegment): Router | undefined {
  const name = server?.router ?? relay?.router ?? advertise?.router;
  return config.routers.find((each) => each.name === name);
}
