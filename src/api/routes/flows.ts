/** REST routes: flows, whose they are, why they are there and what they count. */

import { statisticsOf } from '../../telemetry/counters/kinds.ts';
import { LARGEST_TRACE_REQUEST, traceRequest } from '../bodies.ts';
import { COUNTERS_QUERY, counterHistory, counterKind, HISTORY_QUERY, selectCounters } from '../counters.ts';
import { apiError } from '../errors.ts';

import { sumIntents } from '../intents.ts';
import { checkIntent, hasIntent } from '../named.ts';
import type { Route } from '../route.ts';
import { RULE_KINDS } from '../shapes/rule.ts';
import type { FlowStatus, RuleStatus } from '../snapshot.ts';

export const flowsRoutes: Route[] = [
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
    path: '/switches/:dpid/flows',
    summary: 'The flows of one switch',
    schema: 'FlowStatus',
    list: true,
    parameters: { dpid: 'Datapath id, 16 hex digits' },
    reads: ['flow'],
    query: { app: 'Only flows of this app' },
    answer: (source, { parameters, query }) => selectFlows(source.flows(), { switch: parameters.dpid ?? '', ...query }),
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
    path: '/rules',
    summary: 'Rules and policies of the firewall and rules of NAT, in the order of the file, with what they counted',
    schema: 'RuleStatus',
    list: true,
    reads: ['flow'],
    query: { kind: 'Only this kind: firewall, policy or nat' },
    answer: (source, { query }) => selectRules(source.rules(), query.kind),
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
    path: '/pipeline',
    summary: 'Who has which table, register bits, conntrack zones, groups and meters',
    schema: 'PipelineMap',
    list: false,
    answer: (source) => source.pipeline(),
  },
  {
    path: '/trace',
    summary: "A packet's way through stages, apps, rules and NAT, on what stands in the switches; nothing is sent",
    schema: 'TraceReport',
    list: false,
    body: { schema: 'TraceRequest', largest: LARGEST_TRACE_REQUEST },
    answer: (source, { body }) => source.trace(traceRequest(body)),
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
];

function selectRules(rules: RuleStatus[], kind: string | undefined): RuleStatus[] {
  const kinds: readonly string[] = RULE_KINDS;
  if (kind !== undefined && !kinds.includes(kind))
    throw apiError(400, 'bad-parameter', `no rule is of kind "${kind}"`, `name one of ${kinds.join(', ')}`);
  return rules.filter((rule) => kind === undefined || rule.kind === kind);
}

function selectFlows(flows: FlowStatus[], wanted: Record<string, string>): FlowStatus[] {
  checkIntent(flows, wanted.intent);
  return flows.filter(
    (flow) =>
      (wanted.switch === undefined || flow.dpid === wanted.switch.toLowerCase() || flow.switch === wanted.switch) &&
      (wanted.app === undefined || flow.app === wanted.app) &&
      (wanted.intent === undefined || hasIntent(flow, wanted.intent)),
  );
}
