/** Makes the snapshots that the API reads from the live parts, rates included. */

import type {
  CounterHistory,
  CounterStatus,
  DriftStatus,
  EventStatus,
  FlowStatus,
  PublishedStatus,
  PublishedTopic,
  RuleStatus,
  SegmentStatus,
  Snapshot,
  StationStatus,
} from '../api/snapshot.ts';
import type { AppHost } from '../app/host.ts';
import type { Config } from '../config/model.ts';
import type { HostManager } from '../ovsdb/manager/manager.ts';
import type { CounterKind } from '../telemetry/counters/kinds.ts';
import type { AppCode, CodeOfApp } from './app-code.ts';
import { counterHistory, counterStatuses } from './counter-status.ts';
import type { Counters } from './counters.ts';
import { flowStatus } from './flow-status.ts';
import type { Happenings } from './happenings.ts';
import { publishedStatus } from './published.ts';
import { ruleStatuses } from './rules.ts';
import { macTables, type StationSite, stationsOf, stationsOfApps } from './stations.ts';
import { countFlows, missingSwitches, switchStatus } from './switch-status.ts';
import type { ConnectedSwitch, Switches } from './switches.ts';
import { topologyStatus } from './topology-status.ts';

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
  rules(): RuleStatus[];
  published<T extends PublishedTopic>(topic: T): PublishedStatus[T][];
  history(of: CounterKind, id: string, step: number): CounterHistory | undefined;
}

/** Apps that are always there are in no line of a file. */
function lineOf(host: AppHost, name: string): string | null {
  const source = host.sourceOf(name);
  return source !== undefined && /:\d+$|^--app /.test(source) ? source : null;
}

export function createSnapshots(parts: SnapshotParts): Snapshots {
  function flowsOf({ site }: ConnectedSwitch): FlowStatus[] {
    return Array.from(site.flows(), (flow) => flowStatus(parts.host, parts.counters, site, flow));
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
    rules: () => ruleStatuses(parts, parts.network()),
    published: (topic) => publishedStatus(parts.host.commons.publications, topic),
    history: (of, id, step) => counterHistory(counted, of, id, step),
    status() {
      const network = parts.network();
      const counts = new Map(Array.from(parts.switches.connected, ([dpid, { site }]) => [dpid, countFlows(site)]));
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
          ...missingSwitches(parts.switches, parts.hosts(), parts.head().startedAt, network),
        ],
        segments: segmentStatuses(network, parts.hosts()),
        stations,
        macTables: macTables(network, stations),
        topology: topologyStatus(parts.host, parts.switches, network),
        zones: (network?.firewall?.zones ?? []).map(({ name, source, members }) => ({ name, source, members })),
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
  const parts: StationSite = {
    ...{ dpid, name: site.name(), ports, flows: site.reconciler.actual },
    ...{ stations: site.stations(), others: stationsOfApps(host.commons.services, dpid) },
    figures: (flow) => counters.flow(dpid, flow),
  };
  return stationsOf(parts, config);
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
