/**
 * Where stations are, by the flows that the switches learned, and when each was last heard. Open vSwitch renews a
 * learned flow at each of its station's frames, but OpenFlow 1.4 tells neither that nor when: the age is known by the
 * counter of what the station sent, to within the time between two readings.
 */

import { stations as learningSwitch } from '../../apps/learning-switch/services.ts';
import type { MacTableStatus, StationStatus } from '../api/shapes/station.ts';
import type { Station } from '../app/events.ts';
import type { Services } from '../app/services.ts';
import type { KnownStation } from '../app/station-book.ts';
import type { Config } from '../config/model.ts';
import { tunnelEnds } from '../config/tunnel.ts';
import type { Flows } from '../flow/flow-index.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import type { FlowFigures } from '../telemetry/counters/flow-tables.ts';

/** What of a connected switch is looked at. */
export interface StationSite {
  dpid: string;
  name: string;
  /** Names of its ports by number. */
  ports: ReadonlyMap<number, { name: string }>;
  /** What the switch learned by itself. */
  stations: Iterable<KnownStation>;
  /** What apps have found out from packets that came to them. */
  others: Iterable<Station>;
  /** By identity. */
  flows: Flows<Pick<ActualFlow, 'duration' | 'hardTimeout'>>;
  /** What a flow has counted, by its identity; undefined: not known yet. */
  figures(flow: string): Pick<FlowFigures, 'movedAt' | 'installedAt'> | undefined;
}

/** Those of the app `learning-switch`. */
export function stationsOfApps(services: Services, dpid: string): Iterable<Station> {
  const offered = services.get(learningSwitch.name, dpid) as typeof learningSwitch.implementation;
  return offered?.known() ?? [];
}

/** In the order of segment and MAC address. */
export function stationsOf(site: StationSite, config: Config | undefined): StationStatus[] {
  const segments = new Map(config?.segments.map(({ id, name }) => [id, name]));
  const hosts = new Map(config?.hosts.map(({ underlay, name }) => [underlay, name]));
  const leads = onlyPeers(site.name, config);
  const now = Date.now();
  const found: StationStatus[] = [];
  const nameOf = (port: number) => site.ports.get(port)?.name ?? String(port);
  const here = { dpid: site.dpid, switch: site.name };
  for (const { segment, mac, place, addresses, flow, counts } of site.stations) {
    const standing = site.flows.get(flow);
    if (standing === undefined) continue;
    const lastHeard = counts === undefined ? undefined : site.figures(counts)?.movedAt;
    const port = nameOf(place.port);
    const peer = place.peer === undefined ? undefined : (leads.get(port) ?? place.peer);
    const age = lastHeard === undefined ? null : Math.max(0, Math.round((now - lastHeard) / 1000));
    const installedAt = site.figures(flow)?.installedAt ?? now - standing.duration * 1000;
    found.push({
      ...{ mac, addresses: [...addresses], segment: segments.get(segment) ?? String(segment), ...here, port },
      peer: peer ?? null,
      peerHost: (peer === undefined ? undefined : hosts.get(peer)) ?? null,
      known: Math.max(0, Math.round((now - installedAt) / 1000)),
      age,
      expires: age === null || standing.hardTimeout === 0 ? null : Math.max(0, standing.hardTimeout - age),
    });
  }
  for (const { mac, ip, port } of site.others) {
    const addresses = ip === undefined ? [] : [ip];
    const unknown = { segment: null, peer: null, peerHost: null, known: null, age: null, expires: null };
    found.push({ mac, addresses, ...here, port: nameOf(port), ...unknown });
  }
  return found.toSorted((a, b) => compare(a.segment ?? '', b.segment ?? '') || compare(a.mac, b.mac));
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
