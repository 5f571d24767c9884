// Packet-outs and flow-mods with every instruction and action of OpenFlow 1.4 (7.2.3, 7.2.4, 7.3.4.1).
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import { bytes, type Cases, FRAME, ken } from './case.ts';

export const flows: Cases = {};

flows.packetOut = [
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

flows.flowMod = [
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
/** What the flows here and the fields have in common. */
export const anyFlow = {
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
export const kenAnyFlow = { priority: 301, out_port: 0xffffffff, out_group: 0xffffffff };

flows.flowModOfMpls = [
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
flows.flowModOfPbb = [
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
flows.flowModThatDeletes = [
  { ...anyFlow, command: 'delete', tableId: 'all', outPort: 21, outGroup: 22 },
  ken('FlowMod', { ...kenAnyFlow, command: 3, table_id: 255, out_port: 21, out_group: 22 }),
];
