/** The shapes of `snapshot.ts` as JSON Schema, for OpenAPI; a test compares them with the TypeScript types' fields. */

import { COUNTER_FIELDS } from '../telemetry/counters/kinds.ts';
import { EVENT_KINDS } from './snapshot.ts';

export interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: (string | null)[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  $ref?: string;
  anyOf?: JsonSchema[];
}

const text: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'number' };
const integer: JsonSchema = { type: 'integer' };
const flag: JsonSchema = { type: 'boolean' };
const time: JsonSchema = { type: 'integer', description: 'Milliseconds since 1970' };
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const oneOf = (...values: string[]): JsonSchema => ({ type: 'string', enum: values });
const by = (value: JsonSchema, description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: value,
});
const counterKind = oneOf(...Object.keys(COUNTER_FIELDS));
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const port = {
  number: integer,
  name: text,
  mac: text,
  up: flag,
  segments: list(text),
  rxPackets: integer,
  txPackets: integer,
  rxBytes: integer,
  txBytes: integer,
  rxDropped: integer,
  txDropped: integer,
  rxRate: { type: 'number', description: 'Bits per second' },
  txRate: { type: 'number', description: 'Bits per second' },
};

const cableEnd = { dpid: text, switch: text, port: integer, name: text };

export const schemas: Record<string, JsonSchema> = {
  Snapshot: object({
    version: text,
    startedAt: time,
    file: orNull(object({ path: text, loadedAt: time, error: orNull(text), unconfirmed: orNull(ref('Unconfirmed')) })),
    listening: object({ openflow: orNull(text), ovsdb: orNull(text), http: orNull(text) }),
    hosts: list(ref('HostStatus')),
    switches: list(ref('SwitchStatus')),
    segments: list(ref('SegmentStatus')),
    stations: list(ref('StationStatus')),
    macTables: list(ref('MacTableStatus')),
    topology: ref('TopologyStatus'),
    apps: list(ref('AppStatus')),
    sent: object({ flowMods: integer, groupMods: integer, bundles: integer }),
  }),
  PipelineMap: object({
    stages: list(object({ name: text, first: integer, last: integer })),
    tables: list(object({ id: integer, name: text, stage: text, app: text, learned: flag, flows: integer })),
    fields: list(object({ name: text, app: orNull(text), bits: text, text, users: list(text) })),
    zones: list(object({ zone: integer, name: orNull(text), apps: list(text), switches: list(text) })),
    groups: list(object({ id: integer, app: text, key: text, switches: list(text) })),
    meters: list(object({ id: integer, app: text, key: text, rate: text, switches: list(text) })),
  }),
  HostStatus: object({
    name: text,
    source: text,
    ovsdb: text,
    state: oneOf('connected', 'connecting', 'waiting'),
    since: time,
    error: orNull(text),
    ovsVersion: orNull(text),
    changes: list(text),
    waiting: list(text),
    dbVersion: orNull(text),
    dpdk: orNull(text),
    warnings: list(text),
    drift: object({ mode: oneOf('repair', 'report'), seen: integer, recent: list(text), left: list(text) }),
    interfaces: list(ref('InterfaceStatus')),
  }),
  InterfaceStatus: object({
    name: text,
    bridge: text,
    datapath: text,
    type: text,
    ofport: orNull(integer),
    link: orNull(text),
    mtu: orNull(integer),
    mac: orNull(text),
    error: orNull(text),
    bfd: orNull(text),
    owned: { type: 'boolean' },
  }),
  SwitchStatus: object({
    dpid: { type: 'string', description: '16 hex digits' },
    name: text,
    host: orNull(text),
    bridge: orNull(text),
    state: oneOf('connecting', 'synchronising', 'up', 'down'),
    since: time,
    address: orNull(text),
    description: orNull(text),
    flows: integer,
    foreignFlows: integer,
    sync: orNull(object({ at: time, added: integer, deleted: integer, unchanged: integer })),
    refused: list(text),
    drift: object({ seen: integer, last: orNull(text) }),
    ports: list(ref('PortStatus')),
  }),
  PortStatus: object(port),
  SwitchPort: object({ dpid: text, switch: text, ...port }),
  SegmentStatus: object({
    name: text,
    source: text,
    id: integer,
    vlan: orNull(integer),
    vni: orNull(integer),
    mtu: orNull(integer),
    mtuReason: orNull(text),
  }),
  StationStatus: object({
    mac: text,
    segment: text,
    dpid: text,
    switch: text,
    port: text,
    peer: { ...orNull(text), description: 'Underlay address of the host behind which it is' },
    peerHost: orNull(text),
    known: { type: 'integer', description: 'Seconds since the switch learned it first' },
    age: { ...orNull(integer), description: 'Seconds since it was last heard; null: not since Flowloom began to look' },
    expires: { ...orNull(integer), description: 'Seconds until it is forgotten if it stays silent' },
  }),
  MacTableStatus: object({
    switch: text,
    keptBy: oneOf('flows', 'open-vswitch'),
    aging: { type: 'integer', description: 'Seconds after which a silent station is forgotten' },
    stations: orNull(integer),
    command: { ...orNull(text), description: 'Shows on the host the MAC table that Open vSwitch keeps itself' },
  }),
  TopologyStatus: object({
    settled: { type: 'boolean', description: 'false: after a start not all switches have been heard yet' },
    cables: list(ref('CableStatus')),
    closedPorts: list(ref('ClosedPortStatus')),
  }),
  CableStatus: object({
    a: object(cableEnd),
    b: object(cableEnd),
    state: oneOf('carrying', 'blocked', 'one way'),
    loop: list({ type: 'string', description: 'Switches of the loop that it would close' }),
  }),
  ClosedPortStatus: object({
    ...cableEnd,
    segments: { ...orNull(list(text)), description: 'null: nothing passes' },
    why: text,
  }),
  AppStatus: object({
    name: text,
    source: { ...orNull(text), description: 'file:line; null: it is always there' },
    state: oneOf('running', 'failed'),
    error: orNull(text),
    errors: integer,
    config: { description: 'As it was checked, with its defaults' },
    counters: by(integer, "The app's own, by name"),
    flows: integer,
    packets: integer,
    bytes: integer,
    packetIns: integer,
    packetInsDropped: integer,
    sendsDropped: integer,
  }),
  FlowStatus: object({
    id: { type: 'string', description: 'Stable while the flow stands' },
    dpid: text,
    switch: text,
    table: integer,
    tableName: text,
    priority: integer,
    match: { type: 'string', description: "In ovs-ofctl's text" },
    actions: { type: 'string', description: "In ovs-ofctl's text" },
    cookie: { type: 'string', description: '0x and 16 hex digits' },
    app: { ...orNull(text), description: 'null: a foreign flow' },
    intent: orNull(text),
    source: { ...orNull(text), description: 'file:line' },
    packets: integer,
    bytes: integer,
    packetRate: { type: 'number', description: 'Packets per second' },
    bitRate: { type: 'number', description: 'Bits per second' },
    duration: { type: 'number', description: 'Seconds since the switch installed it' },
  }),
  IntentStatus: object({
    app: orNull(text),
    intent: orNull(text),
    source: orNull(text),
    flows: integer,
    switches: list(text),
    packets: integer,
    bytes: integer,
    packetRate: number,
    bitRate: number,
  }),
  NetworkPlan: object({
    file: orNull(text),
    problems: list(ref('PlanProblem')),
    warnings: list(ref('PlanProblem')),
    unknown: list({ type: 'string', description: 'What could not be found out' }),
    notes: list(text),
    hosts: list(ref('HostChanges')),
    switches: list(ref('SwitchChanges')),
  }),
  PlanProblem: object({ source: { type: 'string', description: 'file:line:column' }, message: text, fix: text }),
  HostChanges: object({
    name: text,
    state: oneOf('current', 'unknown'),
    changes: list({ type: 'string', description: 'With its place in the file' }),
    refused: list(text),
    flushes: list(
      object({ bridge: text, source: text, why: text, flows: orNull(integer), shown: list(text), note: orNull(text) }),
    ),
    note: orNull(text),
  }),
  SwitchChanges: object({
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
  FlowChange: object({
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
  GroupChange: object({
    change: oneOf('add', 'change', 'remove'),
    app: orNull(text),
    name: orNull(text),
    id: integer,
    text: { ...orNull(text), description: "In ovs-ofctl's text" },
  }),
  PlanRequest: {
    ...object({ file: text, text }),
    properties: {
      file: { type: 'string', description: 'The name by which lines are told' },
      text: { type: 'string', description: 'The whole file' },
      folder: { type: 'string', description: "Where relative paths of apps begin; default: the file's folder" },
    },
  },
  ApplyRequest: {
    ...object({ file: text, text }),
    properties: {
      file: { type: 'string', description: 'The name by which lines are told' },
      text: { type: 'string', description: 'The whole file' },
      folder: {
        type: 'string',
        description: "The file's folder; default: that of the file that Flowloom was started with",
      },
      confirm: { type: 'integer', description: 'Seconds after which the file before comes back, unless confirmed' },
    },
  },
  Applied: object({ file: text, plan: ref('NetworkPlan'), unconfirmed: orNull(ref('Unconfirmed')), notes: list(text) }),
  Unconfirmed: object({
    id: text,
    until: { ...time, description: 'Milliseconds since 1970; then the file before comes back' },
    back: { type: 'string', description: 'The file that comes back' },
  }),
  ConfirmRequest: {
    ...object({}),
    properties: { id: { type: 'string', description: 'Of the file to be confirmed; default: whichever waits' } },
  },
  ConfigStatus: object({
    file: text,
    loadedAt: time,
    error: orNull(text),
    unconfirmed: orNull(ref('Unconfirmed')),
    text,
    model: { type: 'object', description: 'Every default filled in, every name resolved' },
  }),
  CounterStatus: object({
    of: counterKind,
    id: text,
    name: text,
    ...{ dpid: orNull(text), switch: orNull(text), app: orNull(text), intent: orNull(text), source: orNull(text) },
    counts: by(orNull(number), 'Sums, by what is counted; null: the switch does not keep it'),
    rates: by(number, 'Per second, by the same names'),
  }),
  CounterHistory: object({
    of: counterKind,
    id: text,
    from: time,
    step: { type: 'integer', description: 'Seconds' },
    rates: by(list(number), 'Per second, step by step, by what is counted'),
  }),
  ReleaseRequest: {
    ...object({}),
    properties: {
      anyway: { type: 'boolean', description: 'Go on where something can not be reached, and leave what is there' },
      dropController: {
        type: 'boolean',
        description: "Take a bridge's last controller also where others' flows go with it and can't be put back",
      },
    },
  },
  ReleaseReport: object({
    done: flag,
    hosts: list(ref('ReleasedHost')),
    switches: list(ref('ReleasedSwitch')),
    unreachable: list(text),
    notes: list(text),
    left: list({ type: 'string', description: "What is left of ours, or was lost of others'" }),
  }),
  ReleasedHost: object({ name: text, changes: list(text), refused: list(text) }),
  ReleasedSwitch: object({
    name: text,
    fate: oneOf('removed', 'handed over', 'kept'),
    ours: orNull(list(text)),
    others: list(text),
  }),
  DriftStatus: object({ switches: list(ref('SwitchDrift')), hosts: list(ref('HostDrift')) }),
  SwitchDrift: object({
    dpid: text,
    switch: text,
    seen: integer,
    recent: list(object({ time, text, app: orNull(text), intent: orNull(text), source: orNull(text) })),
  }),
  HostDrift: object({
    host: text,
    mode: oneOf('repair', 'report'),
    seen: integer,
    recent: list(text),
    left: list(text),
  }),
  EventStatus: object({
    id: { type: 'integer', description: 'Rises by one' },
    time,
    kind: oneOf(...EVENT_KINDS),
    subject: { type: 'string', description: 'The file, host, switch or app' },
    text,
  }),
  Ready: object({ ready: flag, awaited: list(text) }),
  Error: {
    ...object({
      error: {
        type: 'object',
        properties: { code: text, message: text, hint: text, problems: list(ref('PlanProblem')) },
        required: ['code', 'message'],
      },
    }),
  },
};
