/** Makes the snapshots that the API reads from the live parts, rates included. */

import type { PortStats } from '../../proto/openflow/port-stats.ts';
import { RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import type { FlowStatus, PortStatus, SegmentStatus, Snapshot, StationStatus, SwitchStatus } from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import { stationReader } from '../app/learned-flow.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import type { Config } from '../config/model.ts';
import { segmentsOf } from '../config/port-segments.ts';
import { appOf, isOurs, WEAVER } from '../flow/cookie.ts';
import type { ActualFlow } from '../flow/diff.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import { createRates, type Rates } from '../telemetry/rates.ts';
import { macTables, stationsOf } from './stations.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';

export interface SnapshotParts {
  host: AppHost;
  switches: Switches;
  hosts(): HostManager | undefined;
  /** The file with the ports that it selects now. */
  network(): Config | undefined;
  head(): Pick<Snapshot, 'version' | 'startedAt' | 'file' | 'listening'>;
}

export interface Snapshots {
  status(): Snapshot;
  flows(): FlowStatus[];
}

export function createSnapshots(parts: SnapshotParts): Snapshots {
  const flowRates = createRates();
  const portRates = createRates();

  function flowsOf(entry: ConnectedSwitch): FlowStatus[] {
    return [...entry.site.reconciler.actual.values()].map((flow) => flowStatus(parts.host, entry, flow, flowRates));
  }

  function flows(): FlowStatus[] {
    return [...parts.switches.connected.values()].flatMap(flowsOf);
  }

  return {
    flows,
    status() {
      const all = flows();
      const network = parts.network();
      const stations = [...parts.switches.connected.values()].flatMap((entry) =>
        stationsAt(parts.host, entry, network),
      );
      const apps = [...parts.host.apps.values()].map((app) => {
        const own = all.filter((flow) => flow.app === app.name);
        return {
          name: app.name,
          state: app.error === null ? ('running' as const) : ('failed' as const),
          error: app.error,
          flows: own.length,
          packets: own.reduce((sum, { packets }) => sum + packets, 0),
          bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
          packetIns: app.packetIns,
        };
      });
      return {
        ...parts.head(),
        hosts: parts.hosts()?.status() ?? [],
        switches: [
          ...[...parts.switches.connected.values()].map((entry) => switchStatus(entry, all, network, portRates)),
          ...missingSwitches(parts, network),
        ],
        segments: segmentStatuses(network, parts.hosts()),
        stations,
        macTables: macTables(network, stations),
        apps,
        sent: { ...parts.host.sent },
      };
    },
  };
}

function stationsAt(
  host: AppHost,
  { site, hearing, readAt }: ConnectedSwitch,
  config: Config | undefined,
): StationStatus[] {
  const { dpid, ports } = site;
  const flows = site.reconciler.actual.values();
  return stationsOf({ dpid, name: site.name(), ports, flows, stationOf: stationReader(host), readAt }, hearing, config);
}

function flowStatus(host: AppHost, entry: ConnectedSwitch, flow: ActualFlow, rates: Rates): FlowStatus {
  const { site } = entry;
  const id = `${site.dpid}/${flow.identity}`;
  const desired = site.reconciler.desired(flow.identity);
  const packets = Number(flow.packets);
  const bytes = Number(flow.bytes);
  const rate = rates.rate(id, entry.readAt, [packets, bytes * 8]);
  return {
    id,
    dpid: site.dpid,
    switch: site.name(),
    table: flow.tableId,
    tableName: host.plan.name(flow.tableId),
    priority: flow.priority,
    match: formatMatch(flow.match),
    actions: formatInstructions(flow.instructions),
    cookie: `0x${flow.cookie.toString(16).padStart(16, '0')}`,
    ...whose(host, site, flow.cookie),
    ...(desired === undefined
      ? {}
      : { app: desired.app, intent: desired.intent.text, source: desired.intent.source ?? null }),
    packets,
    bytes,
    packetRate: rate[0] ?? 0,
    bitRate: rate[1] ?? 0,
    duration: flow.duration,
  };
}

/** By the cookie alone: for what a switch learned, and what an earlier run left. */
function whose(host: AppHost, site: SwitchSite, cookie: bigint): Pick<FlowStatus, 'app' | 'intent' | 'source'> {
  if (!isOurs(cookie)) return { app: null, intent: null, source: null };
  const number = appOf(cookie);
  if (number === WEAVER) return { app: 'weaver', intent: null, source: null };
  const learned = site.learned(cookie);
  if (learned !== undefined) {
    return { app: learned.app, intent: learned.intent.text, source: learned.intent.source ?? null };
  }
  return { app: host.byNumber(number)?.name ?? 'unknown', intent: null, source: null };
}

function switchStatus(
  entry: ConnectedSwitch,
  all: FlowStatus[],
  config: Config | undefined,
  rates: Rates,
): SwitchStatus {
  const { site } = entry;
  const own = all.filter(({ dpid }) => dpid === site.dpid);
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
    state: entry.state,
    since: entry.since,
    address: site.datapath.connection.remote,
    description: site.datapath.description,
    flows: own.filter(({ app }) => app !== null).length,
    foreignFlows: own.filter(({ app }) => app === null).length,
    sync: entry.sync,
    refused: site.reconciler.problems(),
    ports: [...site.ports.values()].map((port) => {
      const stats = entry.portStats.find(({ portNo }) => numberOf(portNo) === port.number);
      return portStatus(entry, port, segments.get(port.name) ?? [], stats, rates);
    }),
  };
}

function numberOf(portNo: PortStats['portNo']): number {
  return typeof portNo === 'number' ? portNo : RESERVED_PORTS[portNo];
}

function portStatus(
  entry: ConnectedSwitch,
  port: { number: number; name: string; mac: string; up: boolean },
  segments: string[],
  stats: PortStats | undefined,
  rates: Rates,
): PortStatus {
  const rxBytes = count(stats?.rxBytes);
  const txBytes = count(stats?.txBytes);
  const rate = rates.rate(`${entry.site.dpid}/${port.number}`, entry.readAt, [rxBytes * 8, txBytes * 8]);
  return {
    number: port.number,
    name: port.name,
    mac: port.mac,
    up: port.up,
    segments,
    rxPackets: count(stats?.rxPackets),
    txPackets: count(stats?.txPackets),
    rxBytes,
    txBytes,
    rxDropped: count(stats?.rxDropped),
    txDropped: count(stats?.txDropped),
    rxRate: rate[0] ?? 0,
    txRate: rate[1] ?? 0,
  };
}

const NOT_KEPT = 0xffff_ffff_ffff_ffffn;

/** A counter that the switch does not keep is all ones. */
function count(value: bigint | undefined): number {
  return value === undefined || value === NOT_KEPT ? 0 : Number(value);
}

/** Bridges of the file whose switch is not connected. */
function missingSwitches({ switches, hosts, head }: SnapshotParts, config: Config | undefined): SwitchStatus[] {
  const here = new Set([...switches.connected.values()].map(({ site }) => site.name()));
  return (config?.bridges ?? [])
    .filter(({ forwarding }) => forwarding === 'flows')
    .flatMap((bridge) => bridge.hosts.map((host) => ({ host, bridge: bridge.name, name: `${host}/${bridge.name}` })))
    .filter(({ name }) => !here.has(name))
    .map(({ host, bridge, name }) => {
      const known = hosts()
        ?.hosts()
        .find((each) => each.name === host)
        ?.bridges.find((each) => each.name === bridge);
      return {
        dpid: known?.datapathId ?? '',
        name,
        host,
        bridge,
        state: switches.seen.has(name) ? 'down' : 'connecting',
        since: head().startedAt,
        address: null,
        description: null,
        flows: 0,
        foreignFlows: 0,
        sync: null,
        refused: [],
        ports: [],
      };
    });
}

function segmentStatuses(config: Config | undefined, hosts: HostManager | undefined): SegmentStatus[] {
  const mtus = hosts?.segmentMtus();
  return (config?.segments ?? []).map(({ name, source, id, vlan, overlay }) => {
    const { mtu, reason } = mtus?.get(name) ?? {};
    return {
      name,
      source,
      id,
      vlan: vlan ?? null,
      vni: overlay?.vni ?? null,
      mtu: mtu ?? null,
      mtuReason: mtu === undefined ? null : (reason ?? null),
    };
  });
}
