/** What the firewall judges between ports of one bridge on one host: filtered segments, and the zones on them. */

import {
  type AppDatapath,
  addressNumber,
  type Bridge,
  type Config,
  filteredSegments,
  type Port,
  type Segment,
  segmentsOf,
  type TunnelEnd,
  tunnelEnds,
  zoneAt,
} from '../../src/index.ts';

/** Where packets come from or go to, and which zone that is. */
export interface ZonedPlace {
  key: string;
  text: string;
  source: string;
  zone: number;
  /** Number of the port, of this switch. */
  port: number;
  /** Behind a tunnel: the register's value for its other end. */
  peer?: number;
  /** Of several behind one tunnel: what it is known by. */
  station?: { mac: string } | { address: string };
  /** Another host, whose ports there are in several zones. */
  isMixed?: boolean;
}

export interface FilteredSegment {
  id: number;
  name: string;
  source: string;
  /** Those told by a station first. */
  places: ZonedPlace[];
  /** MACs of the routers that have an interface on it. */
  routers: { name: string; mac: string; source: string }[];
  /** Numbers of all zones on it, 0 among them. */
  zones: number[];
}

export function filteredOn(config: Config | undefined, dp: AppDatapath): FilteredSegment[] {
  const bridge = config?.bridges.find(({ name, hosts }) => name === dp.bridge && hosts.includes(dp.host ?? ''));
  if (config?.firewall === undefined || bridge === undefined || bridge.forwarding !== 'flows') return [];
  const filtered = filteredSegments(config);
  if (filtered.size === 0) return [];
  const ends = dp.host === undefined ? new Map<string, TunnelEnd[]>() : tunnelEnds(config, dp.host, bridge);
  const numbers = new Map(Array.from(dp.ports.values(), ({ name, number }) => [name, number]));
  return config.segments
    .filter(({ name }) => filtered.has(name))
    .map((segment) => {
      const on = bridge.ports.filter((port) => segmentsOf(port).includes(segment.name));
      const places = [
        ...localPlaces(segment, on, dp.host, numbers),
        ...(ends.get(segment.name) ?? []).flatMap((end) => remotePlaces(segment, bridge, end, numbers)),
      ];
      const { id, name, source } = segment;
      const routers = routersOn(config, segment.name, dp);
      return { id, name, source, places, routers, zones: zonesOf(places) };
    })
    .filter(({ places }) => places.length > 0);
}

/** By each MAC that a router has there: where the host itself answers for its addresses, the host's. */
function routersOn(config: Config, segment: string, dp: AppDatapath): FilteredSegment['routers'] {
  return config.routers.flatMap(({ name, mac, source, self, host, interfaces }) => {
    const there = interfaces.filter((each) => each.segment === segment);
    const isSelf = host === dp.host && there.some((each) => each.name === self?.interface);
    const own = isSelf && self !== undefined ? dp.port(self.port)?.mac : undefined;
    const macs = there.length === 0 ? [] : own === undefined ? [mac] : [mac, own];
    return macs.map((each) => ({ name, mac: each, source }));
  });
}

function localPlaces(
  segment: Segment,
  ports: readonly Port[],
  host: string | undefined,
  numbers: ReadonlyMap<string, number>,
): ZonedPlace[] {
  return ports.flatMap((port) => {
    const number = port.host === host && port.select === undefined ? numbers.get(port.name) : undefined;
    if (number === undefined) return [];
    const { name, source } = port;
    return [{ key: `port ${name}`, text: `port ${name}`, source, zone: zoneAt(port, segment), port: number }];
  });
}

/** Zones of the other host's ports; where they differ, a port is told by its MAC, else by its address. */
function remotePlaces(
  segment: Segment,
  bridge: Bridge,
  end: TunnelEnd,
  numbers: ReadonlyMap<string, number>,
): ZonedPlace[] {
  const number = numbers.get(end.port);
  if (number === undefined) return [];
  const there = bridge.ports.filter((port) => port.host === end.host && segmentsOf(port).includes(segment.name));
  const zones = new Set(there.map((port) => zoneAt(port, segment)));
  // An IPv6 peer fits into no register, and needs none: its tunnel port leads to it alone.
  const peer = end.address.includes(':') ? {} : { peer: addressNumber(end.address) };
  const place = { port: number, ...peer };
  const [first = 0] = zones;
  const { source } = segment;
  const host: ZonedPlace = {
    ...{ ...place, key: `host ${end.host}`, text: `host ${end.host}`, source },
    zone: zones.size === 1 ? first : 0,
  };
  if (zones.size <= 1) return [host];
  const stations = there.flatMap((port): ZonedPlace[] => {
    const zone = zoneAt(port, segment);
    const known = stationsOf(port);
    const text = `port ${port.host}/${port.name}`;
    return known.map((station) => ({
      ...{ ...place, zone, text, source: port.source, station },
      key: `${text} ${Object.values(station).join()}`,
    }));
  });
  return [...stations, { ...host, isMixed: true }];
}

function stationsOf({ macs, addresses }: Port): NonNullable<ZonedPlace['station']>[] {
  return macs.length > 0 ? macs.map((mac) => ({ mac })) : addresses.map((address) => ({ address }));
}

export function zonesOn(segments: readonly FilteredSegment[]): number[] {
  return [...new Set(segments.flatMap(({ zones }) => zones))];
}

function zonesOf(places: readonly ZonedPlace[]): number[] {
  return [...new Set([0, ...places.map(({ zone }) => zone)])].toSorted((a, b) => a - b);
}
