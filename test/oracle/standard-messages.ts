// Messages of the standard with a value of its own in every field: as we write them, and as os-ken's classes are called.
import type { SetAsync } from '../../proto/openflow/async-config.ts';
import type { FlowMod } from '../../proto/openflow/flow-mod.ts';
import type { Message, MessageBody } from '../../proto/openflow/message.ts';
import type { Build } from './os-ken.ts';

export interface StandardMessage {
  name: string;
  message: Message;
  /** undefined: os-ken has no use of it. */
  build: Build | undefined;
}

/** Of every message here; one in a bundle must have the bundle's. */
export const XID = 0x2a2b2c2d;

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

function ken(name: string, args: Record<string, unknown> = {}): Build {
  return { class: `OFP${name}`, args };
}

/** An experimenter's property of any list: ours, and os-ken's of that list, which takes data by words of 32 bits. */
const experimenter = {
  type: 'experimenter',
  experimenter: 0x00abcdef,
  experimenterType: 0x1234,
  data: bytes('cafebabe'),
} as const;

function kenExperimenter(list: string, type = 0xffff): Build {
  return ken(`${list}Experimenter`, { type_: type, experimenter: 0xabcdef, exp_type: 0x1234, data: [0xcafebabe] });
}

const message: Record<string, [MessageBody, Build | undefined]> = {};

message.hello = [
  { type: 'hello', elements: [{ type: 'versionBitmap', versions: [1, 4, 5, 6] }] },
  // os-ken writes no hello of its own, and reads one for ever.
  undefined,
];

message.error = [
  { type: 'error', errorType: 'badAction', code: 'badOutGroup', data: bytes('0500000800000009') },
  ken('ErrorMsg', { type_: 2, code: 9, data: { hex: '0500000800000009' } }),
];
message.errorOfAnExperimenter = [
  { type: 'error', errorType: 'experimenter', experimenterType: 12, experimenter: 0x2320, data: bytes('0102030405') },
  ken('ErrorMsg', { type_: 0xffff, exp_type: 12, experimenter: 0x2320, data: { hex: '0102030405' } }),
];
message.echoRequest = [
  { type: 'echoRequest', data: bytes('01020304') },
  ken('EchoRequest', { data: { hex: '01020304' } }),
];
message.echoReply = [{ type: 'echoReply', data: bytes('0a0b0c') }, ken('EchoReply', { data: { hex: '0a0b0c' } })];
message.experimenter = [
  { type: 'experimenter', experimenter: 0x00abcdef, experimenterType: 0x1234, body: bytes('05060708') },
  ken('Experimenter', { experimenter: 0xabcdef, exp_type: 0x1234, data: { hex: '05060708' } }),
];

message.featuresRequest = [{ type: 'featuresRequest' }, ken('FeaturesRequest')];
message.featuresReply = [
  {
    type: 'featuresReply',
    datapathId: 0x0011_2233_4455_6677n,
    nBuffers: 256,
    nTables: 254,
    auxiliaryId: 3,
    capabilities: ['flowStats', 'tableStats', 'portStats', 'groupStats', 'ipReasm', 'queueStats', 'portBlocked'],
    reserved: 0,
  },
  ken('SwitchFeatures', {
    datapath_id: { int: '0x0011223344556677' },
    n_buffers: 256,
    n_tables: 254,
    auxiliary_id: 3,
    capabilities: 0x16f,
  }),
];
message.getConfigRequest = [{ type: 'getConfigRequest' }, ken('GetConfigRequest')];
message.getConfigReply = [
  { type: 'getConfigReply', flags: 'reassemble', missSendLen: 129 },
  ken('GetConfigReply', { flags: 2, miss_send_len: 129 }),
];
message.setConfig = [
  { type: 'setConfig', flags: 'drop', missSendLen: 130 },
  ken('SetConfig', { flags: 1, miss_send_len: 130 }),
];

const FRAME = `0a00000000020a00000000010800${'45'.repeat(14)}`;
message.packetIn = [
  {
    type: 'packetIn',
    bufferId: 0x11121314,
    totalLen: 60,
    reason: 'invalidTtl',
    tableId: 7,
    cookie: 0x0123_4567_89ab_cdefn,
    match: { inPort: 9, metadata: { value: 0x55n, mask: 0xffn }, tunnelId: 77n },
    data: bytes(FRAME),
  },
  ken('PacketIn', {
    buffer_id: 0x11121314,
    total_len: 60,
    reason: 2,
    table_id: 7,
    cookie: { int: '0x0123456789abcdef' },
    match: ken('Match', { in_port: 9, metadata: { tuple: [0x55, 0xff] }, tunnel_id: 77 }),
    data: { hex: FRAME },
  }),
];
message.flowRemoved = [
  {
    type: 'flowRemoved',
    cookie: 0x1122_3344n,
    priority: 4097,
    reason: 'eviction',
    tableId: 11,
    durationSec: 1234,
    durationNsec: 567_000_000,
    idleTimeout: 30,
    hardTimeout: 60,
    packetCount: 700n,
    byteCount: 80_000n,
    match: { ethDst: '0a:00:00:00:00:05' },
  },
  ken('FlowRemoved', {
    cookie: 0x11223344,
    priority: 4097,
    reason: 5,
    table_id: 11,
    duration_sec: 1234,
    duration_nsec: 567_000_000,
    idle_timeout: 30,
    hard_timeout: 60,
    packet_count: 700,
    byte_count: 80_000,
    match: ken('Match', { eth_dst: '0a:00:00:00:00:05' }),
  }),
];
message.portStatus = [
  {
    type: 'portStatus',
    reason: 'modify',
    desc: {
      portNo: 12,
      hwAddr: '0a:00:00:00:00:0c',
      name: 'eth12',
      config: ['noRecv', 'noPacketIn'],
      state: ['linkDown', 'live'],
      properties: [
        {
          type: 'ethernet',
          current: ['100mbFd', 'copper', 'autoneg'],
          advertised: ['10mbHd', '10mbFd', 'fiber'],
          supported: ['1gbHd', '1gbFd', '10gbFd', 'pause'],
          peer: ['40gbFd', '100gbFd', '1tbFd', 'other', 'pauseAsym'],
          currentSpeed: 100_000,
          maxSpeed: 10_000_000,
        },
        experimenter,
      ],
    },
  },
  ken('PortStatus', {
    reason: 2,
    desc: ken('Port', {
      port_no: 12,
      hw_addr: '0a:00:00:00:00:0c',
      name: { hex: Buffer.from('eth12').toString('hex') },
      config: 0x44,
      state: 5,
      properties: [
        ken('PortDescPropEthernet', {
          type_: 0,
          curr: 0x2808,
          advertised: 0x1003,
          supported: 0x4070,
          peer: 0x8780,
          curr_speed: 100_000,
          max_speed: 10_000_000,
        }),
        kenExperimenter('PortDescProp'),
      ],
    }),
  }),
];

message.packetOut = [
  {
    type: 'packetOut',
    bufferId: 0xffffffff,
    inPort: 'controller',
    actions: [
      { type: 'output', port: 4, maxLen: 0 },
      { type: 'output', port: 'flood', maxLen: 0 },
    ],
    data: bytes(FRAME),
  },
  ken('PacketOut', {
    buffer_id: 0xffffffff,
    in_port: 0xfffffffd,
    actions: [ken('ActionOutput', { port: 4, max_len: 0 }), ken('ActionOutput', { port: 0xfffffffb, max_len: 0 })],
    data: { hex: FRAME },
  }),
];

message.flowMod = [
  {
    type: 'flowMod',
    cookie: 0xabcdn,
    cookieMask: 0xffffn,
    tableId: 5,
    command: 'modifyStrict',
    idleTimeout: 10,
    hardTimeout: 20,
    priority: 300,
    bufferId: 0xffffffff,
    outPort: 'any',
    outGroup: 'any',
    flags: ['sendFlowRem', 'checkOverlap', 'resetCounts', 'noPktCounts', 'noBytCounts'],
    importance: 40,
    match: {
      inPort: 1,
      metadata: { value: 0x12n, mask: 0xf0ffn },
      ethDst: { value: '0a:00:00:00:00:00', mask: 'ff:00:00:00:00:00' },
      ethSrc: '0a:00:00:00:00:06',
      ethType: 0x0800,
      vlanVid: 0x1005,
      vlanPcp: 3,
      ipDscp: 10,
      ipEcn: 1,
      ipProto: 6,
      ipv4Src: '192.0.2.1',
      ipv4Dst: { value: '198.51.100.0', mask: '255.255.255.0' },
      tcpSrc: 1001,
      tcpDst: 1002,
      tunnelId: 0x99n,
    },
    instructions: [
      { type: 'meter', meterId: 15 },
      {
        type: 'applyActions',
        actions: [
          { type: 'setField', field: 'ipv4Src', value: '203.0.113.9' },
          { type: 'setField', field: 'ethDst', value: '0a:00:00:00:00:07' },
          { type: 'setQueue', queueId: 16 },
          { type: 'decNwTtl' },
          { type: 'setNwTtl', nwTtl: 17 },
          { type: 'popVlan' },
          { type: 'pushVlan', ethertype: 0x88a8 },
          { type: 'group', groupId: 18 },
          { type: 'output', port: 'controller', maxLen: 128 },
        ],
      },
      { type: 'writeActions', actions: [{ type: 'output', port: 'inPort', maxLen: 0 }] },
      { type: 'writeMetadata', metadata: 0x1300n, mask: 0xff00n },
      { type: 'gotoTable', tableId: 19 },
    ],
  },
  ken('FlowMod', {
    cookie: 0xabcd,
    cookie_mask: 0xffff,
    table_id: 5,
    command: 2,
    idle_timeout: 10,
    hard_timeout: 20,
    priority: 300,
    buffer_id: 0xffffffff,
    out_port: 0xffffffff,
    out_group: 0xffffffff,
    flags: 31,
    importance: 40,
    match: ken('Match', {
      in_port: 1,
      metadata: { tuple: [0x12, 0xf0ff] },
      eth_dst: { tuple: ['0a:00:00:00:00:00', 'ff:00:00:00:00:00'] },
      eth_src: '0a:00:00:00:00:06',
      eth_type: 0x0800,
      vlan_vid: 0x1005,
      vlan_pcp: 3,
      ip_dscp: 10,
      ip_ecn: 1,
      ip_proto: 6,
      ipv4_src: '192.0.2.1',
      ipv4_dst: { tuple: ['198.51.100.0', '255.255.255.0'] },
      tcp_src: 1001,
      tcp_dst: 1002,
      tunnel_id: 0x99,
    }),
    instructions: [
      ken('InstructionMeter', { meter_id: 15 }),
      ken('InstructionActions', {
        type_: 4,
        actions: [
          ken('ActionSetField', { ipv4_src: '203.0.113.9' }),
          ken('ActionSetField', { eth_dst: '0a:00:00:00:00:07' }),
          ken('ActionSetQueue', { queue_id: 16 }),
          ken('ActionDecNwTtl'),
          ken('ActionSetNwTtl', { nw_ttl: 17 }),
          ken('ActionPopVlan'),
          ken('ActionPushVlan', { ethertype: 0x88a8 }),
          ken('ActionGroup', { group_id: 18 }),
          ken('ActionOutput', { port: 0xfffffffd, max_len: 128 }),
        ],
      }),
      ken('InstructionActions', { type_: 3, actions: [ken('ActionOutput', { port: 0xfffffff8, max_len: 0 })] }),
      ken('InstructionWriteMetadata', { metadata: 0x1300, metadata_mask: 0xff00 }),
      ken('InstructionGotoTable', { table_id: 19 }),
    ],
  }),
];
const anyFlow = {
  type: 'flowMod',
  cookie: 0n,
  cookieMask: 0n,
  tableId: 0,
  command: 'add',
  idleTimeout: 0,
  hardTimeout: 0,
  priority: 301,
  bufferId: 0xffffffff,
  outPort: 'any',
  outGroup: 'any',
  flags: [],
  importance: 0,
  match: {},
  instructions: [],
} as const satisfies FlowMod;
const kenAnyFlow = { priority: 301, out_port: 0xffffffff, out_group: 0xffffffff };

message.flowModOfMpls = [
  {
    ...anyFlow,
    importance: 41,
    match: { ethType: 0x8847, mplsLabel: 23, mplsTc: 4, mplsBos: 1 },
    instructions: [
      {
        type: 'applyActions',
        actions: [
          { type: 'setMplsTtl', mplsTtl: 24 },
          { type: 'decMplsTtl' },
          { type: 'pushMpls', ethertype: 0x8848 },
          { type: 'popMpls', ethertype: 0x8847 },
        ],
      },
      { type: 'clearActions' },
    ],
  },
  ken('FlowMod', {
    ...kenAnyFlow,
    importance: 41,
    match: ken('Match', { eth_type: 0x8847, mpls_label: 23, mpls_tc: 4, mpls_bos: 1 }),
    instructions: [
      ken('InstructionActions', {
        type_: 4,
        actions: [
          ken('ActionSetMplsTtl', { mpls_ttl: 24 }),
          ken('ActionDecMplsTtl'),
          ken('ActionPushMpls', { ethertype: 0x8848 }),
          ken('ActionPopMpls', { ethertype: 0x8847 }),
        ],
      }),
      ken('InstructionActions', { type_: 5, actions: [] }),
    ],
  }),
];
message.flowModOfPbb = [
  {
    ...anyFlow,
    match: { ethType: 0x88e7, pbbIsid: 0x123456, pbbUca: 1 },
    instructions: [
      {
        type: 'writeActions',
        actions: [
          { type: 'copyTtlOut' },
          { type: 'copyTtlIn' },
          { type: 'pushPbb', ethertype: 0x88e7 },
          { type: 'popPbb' },
          { type: 'experimenter', experimenter: 0x00abcdef, body: bytes('0102030405060708') },
        ],
      },
    ],
  },
  ken('FlowMod', {
    ...kenAnyFlow,
    match: ken('Match', { eth_type: 0x88e7, pbb_isid: 0x123456, pbb_uca: 1 }),
    instructions: [
      ken('InstructionActions', {
        type_: 3,
        actions: [
          ken('ActionCopyTtlOut'),
          ken('ActionCopyTtlIn'),
          ken('ActionPushPbb', { ethertype: 0x88e7 }),
          ken('ActionPopPbb'),
          ken('ActionExperimenterUnknown', { experimenter: 0xabcdef, data: { hex: '0102030405060708' } }),
        ],
      }),
    ],
  }),
];
message.flowModThatDeletes = [
  { ...anyFlow, command: 'delete', tableId: 'all', outPort: 21, outGroup: 22 },
  ken('FlowMod', { ...kenAnyFlow, command: 3, table_id: 255, out_port: 21, out_group: 22 }),
];

/** Every field of OpenFlow 1.4 that no message above has; two of one kind of packet can't stand in one match. */
const FIELDS: Record<string, [match: FlowMod['match'], ken: Record<string, unknown>]> = {
  udp: [
    { ethType: 0x0800, ipProto: 17, udpSrc: 1003, udpDst: 1004 },
    { eth_type: 0x0800, ip_proto: 17, udp_src: 1003, udp_dst: 1004 },
  ],
  sctp: [
    { ethType: 0x86dd, ipProto: 132, sctpSrc: 1005, sctpDst: 1006, ipv6Src: '2001:db8::1', ipv6FlowLabel: 0x12345 },
    { eth_type: 0x86dd, ip_proto: 132, sctp_src: 1005, sctp_dst: 1006, ipv6_src: '2001:db8::1', ipv6_flabel: 0x12345 },
  ],
  icmp: [
    { ethType: 0x0800, ipProto: 1, icmpv4Type: 3, icmpv4Code: 4 },
    { eth_type: 0x0800, ip_proto: 1, icmpv4_type: 3, icmpv4_code: 4 },
  ],
  arp: [
    {
      ethType: 0x0806,
      arpOp: 2,
      arpSpa: '192.0.2.3',
      arpTpa: { value: '192.0.2.128', mask: '255.255.255.128' },
      arpSha: '0a:00:00:00:00:31',
      arpTha: '0a:00:00:00:00:32',
    },
    {
      eth_type: 0x0806,
      arp_op: 2,
      arp_spa: '192.0.2.3',
      arp_tpa: { tuple: ['192.0.2.128', '255.255.255.128'] },
      arp_sha: '0a:00:00:00:00:31',
      arp_tha: '0a:00:00:00:00:32',
    },
  ],
  nd: [
    {
      ethType: 0x86dd,
      ipProto: 58,
      ipv6Dst: { value: '2001:db8::', mask: 'ffff:ffff::' },
      icmpv6Type: 135,
      icmpv6Code: 0,
      ipv6NdTarget: '2001:db8::2',
      ipv6NdSll: '0a:00:00:00:00:33',
    },
    {
      eth_type: 0x86dd,
      ip_proto: 58,
      ipv6_dst: { tuple: ['2001:db8::', 'ffff:ffff::'] },
      icmpv6_type: 135,
      icmpv6_code: 0,
      ipv6_nd_target: '2001:db8::2',
      ipv6_nd_sll: '0a:00:00:00:00:33',
    },
  ],
  advert: [
    { ethType: 0x86dd, ipProto: 58, icmpv6Type: 136, ipv6NdTll: '0a:00:00:00:00:34' },
    { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 136, ipv6_nd_tll: '0a:00:00:00:00:34' },
  ],
  notInOvs: [
    { inPort: 56, inPhyPort: 57, ethType: 0x86dd, ipv6Exthdr: { value: 0x101, mask: 0x1ff } },
    { in_port: 56, in_phy_port: 57, eth_type: 0x86dd, ipv6_exthdr: { tuple: [0x101, 0x1ff] } },
  ],
};
for (const [name, [match, kenMatch]] of Object.entries(FIELDS)) {
  message[`flowModOf ${name}`] = [
    { ...anyFlow, match },
    ken('FlowMod', { ...kenAnyFlow, match: ken('Match', kenMatch), instructions: [] }),
  ];
}

const groupMod: MessageBody = {
  type: 'groupMod',
  command: 'modify',
  groupType: 'select',
  groupId: 25,
  buckets: [
    { weight: 26, watchPort: 'any', watchGroup: 'any', actions: [{ type: 'output', port: 27, maxLen: 0 }] },
    { weight: 28, watchPort: 29, watchGroup: 30, actions: [{ type: 'group', groupId: 31 }] },
  ],
};
const kenGroupMod = ken('GroupMod', {
  command: 1,
  type_: 1,
  group_id: 25,
  buckets: [
    ken('Bucket', { weight: 26, actions: [ken('ActionOutput', { port: 27, max_len: 0 })] }),
    ken('Bucket', { weight: 28, watch_port: 29, watch_group: 30, actions: [ken('ActionGroup', { group_id: 31 })] }),
  ],
});
message.groupMod = [groupMod, kenGroupMod];

message.portMod = [
  {
    type: 'portMod',
    portNo: 'local',
    hwAddr: '0a:00:00:00:00:20',
    config: ['portDown', 'noFwd'],
    mask: ['portDown', 'noRecv', 'noFwd', 'noPacketIn'],
    properties: [{ type: 'ethernet', advertise: ['1gbFd', '10gbFd', 'copper'] }],
  },
  ken('PortMod', {
    port_no: 0xfffffffe,
    hw_addr: '0a:00:00:00:00:20',
    config: 0x21,
    mask: 0x65,
    properties: [ken('PortModPropEthernet', { type_: 0, advertise: 0x860 })],
  }),
];
message.portModOfAnOpticalPort = [
  {
    type: 'portMod',
    portNo: 33,
    hwAddr: '0a:00:00:00:00:21',
    config: ['noPacketIn'],
    mask: ['noPacketIn'],
    properties: [
      {
        type: 'optical',
        configure: ['rxTune', 'txTune', 'txPwr', 'useFreq'],
        freqLmda: 193_100_000,
        flOffset: -5,
        gridSpan: 50_000,
        txPwr: 31,
      },
      experimenter,
    ],
  },
  ken('PortMod', {
    port_no: 33,
    hw_addr: '0a:00:00:00:00:21',
    config: 0x40,
    mask: 0x40,
    properties: [
      // os-ken takes the offset as if it had no sign.
      ken('PortModPropOptical', {
        type_: 1,
        configure: 15,
        freq_lmda: 193_100_000,
        fl_offset: 2 ** 32 - 5,
        grid_span: 50_000,
        tx_pwr: 31,
      }),
      kenExperimenter('PortModProp'),
    ],
  }),
];

message.tableMod = [
  {
    type: 'tableMod',
    tableId: 34,
    config: ['eviction', 'vacancyEvents'],
    properties: [{ type: 'vacancy', vacancyDown: 35, vacancyUp: 66, vacancy: 0 }],
  },
  ken('TableMod', {
    table_id: 34,
    config: 12,
    properties: [ken('TableModPropVacancy', { type_: 3, vacancy_down: 35, vacancy_up: 66, vacancy: 0 })],
  }),
];
message.tableModOfEviction = [
  // Open vSwitch takes these flags for its own word of whether eviction is on: what it prints is its mistake.
  { type: 'tableMod', tableId: 67, config: [], properties: [{ type: 'eviction', flags: ['other', 'lifetime'] }] },
  ken('TableMod', {
    table_id: 67,
    config: 0,
    properties: [ken('TableModPropEviction', { type_: 2, flags: 5 })],
  }),
];
message.tableModOfAnExperimenter = [
  { type: 'tableMod', tableId: 'all', config: [3], properties: [experimenter] },
  ken('TableMod', { table_id: 255, config: 3, properties: [kenExperimenter('TableModProp')] }),
];

message.barrierRequest = [{ type: 'barrierRequest' }, ken('BarrierRequest')];
message.barrierReply = [{ type: 'barrierReply' }, ken('BarrierReply')];
message.roleRequest = [
  { type: 'roleRequest', role: 'slave', generationId: 36n },
  ken('RoleRequest', { role: 3, generation_id: 36 }),
];
message.roleReply = [
  { type: 'roleReply', role: 'master', generationId: 37n },
  ken('RoleReply', { role: 2, generation_id: 37 }),
];

const asyncProperties: SetAsync['properties'] = [
  { type: 'packetInSlave', mask: ['tableMiss', 'invalidTtl'] },
  { type: 'packetInMaster', mask: ['applyAction', 'actionSet', 'group', 'packetOut'] },
  { type: 'portStatusSlave', mask: ['add', 'delete'] },
  { type: 'portStatusMaster', mask: ['modify'] },
  { type: 'flowRemovedSlave', mask: ['idleTimeout', 'delete', 'meterDelete'] },
  { type: 'flowRemovedMaster', mask: ['hardTimeout', 'groupDelete', 'eviction'] },
  { type: 'roleStatusSlave', mask: ['masterRequest'] },
  { type: 'roleStatusMaster', mask: ['config', 'experimenter'] },
  { type: 'tableStatusSlave', mask: ['vacancyDown'] },
  { type: 'tableStatusMaster', mask: ['vacancyUp'] },
  { type: 'requestForwardSlave', mask: ['groupMod'] },
  { type: 'requestForwardMaster', mask: ['meterMod'] },
];
const kenAsyncMasks = [0b101, 0b111010, 0b11, 0b100, 0b10101, 0b101010, 0b1, 0b110, 0b1000, 0b10000, 0b1, 0b10];
const kenAsyncConfig = {
  properties: kenAsyncMasks.map((mask, type) => ken('AsyncConfigPropReasons', { type_: type, mask })),
};
message.getAsyncRequest = [{ type: 'getAsyncRequest' }, ken('GetAsyncRequest')];
message.getAsyncReply = [{ type: 'getAsyncReply', properties: asyncProperties }, ken('GetAsyncReply', kenAsyncConfig)];
message.setAsync = [{ type: 'setAsync', properties: asyncProperties }, ken('SetAsync', kenAsyncConfig)];
message.setAsyncOfAnExperimenter = [
  {
    type: 'setAsync',
    properties: [
      { ...experimenter, type: 'experimenterSlave' },
      { ...experimenter, type: 'experimenterMaster' },
    ],
  },
  ken('SetAsync', {
    properties: [kenExperimenter('AsyncConfigProp', 0xfffe), kenExperimenter('AsyncConfigProp', 0xffff)],
  }),
];

const meter: MessageBody = {
  type: 'meterMod',
  command: 'modify',
  flags: ['kbps', 'burst', 'stats'],
  meterId: 38,
  bands: [
    { type: 'drop', rate: 39, burstSize: 40 },
    { type: 'dscpRemark', rate: 41, burstSize: 42, precLevel: 43 },
  ],
};
const kenMeter = ken('MeterMod', {
  command: 1,
  flags: 13,
  meter_id: 38,
  bands: [
    ken('MeterBandDrop', { rate: 39, burst_size: 40 }),
    ken('MeterBandDscpRemark', { rate: 41, burst_size: 42, prec_level: 43 }),
  ],
});
message.meterMod = [meter, kenMeter];
message.meterModOfAnExperimenter = [
  {
    type: 'meterMod',
    command: 'delete',
    flags: ['pktps'],
    meterId: 'controller',
    bands: [{ type: 'experimenter', rate: 44, burstSize: 45, experimenter: 0x00abcdef, body: bytes('') }],
  },
  ken('MeterMod', {
    command: 2,
    flags: 2,
    meter_id: 0xfffffffe,
    bands: [ken('MeterBandExperimenter', { rate: 44, burst_size: 45, experimenter: 0xabcdef })],
  }),
];

message.roleStatus = [
  { type: 'roleStatus', role: 'equal', reason: 'config', generationId: 46n, properties: [] },
  ken('RoleStatus', { role: 1, reason: 1, generation_id: 46, properties: [] }),
];
message.roleStatusOfAnExperimenter = [
  { type: 'roleStatus', role: 'slave', reason: 'experimenter', generationId: 47n, properties: [experimenter] },
  ken('RoleStatus', { role: 3, reason: 2, generation_id: 47, properties: [kenExperimenter('RoleProp')] }),
];
message.tableStatus = [
  {
    type: 'tableStatus',
    reason: 'vacancyUp',
    table: {
      tableId: 48,
      config: ['vacancyEvents'],
      properties: [{ type: 'vacancy', vacancyDown: 10, vacancyUp: 80, vacancy: 81 }],
    },
  },
  ken('TableStatus', {
    reason: 4,
    table: ken('TableDesc', {
      table_id: 48,
      config: 8,
      properties: [ken('TableModPropVacancy', { type_: 3, vacancy_down: 10, vacancy_up: 80, vacancy: 81 })],
    }),
  }),
];
message.requestForward = [
  { type: 'requestForward', request: { ...meter, xid: 49 } },
  ken('RequestForward', { request: { ...kenMeter, xid: 49 } }),
];

message.bundleControl = [
  {
    type: 'bundleControl',
    bundleId: 50,
    control: 'discardRequest',
    flags: ['atomic', 'ordered'],
    properties: [],
  },
  ken('BundleCtrlMsg', { bundle_id: 50, type_: 6, flags: 3, properties: [] }),
];
message.bundleControlOfAnExperimenter = [
  { type: 'bundleControl', bundleId: 51, control: 'commitReply', flags: ['ordered'], properties: [experimenter] },
  ken('BundleCtrlMsg', { bundle_id: 51, type_: 5, flags: 2, properties: [kenExperimenter('BundleProp')] }),
];

message.bundleAdd = [
  { type: 'bundleAdd', bundleId: 52, flags: ['atomic'], message: { ...groupMod, xid: XID }, properties: [] },
  ken('BundleAddMsg', {
    bundle_id: 52,
    flags: 1,
    message: { ...kenGroupMod, xid: XID },
    properties: [],
  }),
];
message.bundleAddOfAnExperimenter = [
  {
    type: 'bundleAdd',
    bundleId: 53,
    flags: ['ordered'],
    message: {
      type: 'packetOut',
      bufferId: 0xffffffff,
      inPort: 54,
      actions: [{ type: 'output', port: 55, maxLen: 0 }],
      data: bytes(`${FRAME}aa`),
      xid: XID,
    },
    properties: [experimenter],
  },
  ken('BundleAddMsg', {
    bundle_id: 53,
    flags: 2,
    message: {
      ...ken('PacketOut', {
        buffer_id: 0xffffffff,
        in_port: 54,
        actions: [ken('ActionOutput', { port: 55, max_len: 0 })],
        data: { hex: `${FRAME}aa` },
      }),
      xid: XID,
    },
    properties: [kenExperimenter('BundleProp')],
  }),
];

export const STANDARD_MESSAGES: StandardMessage[] = Object.entries(message).map(([name, [body, build]]) => ({
  name,
  message: { ...body, xid: XID },
  build: build && { ...build, xid: XID },
}));
