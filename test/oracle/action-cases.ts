// Every action of Open vSwitch 3.1 over OpenFlow 1.4: its text, and by hand the value that it is, with no number twice.
import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Ct } from '../../proto/openflow/nicira/ct.ts';
import type { Learn, Learn2 } from '../../proto/openflow/nicira/learn.ts';

export interface ActionCase {
  /** ovs-ofctl's text of what the flow matches: some actions need it. */
  flow: string;
  text: string;
  actions: Action[];
  /** Where Open vSwitch prints it otherwise than it was given. */
  printed?: string;
  /** Where its dump has something else in their place. */
  dumped?: Instruction[];
}

const bytes = (...list: number[]) => Uint8Array.from(list);
const kase = (text: string, actions: Action | Action[], printed?: string): ActionCase => ({
  flow: 'tcp',
  text,
  actions: [actions].flat(),
  ...(printed === undefined ? {} : { printed }),
});
/** Which Open vSwitch stores as these. */
const as = (given: ActionCase, ...actions: Action[]): ActionCase => ({
  ...given,
  dumped: [{ type: 'applyActions', actions }],
});
/** On a flow of its own. */
const on = (flow: string, given: ActionCase): ActionCase => ({ ...given, flow });

const ctOf = (over: Partial<Ct<Action>>): Action => ({ type: 'ct', flags: [], zone: 0, alg: 0, actions: [], ...over });

const newFlow = {
  idleTimeout: 0,
  hardTimeout: 0,
  priority: 32768,
  cookie: 0n,
  table: 0,
  finIdleTimeout: 0,
  finHardTimeout: 0,
};
const learning = (over: Partial<Learn>): Action => ({ type: 'learn', ...newFlow, flags: [], specs: [], ...over });
const learning2 = (over: Partial<Learn2>): Action => ({
  type: 'learn2',
  ...newFlow,
  flags: [],
  limit: 0,
  specs: [],
  ...over,
});

/** The standard's, as ovs-ofctl's words become them. */
const STANDARD: ActionCase[] = [
  kase('output:7', { type: 'output', port: 7, maxLen: 0 }),
  kase('CONTROLLER:129', { type: 'output', port: 'controller', maxLen: 129 }),
  kase('NORMAL,FLOOD,ALL,IN_PORT,LOCAL,TABLE', [
    { type: 'output', port: 'normal', maxLen: 0 },
    { type: 'output', port: 'flood', maxLen: 0 },
    { type: 'output', port: 'all', maxLen: 0 },
    { type: 'output', port: 'inPort', maxLen: 0 },
    { type: 'output', port: 'local', maxLen: 0 },
    { type: 'output', port: 'table', maxLen: 0 },
  ]),
  kase('group:11', { type: 'group', groupId: 11 }),
  kase('set_queue:12,pop_queue', [{ type: 'setQueue', queueId: 12 }, { type: 'popQueue' }]),
  kase(
    'enqueue:13:14',
    [{ type: 'setQueue', queueId: 14 }, { type: 'output', port: 13, maxLen: 65535 }, { type: 'popQueue' }],
    'set_queue:14,output:13,pop_queue',
  ),
  kase('dec_ttl', { type: 'decNwTtl' }),
  kase('mod_nw_ttl:15', { type: 'setNwTtl', nwTtl: 15 }),
  kase('push_vlan:0x88a8', { type: 'pushVlan', ethertype: 0x88a8 }),
  on('tcp,vlan_vid=0x1000/0x1000', kase('pop_vlan', { type: 'popVlan' })),
  kase('push_mpls:0x8847,set_mpls_ttl(16),dec_mpls_ttl,pop_mpls:0x0800', [
    { type: 'pushMpls', ethertype: 0x8847 },
    { type: 'setMplsTtl', mplsTtl: 16 },
    { type: 'decMplsTtl' },
    { type: 'popMpls', ethertype: 0x0800 },
  ]),
  kase(
    'push_mpls:0x8848,set_mpls_label(17),set_mpls_tc(6)',
    [
      { type: 'pushMpls', ethertype: 0x8848 },
      { type: 'setField', field: 'mplsLabel', value: 17 },
      { type: 'setField', field: 'mplsTc', value: 6 },
    ],
    'push_mpls:0x8848,set_field:17->mpls_label,set_field:6->mpls_tc',
  ),
  kase(
    'mod_dl_src:02:00:00:00:00:12,mod_dl_dst:02:00:00:00:00:13',
    [
      { type: 'setField', field: 'ethSrc', value: '02:00:00:00:00:12' },
      { type: 'setField', field: 'ethDst', value: '02:00:00:00:00:13' },
    ],
    'set_field:02:00:00:00:00:12->eth_src,set_field:02:00:00:00:00:13->eth_dst',
  ),
  kase(
    'mod_nw_src:192.0.2.18,mod_nw_dst:192.0.2.19,mod_tp_src:20,mod_tp_dst:21,mod_nw_tos:88,mod_nw_ecn:2',
    [
      { type: 'setField', field: 'ipv4Src', value: '192.0.2.18' },
      { type: 'setField', field: 'ipv4Dst', value: '192.0.2.19' },
      { type: 'setField', field: 'tcpSrc', value: 20 },
      { type: 'setField', field: 'tcpDst', value: 21 },
      { type: 'setField', field: 'ipDscp', value: 22 },
      { type: 'setField', field: 'ipEcn', value: 2 },
    ],
    'set_field:192.0.2.18->ip_src,set_field:192.0.2.19->ip_dst,set_field:20->tcp_src,set_field:21->tcp_dst,set_field:22->ip_dscp,set_field:2->nw_ecn',
  ),
  kase(
    'mod_vlan_vid:23,mod_vlan_pcp:5',
    [
      { type: 'pushVlan', ethertype: 0x8100 },
      { type: 'setField', field: 'vlanVid', value: 0x1000 | 23 },
      { type: 'setField', field: 'vlanPcp', value: 5 },
    ],
    'push_vlan:0x8100,set_field:4119->vlan_vid,set_field:5->vlan_pcp',
  ),
  kase('set_tunnel:0x18', { type: 'setField', field: 'tunnelId', value: 0x18n }, 'set_field:0x18->tun_id'),
  kase(
    'set_tunnel64:0x1900000000',
    { type: 'setField', field: 'tunnelId', value: 0x1900000000n },
    'set_field:0x1900000000->tun_id',
  ),
  kase('set_field:0x1a->reg5', { type: 'setField', field: 'reg5', value: 0x1a }),
  kase('set_field:0x1b->xxreg1', { type: 'setField', field: 'xxreg1', value: '0x1b' }),
  kase('set_field:0x1c->xreg2', { type: 'setField', field: 'xreg2', value: 0x1cn }),
  kase('set_field:0x1d1e->tun_metadata7', { type: 'setField', field: 'tunMetadata7', value: '0x1d1e' }),
];

/** Bits between fields. */
const REGISTERS: ActionCase[] = [
  kase('load:0x1f->NXM_NX_REG6[3..8]', { type: 'regLoad', to: { field: 'reg6', offset: 3, bits: 6 }, value: 0x1fn }),
  kase('load:0x20->NXM_NX_TUN_ID[2..60]', {
    type: 'regLoad',
    to: { field: 'tunnelId', offset: 2, bits: 59 },
    value: 0x20n,
  }),
  kase('load:0x21->OXM_OF_METADATA[]', {
    type: 'regLoad',
    to: { field: 'metadata', offset: 0, bits: 64 },
    value: 0x21n,
  }),
  kase('load:0x22->NXM_NX_XXREG3[70..99]', {
    type: 'regLoad',
    to: { field: 'xxreg3', offset: 70, bits: 30 },
    value: 0x22n,
  }),
  kase('load:0x23->NXM_OF_IN_PORT[]', {
    type: 'regLoad',
    to: { field: 'nxmInPort', offset: 0, bits: 16 },
    value: 0x23n,
  }),
  kase(
    'set_field:192.0.2.0/255.255.0.255->ip_dst',
    [
      { type: 'regLoad', to: { field: 'ipv4Dst', offset: 0, bits: 8 }, value: 0n },
      { type: 'regLoad', to: { field: 'ipv4Dst', offset: 16, bits: 16 }, value: 0xc000n },
    ],
    'load:0->NXM_OF_IP_DST[0..7],load:0xc000->NXM_OF_IP_DST[16..31]',
  ),
  kase(
    'load:0x5->NXM_NX_TUN_METADATA8[4..7]',
    { type: 'regLoad2', field: 'tunMetadata8', value: { value: '0x50', mask: '0xf0' } },
    'set_field:0x50/0xf0->tun_metadata8',
  ),
  on(
    'dl_type=0x894f',
    kase(
      'load:0x2->nsh_spi[3..5]',
      { type: 'regLoad2', field: 'nshSpi', value: { value: 0x10, mask: 0x38 } },
      'set_field:0x10/0x38->nsh_spi',
    ),
  ),
  kase('move:NXM_NX_REG1[4..13]->NXM_NX_REG2[5..14]', {
    type: 'regMove',
    from: { field: 'reg1', offset: 4, bits: 10 },
    to: { field: 'reg2', offset: 5, bits: 10 },
  }),
  kase('move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]', {
    type: 'regMove',
    from: { field: 'ethSrc', offset: 0, bits: 48 },
    to: { field: 'ethDst', offset: 0, bits: 48 },
  }),
  kase(
    'move:actset_output[3..18]->NXM_NX_REG2[6..21]',
    {
      type: 'regMove',
      from: { field: 'actsetOutput', offset: 3, bits: 16 },
      to: { field: 'reg2', offset: 6, bits: 16 },
    },
    'move:ONFOXM_ET_ACTSET_OUTPUT[3..18]->NXM_NX_REG2[6..21]',
  ),
  kase('push:NXM_NX_REG3[7..20],pop:NXM_NX_XXREG0[8..103]', [
    { type: 'stackPush', from: { field: 'reg3', offset: 7, bits: 14 } },
    { type: 'stackPop', to: { field: 'xxreg0', offset: 8, bits: 96 } },
  ]),
  kase(
    'push:actset_output[9..24]',
    { type: 'stackPush', from: { field: 'actsetOutput', offset: 9, bits: 16 } },
    'push:ONFOXM_ET_ACTSET_OUTPUT[9..24]',
  ),
  kase('output:NXM_NX_REG4[10..25]', {
    type: 'outputReg',
    from: { field: 'reg4', offset: 10, bits: 16 },
    maxLen: 65535,
  }),
  kase(
    'output:actset_output[11..26]',
    { type: 'outputReg2', from: { field: 'actsetOutput', offset: 11, bits: 16 }, maxLen: 65535 },
    'output:ONFOXM_ET_ACTSET_OUTPUT[11..26]',
  ),
  kase('multipath(symmetric_l3l4+udp,51,iter_hash,17,8,NXM_NX_REG4[12..19])', {
    type: 'multipath',
    fields: 'symmetricL3l4Udp',
    basis: 51,
    algorithm: 'iterHash',
    maxLink: 16,
    arg: 8,
    to: { field: 'reg4', offset: 12, bits: 8 },
  }),
  kase('multipath(eth_src,52,modulo_n,18,9,NXM_NX_REG5[13..20])', {
    type: 'multipath',
    fields: 'ethSrc',
    basis: 52,
    algorithm: 'moduloN',
    maxLink: 17,
    arg: 9,
    to: { field: 'reg5', offset: 13, bits: 8 },
  }),
  kase(
    'multipath(nw_dst,53,hash_threshold,19,10,NXM_NX_REG6[14..21]),multipath(symmetric_l3,54,hrw,20,11,NXM_NX_REG7[15..22])',
    [
      {
        type: 'multipath',
        fields: 'nwDst',
        basis: 53,
        algorithm: 'hashThreshold',
        maxLink: 18,
        arg: 10,
        to: { field: 'reg6', offset: 14, bits: 8 },
      },
      {
        type: 'multipath',
        fields: 'symmetricL3',
        basis: 54,
        algorithm: 'hrw',
        maxLink: 19,
        arg: 11,
        to: { field: 'reg7', offset: 15, bits: 8 },
      },
    ],
  ),
  kase('bundle(nw_src,30,hrw,ofport,members:1,2,3,4,5)', {
    type: 'bundle',
    algorithm: 'hrw',
    fields: 'nwSrc',
    basis: 30,
    members: [1, 2, 3, 4, 5],
  }),
  kase('bundle(symmetric_l3l4,0,active_backup,ofport,members:)', {
    type: 'bundle',
    algorithm: 'activeBackup',
    fields: 'symmetricL3l4',
    basis: 0,
    members: [],
  }),
  kase(
    'bundle_load(symmetric_l4,60,active_backup,ofport,NXM_NX_REG2[16..31],members:6,LOCAL,none)',
    {
      type: 'bundleLoad',
      algorithm: 'activeBackup',
      fields: 'symmetricL4',
      basis: 60,
      members: [6, 'local', 'any'],
      to: { field: 'reg2', offset: 16, bits: 16 },
    },
    'bundle_load(symmetric_l4,60,active_backup,ofport,NXM_NX_REG2[16..31],members:6,LOCAL,ANY)',
  ),
  kase('check_pkt_larger(1500)->NXM_NX_XXREG1[99]', {
    type: 'checkPktLarger',
    pktLen: 1500,
    to: { field: 'xxreg1', offset: 99, bits: 1 },
  }),
  kase('delete_field:tun_metadata9', { type: 'deleteField', field: 'tunMetadata9' }),
];

/** Where a packet goes next, and who is told. */
const WAYS: ActionCase[] = [
  kase('resubmit(31,32)', { type: 'resubmitTable', inPort: 31, table: 32 }),
  kase('resubmit(,33)', { type: 'resubmitTable', inPort: 'inPort', table: 33 }),
  kase('resubmit:34', { type: 'resubmitTable', inPort: 34, table: 255 }),
  on('ct_state=+est+trk,tcp', kase('resubmit(35,36,ct)', { type: 'resubmitTableCt', inPort: 35, table: 36 })),
  kase('output(port=37,max_len=138)', { type: 'outputTrunc', port: 37, maxLen: 138 }),
  kase('output(port=LOCAL,max_len=139)', { type: 'outputTrunc', port: 'local', maxLen: 139 }),
  kase('controller(reason=no_match,max_len=140,id=41)', {
    type: 'controller',
    maxLen: 140,
    controllerId: 41,
    reason: 'tableMiss',
  }),
  kase('controller(reason=invalid_ttl,max_len=142,id=43,userdata=44.45.46,pause,meter_id=47)', {
    type: 'controller2',
    properties: [
      { type: 'maxLen', maxLen: 142 },
      { type: 'controllerId', controllerId: 43 },
      { type: 'reason', reason: 'invalidTtl' },
      { type: 'userdata', data: bytes(0x44, 0x45, 0x46) },
      { type: 'pause' },
      { type: 'meterId', meterId: 47 },
    ],
  }),
  kase('controller(userdata=01.02.03.04.05.06.07.08.09)', {
    type: 'controller2',
    properties: [{ type: 'userdata', data: bytes(1, 2, 3, 4, 5, 6, 7, 8, 9) }],
  }),
  kase('dec_ttl(48,49,50)', { type: 'decTtlCntIds', ids: [48, 49, 50] }),
  kase('fin_timeout(idle_timeout=51,hard_timeout=52)', { type: 'finTimeout', finIdleTimeout: 51, finHardTimeout: 52 }),
  kase(
    'note:01.02.03.04.05.06.07',
    { type: 'note', note: bytes(1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0) },
    'note:01.02.03.04.05.06.07.00.00.00.00.00.00.00',
  ),
  kase('exit', { type: 'exit' }),
  kase('conjunction(53,2/3),conjunction(54,4/4)', [
    { type: 'conjunction', clause: 1, nClauses: 3, id: 53 },
    { type: 'conjunction', clause: 3, nClauses: 4, id: 54 },
  ]),
  kase('sample(probability=55,collector_set_id=56,obs_domain_id=57,obs_point_id=58)', {
    type: 'sample',
    probability: 55,
    collectorSetId: 56,
    obsDomainId: 57,
    obsPointId: 58,
  }),
  kase('sample(probability=59,collector_set_id=60,obs_domain_id=61,obs_point_id=62,sampling_port=63)', {
    type: 'sample2',
    probability: 59,
    collectorSetId: 60,
    obsDomainId: 61,
    obsPointId: 62,
    samplingPort: 63,
  }),
  kase('sample(probability=64,collector_set_id=65,obs_domain_id=66,obs_point_id=67,sampling_port=68,egress)', {
    type: 'sample3',
    probability: 64,
    collectorSetId: 65,
    obsDomainId: 66,
    obsPointId: 67,
    samplingPort: 68,
    direction: 'egress',
  }),
  kase('sample(probability=69,collector_set_id=70,obs_domain_id=71,obs_point_id=72,ingress)', {
    type: 'sample3',
    probability: 69,
    collectorSetId: 70,
    obsDomainId: 71,
    obsPointId: 72,
    samplingPort: 'any',
    direction: 'ingress',
  }),
  kase('clone(clone(output:73),exit)', {
    type: 'clone',
    actions: [{ type: 'clone', actions: [{ type: 'output', port: 73, maxLen: 0 }] }, { type: 'exit' }],
  }),
  kase('encap(ethernet)', { type: 'encap', hdrSize: 0, newPktType: 0, properties: [] }),
  kase('encap(mpls)', { type: 'encap', hdrSize: 0, newPktType: 0x18847, properties: [] }),
  kase('encap(nsh(md_type=2,tlv(0x1000,10,0x12345678)))', {
    type: 'encap',
    hdrSize: 0,
    newPktType: 0x1894f,
    properties: [
      { propClass: 4, propType: 1, data: bytes(2) },
      { propClass: 4, propType: 2, data: bytes(0x10, 0, 10, 4, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0) },
    ],
  }),
  kase('decap()', { type: 'decap', newPktType: 0xfffe }),
  kase('decap(packet_type(ns=1,type=0x800))', { type: 'decap', newPktType: 0x10800 }),
  on('dl_type=0x894f', kase('dec_nsh_ttl', { type: 'decNshTtl' })),
];

const CONNTRACK: ActionCase[] = [
  kase('ct_clear', { type: 'ctClear' }),
  kase('ct()', ctOf({})),
  kase('ct(table=74,zone=75)', ctOf({ table: 74, zone: 75 })),
  kase('ct(zone=NXM_NX_REG3[8..23])', ctOf({ zone: { field: 'reg3', offset: 8, bits: 16 } })),
  kase('ct(commit,force,alg=ftp)', ctOf({ flags: ['commit', 'force'], alg: 21 })),
  on('udp', kase('ct(commit,alg=tftp)', ctOf({ flags: ['commit'], alg: 69 }))),
  kase('ct(table=76,nat)', ctOf({ table: 76, actions: [{ type: 'nat', flags: [] }] })),
  kase('ct(commit,nat(src))', ctOf({ flags: ['commit'], actions: [{ type: 'nat', flags: ['src'] }] })),
  kase(
    'ct(commit,nat(src=192.0.2.77))',
    ctOf({ flags: ['commit'], actions: [{ type: 'nat', flags: ['src'], ipv4Min: '192.0.2.77' }] }),
  ),
  kase(
    'ct(commit,nat(dst=192.0.2.78-192.0.2.79:80-81,persistent,random))',
    ctOf({
      flags: ['commit'],
      actions: [
        {
          type: 'nat',
          flags: ['dst', 'persistent', 'protoRandom'],
          ipv4Min: '192.0.2.78',
          ipv4Max: '192.0.2.79',
          protoMin: 80,
          protoMax: 81,
        },
      ],
    }),
  ),
  on(
    'tcp6',
    kase(
      'ct(commit,nat(src=2001:db8::82-2001:db8::83,hash))',
      ctOf({
        flags: ['commit'],
        actions: [{ type: 'nat', flags: ['src', 'protoHash'], ipv6Min: '2001:db8::82', ipv6Max: '2001:db8::83' }],
      }),
    ),
  ),
  on(
    'tcp6',
    kase(
      'ct(commit,nat(dst=[2001:db8::84]-[2001:db8::85]:86-87))',
      ctOf({
        flags: ['commit'],
        actions: [
          { type: 'nat', flags: ['dst'], ipv6Min: '2001:db8::84', ipv6Max: '2001:db8::85', protoMin: 86, protoMax: 87 },
        ],
      }),
    ),
  ),
  kase(
    'ct(commit,zone=88,nat(src=192.0.2.89:90),exec(load:0x5b->NXM_NX_CT_MARK[4..11],move:NXM_NX_REG1[]->NXM_NX_CT_LABEL[32..63],set_field:0x5c->ct_label))',
    ctOf({
      flags: ['commit'],
      zone: 88,
      actions: [
        { type: 'nat', flags: ['src'], ipv4Min: '192.0.2.89', protoMin: 90 },
        { type: 'regLoad', to: { field: 'ctMark', offset: 4, bits: 8 }, value: 0x5bn },
        {
          type: 'regMove',
          from: { field: 'reg1', offset: 0, bits: 32 },
          to: { field: 'ctLabel', offset: 32, bits: 32 },
        },
        { type: 'setField', field: 'ctLabel', value: '0x5c' },
      ],
    }),
  ),
];

const LEARNING: ActionCase[] = [
  kase('learn(table=93)', learning({ table: 93 })),
  kase(
    'learn(table=94,idle_timeout=95,hard_timeout=96,fin_idle_timeout=97,fin_hard_timeout=98,priority=99,send_flow_rem,delete_learned,cookie=0x6465666768696a6b,eth_type=0x800,nw_proto=6,NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],NXM_OF_VLAN_TCI[0..11],load:NXM_OF_IN_PORT[]->NXM_NX_REG2[16..31],load:0x6c->NXM_NX_REG5[8..15],output:NXM_NX_REG7[3..18])',
    learning({
      idleTimeout: 95,
      hardTimeout: 96,
      priority: 99,
      cookie: 0x6465666768696a6bn,
      flags: ['sendFlowRem', 'deleteLearned'],
      table: 94,
      finIdleTimeout: 97,
      finHardTimeout: 98,
      specs: [
        { type: 'match', bits: 16, source: { immediate: 0x800n }, field: 'ethType', offset: 0 },
        { type: 'match', bits: 8, source: { immediate: 6n }, field: 'ipProto', offset: 0 },
        { type: 'match', bits: 32, source: { field: 'ipv4Src', offset: 0 }, field: 'ipv4Dst', offset: 0 },
        { type: 'match', bits: 12, source: { field: 'vlanTci', offset: 0 }, field: 'vlanTci', offset: 0 },
        { type: 'load', bits: 16, source: { field: 'nxmInPort', offset: 0 }, field: 'reg2', offset: 16 },
        { type: 'load', bits: 8, source: { immediate: 0x6cn }, field: 'reg5', offset: 8 },
        { type: 'output', bits: 16, source: { field: 'reg7', offset: 3 } },
      ],
    }),
  ),
  kase(
    'learn(table=109,eth_type=0x86dd,ipv6_dst=2001:db8::6e,load:0x6f7071->NXM_NX_XXREG2[5..101])',
    learning({
      table: 109,
      specs: [
        { type: 'match', bits: 16, source: { immediate: 0x86ddn }, field: 'ethType', offset: 0 },
        {
          type: 'match',
          bits: 128,
          source: { immediate: 0x20010db800000000000000000000006en },
          field: 'ipv6Dst',
          offset: 0,
        },
        { type: 'load', bits: 97, source: { immediate: 0x6f7071n }, field: 'xxreg2', offset: 5 },
      ],
    }),
  ),
  kase(
    'learn(table=114,limit=115,output:NXM_OF_IN_PORT[])',
    learning2({
      table: 114,
      limit: 115,
      specs: [{ type: 'output', bits: 16, source: { field: 'nxmInPort', offset: 0 } }],
    }),
  ),
  kase(
    'learn(table=116,limit=117,result_dst=NXM_NX_REG0[7],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])',
    learning2({
      flags: ['writeResult'],
      table: 116,
      limit: 117,
      resultDst: { field: 'reg0', offset: 7, bits: 1 },
      specs: [{ type: 'match', bits: 48, source: { field: 'ethSrc', offset: 0 }, field: 'ethDst', offset: 0 }],
    }),
  ),
];

/** Open vSwitch takes these only when it was started for tests (--enable-dummy), and nobody's ovs-ofctl is. */
export const DEBUGGING: ActionCase = kase('debug_slow,debug_recirc', [{ type: 'debugSlow' }, { type: 'debugRecirc' }]);

/** What ovs-ofctl gives of these texts is these values. */
export const SENT_ACTIONS: readonly ActionCase[] = [...STANDARD, ...REGISTERS, ...WAYS, ...CONNTRACK, ...LEARNING];

/** What Open vSwitch takes, and prints as this text, though ovs-ofctl never sends it. */
export const TAKEN_ACTIONS: readonly ActionCase[] = [
  kase('resubmit:118', { type: 'resubmit', inPort: 118 }),
  as(kase('set_tunnel:0x77', { type: 'setTunnel', tunId: 0x77 }), {
    type: 'setField',
    field: 'tunnelId',
    value: 0x77n,
  }),
  as(kase('set_tunnel64:0x78', { type: 'setTunnel64', tunId: 0x78n }), {
    type: 'setField',
    field: 'tunnelId',
    value: 0x78n,
  }),
  {
    ...kase('write_metadata:0x79/0xff', { type: 'writeMetadata', metadata: 0x79n, mask: 0xffn }),
    dumped: [{ type: 'writeMetadata', metadata: 0x79n, mask: 0xffn }],
  },
  kase('set_field:0x7a/0xfe->reg8', { type: 'regLoad2', field: 'reg8', value: { value: 0x7a, mask: 0xfe } }),
  kase('output:NXM_NX_REG9[1..16]', { type: 'outputReg2', from: { field: 'reg9', offset: 1, bits: 16 }, maxLen: 124 }),
  kase('CONTROLLER:125', { type: 'controller', maxLen: 125, controllerId: 0, reason: 'applyAction' }),
  as(
    kase('move:NXM_OF_ETH_SRC[3..18]->NXM_NX_REG1[4..19]', {
      type: 'copyField',
      from: { field: 'ethSrc', offset: 3, bits: 16 },
      to: { field: 'reg1', offset: 4, bits: 16 },
    }),
    { type: 'regMove', from: { field: 'ethSrc', offset: 3, bits: 16 }, to: { field: 'reg1', offset: 4, bits: 16 } },
  ),
  as(
    kase('move:ONFOXM_ET_ACTSET_OUTPUT[5..20]->NXM_NX_REG2[6..21]', {
      type: 'copyField',
      from: { field: 'actsetOutput', offset: 5, bits: 16 },
      to: { field: 'reg2', offset: 6, bits: 16 },
    }),
    {
      type: 'regMove',
      from: { field: 'actsetOutput', offset: 5, bits: 16 },
      to: { field: 'reg2', offset: 6, bits: 16 },
    },
  ),
  kase(
    'learn(table=126,output:NXM_NX_REG0[0..15])',
    learning2({ table: 126, specs: [{ type: 'output', bits: 16, source: { field: 'reg0', offset: 0 } }] }),
  ),
  as(
    kase('push_vlan:0x8100,set_vlan_vid:127,set_vlan_pcp:4', [
      { type: 'pushVlan', ethertype: 0x8100 },
      { type: 'setVlanVid', vlanVid: 127 },
      { type: 'setVlanPcp', vlanPcp: 4 },
    ]),
    { type: 'pushVlan', ethertype: 0x8100 },
    { type: 'setField', field: 'vlanVid', value: 0x1000 | 127 },
    { type: 'setField', field: 'vlanPcp', value: 4 },
  ),
  as(
    kase('mod_dl_src:02:00:00:00:00:80,mod_dl_dst:02:00:00:00:00:81', [
      { type: 'setDlSrc', dlAddr: '02:00:00:00:00:80' },
      { type: 'setDlDst', dlAddr: '02:00:00:00:00:81' },
    ]),
    { type: 'setField', field: 'ethSrc', value: '02:00:00:00:00:80' },
    { type: 'setField', field: 'ethDst', value: '02:00:00:00:00:81' },
  ),
  as(
    kase('mod_nw_src:192.0.2.130,mod_nw_dst:192.0.2.131,mod_nw_tos:132,mod_nw_ecn:3', [
      { type: 'setNwSrc', nwAddr: '192.0.2.130' },
      { type: 'setNwDst', nwAddr: '192.0.2.131' },
      { type: 'setNwTos', nwTos: 132 },
      { type: 'setNwEcn', nwEcn: 3 },
    ]),
    { type: 'setField', field: 'ipv4Src', value: '192.0.2.130' },
    { type: 'setField', field: 'ipv4Dst', value: '192.0.2.131' },
    { type: 'setField', field: 'ipDscp', value: 33 },
    { type: 'setField', field: 'ipEcn', value: 3 },
  ),
  as(
    kase('mod_tp_src:133,mod_tp_dst:134', [
      { type: 'setTpSrc', tpPort: 133 },
      { type: 'setTpDst', tpPort: 134 },
    ]),
    { type: 'setField', field: 'tcpSrc', value: 133 },
    { type: 'setField', field: 'tcpDst', value: 134 },
  ),
  as(
    kase('push_mpls:0x8847,set_mpls_label(135),set_mpls_tc(7)', [
      { type: 'pushMpls', ethertype: 0x8847 },
      { type: 'setMplsLabel', mplsLabel: 135 },
      { type: 'setMplsTc', mplsTc: 7 },
    ]),
    { type: 'pushMpls', ethertype: 0x8847 },
    { type: 'setField', field: 'mplsLabel', value: 135 },
    { type: 'setField', field: 'mplsTc', value: 7 },
  ),
];
