/** What the topology app found out, with the names of switches, ports and segments. */

import type { Topology } from '../../apps/topology/services.ts';
import type { CableEnd, TopologyStatus } from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import type { Config } from '../config/model.ts';
import { topologyOf } from '../control/topology-service.ts';
import type { Switches } from './switches.ts';

type Cables = ReturnType<Topology['cables']>;

export function topologyStatus(host: AppHost, switches: Switches, config: Config | undefined): TopologyStatus {
  const found = topologyOf(host);
  if (found === undefined) return { settled: true, cables: [], closedPorts: [] };
  const nameOf = (dpid: string) => switches.connected.get(dpid)?.site.name() ?? dpid;
  const end = ({ dpid, port }: { dpid: string; port: number }): CableEnd => ({
    dpid,
    switch: nameOf(dpid),
    port,
    name: switches.connected.get(dpid)?.site.ports.get(port)?.name ?? String(port),
  });
  const segments = new Map(config?.segments.map(({ id, name }) => [id, name]));
  const cables = found.cables();
  return {
    settled: found.settled(),
    cables: cables.map(({ a, b, state }) => ({
      a: end(a),
      b: end(b),
      state,
      loop: state === 'blocked' ? wayThrough(cables, a.dpid, b.dpid).map(nameOf) : [],
    })),
    closedPorts: found.closedPorts().map(({ segments: ids, why, ...place }) => ({
      ...end(place),
      segments: ids?.map((id) => segments.get(id) ?? String(id)) ?? null,
      why,
    })),
  };
}

/** The switches on the way from one to the other by the cables that carry, both of them named. */
function wayThrough(cables: Cables, from: string, to: string): string[] {
  const cameFrom = new Map([[from, from]]);
  for (const at of cameFrom.keys()) {
    for (const { a, b, state } of cables) {
      if (state !== 'carrying') continue;
      const next = a.dpid === at ? b.dpid : b.dpid === at ? a.dpid : undefined;
      if (next !== undefined && !cameFrom.has(next)) cameFrom.set(next, at);
    }
  }
  const way = [to];
  for (let at = to; at !== from; ) {
    const before = cameFrom.get(at);
    if (before === undefined) return [from, to];
    way.unshift(before);
    at = before;
  }
  return way;
}
