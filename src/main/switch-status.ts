/** A switch as the API shows it, with its ports; and those of the file that are not connected. */

import type { PortStatus, SwitchStatus } from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import type { Config } from '../config/model.ts';
import { segmentsOf } from '../config/port-segments.ts';
import { isLooking } from '../control/topology-service.ts';
import { appOf, isOurs } from '../flow/cookie.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import { COUNTER_FIELDS } from '../telemetry/counters/kinds.ts';
import type { Counters } from './counters.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';

export interface FlowCounts {
  own: number;
  foreign: number;
  /** By the app's number. */
  byApp: Map<number, number>;
}

export function countFlows(site: SwitchSite): FlowCounts {
  const counts: FlowCounts = { own: 0, foreign: 0, byApp: new Map() };
  for (const { cookie } of site.flows()) {
    if (!isOurs(site.namespace, cookie)) {
      counts.foreign++;
      continue;
    }
    counts.own++;
    const app = appOf(cookie);
    counts.byApp.set(app, (counts.byApp.get(app) ?? 0) + 1);
  }
  return counts;
}

export function switchStatus(
  host: AppHost,
  counters: Counters,
  entry: ConnectedSwitch,
  counts: FlowCounts,
  config: Config | undefined,
): SwitchStatus {
  const { site } = entry;
  const segments = new Map<string, string[]>();
  for (const bridge of config?.bridges ?? []) {
    if (bridge.name !== site.bridge()) continue;
    for (const port of bridge.ports) if (port.host === site.host()) segments.set(port.name, segmentsOf(port));
  }
  return {
    dpid: site.dpid,
    name: site.name(),
    host: site.host() ?? null,
    bridge: site.bridge() ?? null,
    state: entry.state === 'up' && isLooking(host, site.dpid) ? 'synchronising' : entry.state,
    since: entry.since,
    address: site.datapath.connection.remote,
    description: site.datapath.description,
    flows: counts.own,
    foreignFlows: counts.foreign,
    sync: entry.sync,
    refused: [...site.reconciler.problems(), ...site.timed.problems()],
    drift: { seen: site.reconciler.driftCount, last: site.reconciler.drift.at(-1)?.text ?? null },
    ports: [...site.ports.values()].map((port) => portStatus(counters, site.dpid, port, segments.get(port.name) ?? [])),
  };
}

function portStatus(
  counters: Counters,
  dpid: string,
  { number, name, mac, up }: { number: number; name: string; mac: string; up: boolean },
  segments: string[],
): PortStatus {
  const counted = counters.entity(dpid, 'port', name);
  const field = (wanted: string) => COUNTER_FIELDS.port.indexOf(wanted);
  const count = (wanted: string) => counted?.counts[field(wanted)] ?? 0;
  const rate = (wanted: string) => (counted?.rates[field(wanted)] ?? 0) * 8;
  return {
    ...{ number, name, mac, up, segments },
    ...{ rxPackets: count('rxPackets'), txPackets: count('txPackets') },
    ...{ rxBytes: count('rxBytes'), txBytes: count('txBytes') },
    ...{ rxDropped: count('rxDropped'), txDropped: count('txDropped') },
    ...{ rxRate: rate('rxBytes'), txRate: rate('txBytes') },
  };
}

/** Bridges of the file whose switch is not connected. */
export function missingSwitches(
  switches: Switches,
  hosts: HostManager | undefined,
  startedAt: number,
  config: Config | undefined,
): SwitchStatus[] {
  const here = new Set([...switches.connected.values()].map(({ site }) => site.name()));
  return (config?.bridges ?? [])
    .filter(({ forwarding }) => forwarding === 'flows')
    .flatMap((bridge) => bridge.hosts.map((host) => ({ host, bridge: bridge.name, name: `${host}/${bridge.name}` })))
    .filter(({ name }) => !here.has(name))
    .map(({ host, bridge, name }) => {
      const known = hosts
        ?.hosts()
        .find((each) => each.name === host)
        ?.bridges.find((each) => each.name === bridge);
      return {
        dpid: known?.datapathId ?? '',
        name,
        host,
        bridge,
        state: switches.seen.has(name) ? 'down' : 'connecting',
        since: startedAt,
        address: null,
        description: null,
        flows: 0,
        foreignFlows: 0,
        sync: null,
        refused: [],
        drift: { seen: 0, last: null },
        ports: [],
      };
    });
}
