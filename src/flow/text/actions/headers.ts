/** Actions on the packet's headers: tags, labels, TTLs, and the older words for single fields, which are set_field over OpenFlow 1.4. */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { FieldName } from '../../../../proto/openflow/oxm-fields.ts';
import { fault } from '../fault.ts';
import { fromBits } from '../field-bits.ts';
import { parseBits } from '../field-value.ts';
import { bigintIn, hex, hexOrZero, numberIn } from '../numbers.ts';
import type { Word } from '../words.ts';
import { type Actions, alone, type Context, type Parser } from './kinds.ts';

const VLAN_TYPES = [0x8100, 0x88a8];
const DEEPEST = 2;

function ethertype({ value, name }: Word): number {
  return numberIn(value, 16, name);
}

function setTo(field: FieldName, value: number | bigint | string): Action {
  return { type: 'setField', field, value };
}

/** A word whose value is a field's. */
function older(field: FieldName): Parser {
  return ({ name, value }, { names }) => {
    const bits = parseBits(value, field, names);
    if (!bits.exact) throw fault(value, `${name} takes no mask`);
    return [setTo(field, fromBits(field, bits.value))];
  };
}

/** `mod_` adds a tag where the packet has none; `set_` needs one. */
function tagPart(field: 'vlanVid' | 'vlanPcp', adds: boolean): Parser {
  return ({ key, value }, { headers }) => {
    const found = numberIn(value, 16, field === 'vlanVid' ? 'a VLAN' : 'a priority');
    const most = field === 'vlanVid' ? 0xfff : 7;
    if (found > most) throw fault(value, `${found} is too high: ${most} is the highest`);
    const tagged = headers.vlanTags > 0;
    if (!tagged && !adds) throw fault(key, 'the packet has no tag here: match one (dl_vlan=…), or push_vlan first');
    headers.vlanTags = Math.max(1, headers.vlanTags);
    const set = setTo(field, field === 'vlanVid' ? found | 0x1000 : found);
    return tagged ? [set] : [{ type: 'pushVlan', ethertype: 0x8100 }, set];
  };
}

const PORT_FIELDS: ReadonlyMap<number, readonly [src: FieldName, dst: FieldName]> = new Map([
  [6, ['tcpSrc', 'tcpDst']],
  [17, ['udpSrc', 'udpDst']],
  [132, ['sctpSrc', 'sctpDst']],
]);

function transportPort(side: 0 | 1): Parser {
  return ({ key, name, value }, { headers }) => {
    const fields = headers.ipProto === undefined ? undefined : PORT_FIELDS.get(headers.ipProto);
    if (fields === undefined) throw fault(key, `${name} needs tcp, udp or sctp in the match`);
    return [setTo(fields[side], numberIn(value, 16, 'a port'))];
  };
}

function parsePopVlan(_: Word, { headers }: Context): Action[] {
  headers.vlanTags = Math.max(0, headers.vlanTags - 1);
  return [{ type: 'popVlan' }];
}

function parsePushVlan(word: Word, { headers }: Context): Action[] {
  const type = ethertype(word);
  if (!VLAN_TYPES.includes(type)) throw fault(word.value, `${hex(type, 4)} is no tag: 0x8100 and 0x88a8 are`);
  headers.vlanTags = Math.min(DEEPEST, headers.vlanTags + 1);
  return [{ type: 'pushVlan', ethertype: type }];
}

function parsePushMpls(word: Word, { headers }: Context): Action[] {
  headers.ipProto = undefined;
  return [{ type: 'pushMpls', ethertype: ethertype(word) }];
}

function parseTos({ value }: Word): Action[] {
  const tos = numberIn(value, 8, 'the TOS');
  if ((tos & 3) !== 0) throw fault(value, 'the two lowest bits of the TOS are ECN: mod_nw_ecn sets them');
  return [setTo('ipDscp', tos >> 2)];
}

const ALONE = alone({
  decMplsTtl: 'dec_mpls_ttl',
  decNshTtl: 'dec_nsh_ttl',
  copyTtlIn: 'copy_ttl_in',
  copyTtlOut: 'copy_ttl_out',
  popPbb: 'pop_pbb',
});

export const HEADERS: Actions = {
  print: {
    ...ALONE.print,
    popVlan: () => 'pop_vlan',
    pushVlan: (action) => `push_vlan:${hexOrZero(action.ethertype)}`,
    pushMpls: (action) => `push_mpls:${hex(action.ethertype, 4)}`,
    popMpls: (action) => `pop_mpls:${hex(action.ethertype, 4)}`,
    pushPbb: (action) => `push_pbb:${hex(action.ethertype, 4)}`,
    setMplsTtl: ({ mplsTtl }) => `set_mpls_ttl(${mplsTtl})`,
    setNwTtl: ({ nwTtl }) => `mod_nw_ttl:${nwTtl}`,
    setVlanVid: ({ vlanVid }) => `set_vlan_vid:${vlanVid}`,
    setVlanPcp: ({ vlanPcp }) => `set_vlan_pcp:${vlanPcp}`,
    setDlSrc: ({ dlAddr }) => `mod_dl_src:${dlAddr}`,
    setDlDst: ({ dlAddr }) => `mod_dl_dst:${dlAddr}`,
    setNwSrc: ({ nwAddr }) => `mod_nw_src:${nwAddr}`,
    setNwDst: ({ nwAddr }) => `mod_nw_dst:${nwAddr}`,
    setNwTos: ({ nwTos }) => `mod_nw_tos:${nwTos}`,
    setNwEcn: ({ nwEcn }) => `mod_nw_ecn:${nwEcn}`,
    setTpSrc: ({ tpPort }) => `mod_tp_src:${tpPort}`,
    setTpDst: ({ tpPort }) => `mod_tp_dst:${tpPort}`,
    setMplsLabel: ({ mplsLabel }) => `set_mpls_label(${mplsLabel})`,
    setMplsTc: ({ mplsTc }) => `set_mpls_tc(${mplsTc})`,
    setTunnel: ({ tunId }) => `set_tunnel:${hexOrZero(tunId)}`,
    setTunnel64: ({ tunId }) => `set_tunnel64:${hexOrZero(tunId)}`,
  },
  parse: {
    ...ALONE.parse,
    pop_vlan: parsePopVlan,
    strip_vlan: parsePopVlan,
    push_vlan: parsePushVlan,
    push_mpls: parsePushMpls,
    pop_mpls: (word) => [{ type: 'popMpls', ethertype: ethertype(word) }],
    push_pbb: (word) => [{ type: 'pushPbb', ethertype: ethertype(word) }],
    mod_vlan_vid: tagPart('vlanVid', true),
    mod_vlan_pcp: tagPart('vlanPcp', true),
    set_vlan_vid: tagPart('vlanVid', false),
    set_vlan_pcp: tagPart('vlanPcp', false),
    mod_dl_src: older('ethSrc'),
    mod_dl_dst: older('ethDst'),
    mod_nw_src: older('ipv4Src'),
    mod_nw_dst: older('ipv4Dst'),
    mod_nw_tos: parseTos,
    mod_nw_ecn: older('ipEcn'),
    mod_nw_ttl: ({ value }) => [{ type: 'setNwTtl', nwTtl: numberIn(value, 8, 'the TTL') }],
    set_nw_ttl: ({ value }) => [{ type: 'setNwTtl', nwTtl: numberIn(value, 8, 'the TTL') }],
    mod_tp_src: transportPort(0),
    mod_tp_dst: transportPort(1),
    set_mpls_label: older('mplsLabel'),
    set_mpls_tc: older('mplsTc'),
    set_mpls_ttl: ({ value }) => [{ type: 'setMplsTtl', mplsTtl: numberIn(value, 8, 'the TTL') }],
    set_tunnel: ({ value }) => [setTo('tunnelId', bigintIn(value, 64, 'the tunnel'))],
    set_tunnel64: ({ value }) => [setTo('tunnelId', bigintIn(value, 64, 'the tunnel'))],
  },
};
