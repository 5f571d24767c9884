// Every action of Open vSwitch 3.1 over OpenFlow 1.4: its text, and by hand the value that it is, with no number twice.
import { type ActionCase, as, kase } from './action-case.ts';
import { REGISTERS, STANDARD } from './action-cases-fields.ts';
import { CONNTRACK, LEARNING, learning2, WAYS } from './action-cases-ways.ts';

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
