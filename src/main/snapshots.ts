/** Makes the snapshots that the API reads from the live parts, rates included. */

import type {
  CounterHistory,
  CounterStatus,
  DriftStatus,
  EventStatus,
  FlowStatus,
  PortStatus,
  SegmentStatus,
  Snapshot,
  StationStatus,
  SwitchStatus,
} from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import { stationReader } from '../app/learned-flow.ts';
import type { SwitchSite } from '../app/switch-site.ts';
import type { Config } from '../config/model.ts';
import { segmentsOf } from '../config/port-segments.ts';
import { appOf, isOurs, WEAVER } from '../flow/cookie.ts';
import { identityId } from '../flow/flow-bytes.ts';
import type { ActualFlow } from '../flow/reconcile/diff.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import { COUNTER_FIELDS, type CounterKind } from '../telemetry/counters/kinds.ts';
import type { AppCode, CodeOfApp } from './app-code.ts';
import { counterHistory, counterStatuses } from './counter-status.ts';
import type { Counters } from './counters.ts';
import type { Happenings } from './happenings.ts';
import { macTables, stationsOf } from './stations.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';
import { isLooking, topologyStatus } from './topology-status.ts';

export interface SnapshotParts {
  host: AppHost;
  switches: Switches;
  counters: Counters;
  hosts(): HostManager | undefined;
  /** The file with the ports that it selects now. */
  network(): Config | undefined;
  happenings: Happenings;
  code: Pick<AppCode, 'about'>;
  head(): Pick<Snapshot, 'version' | 'startedAt' | 'file' | 'listening'>;
}

export interface Snapshots {
  status(): Snapshot;
  flows(): FlowStatus[];
  counters(of: CounterKind): CounterStatus[];
  drift(): DriftStatus;
  events(): readonly EventStatus[];
  history(of: CounterKind, id: string, step: number): CounterHistory | undefined;
}

/** Apps that are always there are in no line of a file. */
function lineOf(host: AppHost, name: string): string | null {
  const source = host.sourceOf(name);
  return source !== undefined && /:\d+$|^--app /.test(source) ? source : null;
}

export function createSnapshots(parts: SnapshotParts): Snapshots {
  function flowsOf(entry: ConnectedSwitch): FlowStatus[] {
    return Array.from(entry.site.flows(), (flow) => flowStatus(parts, entry, flow));
  }

  function flows(): FlowStatus[] {
    return [...parts.switches.connected.values()].flatMap(flowsOf);
  }

  const counted = { ...parts, flows };
  return {
    flows,
    counters: (of) => counterStatuses(counted, of),
    drift: () => ({
      switches: Array.from(parts.switches.connected.values(), ({ site }) => ({
        dpid: site.dpid,
        switch: site.name(),
        seen: site.reconciler.driftCount,
        recent: site.reconciler.drift.map((entry) => ({ ...entry })),
      })),
      hosts: (parts.hosts()?.status() ?? []).map(({ name, drift }) => ({ host: name, ...drift })),
    }),
    events() {
      parts.happenings.look();
      return parts.happenings.list();
    },
    history: (of, id, step) => counterHistory(counted, of, id, step),
    status() {
      const network = parts.network();
      const counts = new Map(Array.from(parts.switches.connected, ([dpid, entry]) => [dpid, countFlows(entry)]));
      const stations = [...parts.switches.connected.values()].flatMap((entry) => stationsAt(parts, entry, network));
      const apps = [...parts.host.apps.values()].map((app) => {
        const { packets, bytes } = parts.counters.apps.get(app.name) ?? { packets: 0, bytes: 0 };
        return {
          name: app.name,
          source: lineOf(parts.host, app.name),
          state: app.error === null ? ('running' as const) : ('failed' as const),
          error: app.error,
          errors: app.errors,
          code: codeOf(parts.code.about(app.definition), app.refused),
          config: JSON.parse(JSON.stringify(app.config ?? null)) as unknown,
          counters: Object.fromEntries(Object.entries(app.counters).map(([name, { value }]) => [name, value])),
          flows: [...counts.values()].reduce((sum, { byApp }) => sum + (byApp.get(app.number) ?? 0), 0),
          packets,
          bytes,
          packetIns: app.packetIns,
          packetInsDropped: app.packetInsDropped,
          sendsDropped: app.sendsDropped,
          flowsLeftOut: app.flowsLeftOut,
        };
      });
      return {
        ...parts.head(),
        hosts: parts.hosts()?.status() ?? [],
        switches: [
          ...[...parts.switches.connected.values()].map((entry) =>
            switchStatus(parts.host, parts.counters, entry, counts.get(entry.site.dpid)!, network),
          ),
          ...missingSwitches(parts, network),
        ],
        segments: segmentStatuses(network, parts.hosts()),
        stations,
        macTables: macTables(network, stations),
        topology: topologyStatus(parts.host, parts.switches, network),
        apps,
        sent: { ...parts.host.sent },
      };
    },
  };
}

/** What can't be loaded is told before what could not begin: it is newer. */
function codeOf(about: CodeOfApp, refused: string | null): CodeOfApp {
  return { ...about, refused: about.refused ?? refused };
}

function stationsAt(
  { host, counters }: SnapshotParts,
  { site }: ConnectedSwitch,
  config: Config | undefined,
): StationStatus[] {
  const { dpid, ports } = site;
  const flows = [...site.reconciler.actual.values()];
  const figures = (flow: ActualFlow) => counters.flow(dpid, flow.identity);
  return stationsOf({ dpid, name: site.name(), ports, flows, stationOf: stationReader(host), figures }, config);
}

interface FlowCounts {
  own: number;
  foreign: number;
  /** By the app's number. */
  byApp: Map<number, number>;
}

function countFlows({ site }: ConnectedSwitch): FlowCounts {
  const counts: FlowCounts = { own: 0, foreign: 0, byApp: new Map() };
  for (const { cookie } of site.flows()) {
    if (!isOurs(cookie)) {
      counts.foreign++;
      continue;
    }
    counts.own++;
    const app = appOf(cookie);
    counts.byApp.set(app, (counts.byApp.get(app) ?? 0) + 1);
  }
  return counts;
}

/** A flow's text, which takes longer to write than all else of it, and stays. */
const texts = new WeakMap<ActualFlow, { match: string; actions: string }>();

function textOf(flow: ActualFlow): { match: string; actions: string } {
  let text = texts.get(flow);
  if (text === undefined) {
    text = { match: formatMatch(flow.match), actions: formatInstructions(flow.instructions) };
    texts.set(flow, text);
  }
  return text;
}

function flowStatus({ host, counters }: SnapshotParts, { site }: ConnectedSwitch, flow: ActualFlow): FlowStatus {
  const id = `${site.dpid}/${identityId(flow.identity)}`;
  const desired = site.reconciler.desired(flow.identity);
  const figures = counters.flow(site.dpid, flow.identity);
  return {
    id,
    dpid: site.dpid,
    switch: site.name(),
    table: flow.tableId,
    tableName: host.plan.name(flow.tableId),
    priority: flow.priority,
    ...textOf(flow),
    cookie: `0x${flow.cookie.toString(16).padStart(16, '0')}`,
    ...whose(host, site, flow.cookie),
    ...(desired === undefined
      ? {}
      : { app: desired.app, intent: desired.intent.text, source: desired.intent.source ?? null }),
    packets: figures?.packets ?? 0,
    bytes: figures?.bytes ?? 0,
    packetRate: figures?.packetRate ?? 0,
    bitRate: (figures?.byteRate ?? 0) * 8,
    duration: figures === undefined ? flow.duration : Math.floor((Date.now() - figures.installedAt) / 1000),
  };
}

/** By the cookie alone: for what a switch learned, and what an earlier run left. */
export function whose(
  host: AppHost,
  site: SwitchSite | undefined,
  cookie: bigint,
): Pick<FlowStatus, 'app' | 'intent' | 'source'> {
  if (!isOurs(cookie)) return { app: null, intent: null, source: null };
  const number = appOf(cookie);
  if (number === WEAVER) return { app: 'weaver', intent: null, source: null };
  const learned = site?.learned(cookie);
  if (learned !== undefined) {
    return { app: learned.app, intent: learned.intent.text, source: learned.intent.source ?? null };
  }
  return { app: host.byNumber(number)?.name ?? 'unknown', intent: null, source: null };
}

function switchStatus(
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
        drift: { seen: 0, last: null },
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
