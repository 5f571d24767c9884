// Actions by which a packet goes on: to tables, ports, controllers, collectors, through conntrack; and `learn`.
import type { Action } from '../../proto/openflow/action.ts';
import type { Ct } from '../../proto/openflow/nicira/ct.ts';
import type { Learn, Learn2 } from '../../proto/openflow/nicira/learn.ts';
import { type ActionCase, bytes, kase, on } from './action-case.ts';

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
export const learning2 = (over: Partial<Learn2>): Action => ({
  type: 'learn2',
  ...newFlow,
  flags: [],
  limit: 0,
  specs: [],
  ...over,
});

/** Where a packet goes next, and who is told. */
export const WAYS: ActionCase[] = [
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

export const CONNTRACK: ActionCase[] = [
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

export const LEARNING: ActionCase[] = [
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
