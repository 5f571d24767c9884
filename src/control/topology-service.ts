/** What the topology app has found out, asked of it. */

import { type Topology, topology } from '../../apps/topology/services.ts';
import type { AppHost } from '../app/host.ts';

export function topologyOf(host: AppHost): Topology | undefined {
  return host.commons.services.get(topology.name, undefined) as Topology | undefined;
}

/** What is seen at the port is not there, but at another switch. */
export function leadsToSwitch(host: AppHost, dpid: string, port: number): boolean {
  return topologyOf(host)?.leadsToSwitch({ dpid, port }) === true;
}

/** A switch that has just come: some of its ports do not carry yet. */
export function isLooking(host: AppHost, dpid: string): boolean {
  return topologyOf(host)?.looking(dpid) === true;
}
