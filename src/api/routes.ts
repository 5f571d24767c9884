/** The REST routes under /api/v1, one row each: what the server answers and what OpenAPI says of it. */

import { type StatisticsKind, statisticsOf } from '../telemetry/counters/kinds.ts';
import type { ApplySource } from './apply.ts';
import { applyRequest, confirmRequest, LARGEST_PLAN_REQUEST, planRequest, releaseRequest } from './bodies.ts';
import { COUNTERS_QUERY, counterHistory, counterKind, HISTORY_QUERY, selectCounters } from './counters.ts';
import { apiError } from './errors.ts';
import { sumIntents } from './intents.ts';
import type { PlanSource } from './network-plan.ts';
import type { PipelineSource } from './pipeline.ts';
import type { ReleaseSource } from './release.ts';
import { EVENT_KINDS } from './shapes/event.ts';
import type { EventStatus, FlowStatus, SnapshotSource, StationStatus } from './snapshot.ts';

export interface Route {
  /** Below /api/v1, parameters as `:dpid`. */
  path: string;
  summary: string;
  /** Name of the schema in `schemas.ts`; a list of it where `list` is true. */
  schema: string;
  list: boolean;
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  /** Those of `query` that must be given. */
  required?: readonly string[];
  /** Asked with POST, and a body in JSON of this schema and at most so many bytes. */
  body?: { schema: string; largest: number };
  /** Counters that the answer tells: they are read before, where they are not fresh. */
  reads?: readonly StatisticsKind[] | ((asked: Asked) => readonly StatisticsKind[]);
  /** What is asked, or a promise of it. */
  answer(source: ApiSource, asked: Asked): unknown;
  /** The answer has left, and was no error. */
  answered?(source: ApiSource): void;
}

export type ApiSource = SnapshotSource & PlanSource & ApplySource & ReleaseSource & PipelineSource;

export interface Asked {
  parameters: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

/** Bytes. */
const SMALL = 1024;

export const routes: Route[] = [
  {
    path: '/status',
    summary: 'Everything but the flows: hosts, switches with their ports, segments, apps',
    schema: 'Snapshot',
    list: false,
    reads: ['port', 'flow'],
    answer: (source) => source.status(),
  },
  {
    path: '/hosts',
    summary: 'Machines that run Open vSwitch, their OVSDB connections and what they wait for',
    schema: 'HostStatus',
    list: true,
    answer: (source) => source.status().hosts,
  },
  {
    path: '/switches',
    summary: 'Switches, the last synchronisation of each, and its ports',
    schema: 'SwitchStatus',
    list: true,
    reads: ['port'],
    answer: (source) => source.status().switches,
  },
  {
    path: '/switches/:dpid/flows',
    summary: 'The flows of one switch',
    schema: 'FlowStatus',
    list: true,
    parameters: { dpid: 'Datapath id, 16 hex digits' },
    reads: ['flow'],
    query: { app: 'Only flows of this app' },
    answer(source, { parameters, query }) {
      const dpid = (parameters.dpid ?? '').toLowerCase();
      const known = source.status().switches.map((one) => one.dpid);
      if (!known.includes(dpid)) {
        const hint = known.length === 0 ? 'no switch is connected yet' : `switches: ${known.join(', ')}`;
        throw apiError(404, 'unknown-switch', `no switch has the datapath id "${dpid}"`, hint);
      }
      return selectFlows(source.flows(), { switch: dpid, ...query });
    },
  },
  {
    path: '/flows',
    summary: 'Every flow of every switch, with the app, the intent and the line of the file it comes from',
    schema: 'FlowStatus',
    list: true,
    query: {
      switch: 'Only flows of this switch, by datapath id or by name',
      app: 'Only flows of this app',
      intent: 'Only flows whose intent, or its line of the file, has this in it',
    },
    reads: ['flow'],
    answer: (source, { query }) => selectFlows(source.flows(), query),
  },
  {
    path: '/ports',
    summary: 'The ports of all switches',
    schema: 'SwitchPort',
    list: true,
    reads: ['port'],
    answer: (source) =>
      source
        .status()
        .switches.flatMap((one) => one.ports.map((port) => ({ dpid: one.dpid, switch: one.name, ...port }))),
  },
  {
    path: '/apps',
    summary: 'Apps, whether they run, and the sums over their flows',
    schema: 'AppStatus',
    list: true,
    reads: ['flow'],
    answer: (source) => source.status().apps,
  },
  {
    path: '/segments',
    summary: 'Segments with their VLAN, VNI and the largest packet that fits everywhere',
    schema: 'SegmentStatus',
    list: true,
    answer: (source) => source.status().segments,
  },
  {
    path: '/stations',
    summary: 'Stations: where each switch has learned them, when they were last heard, when they will be forgotten',
    schema: 'StationStatus',
    list: true,
    reads: ['flow'],
    query: {
      switch: 'Only as this switch has them, by datapath id or by name',
      segment: 'Only those of this segment',
      mac: 'Only this station',
    },
    answer: (source, { query }) => selectStations(source.status().stations, query),
  },
  {
    path: '/topology',
    summary: 'Cables between switches, which of them carry, and the ports that are closed so that no frame goes round',
    schema: 'TopologyStatus',
    list: false,
    answer: (source) => source.status().topology,
  },
  {
    path: '/mac-tables',
    summary: 'Who keeps the MAC table of each bridge of the file, and how long a silent station stays in it',
    schema: 'MacTableStatus',
    list: true,
    answer: (source) => source.status().macTables,
  },
  {
    path: '/intents',
    summary: 'Flows summed by app, intent and line of the file',
    schema: 'IntentStatus',
    list: true,
    reads: ['flow'],
    answer: (source) => sumIntents(source.flows(), source.counters('intent')),
  },
  {
    path: '/counters',
    summary: 'Sums that never fall, and rates: by flow, intent, app, port, table, queue, meter or group',
    schema: 'CounterStatus',
    list: true,
    query: COUNTERS_QUERY,
    required: ['of'],
    reads: ({ query }) => [statisticsOf(counterKind(query.of))],
    answer: (source, { query }) => selectCounters(source, query),
  },
  {
    path: '/counters/history',
    summary: 'How one of them rose, in steps of a second, ten seconds or a minute; of flows while somebody watches',
    schema: 'CounterHistory',
    list: false,
    query: HISTORY_QUERY,
    required: ['of', 'id'],
    answer: (source, { query }) => counterHistory(source, query),
  },
  {
    path: '/pipeline',
    summary: 'Who has which table, register bits, conntrack zones, groups and meters',
    schema: 'PipelineMap',
    list: false,
    answer: (source) => source.pipeline(),
  },
  {
    path: '/drift',
    summary: 'What others changed of what is ours, in switches and in the databases of hosts',
    schema: 'DriftStatus',
    list: false,
    answer: (source) => source.drift(),
  },
  {
    path: '/events',
    summary: 'What has happened, the last thousand: files, hosts, switches, drift, refusals, apps that failed',
    schema: 'EventStatus',
    list: true,
    query: { since: 'Only those with a higher id', kind: 'Only this kind' },
    answer: (source, { query }) => selectEvents(source.events(), query),
  },
  {
    path: '/plan',
    summary: 'What differs from the file in force, and so will be changed; asking changes nothing',
    schema: 'NetworkPlan',
    list: false,
    answer: (source) => source.plan(),
  },
  {
    path: '/plan',
    summary:
      'What would change if this file were applied: rows, flows and groups by line of the file; asking changes nothing',
    schema: 'NetworkPlan',
    list: false,
    body: { schema: 'PlanRequest', largest: LARGEST_PLAN_REQUEST },
    answer: (source, { body }) => source.plan(planRequest(body)),
  },
  {
    path: '/config',
    summary: 'The file in force, as text and as what was read from it; secrets are not shown',
    schema: 'ConfigStatus',
    list: false,
    answer(source) {
      const config = source.config();
      if (config === undefined) throw apiError(404, 'no-file', 'this Flowloom runs without a file');
      return config;
    },
  },
  {
    path: '/apply',
    summary: 'Puts this file in force; with "confirm", until that many seconds have passed without a confirmation',
    schema: 'Applied',
    list: false,
    body: { schema: 'ApplyRequest', largest: LARGEST_PLAN_REQUEST },
    answer: (source, { body }) => source.apply(applyRequest(body)),
  },
  {
    path: '/confirm',
    summary: 'Confirms the applied file that waits for it',
    schema: 'Unconfirmed',
    list: false,
    body: { schema: 'ConfirmRequest', largest: SMALL },
    answer: (source, { body }) => source.confirm(confirmRequest(body)),
  },
  {
    path: '/release',
    summary: 'What of Flowloom is in hosts and switches and would be taken away; asking changes nothing',
    schema: 'ReleaseReport',
    list: false,
    query: { dropController: '"true": as if that were asked for' },
    answer(source, { query: { dropController = 'false' } }) {
      if (dropController !== 'true' && dropController !== 'false')
        throw apiError(400, 'bad-parameter', `"dropController" is no answer: ${dropController}`, 'say true or false');
      return source.release.survey({ dropController: dropController === 'true' });
    },
  },
  {
    path: '/release',
    summary: 'Takes away every flow, group, meter and row of ours and nothing else; then Flowloom ends',
    schema: 'ReleaseReport',
    list: false,
    body: { schema: 'ReleaseRequest', largest: SMALL },
    answer: (source, { body }) => source.release.run(releaseRequest(body)),
    answered: (source) => source.release.answered(),
  },
];

/** Parameters that a route does not know are refused: a misspelt filter must not answer with everything. */
export function checkQuery(route: Route, query: Record<string, unknown>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    const known = Object.keys(route.query ?? {});
    if (!known.includes(name)) {
      const hint = known.length === 0 ? 'it takes none' : `it takes: ${known.join(', ')}`;
      throw apiError(400, 'unknown-parameter', `/api/v1${route.path} has no query parameter "${name}"`, hint);
    }
    if (typeof value !== 'string') throw apiError(400, 'bad-parameter', `"${name}" is given more than once`);
    checked[name] = value;
  }
  return checked;
}

function selectFlows(flows: FlowStatus[], wanted: Record<string, string>): FlowStatus[] {
  return flows.filter(
    (flow) =>
      (wanted.switch === undefined || flow.dpid === wanted.switch.toLowerCase() || flow.switch === wanted.switch) &&
      (wanted.app === undefined || flow.app === wanted.app) &&
      (wanted.intent === undefined || `${flow.intent ?? ''} (${flow.source ?? ''})`.includes(wanted.intent)),
  );
}

function selectEvents(events: readonly EventStatus[], { since, kind }: Record<string, string>): EventStatus[] {
  const id = since === undefined ? 0 : Number(since);
  if (!Number.isInteger(id) || id < 0)
    throw apiError(400, 'bad-parameter', `"since" is no id: ${since}`, 'give that of the last event that you have');
  const kinds: readonly string[] = EVENT_KINDS;
  if (kind !== undefined && !kinds.includes(kind))
    throw apiError(400, 'bad-parameter', `no event is of kind "${kind}"`, `kinds: ${kinds.join(', ')}`);
  return events.filter((event) => event.id > id && (kind === undefined || event.kind === kind));
}

function selectStations(stations: StationStatus[], wanted: Record<string, string>): StationStatus[] {
  return stations.filter(
    (one) =>
      (wanted.switch === undefined || one.dpid === wanted.switch.toLowerCase() || one.switch === wanted.switch) &&
      (wanted.segment === undefined || one.segment === wanted.segment) &&
      (wanted.mac === undefined || one.mac === wanted.mac.toLowerCase()),
  );
}
