/** A SnapshotSource whose state a test writes: what the API's and the page's own tests are driven by. */
import type { ApplyRequest, ApplySource, ConfigStatus, ConfirmRequest, Unconfirmed } from '../../src/api/apply.ts';
import type { NetworkPlan, PlanRequest, PlanSource } from '../../src/api/network-plan.ts';
import type { PipelineMap, PipelineSource } from '../../src/api/pipeline.ts';
import type { ReleaseReport, ReleaseRequest, ReleaseSource } from '../../src/api/release.ts';
import type {
  AppStatus,
  CounterStatus,
  DriftStatus,
  EventStatus,
  FlowStatus,
  HostStatus,
  PortStatus,
  PublishedStatus,
  PublishedTopic,
  RuleStatus,
  Snapshot,
  SnapshotSource,
  StationStatus,
  SwitchStatus,
  TopologyStatus,
  Wanted,
} from '../../src/api/snapshot.ts';
import type { TraceReport, TraceRequest, TraceSource } from '../../src/api/trace.ts';
import { samplePublished, sampleRules } from './sample-rules.ts';

export interface SampleSource
  extends SnapshotSource,
    PlanSource,
    ApplySource,
    ReleaseSource,
    PipelineSource,
    TraceSource {
  snapshot: Snapshot;
  flowList: FlowStatus[];
  networkPlan: NetworkPlan;
  /** What plans were asked about; undefined: the file in force. */
  asked: (PlanRequest | undefined)[];
  configStatus: ConfigStatus | undefined;
  /** What was to be traced. */
  traced: TraceRequest[];
  /** What was applied, and confirmed. */
  applied: ApplyRequest[];
  confirmed: ConfirmRequest[];
  /** Which counters were to be fresh. */
  wanted: Wanted[];
  driftStatus: DriftStatus;
  eventList: EventStatus[];
  ruleList: RuleStatus[];
  publishedRows: { [T in PublishedTopic]: PublishedStatus[T][] };
  releaseReport: ReleaseReport;
  /** What release was asked, and how often its answer had left. */
  released: ReleaseRequest[];
  ended: number;
  /** Tells the watchers. */
  changed(): void;
  readonly watchers: number;
  /** What they watch for, each change of it. */
  watchedFor: string[];
}

export function sampleSource(): SampleSource {
  const watchers = new Set<() => void>();
  const flowList = sampleFlows();
  const source: SampleSource = {
    snapshot: sampleSnapshot(),
    flowList,
    networkPlan: samplePlan(),
    asked: [],
    wanted: [],
    watchedFor: [],
    status: () => structuredClone(source.snapshot),
    flows: () => structuredClone(source.flowList),
    async plan(request) {
      source.asked.push(request);
      return structuredClone(source.networkPlan);
    },
    traced: [],
    async trace(request) {
      source.traced.push(request);
      return sampleTrace();
    },
    configStatus: sampleConfig(),
    pipeline: samplePipeline,
    applied: [],
    confirmed: [],
    async apply(request) {
      source.applied.push(request);
      const unconfirmed = request.confirm === undefined ? null : sampleUnconfirmed();
      return { file: request.file, plan: structuredClone(source.networkPlan), unconfirmed, notes: [] };
    },
    async confirm(request) {
      source.confirmed.push(request);
      return sampleUnconfirmed();
    },
    releaseReport: sampleRelease(),
    released: [],
    ended: 0,
    driftStatus: sampleDrift(),
    eventList: [
      happened(1, 'switch', 'connected from 10.0.0.1:40022'),
      happened(2, 'drift', 'firewall: accept http was gone'),
      {
        ...{ id: 3, time: 1_700_000_002_000, kind: 'app', subject: 'firewall', level: 'notice' },
        text: 'stray: rejected',
        fields: { switch: 'hv1/br0', rule: 'all to all reject', source: 'net.yaml:12', port: 25, truncated: false },
      },
    ],
    ruleList: sampleRules(),
    publishedRows: samplePublished(),
    rules: () => structuredClone(source.ruleList),
    published: (topic) => structuredClone(source.publishedRows[topic]),
    drift: () => structuredClone(source.driftStatus),
    events: () => structuredClone(source.eventList),
    release: {
      survey: async () => structuredClone(source.releaseReport),
      async run(request) {
        source.released.push(request);
        return { ...structuredClone(source.releaseReport), done: true };
      },
      answered() {
        source.ended++;
      },
    },
    config: () => structuredClone(source.configStatus),
    counters: (of) => sampleCounters(source.flowList).filter((one) => one.of === of),
    history: (of, id, step) =>
      source.counters(of).some((one) => one.id === id)
        ? { of, id, step, from: 1_700_000_000_000, rates: { packets: [0, 2], bytes: [0, 128] } }
        : undefined,
    async fresh(wanted) {
      source.wanted.push(wanted);
    },
    watch(changed, topics) {
      const watcher = () => changed();
      watchers.add(watcher);
      source.watchedFor.push(topics.join());
      return () => watchers.delete(watcher);
    },
    changed() {
      for (const changed of watchers) changed();
    },
    get watchers() {
      return watchers.size;
    },
  };
  return source;
}

function sampleUnconfirmed(): Unconfirmed {
  return { id: '0a1b2c3d4e5f', until: Date.now() + 60_000, back: 'flowloom.yaml' };
}

function sampleConfig(): ConfigStatus {
  return {
    ...{ file: 'flowloom.yaml', loadedAt: Date.now(), error: null, unconfirmed: null },
    ...{ text: 'flowloom: 1\n', model: { owner: 'flowloom', hosts: [] } },
  };
}

export function sampleDrift(): DriftStatus {
  const entry = { app: 'firewall', intent: 'accept http from net to loc', source: 'flowloom.yaml:31' };
  return {
    switches: [
      {
        ...{ dpid: '00000000000000a1', switch: 'hv1/br0', seen: 1 },
        recent: [{ time: 1_700_000_001_000, text: 'firewall: accept http (flowloom.yaml:31) was gone', ...entry }],
      },
    ],
    hosts: [{ host: 'hv1', mode: 'repair', seen: 1, recent: ['br0/web1: clear tag, was 7'], left: [] }],
  };
}

export function sampleRelease(): ReleaseReport {
  return {
    done: false,
    hosts: [{ name: 'hv1', changes: ['br0: remove bridge'], refused: ['br1: controller tcp:10.0.0.1:6653 stays'] }],
    switches: [
      { name: 'hv1/br0', fate: 'removed', ours: ['router: 12 flows', '1 group'], others: [] },
      { name: 'hv1/br1', fate: 'handed over', ours: null, others: ['port eth9', '2 flows'] },
    ],
    unreachable: ['hv2: it does not answer'],
    notes: ['hv1/br1: they are put back at once'],
    left: [],
  };
}

/** One of everything. */
export function sampleTrace(): TraceReport {
  const frame = { text: 'arp who-has 10.0.0.1', src: '02:00:00:00:00:01', dst: 'ff:ff:ff:ff:ff:ff', hex: 'ff' };
  const flow = {
    ...{ table: 24, tableName: 'admit', stage: 'admit', app: 'no-arp', intent: 'nobody asks', source: 'net.yaml:12' },
    ...{ cookie: '0x0000000000000001', priority: 10, match: 'arp', actions: 'drop' },
  };
  const way = { dpid: '0000000000000001', switch: 'hv1/br0', port: { number: 1, name: 'web1' }, by: null, frame };
  const changes = [{ field: 'segment', was: '0', is: 'loc', of: 'pipeline' as const }];
  return {
    on: 'switches',
    file: 'net.yaml',
    notes: [],
    packets: [
      {
        ...{ what: 'packet', switch: 'hv1/br0', port: 'web1', frame, taken: [], problem: null },
        ways: [{ ...way, steps: [{ kind: 'flow', depth: 0, text: '', flow, changes }] }],
        verdict: { kind: 'dropped', text: 'dropped by no-arp: nobody asks', decided: flow, deliveries: [] },
      },
    ],
  };
}

export function samplePlan(): NetworkPlan {
  const flow = {
    ...{ app: 'nat', intent: 'masquerade 10.66.66.0/24 out edge/net', source: 'net.yaml:22', table: 152 },
    ...{ tableName: 'snat', priority: 30_000, match: 'ip,nw_src=10.66.66.0/24', actions: 'ct(commit,zone=2)' },
  };
  return {
    file: 'net.yaml',
    problems: [],
    warnings: [{ source: 'net.yaml:4:3', message: 'nobody is in segment far', fix: 'give it a port' }],
    unknown: ['hv2: it does not answer'],
    notes: ['hv3 is no longer in the file; what was configured there stays'],
    hosts: [
      {
        ...{ name: 'hv1', state: 'current', changes: ['br0: add port web3 (net.yaml:14)'], note: null },
        refused: ["bridge br9 exists and is not Flowloom's (net.yaml:30)"],
        flushes: [
          {
            ...{ bridge: 'br1', source: 'net.yaml:16', why: 'it gets its first controller' },
            ...{ flows: 3, shown: ['priority=0 actions=NORMAL'], note: null },
          },
          {
            ...{ bridge: 'br2', source: 'net.yaml:18', why: 'it loses its last controller' },
            ...{ flows: null, shown: [], note: 'it has no socket here' },
          },
        ],
      },
      { name: 'hv2', state: 'unknown', changes: [], refused: [], flushes: [], note: 'it does not answer' },
    ],
    switches: [
      {
        ...{ dpid: '00000000000000a1', name: 'hv1/br0', state: 'current', unchanged: 41, note: null },
        flows: [
          { change: 'add', ...flow, before: null },
          { change: 'change', ...flow, priority: 29_999, before: { actions: 'drop', intent: null } },
          { change: 'change', ...flow, priority: 29_998, before: { actions: null, intent: 'masquerade all' } },
          { change: 'remove', ...flow, app: null, intent: null, source: null, before: null },
        ],
        groups: [
          { change: 'add', app: 'segments', name: 'loc', id: 1, text: 'type=all,bucket=actions=output:1' },
          { change: 'remove', app: null, name: null, id: 2, text: null },
        ],
        meters: [{ change: 'add', app: 'limits', name: 'pings', id: 3, text: 'pktps,stats,bands=type=drop,rate=5' }],
        refused: ['nat: forward tcp 10.88.88.66:80 (net.yaml:24): a foreign flow stands there'],
      },
    ],
  };
}

export function flow(given: Partial<FlowStatus> = {}): FlowStatus {
  const one: FlowStatus = {
    id: '',
    dpid: '00000000000000a1',
    switch: 'hv1/br0',
    table: 140,
    tableName: 'firewall',
    priority: 50,
    match: 'tcp,reg1=1,tp_dst=80',
    actions: 'ct(commit,zone=1,table=152)',
    cookie: '0xf12e0300000004d2',
    app: 'firewall',
    intent: 'accept http from net to loc',
    source: 'flowloom.yaml:31',
    packets: 0,
    bytes: 0,
    packetRate: 0,
    bitRate: 0,
    duration: 12,
    ...given,
  };
  return one.id !== '' ? one : { ...one, id: `${one.dpid}/${one.table}/${one.priority}/${one.match}` };
}

function sampleFlows(): FlowStatus[] {
  const hv2 = { dpid: '00000000000000b2', switch: 'hv2/br0' };
  const miss = { app: 'table-miss', intent: 'what nothing else took', source: null };
  const foreign = { app: null, intent: null, source: null, cookie: '0x0000000000000000' };
  return [
    flow({ packets: 1_234_567, bytes: 98_765_432, packetRate: 812.5, bitRate: 6_500_000 }),
    flow({ match: 'tcp,reg1=1,tp_dst=22', intent: 'drop ssh from net', source: 'flowloom.yaml:33', actions: 'drop' }),
    flow({
      ...{ table: 152, tableName: 'snat', priority: 40, app: 'nat', match: 'ip,nw_src=10.66.66.0/24,reg4=2' },
      ...{ actions: 'ct(commit,zone=2,nat(src=10.88.88.1),table=164)', source: 'flowloom.yaml:24' },
      ...{ intent: 'masquerade 10.66.66.0/24 to wan', packets: 4_711, bytes: 401_200, packetRate: 4, bitRate: 9_600 },
    }),
    flow({
      ...miss,
      table: 240,
      tableName: 'miss',
      priority: 0,
      match: '',
      actions: 'drop',
      packets: 20,
      bytes: 1_840,
    }),
    flow({ ...foreign, table: 7, tableName: '7', priority: 999, match: 'udp,tp_dst=53', actions: 'drop' }),
    flow({ ...hv2, ...miss, table: 240, tableName: 'miss', priority: 0, match: '', actions: 'drop' }),
    flow({ ...hv2, packets: 17, bytes: 1_666, packetRate: 1, bitRate: 784 }),
  ];
}

/** Of each flow, and of two intents. */
export function sampleCounters(flows: readonly FlowStatus[]): CounterStatus[] {
  const of = 'flow' as const;
  return flows.map(({ id, match: name, dpid, switch: at, app, intent, source, packets, bytes }) => ({
    ...{ of, id, name, dpid, switch: at, app, intent, source },
    ...{ counts: { packets, bytes }, rates: { packets: 0, bytes: 0 } },
  }));
}

function sampleSnapshot(): Snapshot {
  const startedAt = Date.now() - 3_900_000;
  return {
    version: '0.1.0',
    startedAt,
    file: { path: 'flowloom.yaml', loadedAt: startedAt, error: null, unconfirmed: null },
    listening: { openflow: 'ptcp:6653', ovsdb: 'ptcp:6640', http: '127.0.0.1:8080' },
    hosts: [
      host('hv1', { changes: ['created bridge br0', 'added port web1 to br0'] }),
      host('hv2', {
        waiting: ['br0/web4: no such device yet (flowloom.yaml:18)'],
        warnings: ['the underlay carries 1500 bytes: guests should use an MTU of 1450'],
      }),
    ],
    switches: [sampleSwitch('hv1', '00000000000000a1', 5, 1), sampleSwitch('hv2', '00000000000000b2', 2, 0)],
    segments: [
      {
        name: 'loc',
        source: 'flowloom.yaml:8',
        id: 100,
        vlan: 100,
        vni: 5000,
        mtu: 1450,
        mtuReason: 'hv1/br-phy has MTU 1500, less 50',
      },
      { name: 'wan', source: 'flowloom.yaml:11', id: 4096, vlan: null, vni: null, mtu: null, mtuReason: null },
    ],
    stations: [
      station('02:00:00:00:00:01', { port: 'web1' }),
      station('02:00:00:00:00:02', { port: 'vx4789t64', peer: '192.168.50.5', peerHost: 'hv2' }),
      station('02:00:00:00:00:02', {
        ...{ dpid: '00000000000000b2', switch: 'hv2/br0', age: null, expires: null },
        addresses: ['10.66.66.7', 'fd00::7'],
      }),
    ],
    macTables: [
      { switch: 'hv1/br0', keptBy: 'flows', aging: 300, stations: 2, command: null },
      {
        ...{ switch: 'hv2/plain', keptBy: 'open-vswitch', aging: 300, stations: null },
        command: 'ovs-appctl fdb/show plain',
      },
    ],
    topology: sampleTopology,
    zones: [
      { name: 'loc', source: 'net.yaml:34', members: ['edge/loc'] },
      { name: 'net', source: 'net.yaml:34', members: ['edge/net'] },
    ],
    apps: [app('firewall', 3), app('nat', 1), app('table-miss', 2)],
    sent: { flowMods: 6, groupMods: 0, meterMods: 0, bundles: 2 },
  };
}

function host(name: string, given: Partial<HostStatus> = {}): HostStatus {
  return {
    name,
    source: 'flowloom.yaml:3',
    ovsdb: `tcp:10.0.0.${name === 'hv1' ? 1 : 2}:6640`,
    state: 'connected',
    since: Date.now() - 3_890_000,
    error: null,
    ovsVersion: '3.1.0',
    dbVersion: '8.3.1',
    dpdk: null,
    changes: [],
    waiting: [],
    warnings: [],
    drift: { mode: 'repair', seen: 0, recent: [], left: [] },
    interfaces: [],
    ...given,
  };
}

function sampleSwitch(owner: string, dpid: string, flows: number, foreignFlows: number): SwitchStatus {
  const since = Date.now() - 3_880_000;
  return {
    dpid,
    name: `${owner}/br0`,
    host: owner,
    bridge: 'br0',
    state: 'up',
    since,
    address: '10.0.0.1:40022',
    description: 'Open vSwitch 3.1.0',
    flows,
    foreignFlows,
    sync: { at: since, added: flows - foreignFlows, deleted: 0, unchanged: 0 },
    refused: [],
    drift: { seen: 0, last: null },
    ports: [port(1, 'web1', ['loc']), port(2, 'web2', ['loc']), port(3, 'uplink', ['wan'])],
  };
}

function happened(id: number, kind: EventStatus['kind'], text: string): EventStatus {
  return { id, time: 1_700_000_000_000 + (id - 1) * 1000, kind, subject: 'hv1/br0', text, level: null, fields: {} };
}

function port(number: number, name: string, segments: string[]): PortStatus {
  return {
    ...{ number, name, segments, up: true, mac: `02:00:00:00:00:0${number}` },
    ...{ rxPackets: 1000 * number, txPackets: 900, rxBytes: 98_000, txBytes: 88_200, rxDropped: 0, txDropped: 0 },
    ...{ rxRate: 1_250_000 * number, txRate: 48_000 },
  };
}

function station(mac: string, given: Partial<StationStatus> = {}): StationStatus {
  return {
    ...{ mac, segment: 'loc', dpid: '00000000000000a1', switch: 'hv1/br0', port: 'web2', peer: null, peerHost: null },
    ...{ addresses: ['10.66.66.7'], known: 3600, age: 12, expires: 288 },
    ...given,
  };
}

function app(name: string, flows: number): AppStatus {
  return {
    ...{ name, source: null, state: 'running', error: null, errors: 0, config: { policy: 'drop' } },
    ...{ counters: { learned: 3 }, flows, packets: 1_234_567, bytes: 98_765_432, packetIns: 0 },
    ...{ packetInsDropped: 0, sendsDropped: 0, flowsLeftOut: 0 },
    code: { from: null, loadedAt: null, refused: null },
  };
}

export function samplePipeline(): PipelineMap {
  const switches = ['hv1/br0'];
  return {
    stages: [{ name: 'firewall', first: 140, last: 151 }],
    tables: [{ id: 140, name: 'firewall.filter', stage: 'firewall', app: 'firewall', learned: false, flows: 5 }],
    fields: [
      { name: 'segment', app: null, bits: 'metadata[0..15]', text: 'Segment', users: [] },
      { name: 'router.number', app: 'router', bits: 'reg7[0..15]', text: 'Router', users: ['nat'] },
    ],
    zones: [{ zone: 19280, name: 'router edge', apps: ['firewall', 'router'], switches }],
    groups: [{ id: 1275068417, app: 'segments', key: 'all loc', switches }],
    meters: [{ id: 1275068418, app: 'limits', key: 'pings', rate: '10 packets/s, burst 5', switches }],
  };
}

const end = (host: number, port: number) => ({
  dpid: `00000000000000${'abc'[host - 1]}${host}`,
  switch: `hv${host}/br0`,
  port,
  name: `to${port}`,
});

const sampleTopology: TopologyStatus = {
  settled: true,
  cables: [
    { a: end(1, 2), b: end(2, 1), state: 'carrying', loop: [] },
    { a: end(2, 3), b: end(3, 2), state: 'blocked', loop: ['hv2/br0', 'hv1/br0', 'hv3/br0'] },
  ],
  closedPorts: [
    { ...end(2, 3), segments: null, why: 'it would close a loop' },
    { ...end(3, 2), segments: ['lan'], why: 'it would close a loop' },
  ],
};
