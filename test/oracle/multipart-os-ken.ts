// MULTIPARTS as os-ken builds them, by name.
import type { Build } from './os-ken.ts';

export const OS_KEN: Record<string, Build> = {};

function ken(name: string, args: Record<string, unknown> = {}): Build {
  return { class: `OFP${name}`, args };
}

function request(name: string, kind: string, args: Record<string, unknown> = {}): void {
  OS_KEN[`request ${name}`] = ken(`${kind}StatsRequest`, { flags: 0, ...args });
}

function reply(name: string, kind: string, body: unknown): void {
  OS_KEN[`reply ${name}`] = ken(`${kind}StatsReply`, { flags: 0, body });
}

const ANY = 0xffff_ffff;
const match = (fields: Record<string, unknown>) => ken('Match', fields);
const experimenter = (list: string, type = 0xffff) =>
  ken(`${list}PropExperimenter`, {
    type_: type,
    experimenter: 0xabcdef,
    exp_type: 0x01020304,
    data: [0xa1a2a3a4, 0xa5a6a7a8],
  });
const duration = (seconds: number) => ({ duration_sec: seconds, duration_nsec: (seconds + 1) * 1_000_000 });
const output = (port: number, maxLen = 0) => ken('ActionOutput', { port, max_len: maxLen });

request('desc', 'Desc');
const words = { mfr_desc: 'Makers', hw_desc: 'Hardware 1', sw_desc: 'Software 2', serial_num: 'Serial 3' };
reply('desc', 'Desc', ken('DescStats', asBytes({ ...words, dp_desc: 'Datapath 4' })));

function asBytes(texts: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { hex: Buffer.from(text).toString('hex') }]),
  );
}

const selection = {
  cookie: 0x1415,
  cookie_mask: 0xff17,
  match: match({ in_port: 18, eth_type: 0x0800, ip_proto: 6, tcp_dst: 19 }),
};
request('flow', 'Flow', { table_id: 11, out_port: 12, out_group: 13, ...selection });
reply('flow', 'Flow', [
  ken('FlowStats', {
    table_id: 21,
    ...duration(22),
    priority: 24,
    idle_timeout: 25,
    hard_timeout: 26,
    flags: 31,
    importance: 27,
    cookie: 0x28,
    packet_count: 29,
    byte_count: 30,
    match: match({ eth_type: 0x0806, arp_op: 2 }),
    instructions: [
      ken('InstructionMeter', { meter_id: 31 }),
      ken('InstructionActions', { type_: 4, actions: [output(32, 33)] }),
      ken('InstructionActions', { type_: 5, actions: [] }),
      ken('InstructionActions', { type_: 3, actions: [ken('ActionGroup', { group_id: 34 })] }),
      ken('InstructionWriteMetadata', { metadata: 0x35, metadata_mask: 0xff }),
      ken('InstructionGotoTable', { table_id: 36 }),
    ],
  }),
]);
request('aggregate', 'Aggregate', { table_id: 41, out_port: 42, out_group: 43, ...selection });
reply('aggregate', 'Aggregate', ken('AggregateStats', { packet_count: 44, byte_count: 45, flow_count: 46 }));

request('table', 'Table');
reply('table', 'Table', [
  ken('TableStats', { table_id: 51, active_count: 52, lookup_count: 53, matched_count: 54 }),
  ken('TableStats', { table_id: 55, active_count: 56, lookup_count: 57, matched_count: 58 }),
]);

function portStats(port: number, first: number, properties: Build[]): Build {
  const names = [
    'rx_packets',
    'tx_packets',
    'rx_bytes',
    'tx_bytes',
    'rx_dropped',
    'tx_dropped',
    'rx_errors',
    'tx_errors',
  ];
  const counters = Object.fromEntries(names.map((name, i) => [name, first + 2 + i]));
  return ken('PortStats', { port_no: port, ...duration(first), ...counters, properties });
}
request('portStats', 'Port', { port_no: 61 });
reply('portStats', 'Port', [
  portStats(62, 63, [
    ken('PortStatsPropEthernet', { type_: 0, rx_frame_err: 73, rx_over_err: 74, rx_crc_err: 75, collisions: 76 }),
  ]),
]);
reply('portStats optical', 'Port', [
  portStats(0xffff_fffe, 163, [
    ken('PortStatsPropOptical', {
      type_: 1,
      flags: 0x77,
      tx_freq_lmda: 173,
      tx_offset: 174,
      tx_grid_span: 175,
      rx_freq_lmda: 176,
      rx_offset: 177,
      rx_grid_span: 178,
      tx_pwr: 179,
      rx_pwr: 180,
      bias_current: 181,
      temperature: 182,
    }),
    experimenter('PortStats'),
  ]),
]);

function queueStats(first: number, properties: Build[]): Build {
  const counters = { tx_bytes: first + 2, tx_packets: first + 3, tx_errors: first + 4 };
  return ken('QueueStats', { port_no: first, queue_id: first + 1, ...counters, ...duration(first + 5), properties });
}
request('queueStats', 'Queue', { port_no: 81, queue_id: 82 });
request('queueStats all', 'Queue', { port_no: ANY, queue_id: ANY });
reply('queueStats', 'Queue', [queueStats(83, []), queueStats(183, [experimenter('QueueStats')])]);

const bucketCounter = (packets: number) => ken('BucketCounter', { packet_count: packets, byte_count: packets + 1 });
request('group', 'Group', { group_id: 91 });
request('group all', 'Group', { group_id: 0xffff_fffc });
reply('group', 'Group', [
  ken('GroupStats', {
    group_id: 92,
    ref_count: 93,
    packet_count: 94,
    byte_count: 95,
    ...duration(96),
    bucket_stats: [bucketCounter(98), bucketCounter(100)],
  }),
]);

const bucket = (weight: number, watchPort: number, watchGroup: number, action: Build) =>
  ken('Bucket', { weight, watch_port: watchPort, watch_group: watchGroup, actions: [action] });
request('groupDesc', 'GroupDesc');
reply('groupDesc', 'GroupDesc', [
  ken('GroupDescStats', {
    type_: 1,
    group_id: 111,
    buckets: [bucket(112, ANY, ANY, output(113)), bucket(114, ANY, ANY, output(115))],
  }),
  ken('GroupDescStats', {
    type_: 3,
    group_id: 116,
    buckets: [bucket(0, 117, 118, ken('ActionSetQueue', { queue_id: 119 }))],
  }),
  ken('GroupDescStats', { type_: 0, group_id: 120, buckets: [] }),
  ken('GroupDescStats', { type_: 2, group_id: 121, buckets: [bucket(0, ANY, ANY, ken('ActionPopVlan'))] }),
]);

request('groupFeatures', 'GroupFeatures');
const bits = (...numbers: number[]) => numbers.reduce((sum, bit) => sum + 2 ** bit, 0);
reply(
  'groupFeatures',
  'GroupFeatures',
  ken('GroupFeaturesStats', {
    types: 0x5,
    capabilities: 0xd,
    max_groups: [131, 132, 133, 134],
    actions: [bits(0, 15, 16, 17, 18), bits(19, 20), bits(21, 22, 23), bits(24, 25)],
  }),
);

request('meter', 'Meter', { meter_id: 141 });
request('meter reserved', 'Meter', { meter_id: 0xffff_fffd });
const bandStats = (packets: number) =>
  ken('MeterBandStats', { packet_band_count: packets, byte_band_count: packets + 1 });
reply('meter', 'Meter', [
  ken('MeterStats', {
    meter_id: 142,
    flow_count: 143,
    packet_in_count: 144,
    byte_in_count: 145,
    ...duration(146),
    band_stats: [bandStats(148), bandStats(150)],
  }),
]);
request('meterConfig', 'MeterConfig', { meter_id: 152 });
request('meterConfig reserved', 'MeterConfig', { meter_id: 0xffff_fffe });
reply('meterConfig', 'MeterConfig', [
  ken('MeterConfigStats', {
    flags: 0xd,
    meter_id: 153,
    bands: [
      ken('MeterBandDrop', { rate: 154, burst_size: 155 }),
      ken('MeterBandDscpRemark', { rate: 156, burst_size: 157, prec_level: 158 }),
    ],
  }),
  ken('MeterConfigStats', { flags: 2, meter_id: 159, bands: [ken('MeterBandDrop', { rate: 160, burst_size: 0 })] }),
]);
request('meterFeatures', 'MeterFeatures');
const maxima = { max_meter: 161, max_bands: 162, max_color: 163 };
reply('meterFeatures', 'MeterFeatures', [ken('MeterFeaturesStats', { ...maxima, band_types: 6, capabilities: 15 })]);

const ids = (kind: 'Instruction' | 'Action', ...types: number[]) =>
  types.map((type) => ken(`${kind}Id`, { type_: type }));
function instructions(type: number, ...types: number[]): Build {
  return ken('TableFeaturePropInstructions', { type_: type, instruction_ids: ids('Instruction', ...types) });
}
function actions(type: number, ...types: number[]): Build {
  return ken('TableFeaturePropActions', { type_: type, action_ids: ids('Action', ...types) });
}
const tables = (type: number, ...numbers: number[]) =>
  ken('TableFeaturePropNextTables', { type_: type, table_ids: numbers });
/** os-ken writes lengths of 0 in headers of fields. */
const fields = (type: number) =>
  ken('TableFeaturePropOxm', {
    type_: type,
    oxm_ids: [ken('OxmId', { type_: 'eth_dst' }), ken('OxmId', { type_: 'ipv4_src', hasmask: true })],
  });
request('tableFeatures', 'TableFeatures', { body: [] });
request('tableFeatures of no lengths', 'TableFeatures', {
  body: [
    ken('TableFeaturesStats', {
      table_id: 3,
      name: { hex: Buffer.from('classify').toString('hex') },
      metadata_match: 0xfe01,
      metadata_write: 0xfe02,
      config: 12,
      max_entries: 304,
      properties: [
        instructions(0, 1, 3),
        instructions(1, 4, 5, 6),
        tables(2, 5, 6, 7),
        tables(3, 200, 253),
        actions(4, 0, 22),
        actions(5, 21),
        actions(6, 17, 18, 25),
        actions(7, 19, 20, 15),
        ...[8, 10, 12, 13, 14, 15].map(fields),
        tables(16, 8, 9),
        experimenter('TableFeature', 0xfffe),
        experimenter('TableFeature', 0xffff),
      ],
    }),
  ],
});

request('portDesc', 'PortDesc');
const port = (first: number, config: number, state: number, properties: Build[]) =>
  ken('Port', {
    port_no: first,
    hw_addr: `0a:${Math.floor(first / 10)}:20:${Math.floor(first / 10)}:30:${Math.floor(first / 10)}`,
    name: { hex: Buffer.from(`port${first + 3}`).toString('hex') },
    config,
    state,
    properties,
  });
reply('portDesc', 'PortDesc', [
  port(171, 1 + 4 + 32 + 64, 7, [
    ken('PortDescPropEthernet', {
      type_: 0,
      curr: bits(0, 3, 11),
      advertised: bits(5, 12, 13),
      supported: bits(6, 14),
      peer: bits(7, 15),
      curr_speed: 175_000,
      max_speed: 176_000,
    }),
  ]),
]);
reply('portDesc optical', 'PortDesc', [
  port(181, 0, 0, [
    ken('PortDescPropOptical', {
      type_: 1,
      supported: 15,
      tx_min_freq_lmda: 185,
      tx_max_freq_lmda: 186,
      tx_grid_freq_lmda: 187,
      rx_min_freq_lmda: 188,
      rx_max_freq_lmda: 189,
      rx_grid_freq_lmda: 190,
      tx_pwr_min: 191,
      tx_pwr_max: 192,
    }),
    experimenter('PortDesc'),
  ]),
]);

request('tableDesc', 'TableDesc');
reply('tableDesc', 'TableDesc', [
  ken('TableDesc', {
    table_id: 201,
    config: 12,
    properties: [
      ken('TableModPropEviction', { type_: 2, flags: 7 }),
      ken('TableModPropVacancy', { type_: 3, vacancy_down: 22, vacancy_up: 33, vacancy: 44 }),
    ],
  }),
  ken('TableDesc', { table_id: 202, config: 0, properties: [ken('TableModPropEviction', { type_: 2, flags: 2 })] }),
]);

request('queueDesc', 'QueueDesc', { port_no: 211, queue_id: 212 });
request('queueDesc all', 'QueueDesc', { port_no: ANY, queue_id: ANY });
reply('queueDesc', 'QueueDesc', [
  ken('QueueDesc', {
    port_no: 213,
    queue_id: 214,
    properties: [
      ken('QueueDescPropMinRate', { type_: 1, rate: 215 }),
      ken('QueueDescPropMaxRate', { type_: 2, rate: 216 }),
      experimenter('QueueDesc'),
    ],
  }),
  ken('QueueDesc', {
    port_no: 217,
    queue_id: 218,
    properties: [ken('QueueDescPropMaxRate', { type_: 2, rate: 1001 })],
  }),
]);

OS_KEN['request flowMonitor one'] = ken('FlowMonitorRequest', {
  flags: 0,
  monitor_id: 261,
  out_port: 222,
  out_group: 223,
  monitor_flags: 1 + 32,
  table_id: 224,
  command: 1,
  match: match({ eth_type: 0x86dd, ip_proto: 17, udp_src: 225 }),
});
/** Of the four kinds of full updates os-ken reads the first alone, and of the last two `paused` alone. */
OS_KEN['reply flowMonitor in part'] = ken('FlowMonitorReply', {
  flags: 0,
  body: [
    ken('FlowUpdateFull', {
      event: 0,
      table_id: 231,
      reason: 243,
      idle_timeout: 232,
      hard_timeout: 233,
      priority: 234,
      cookie: 0x235,
      match: match({ eth_type: 0x0800, ipv4_src: { tuple: ['10.0.0.0', '255.0.0.0'] } }),
      instructions: [ken('InstructionGotoTable', { table_id: 236 })],
    }),
    ken('FlowUpdateAbbrev', { xid: 0x244 }),
    ken('FlowUpdatePaused'),
  ],
});

request('experimenter', 'Experimenter', { experimenter: 0xabcdef, exp_type: 251, data: { hex: 'fdfe' } });
