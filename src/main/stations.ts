/**
 * Where stations are, by the flows that the switches learned, and when each was last heard. Open vSwitch renews a
 * learned flow at each of its station's frames, but OpenFlow 1.4 tells neither that nor when: the age is known by the
 * counter of what the station sent, to within the time between two readings.
 */

import type { MacTableStatus, StationStatus } from '../api/snapshot.ts';
import type { StationOf } from '../app/learned-flow.ts';
import type { Config } from '../config/model.ts';
import { tunnelEnds } from '../config/tunnel.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import type { FlowFigures } from '../telemetry/counters/flow-book.ts';

/** What of a connected switch is looked at. */
export interface StationSite {
  dpid: string;
  name: string;
  /** Names of its ports by number. */
  ports: ReadonlyMap<number, { name: string }>;
  flows: readonly ActualFlow[];
  stationOf: StationOf;
  /** What a flow has counted; undefined: not known yet. */
  figures(flow: ActualFlow): Pick<FlowFigures, 'movedAt' | 'installedAt'> | undefined;
}

/** In the order of segment and MAC address. */
export function stationsOf(site: StationSite, config: Config | undefined): StationStatus[] {
  const segments = new Map(config?.segments.map(({ id, name }) => [id, name]));
  const hosts = new Map(config?.hosts.map(({ underlay, name }) => [underlay, name]));
  const leads = onlyPeers(site.name, config);
  const now = Date.now();
  const heard = heardAt(site);
  const found: StationStatus[] = [];
  for (const flow of site.flows) {
    const station = site.stationOf(flow);
    if (station?.place === undefined) continue;
    const { segment, mac, place } = station;
    const lastHeard = heard.get(`${segment}/${mac}`);
    const port = site.ports.get(place.port)?.name ?? String(place.port);
    const peer = place.peer === undefined ? undefined : (leads.get(port) ?? place.peer);
    const age = lastHeard === undefined ? null : Math.max(0, Math.round((now - lastHeard) / 1000));
    const installedAt = site.figures(flow)?.installedAt ?? now - flow.duration * 1000;
    found.push({
      mac,
      segment: segments.get(segment) ?? String(segment),
      dpid: site.dpid,
      switch: site.name,
      port,
      peer: peer ?? null,
      peerHost: (peer === undefined ? undefined : hosts.get(peer)) ?? null,
      known: Math.max(0, Math.round((now - installedAt) / 1000)),
      age,
      expires: age === null || flow.hardTimeout === 0 ? null : Math.max(0, flow.hardTimeout - age),
    });
  }
  return found.toSorted((a, b) => compare(a.segment, b.segment) || compare(a.mac, b.mac));
}

/** `segment/mac` → when a frame of it was last seen: the flows that count what stations send tell it. */
function heardAt({ flows, stationOf, figures }: StationSite): Map<string, number> {
  const heard = new Map<string, number>();
  for (const flow of flows) {
    const station = stationOf(flow);
    if (station === undefined || station.place !== undefined) continue;
    const at = figures(flow)?.movedAt;
    if (at !== undefined) heard.set(`${station.segment}/${station.mac}`, at);
  }
  return heard;
}

/** Of the tunnel ports of a switch that lead to one host only, its address: what was learned holds no IPv6 address. */
function onlyPeers(name: string, config: Config | undefined): Map<string, string> {
  const [host = '', ...rest] = name.split('/');
  const bridge = config?.bridges.find((each) => each.name === rest.join('/'));
  const peers = new Map<string, Set<string>>();
  if (config === undefined || bridge === undefined) return new Map();
  for (const { port, address } of [...tunnelEnds(config, host, bridge).values()].flat()) {
    peers.set(port, (peers.get(port) ?? new Set()).add(address));
  }
  return new Map([...peers].flatMap(([port, [address, more]]) => (address && !more ? [[port, address] as const] : [])));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Who keeps the MAC table of each bridge of the file. */
export function macTables(config: Config | undefined, stations: readonly StationStatus[]): MacTableStatus[] {
  const count = new Map<string, number>();
  for (const { switch: name } of stations) count.set(name, (count.get(name) ?? 0) + 1);
  return (config?.bridges ?? []).flatMap((bridge) =>
    bridge.hosts.map((host): MacTableStatus => {
      const name = `${host}/${bridge.name}`;
      const own = bridge.forwarding === 'flows';
      return {
        switch: name,
        keptBy: own ? 'flows' : 'open-vswitch',
        aging: bridge.macAging ?? Number((own ? undefined : bridge.otherConfig['mac-aging-time']) ?? 300),
        stations: own ? (count.get(name) ?? 0) : null,
        command: own ? null : `ovs-appctl fdb/show ${bridge.name}`,
      };
    }),
  );
}
