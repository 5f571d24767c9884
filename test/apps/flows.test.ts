/** The flows of the network's apps for small files, in ovs-ofctl's text, each read by a person and found right. */

import { expect, test } from 'vitest';
import type { Config } from '../../src/config/model.ts';
import { tunnelPortName } from '../../src/config/tunnel.ts';
import type { InterfaceView } from '../../src/ovsdb/manager/host-view.ts';
import { resolvePorts } from '../../src/ovsdb/manager/port-selection.ts';
import { linesOf, type Woven, weave } from './woven.ts';

const SEGMENTS = `flowloom: 1
hosts:
  hv1: { underlay: 192.168.50.4 }
  hv2: { underlay: 192.168.50.5 }
segments:
  loc: { vlan: 100, overlay: { type: vxlan, vni: 5000 } }
  net: { vlan: 300 }
  cust: { vlan: 400 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/p1: { access: loc, address: 10.66.66.67, mac: "02:00:00:aa:00:01" }
      hv1/p2: { trunk: [loc], native: net }
      hv1/p3: { dot1q-tunnel: cust }
      hv2/q1: { access: loc }
`;

const ROUTER = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 }, net: { vlan: 300 } }
bridges:
  br0: { hosts: [hv1], ports: { hv1/p1: { access: loc }, hv1/p2: { access: net } } }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: 10.66.66.1/24 }
      net: { segment: net, address: 10.88.88.66/24 }
    routes: [default via 10.88.88.1]
nat:
  - masquerade 10.66.66.0/24 out edge/net
  - forward tcp 10.88.88.66:80 to 10.66.66.67:8080
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [loc to net accept, net to all drop]
  rules:
    - accept tcp 8080 from net to loc:10.66.66.67
    - accept ping from loc to fw
`;

/** Of an earlier table than `end`, and from `start` on. */
const between = (lines: string[], start: number, end: number) =>
  lines.filter((line) => Number.parseInt(line, 10) >= start && Number.parseInt(line, 10) < end);

/** Each port counts what it has learned by a cookie of its own. */
const learned = (table: string, cookie: string, limit: number, items: string, age = 300) =>
  `learn(table=${table},hard_timeout=${age},priority=10,cookie=0xf100ab${cookie},limit=${limit},` +
  `OXM_OF_METADATA[0..15],${items})`;
const learnedAt = (port: number, cookie: string, limit: number, peer = '') =>
  `36,10 in_port=${port} actions=` +
  learned('186', cookie, limit, `NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:OXM_OF_IN_PORT[]->NXM_NX_REG2[]${peer}`) +
  `,${learned('38', cookie, limit, 'NXM_OF_ETH_SRC[]')},resubmit(,38),goto_table:40`;
const heard = (items: string) =>
  `${learned('42', '70f18d0b55', 8192, `NXM_OF_ETH_SRC[],${items}`, 3600)},goto_table:184`;

test('segments: every form of port, a tunnel, anti-spoofing, learning, flooding', async () => {
  const woven = await weave(SEGMENTS, ['p1', 'p2', 'p3', 'vx4789t64']);
  expect(woven.errors).toEqual([]);
  const groupIds = /group:\d+/g;
  expect(linesOf(woven, 'segments').map((line) => line.replace(groupIds, 'group:N'))).toEqual([
    '2,100 in_port=1 actions=goto_table:12',
    '2,100 in_port=2 actions=goto_table:12',
    '2,100 in_port=3 actions=goto_table:12',
    '2,100 in_port=4 actions=load:0x1->NXM_NX_REG0[0],goto_table:12',
    '2,0  actions=drop',
    '12,100 in_port=1,vlan_tci=0x0000/0x1fff actions=load:0x64->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,100 in_port=2,dl_vlan=100 actions=pop_vlan,load:0x64->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,100 tun_id=0x1388,in_port=4 actions=move:NXM_NX_TUN_IPV4_SRC[]->NXM_NX_REG3[],load:0x64->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,100 in_port=2,vlan_tci=0x0000/0x1fff actions=load:0x12c->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,90 in_port=3 actions=load:0x190->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,0  actions=drop',
    '24,150 dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop',
    '24,130 udp,in_port=1,tp_dst=68 actions=drop',
    '24,120 arp,in_port=1,dl_src=02:00:00:aa:00:01,arp_spa=10.66.66.67,arp_sha=02:00:00:aa:00:01 actions=goto_table:36',
    '24,120 arp,in_port=1,dl_src=02:00:00:aa:00:01,arp_spa=0.0.0.0,arp_tpa=10.66.66.67,arp_sha=02:00:00:aa:00:01 actions=goto_table:36',
    '24,100 ip,in_port=1,dl_src=02:00:00:aa:00:01,nw_src=10.66.66.67 actions=goto_table:36',
    '24,100 udp,in_port=1,dl_src=02:00:00:aa:00:01,nw_src=0.0.0.0,tp_src=68,tp_dst=67 actions=goto_table:36',
    '24,90 in_port=1 actions=drop',
    learnedAt(1, '60227024f3', 1024),
    learnedAt(2, '448e9a1b84', 8192),
    learnedAt(3, '7c74336ed8', 1024),
    learnedAt(4, '57a68f58da', 8192, ',load:NXM_NX_TUN_IPV4_SRC[]->NXM_NX_REG3[]'),
    '40,20 arp,arp_spa=0.0.0.0 actions=goto_table:184',
    '40,20 icmp6,ipv6_src=::,icmp_type=135 actions=goto_table:184',
    `40,10 arp actions=${heard('eth_type=0x806,NXM_OF_ARP_SPA[]')}`,
    `40,10 icmp6,icmp_type=135 actions=${heard('eth_type=0x86dd,NXM_NX_IPV6_SRC[]')}`,
    `40,10 icmp6,icmp_type=136 actions=${heard('eth_type=0x86dd,NXM_NX_IPV6_SRC[]=NXM_NX_ND_TARGET[]')}`,
    '184,110 dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0 actions=drop',
    '184,100 dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=goto_table:204',
    '184,0  actions=set_field:0->reg2,resubmit(,186),goto_table:188',
    '188,100 reg0=0x1/0x1,reg2=0x4 actions=drop',
    '188,50 reg2=0 actions=goto_table:204',
    '188,0  actions=goto_table:228',
    '204,100 reg0=0x1/0x1,metadata=0x64/0xffff actions=load:0x1->NXM_NX_REG0[1],group:N',
    '204,50 metadata=0x64/0xffff actions=load:0x1->NXM_NX_REG0[1],group:N',
    '204,50 metadata=0x12c/0xffff actions=load:0x1->NXM_NX_REG0[1],group:N',
    '204,50 metadata=0x190/0xffff actions=load:0x1->NXM_NX_REG0[1],group:N',
    '204,0  actions=drop',
    '230,100 reg2=0x1,metadata=0x64/0xffff,vlan_tci=0x0000/0x1fff actions=output:1',
    '230,100 reg2=0x2,metadata=0x64/0xffff,vlan_tci=0x0000/0x1fff actions=push_vlan:0x8100,set_field:4196->vlan_vid,output:2',
    '230,100 reg2=0x2,metadata=0x64/0xffff,vlan_tci=0x1000/0x1000 actions=push_vlan:0x88a8,set_field:4196->vlan_vid,output:2',
    '230,100 reg2=0x4,metadata=0x64/0xffff actions=move:NXM_NX_REG3[]->NXM_NX_TUN_IPV4_DST[],set_field:0x1388->tun_id,output:4',
    '230,100 reg2=0x2,metadata=0x12c/0xffff,vlan_tci=0x0000/0x1fff actions=output:2',
    '230,100 reg2=0x3,metadata=0x190/0xffff actions=output:3',
    '230,0  actions=drop',
  ]);
  expect(woven.groups).toEqual([
    'all loc: [set_field:0x1->reg2,resubmit(,228)] [set_field:0x2->reg2,resubmit(,228)] [set_field:0x4->reg2,set_field:0xc0a83205->reg3,resubmit(,228)]',
    'local loc: [set_field:0x1->reg2,resubmit(,228)] [set_field:0x2->reg2,resubmit(,228)]',
    'all net: [set_field:0x2->reg2,resubmit(,228)]',
    'all cust: [set_field:0x3->reg2,resubmit(,228)]',
  ]);
  expect(linesOf(woven, 'table-miss')).toEqual(['240,0  actions=drop']);
  expect(woven.flows.filter(({ app }) => ['router', 'nat', 'firewall'].includes(app))).toEqual([]);
});

test('segments: tunnels with a port for each peer, and a member without a port of its own', async () => {
  const three = (overlay: string) => `flowloom: 1
hosts: { hv1: { underlay: 10.0.0.1 }, hv2: { underlay: 10.0.0.2 }, hv3: { underlay: 10.0.0.3 } }
segments: { loc: { vlan: 100, overlay: { ${overlay} } } }
bridges: { br0: { hosts: [hv1, hv2, hv3], ports: { hv1/p1: { access: loc }, hv2/q1: { access: loc } } } }
`;
  const each = await weave(three('type: gre, members: [hv1, hv2, hv3], options: { psk: secret }'), [
    ...['p1', 'gr0a000002', 'gr0a000003'],
  ]);
  expect(each.errors).toEqual([]);
  const lines = linesOf(each, 'segments');
  expect(lines.filter((line) => /tun_id|TUN_|^188,100/.test(line))).toEqual([
    ...[2, 3].map(
      (port) =>
        `12,100 tun_id=0x64,in_port=${port} actions=move:NXM_NX_TUN_IPV4_SRC[]->NXM_NX_REG3[],load:0x64->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24`,
    ),
    ...[2, 3].map((port) => expect.stringMatching(`^36,10 in_port=${port} actions=learn`)),
    // Not back, and not on to the third host: split horizon.
    ...[2, 3].map((port) => `188,100 reg0=0x1/0x1,reg2=0x${port} actions=drop`),
    ...[2, 3].map(
      (port) =>
        `230,100 reg2=0x${port},metadata=0x64/0xffff actions=move:NXM_NX_REG3[]->NXM_NX_TUN_IPV4_DST[],set_field:0x64->tun_id,output:${port}`,
    ),
  ]);
  expect(each.groups).toEqual([
    'all loc: [set_field:0x1->reg2,resubmit(,228)] [set_field:0x2->reg2,set_field:0xa000002->reg3,resubmit(,228)] [set_field:0x3->reg2,set_field:0xa000003->reg3,resubmit(,228)]',
    'local loc: [set_field:0x1->reg2,resubmit(,228)]',
  ]);
  // Without `members` the host that has no port in the segment gets nothing of it.
  const used = await weave(three('type: vxlan'), ['p1', 'vx4789t64']);
  expect(used.groups[0]).toBe(
    'all loc: [set_field:0x1->reg2,resubmit(,228)] [set_field:0x2->reg2,set_field:0xa000002->reg3,resubmit(,228)]',
  );
});

test('segments: a host more changes a group and no flow; over IPv6 its tunnel port says who it is', async () => {
  const file = (...underlays: string[]) => `flowloom: 1
hosts:
${underlays.map((address, i) => `  hv${i + 1}: { underlay: "${address}" }\n`).join('')}segments: { loc: { vlan: 100, overlay: vxlan } }
bridges: { br0: { hosts: all, ports: { "*/p1": { access: loc } } } }
`;
  const two = await weave(file('10.0.0.1', '10.0.0.2'), ['p1', 'vx4789t64']);
  const three = await weave(file('10.0.0.1', '10.0.0.2', '10.0.0.3'), ['p1', 'vx4789t64']);
  expect(three.errors).toEqual([]);
  expect(linesOf(three, 'segments')).toEqual(linesOf(two, 'segments'));
  expect(three.groups[0]).toBe(`${two.groups[0]} [set_field:0x2->reg2,set_field:0xa000003->reg3,resubmit(,228)]`);
  const peer = tunnelPortName({ type: 'vxlan', dstPort: 4789, ttl: 64 }, 'fd00::2');
  const six = await weave(file('fd00::1', 'fd00:0::2'), ['p1', peer]);
  expect(six.errors).toEqual([]);
  expect(six.groups[0]).toBe(
    'all loc: [set_field:0x1->reg2,resubmit(,228)] [set_field:0x2->reg2,set_field:0->reg3,resubmit(,228)]',
  );
});

test('a port that the switch does not have yet has no flows, and nothing fails', async () => {
  const woven = await weave(SEGMENTS, ['p3']);
  expect(woven.errors).toEqual([]);
  expect(between(linesOf(woven, 'segments'), 0, 36)).toEqual([
    '2,100 in_port=1 actions=goto_table:12',
    '2,0  actions=drop',
    '12,90 in_port=1 actions=load:0x190->OXM_OF_METADATA[0..15],set_field:0->reg1,goto_table:24',
    '12,0  actions=drop',
    '24,150 dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop',
  ]);
});

test('router: fork, conntrack, routes by their length, its own addresses, next hop', async () => {
  const woven = await weave(ROUTER, ['p1', 'p2']);
  expect(woven.errors).toEqual([]);
  expect(between(linesOf(woven, 'router'), 68, 164)).toEqual([
    '68,100 ip,metadata=0x64/0xffff,dl_dst=02:00:00:00:00:fe actions=move:OXM_OF_METADATA[0..15]->NXM_NX_REG8[0..15],load:0->NXM_NX_REG0[0],load:0x4b50->NXM_NX_REG7[0..15],goto_table:84',
    '68,100 ip,metadata=0x12c/0xffff,dl_dst=02:00:00:00:00:fe actions=move:OXM_OF_METADATA[0..15]->NXM_NX_REG8[0..15],load:0->NXM_NX_REG0[0],load:0x4b50->NXM_NX_REG7[0..15],goto_table:84',
    '68,90 metadata=0x64/0xffff,dl_dst=02:00:00:00:00:fe actions=drop',
    '68,90 metadata=0x12c/0xffff,dl_dst=02:00:00:00:00:fe actions=drop',
    '68,0  actions=goto_table:184',
    '92,100 ip,reg7=0x4b50/0xffff actions=ct(table=104,zone=19280,nat)',
    '116,110 ct_state=+inv+trk,ip,reg7=0x4b50/0xffff actions=drop',
    '116,100 reg7=0x4b50/0xffff actions=move:NXM_NX_CT_STATE[]->NXM_NX_REG6[],goto_table:128',
    '128,320 ip,reg7=0x4b50/0xffff,nw_dst=10.66.66.1 actions=set_field:0xff->reg4,goto_table:140',
    '128,320 ip,reg7=0x4b50/0xffff,nw_dst=10.88.88.66 actions=set_field:0xff->reg4,goto_table:140',
    '128,317 ip,reg7=0x4b50/0xffff,nw_dst=224.0.0.0/3 actions=drop',
    '128,310 ip,reg7=0x4b50/0xffff,nw_ttl=0 actions=controller(meter_id=1275088557)',
    '128,310 ip,reg7=0x4b50/0xffff,nw_ttl=1 actions=controller(meter_id=1275088557)',
    '128,100 ip,reg7=0x4b50/0xffff actions=dec_ttl,goto_table:130',
    '130,124 ip,reg7=0x4b50/0xffff,nw_dst=10.66.66.0/24 actions=set_field:0x1->reg4,load:0x64->OXM_OF_METADATA[0..15],move:NXM_OF_IP_DST[]->NXM_NX_REG5[],goto_table:140',
    '130,124 ip,reg7=0x4b50/0xffff,nw_dst=10.88.88.0/24 actions=set_field:0x2->reg4,load:0x12c->OXM_OF_METADATA[0..15],move:NXM_OF_IP_DST[]->NXM_NX_REG5[],goto_table:140',
    '130,100 ip,reg7=0x4b50/0xffff actions=set_field:0x2->reg4,load:0x12c->OXM_OF_METADATA[0..15],set_field:0xa585801->reg5,goto_table:140',
    '130,1 ip,reg7=0x4b50/0xffff actions=load:0x1->NXM_NX_REG7[16..23],controller(meter_id=1275088557)',
  ]);
  const answers = linesOf(woven, 'router').filter(
    (line) => /arp_tpa=10\.66\.66\.1,/.test(line) && /^(56|164)/.test(line),
  );
  expect(answers).toEqual([
    '56,100 arp,metadata=0x64/0xffff,arp_spa=10.66.66.0/24,arp_tpa=10.66.66.1,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:00:fe->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:02:00:00:00:00:fe->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.66.66.1->arp_spa,move:OXM_OF_IN_PORT[]->NXM_NX_REG2[],load:0->NXM_OF_IN_PORT[],goto_table:228',
    '56,100 arp,metadata=0x64/0xffff,arp_spa=0.0.0.0,arp_tpa=10.66.66.1,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:00:fe->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:02:00:00:00:00:fe->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.66.66.1->arp_spa,move:OXM_OF_IN_PORT[]->NXM_NX_REG2[],load:0->NXM_OF_IN_PORT[],goto_table:228',
    '56,100 arp,metadata=0x64/0xffff,arp_tpa=10.66.66.1,arp_op=2 actions=controller(meter_id=1275105321)',
  ]);
});

test('nat: replies first, forwards for new connections only, the way out, hairpin, and the guard', async () => {
  const masqueraded = '0xa46ce16a00000000/0xffffffff00000000';
  const stale = 'actions=controller(max_len=128,meter_id=1275080748)';
  const forwarded = '0xbd9b6e6b00000000/0xffffffff00000000';
  // By falling priority; the numbers themselves are the app's affair.
  const lines = linesOf(await weave(ROUTER, ['p1', 'p2']), 'nat').map((line) => line.replace(/^(\d+),\d+/, '$1'));
  expect(lines).toEqual([
    '84 ip,reg7=0x4b50/0xffff,nw_dst=10.88.88.66 actions=ct(table=86,zone=8494,nat)',
    `86 ct_state=-new-inv+trk,ct_label=${masqueraded},reg7=0x4b50/0xffff actions=goto_table:92`,
    `86 ct_state=-new-inv+trk,ct_label=${forwarded},reg7=0x4b50/0xffff actions=goto_table:92`,
    `86 ct_state=-new-inv+trk,reg7=0x4b50/0xffff ${stale}`,
    `104 ct_state=-new-inv+trk,ct_label=${forwarded},reg7=0x4b50/0xffff actions=goto_table:116`,
    `104 ct_state=-new+trk+dnat,reg7=0x4b50/0xffff ${stale}`,
    `104 ct_state=-new+trk+snat,reg7=0x4b50/0xffff ${stale}`,
    '104 ct_state=+new+trk,tcp,reg7=0x4b50/0xffff,nw_dst=10.88.88.66,tp_dst=80 actions=ct(commit,table=116,zone=19280,nat(dst=10.66.66.67:8080),exec(load:0xbd9b6e6b->NXM_NX_CT_LABEL[32..63]))',
    '154 reg4=0xff,reg7=0x4b50/0xffff actions=goto_table:164',
    '154 reg6=0x8/0x8,reg7=0x4b50/0xffff actions=goto_table:164',
    `154 ct_label=${forwarded},ip,reg6=0x80/0x80,reg7=0x4b50/0xffff,reg8=0x64/0xffff,metadata=0x64/0xffff actions=ct(commit,table=158,zone=8494,nat(src=10.88.88.66),exec(load:0xbd9b6e6b->NXM_NX_CT_LABEL[32..63]))`,
    '154 ip,reg7=0x4b50/0xffff,metadata=0x12c/0xffff actions=ct(table=156,zone=8494,nat)',
    '154 reg7=0x4b50/0xffff actions=goto_table:164',
    `156 ct_state=-new-inv+trk,ct_label=${masqueraded},reg7=0x4b50/0xffff actions=goto_table:164`,
    `156 ct_state=-new-inv+trk,reg7=0x4b50/0xffff ${stale}`,
    '156 ip,reg7=0x4b50/0xffff,metadata=0x12c/0xffff,nw_src=10.66.66.0/24 actions=ct(commit,table=158,zone=8494,nat(src=10.88.88.66:1024-65535),exec(load:0xa46ce16a->NXM_NX_CT_LABEL[32..63]))',
    '156 reg7=0x4b50/0xffff actions=goto_table:164',
    '158 ct_state=+trk+snat,reg7=0x4b50/0xffff actions=goto_table:164',
    '158 ct_state=+new+trk-snat,ip,reg7=0x4b50/0xffff,metadata=0x12c/0xffff,nw_src=10.66.66.0/24 actions=controller(max_len=128,meter_id=1275091557)',
    '158 reg7=0x4b50/0xffff actions=drop',
  ]);
});

/** Which label each accept rule commits, by its intent. */
async function labels(text: string): Promise<Map<string, string>> {
  const { flows } = await weave(text, ['p1', 'p2']);
  const found = flows.flatMap(({ app, intent, line }): [string, string][] => {
    const label = /load:(0x[0-9a-f]+)->NXM_NX_CT_LABEL\[0\.\.31\]/.exec(line)?.[1];
    return app === 'firewall' && label !== undefined ? [[intent, label]] : [];
  });
  return new Map(found);
}

test('firewall: what each rule commits, what is established by it, and the end of all others', async () => {
  const woven = await weave(ROUTER, ['p1', 'p2']);
  const [http, ping, out] = [...(await labels(ROUTER)).values()];
  const router = 'reg7=0x4b50/0xffff';
  const established = (label: string | undefined) =>
    `140,60000 ct_state=-inv+trk,ct_mark=0x1/0x1,ct_label=${label}/0xffffffff,${router} actions=goto_table:154`;
  const accept = (label: string | undefined) =>
    `actions=ct(commit,table=154,zone=19280,exec(load:0x1->NXM_NX_CT_MARK[0],load:${label}->NXM_NX_CT_LABEL[0..31]))`;
  const lines = linesOf(woven, 'firewall');
  expect(lines.slice(0, 3)).toEqual([established(http), established(ping), established(out)]);
  const verdicts = lines.slice(3).map((line) => line.replace(/^140,\d+ /, ''));
  expect(verdicts).toEqual([
    `ct_state=-rel+rpl+trk,${router} actions=load:0x1->NXM_NX_REG9[0..15],controller(max_len=128,meter_id=1275129069)`,
    `ct_state=+rel+trk,${router} actions=drop`,
    `tcp,reg1=0x2,reg4=0x1,${router},nw_dst=10.66.66.67,tp_dst=8080 ${accept(http)}`,
    `icmp,reg1=0x1,reg4=0xff,${router},icmp_type=8 ${accept(ping)}`,
    `ip,reg1=0x1,reg4=0x2,${router} ${accept(out)}`,
    `ip,reg1=0x2,${router} actions=drop`,
    `${router} actions=drop`,
  ]);
  const priorities = lines.map((line) => Number(/^140,(\d+)/.exec(line)?.[1]));
  expect(new Set(priorities.slice(4)).size).toBe(priorities.length - 4);
  const sources = woven.flows.filter(({ app }) => app === 'firewall').map(({ source }) => source);
  expect(sources.slice(0, 3)).toEqual(['f.yaml:21', 'f.yaml:22', 'f.yaml:19']);
});

test('firewall: a deny put above an accept gives it a new label; a line moved, or a rule put below, does not', async () => {
  const before = await labels(ROUTER);
  expect(before.size).toBe(3);
  const [http] = before.keys();

  const moved = await labels(ROUTER.replace('firewall:', '\n# a comment\nfirewall:'));
  expect(moved).toEqual(before);

  const below = await labels(`${ROUTER}    - drop tcp 22 from net to loc\n    - drop tcp 9 from all to net\n`);
  expect(below.get(http!)).toBe(before.get(http!));
  // The policies stand below the rules: those that one may be about are judged again.
  expect(below.get('loc to net accept')).not.toBe(before.get('loc to net accept'));
  const elsewhere = await labels(`${ROUTER}    - drop tcp 22 from net to loc\n`);
  expect(elsewhere).toEqual(before);

  const above = await labels(ROUTER.replace('rules:\n', 'rules:\n    - drop tcp 8080 from net:192.0.2.0/24 to loc\n'));
  for (const [intent, label] of before) {
    if (intent === http) expect(above.get(intent)).not.toBe(label);
    else expect(above.get(intent)).toBe(label);
  }

  const acceptAbove = await labels(ROUTER.replace('rules:\n', 'rules:\n    - accept tcp 22 from net to loc\n'));
  for (const [intent, label] of before) expect(acceptAbove.get(intent)).toBe(label);
});

test('firewall: three thousand rules all stand above the policies', async () => {
  const rules = Array.from({ length: 3000 }, (_, index) => `    - accept tcp ${index + 10_000} from net to loc`);
  const woven = await weave(`${ROUTER}${rules.join('\n')}\n`, ['p1', 'p2']);
  expect(woven.errors).toEqual([]);
  const priority = (intent: string) =>
    woven.flows
      .filter((flow) => flow.intent === intent && !flow.line.startsWith('140,60000'))
      .map(({ line }) => Number(/^140,(\d+)/.exec(line)?.[1]));
  const [last] = priority('accept tcp 12999 from net to loc');
  const [policy] = priority('loc to net accept');
  expect(last).toBeGreaterThan(policy!);
  expect(policy).toBeGreaterThan(1);
});

const STATIC = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 } }
bridges:
  br0: { hosts: [hv1], ports: { hv1/p1: { access: loc } } }
apps:
  static-flows:
    flows:
      - { intent: by text, priority: 7, match: "tcp,nw_dst=10.0.0.0/8,tp_dst=80", actions: [drop] }
      - { intent: by fields, priority: 6, match: { ethType: 0x0800, ipProto: 6, tcpDst: 80 }, actions: [normal] }
`;

test('static-flows: a match in the text of ovs-ofctl, and by fields', async () => {
  const woven = await weave(STATIC, ['p1']);
  expect(woven.errors).toEqual([]);
  expect(linesOf(woven, 'static-flows')).toEqual([
    '28,7 tcp,nw_dst=10.0.0.0/8,tp_dst=80 actions=drop',
    '28,6 tcp,tp_dst=80 actions=NORMAL',
  ]);
});

test('static-flows: each flow names the line of its own entry, also of one that has moved', async () => {
  const sources = ({ flows }: Woven) =>
    flows.filter(({ app }) => app === 'static-flows').map(({ intent, source }) => `${intent} ${source}`);
  expect(sources(await weave(STATIC, ['p1']))).toEqual(['by text f.yaml:9', 'by fields f.yaml:10']);
  const elsewhere = '      - { intent: elsewhere, priority: 8, match: arp, actions: [drop], on: hv2/br0 }\n';
  const twoHosts = STATIC.replace('hosts: { hv1: }', 'hosts: { hv1: , hv2: }').replace('hosts: [hv1]', 'hosts: all');
  const filtered = await weave(
    twoHosts.replace('    flows:\n', (line) => line + elsewhere),
    ['p1'],
  );
  expect(sources(filtered)).toEqual(['by text f.yaml:10', 'by fields f.yaml:11']);
  const moved = STATIC.replace('apps:\n', '# A line more.\napps:\n');
  expect(sources(await weave(STATIC, ['p1'], undefined, moved))).toEqual(['by text f.yaml:10', 'by fields f.yaml:11']);
});

const GUESTS = `flowloom: 1
hosts:
  hv1: { underlay: 192.168.50.4 }
  hv2: { underlay: 192.168.50.5 }
segments:
  loc: { overlay: { type: vxlan, vni: 5000 } }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/vnet*: { access: loc }
      hv2/vnet*: { access: loc }
`;

test('selected ports: a guest adds what names it; another host that is not known yet changes nothing', async () => {
  const ports = ['vx4789t64', 'vnet1', 'vnet2'];
  const face = (name: string) =>
    ({
      name,
      bridge: 'br0',
      ofport: 1,
      mac: undefined,
      externalIds: new Map(),
      owned: false,
    }) as Partial<InterfaceView>;
  const known = (guests: Record<string, string[]>) => (config: Config) =>
    resolvePorts(
      config,
      new Map(Object.entries(guests).map(([host, names]) => [host, names.map(face) as InterfaceView[]])),
    );
  const none = await weave(GUESTS, ports, known({}));
  const one = await weave(GUESTS, ports, known({ hv1: ['vnet1'] }));
  const two = await weave(GUESTS, ports, known({ hv1: ['vnet2', 'vnet1'] }));
  const all = await weave(GUESTS, ports, known({ hv2: ['vnet7'], hv1: ['vnet1', 'vnet2'] }));
  expect(all).toEqual(two);
  // The segment, its tunnel and its flood are there before the first guest.
  expect(none.groups).toEqual([expect.stringMatching(/^all loc: \[.*\]$/), expect.stringMatching(/^local loc: $/)]);
  for (const [before, after, name] of [
    [none, one, 'vnet1'],
    [one, two, 'vnet2'],
  ] as const) {
    const standing = before.flows.map(({ line }) => line);
    const lines = after.flows.map(({ line }) => line);
    expect(lines).toEqual(expect.arrayContaining(standing));
    // What the topology closes for a moment is another matter.
    const fresh = after.flows.filter(({ app, line }) => app !== 'topology' && !standing.includes(line));
    expect(fresh.map(({ intent }) => intent)).toEqual([
      `port ${name}`,
      `segment loc from port ${name} (access)`,
      `learn a station at port ${name}`,
      `segment loc to port ${name} (access)`,
    ]);
    expect(new Set(fresh.map(({ source }) => source))).toEqual(new Set(['f.yaml:11']));
  }
});

const WITHOUT = {
  'no nat': ROUTER.replace(/nat:\n(?: {2}- .*\n)+/, ''),
  'no firewall': ROUTER.replace(/firewall:\n[\s\S]*$/, ''),
  'segments alone': SEGMENTS,
  everything: ROUTER,
};

test.for(Object.entries(WITHOUT))('unused tables do not exist, and nothing leads to one: %s', async ([, file]) => {
  const { flows, groups, errors } = await weave(file, ['p1', 'p2', 'p3', 'vx4789t64']);
  expect(errors).toEqual([]);
  const own = new Set(flows.filter(({ app }) => app !== 'weaver').map(({ table }) => table));
  const missesAlone = flows.filter(({ app, table }) => app === 'weaver' && !own.has(table));
  expect(missesAlone).toEqual([]);
  const texts = [...flows.map(({ line }) => line), ...groups];
  // What `learn` writes is there once something was learned.
  const learned = texts.flatMap((line) => [...line.matchAll(/learn\(table=(\d+)/g)].map(([, id]) => Number(id)));
  const targets = texts.flatMap((line) =>
    [...line.matchAll(/goto_table:(\d+)|resubmit\(,(\d+)\)|ct\([^)]*?table=(\d+)/g)].map(([, ...ids]) =>
      Number(ids.find((id) => id !== undefined)),
    ),
  );
  expect(targets.length).toBeGreaterThan(10);
  expect(targets.filter((id) => !own.has(id) && !learned.includes(id))).toEqual([]);
  const apps = new Set(flows.map(({ app }) => app));
  expect([apps.has('nat'), apps.has('firewall')]).toEqual([file.includes('nat:'), file.includes('firewall:')]);
});

test('nat of IPv6: the rules of IPv4, and whole prefixes packet by packet', async () => {
  const six = ROUTER.replace('address: 10.66.66.1/24', 'address: [10.66.66.1/24, "fd00::1/64"]')
    .replace('address: 10.88.88.66/24', 'address: [10.88.88.66/24, "2001:db8::1/32"]')
    .replace(
      /nat:\n[\s\S]*firewall:/,
      `nat:
  - one-to-one 2001:db8:1:2:3::/80 with fd00:0:0:0:5::/80
  - one-to-one 2001:db8::44 with fd00::44
  - forward tcp [2001:db8::1]:80 to [fd00::67]:8080
  - snat fd00::8/125 to 2001:db8::9-2001:db8::c out edge/net
  - masquerade fd00::/64 out edge/net
firewall:`,
    );
  const woven = await weave(six, ['p1', 'p2']);
  expect(woven.errors).toEqual([]);
  const lines = linesOf(woven, 'nat').map((line) =>
    line.replace(/^(\d+),\d+/, '$1').replaceAll(/,reg7=\w+\/0xffff/g, ''),
  );
  const label = /,exec\(load:\w+->NXM_NX_CT_LABEL\[32\.\.63\]\)/;
  expect(
    lines
      .filter((line) => /nat\((src|dst)|IPV6/.test(line) && !line.includes('reg8'))
      .map((line) => line.replace(label, '')),
  ).toEqual([
    '84 ipv6,ipv6_dst=2001:db8:1:2:3::/80 actions=load:0x1->NXM_NX_REG7[29],load:0xfd00000000000000->NXM_NX_IPV6_DST[64..127],load:0x5->NXM_NX_IPV6_DST[48..63],goto_table:86',
    '104 ct_state=+new+trk,ipv6,ipv6_dst=2001:db8::44 actions=ct(commit,table=116,zone=19280,nat(dst=fd00::44))',
    '104 ct_state=+new+trk,tcp6,ipv6_dst=2001:db8::1,tp_dst=80 actions=ct(commit,table=116,zone=19280,nat(dst=[fd00::67]:8080))',
    '154 ipv6,reg7=0x20004b50/0x2000ffff,ipv6_src=fd00::5:0:0:0/80 actions=load:0x20010db800010002->NXM_NX_IPV6_SRC[64..127],load:0x3->NXM_NX_IPV6_SRC[48..63],goto_table:164',
    '154 ipv6,reg6=0x8/0x8,metadata=0x12c/0xffff,ipv6_src=fd00::5:0:0:0/80 actions=load:0x20010db800010002->NXM_NX_IPV6_SRC[64..127],load:0x3->NXM_NX_IPV6_SRC[48..63],goto_table:164',
    '156 ipv6,metadata=0x12c/0xffff,ipv6_src=fd00::5:0:0:0/80 actions=load:0x20010db800010002->NXM_NX_IPV6_SRC[64..127],load:0x3->NXM_NX_IPV6_SRC[48..63],goto_table:164',
    '156 ipv6,metadata=0x12c/0xffff,ipv6_src=fd00::44 actions=ct(commit,table=158,zone=8494,nat(src=2001:db8::44))',
    '156 ipv6,metadata=0x12c/0xffff,ipv6_src=fd00::8/125 actions=ct(commit,table=158,zone=8494,nat(src=[2001:db8::9]-[2001:db8::c]:1024-65535))',
    '156 ipv6,metadata=0x12c/0xffff,ipv6_src=fd00::/64 actions=ct(commit,table=158,zone=8494,nat(src=[2001:db8::1]:1024-65535))',
  ]);
});
