/** What `/api/v1/plan` answers: what would change if a file were applied now. Nothing is changed by asking. */

import {
  integer,
  type JsonSchema,
  type JsonSchemas,
  list,
  object,
  oneOf,
  orNull,
  ref,
  request,
  text,
} from './shapes/schema.ts';

export interface NetworkPlan {
  /** By the name that its lines are told with; null: no file, the default apps. */
  file: string | null;
  /** Why the file can't be used; then nothing else is told. */
  problems: PlanProblem[];
  warnings: PlanProblem[];
  /** What could not be found out, and so may change too: one line each. */
  unknown: string[];
  /** What a reader of the rest should know. */
  notes: string[];
  hosts: HostChanges[];
  switches: SwitchChanges[];
}

export interface PlanProblem {
  /** `flowloom.yaml:12:7` */
  source: string;
  message: string;
  fix: string;
}

/** Over OVSDB. */
export interface HostChanges {
  name: string;
  state: 'current' | 'unknown';
  /** One line each, with its place in the file. */
  changes: string[];
  refused: string[];
  /** Bridges whose flows Open vSwitch removes, because they get their first controller or lose their last. */
  flushes: FlushedBridge[];
  note: string | null;
}

export interface FlushedBridge {
  bridge: string;
  source: string;
  /** `it gets its first controller`, or loses its last. */
  why: string;
  /** null: it could not be asked. */
  flows: number | null;
  /** In ovs-ofctl's text, the first of them. */
  shown: string[];
  /** Where it could not be asked: why, and how to look. */
  note: string | null;
}

/** Over OpenFlow. */
export interface SwitchChanges {
  /** Empty: the bridge does not exist yet. */
  dpid: string;
  name: string;
  /** `new`: its bridge does not exist yet, so everything is added. */
  state: 'current' | 'new' | 'unknown';
  flows: FlowChange[];
  groups: GroupChange[];
  meters: GroupChange[];
  /** Flows that stay as they are. */
  unchanged: number;
  /** What could not stand in the switch, and why. */
  refused: string[];
  note: string | null;
}

/** A port that does not exist yet stands in the texts by its name: its number is Open vSwitch's to choose. */
export interface FlowChange {
  change: 'add' | 'change' | 'remove';
  /** null: it could not be told any more. */
  app: string | null;
  intent: string | null;
  /** `flowloom.yaml:12`; of a flow that goes, in the file in force. */
  source: string | null;
  table: number;
  tableName: string;
  priority: number;
  match: string;
  actions: string;
  /** Of a flow that changes: what it did before, and why; null where that stays. */
  before: { actions: string | null; intent: string | null } | null;
}

export interface GroupChange {
  change: 'add' | 'change' | 'remove';
  app: string | null;
  /** The app's own name for it. */
  name: string | null;
  id: number;
  /** `type=all,bucket=actions=…`; null: of one that goes. */
  text: string | null;
}

/** What is asked: a file as it would be given to `flowloom run`. */
export interface PlanRequest {
  /** The name by which problems and sources call it. */
  file: string;
  text: string;
  /** Where relative paths of apps begin; default: the file's own folder. */
  folder?: string;
}

export interface PlanSource {
  /** undefined: the file in force. */
  plan(request?: PlanRequest): Promise<NetworkPlan>;
}

export const planFields: Record<keyof PlanRequest, JsonSchema> = {
  file: { type: 'string', description: 'The name by which lines are told' },
  text: { type: 'string', description: 'The whole file' },
  folder: { type: 'string', description: "Where relative paths of apps begin; default: the file's folder" },
};

export const planSchemas: JsonSchemas = {
  PlanRequest: request<PlanRequest>(planFields, ['folder']),
  NetworkPlan: object<NetworkPlan>({
    file: orNull(text),
    problems: list(ref('PlanProblem')),
    warnings: list(ref('PlanProblem')),
    unknown: list({ type: 'string', description: 'What could not be found out' }),
    notes: list(text),
    hosts: list(ref('HostChanges')),
    switches: list(ref('SwitchChanges')),
  }),
  PlanProblem: object<PlanProblem>({
    source: { type: 'string', description: 'file:line:column' },
    message: text,
    fix: text,
  }),
  HostChanges: object<HostChanges>({
    name: text,
    state: oneOf('current', 'unknown'),
    changes: list({ type: 'string', description: 'With its place in the file' }),
    refused: list(text),
    flushes: list(
      object<FlushedBridge>({
        bridge: text,
        source: text,
        why: text,
        flows: orNull(integer),
        shown: list(text),
        note: orNull(text),
      }),
    ),
    note: orNull(text),
  }),
  SwitchChanges: object<SwitchChanges>({
    dpid: { type: 'string', description: '16 hex digits; empty: the bridge does not exist yet' },
    name: text,
    state: oneOf('current', 'new', 'unknown'),
    flows: list(ref('FlowChange')),
    groups: list(ref('GroupChange')),
    meters: list(ref('GroupChange')),
    unchanged: integer,
    refused: list(text),
    note: orNull(text),
  }),
  FlowChange: object<FlowChange>({
    change: oneOf('add', 'change', 'remove'),
    app: orNull(text),
    intent: orNull(text),
    source: { ...orNull(text), description: 'file:line' },
    table: integer,
    tableName: text,
    priority: integer,
    match: { type: 'string', description: "In ovs-ofctl's text" },
    actions: { type: 'string', description: "In ovs-ofctl's text" },
    before: orNull(object({ actions: orNull(text), intent: orNull(text) })),
  }),
  GroupChange: object<GroupChange>({
    change: oneOf('add', 'change', 'remove'),
    app: orNull(text),
    name: orNull(text),
    id: integer,
    text: { ...orNull(text), description: "In ovs-ofctl's text" },
  }),
};
