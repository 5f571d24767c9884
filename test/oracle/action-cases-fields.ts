// The standard's actions as ovs-ofctl's words become them, and those of bits between fields; no number stands twice.
import { type ActionCase, kase, on } from './action-case.ts';

/** The standard's, as ovs-ofctl's words become them. */
export const STANDARD: ActionCase[] = [
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
export const REGISTERS: ActionCase[] = [
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
