/** `flowloom trace`, as a user types it, on a file alone; each output word for word. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TraceReport } from '../../src/api/trace.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { writeCapture } from '../../src/packet/pcap.ts';
import { freePort } from '../support/ovsdb-server.ts';
import { SOON } from '../support/soon.ts';
import { flowloom } from './program.ts';

const LONG = 60_000;
vi.setConfig({ testTimeout: LONG });

const ROUTED = `flowloom: 1
hosts: { hv1: { ovsdb: "unix:/nowhere/db.sock" } }
segments:
  loc: { vlan: 100, subnet: 10.1.0.0/24 }
  net: { vlan: 200, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports:
      hv1/web1: { access: loc, address: 10.1.0.5 }
      hv1/out1: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: 10.2.0.1/24 }
nat:
  - masquerade 10.1.0.0/24 out edge/net
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy:
    - loc to net accept
    - net to all drop
  rules:
    - drop telnet from loc to net
`;

const SPREAD = `flowloom: 1
hosts: { hv1: { underlay: 192.168.50.1 }, hv2: { underlay: 192.168.50.2 } }
segments:
  red: { overlay: { type: vxlan, vni: 5000 }, subnet: 10.1.0.0/24 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/vm1: { access: red, address: 10.1.0.1 }
      hv2/vm2: { access: red, address: 10.1.0.2 }
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowloom-trace-'));
  writeFileSync(join(folder, 'net.yaml'), ROUTED);
  writeFileSync(join(folder, 'spread.yaml'), SPREAD);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trace = (...words: string[]) => flowloom(['trace', ...words], folder, SOON.timeout);
const said = (text: string) => text.split(' ');

test('a packet that a rule drops: the line of the file is marked, and stands in the verdict', async () => {
  const { code, stdout, stderr } = await trace('net.yaml', ...said('from web1 tcp to 10.2.0.9:telnet'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "note: on net.yaml alone: no switch was asked
    note: 10.2.0.9 is taken to be behind hv1/br0:out1

    10.1.0.5:49152 → 10.2.0.9:23 tcp syn
      in by hv1/br0:web1, MAC 02:00:00:00:01:01 → 0e:60:2c:72:00:7c
      taken: from MAC 02:00:00:00:01:01: made up, the file has none
      taken: from 10.1.0.5: the file has it
      taken: to MAC 0e:60:2c:72:00:7c: 10.2.0.9 is reached by router edge

    hv1/br0, in by web1
        2 classify         segments: port web1 (net.yaml:11)
                           priority=100,in_port=web1
       12 vlan-in          segments: segment loc from port web1 (access) (net.yaml:11)
                           priority=100,in_port=web1,vlan_tci=0x0000/0x1fff
       24 admit            segments: port web1 sends from 10.1.0.5 only (net.yaml:11)
                           priority=100,ip,in_port=web1,nw_src=10.1.0.5
       36 learn            segments: learn a station at port web1 (net.yaml:11)
                           priority=10,in_port=web1
       68 fork             router: to router edge by loc (net.yaml:17)
                           priority=100,ip,metadata=0x64/0xffff,dl_dst=0e:60:2c:72:00:7c
       92 conntrack        router: router edge: connections are tracked (net.yaml:14)
                           priority=100,ip,reg7=0x4b50/0xffff
                           conntrack, zone 19280 (router edge): new
      116 save             router: router edge: remember the connection's state (net.yaml:14)
                           priority=100,reg7=0x4b50/0xffff
      128 route            router: router edge: TTL less one (net.yaml:14)
                           priority=100,ip,reg7=0x4b50/0xffff
                           ip_ttl: 64 → 63
      130 route.lookup     router: 10.2.0.1/24 is connected to edge/net (net.yaml:18)
                           priority=124,ip,reg7=0x4b50/0xffff,nw_dst=10.2.0.0/24
    > 140 firewall.filter  firewall: drop telnet from loc to net (net.yaml:27)
                           priority=35000,tcp,reg1=0x1,reg4=0x2,reg7=0x4b50/0xffff,tp_dst=23 actions=drop
      (7 steps more with --all)

    verdict: dropped by firewall: drop telnet from loc to net (net.yaml:27)
    "
  `);
});

test('a packet that arrives, with every step: translated, and with what the pipeline carries along', async () => {
  const { stdout } = await trace('net.yaml', ...said('from web1 udp 10.1.0.5:5353 to 10.2.0.9:53'), '--all');
  // Which port NAT takes is no matter.
  const taken = /udp_src: 5353 → (\d+)/.exec(stdout)?.[1] ?? 'none';
  const shown = stdout.replaceAll(/cookie=0x[0-9a-f]+/g, 'cookie=…').replaceAll(taken, 'TAKEN');
  expect(shown).toMatchInlineSnapshot(`
    "note: on net.yaml alone: no switch was asked
    note: 10.2.0.9 is taken to be behind hv1/br0:out1

    10.1.0.5:5353 → 10.2.0.9:53 udp
      in by hv1/br0:web1, MAC 02:00:00:00:01:01 → 0e:60:2c:72:00:7c
      taken: from MAC 02:00:00:00:01:01: made up, the file has none
      taken: to MAC 0e:60:2c:72:00:7c: 10.2.0.9 is reached by router edge

    hv1/br0, in by web1
        0 classify.arriving    topology: ports that are open
                               priority=0 actions=goto_table:2
        2 classify             segments: port web1 (net.yaml:11)
                               priority=100,in_port=web1 actions=goto_table:12
       12 vlan-in              segments: segment loc from port web1 (access) (net.yaml:11)
                               priority=100,in_port=web1,vlan_tci=0x0000/0x1fff actions=load:0x64->OXM_OF_METADATA[0..15],set_field:0x1->reg1,goto_table:24
                               segment: 0 → loc
                               ingressZone: 0 → loc
       24 admit                segments: port web1 sends from 10.1.0.5 only (net.yaml:11)
                               priority=100,ip,in_port=web1,nw_src=10.1.0.5 actions=goto_table:36
       36 learn                segments: learn a station at port web1 (net.yaml:11)
                               priority=10,in_port=web1 actions=learn(table=186,hard_timeout=300,priority=10,cookie=…,limit=1024,OXM_OF_METADATA[0..15],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:OXM_OF_IN_PORT[]->NXM_NX_REG2[]),learn(table=38,hard_timeout=300,priority=10,cookie=…,limit=1024,OXM_OF_METADATA[0..15],NXM_OF_ETH_SRC[]),resubmit(,38),goto_table:40
       38 learn.seen           segments
                               priority=10,metadata=0x64/0xffff,dl_src=02:00:00:00:01:01 actions=drop
       40 learn.hear           weaver: learn.hear: what nothing matched goes on to learn
                               priority=0 actions=goto_table:44
       44 learn                weaver: learn: what nothing matched goes on to respond
                               priority=0 actions=goto_table:56
       56 respond              weaver: respond: what nothing matched goes on to fork
                               priority=0 actions=goto_table:68
       68 fork                 router: to router edge by loc (net.yaml:17)
                               priority=100,ip,metadata=0x64/0xffff,dl_dst=0e:60:2c:72:00:7c actions=move:OXM_OF_METADATA[0..15]->NXM_NX_REG8[0..15],load:0->NXM_NX_REG0[0],load:0x4b50->NXM_NX_REG7[0..15],goto_table:84
                               ingressSegment: 0 → loc
                               router.number: 0 → 19280
       84 unsnat               weaver: unsnat: what nothing matched goes on to unsnat.answers
                               priority=0 actions=goto_table:86
       86 unsnat.answers       weaver: unsnat.answers: what nothing matched goes on to conntrack
                               priority=0 actions=goto_table:92
       92 conntrack            router: router edge: connections are tracked (net.yaml:14)
                               priority=100,ip,reg7=0x4b50/0xffff actions=ct(table=116,zone=19280,nat)
                               conntrack, zone 19280 (router edge): new
      116 save                 router: router edge: remember the connection's state (net.yaml:14)
                               priority=100,reg7=0x4b50/0xffff actions=move:NXM_NX_CT_STATE[]->NXM_NX_REG6[],goto_table:128
                               router.trackedState: 0 → 0x21
      128 route                router: router edge: TTL less one (net.yaml:14)
                               priority=100,ip,reg7=0x4b50/0xffff actions=dec_ttl,goto_table:130
                               ip_ttl: 64 → 63
      130 route.lookup         router: 10.2.0.1/24 is connected to edge/net (net.yaml:18)
                               priority=124,ip,reg7=0x4b50/0xffff,nw_dst=10.2.0.0/24 actions=set_field:0x2->reg4,load:0xc8->OXM_OF_METADATA[0..15],move:NXM_OF_IP_DST[]->NXM_NX_REG5[],goto_table:140
                               egressZone: 0 → net
                               segment: loc → net
                               router.nextHop: 0 → 0xa020009
    > 140 firewall.filter      firewall: loc to net accept (net.yaml:24)
                               priority=13335,ip,reg1=0x1,reg4=0x2,reg7=0x4b50/0xffff actions=ct(commit,table=154,zone=19280,exec(load:0x1->NXM_NX_CT_MARK[0],load:0x7ba89bdf->NXM_NX_CT_LABEL[0..31]))
                               conntrack, zone 19280 (router edge): new
      154 snat.outgoing        nat: router edge: known connections keep their public address (net.yaml:20)
                               priority=100,ip,reg7=0x4b50/0xffff,metadata=0xc8/0xffff actions=ct(table=156,zone=8494,nat)
                               conntrack, zone 8494 (snat edge): new
      156 snat                 nat: masquerade 10.1.0.0/24 out edge/net (net.yaml:20)
                               priority=20500,ip,reg7=0x4b50/0xffff,metadata=0xc8/0xffff,nw_src=10.1.0.0/24 actions=ct(commit,table=158,zone=8494,nat(src=10.2.0.1:1024-65535),exec(load:0x4f7cafbf->NXM_NX_CT_LABEL[32..63]))
                               conntrack, zone 8494 (snat edge): new, snat
                               ip_src: 10.1.0.5 → 10.2.0.1
                               udp_src: 5353 → TAKEN
      158 snat.guard           nat: router edge: translated (net.yaml:14)
                               priority=60000,ct_state=+trk+snat,reg7=0x4b50/0xffff actions=goto_table:164
      164 next-hop.hop         router: router edge: look up the next hop (net.yaml:14)
                               priority=50,reg7=0x4b50/0xffff actions=set_field:0e:60:2c:72:00:7c->eth_src,load:0->NXM_OF_IN_PORT[],load:0->NXM_NX_REG7[25],resubmit(,166),goto_table:168
                               eth_src: 02:00:00:00:01:01 → 0e:60:2c:72:00:7c
      166 next-hop.neighbours  router
                               priority=10,reg5=0xa020009,metadata=0xc8/0xffff actions=load:0x20000000102->NXM_OF_ETH_DST[],load:0x1->NXM_NX_REG7[25]
                               eth_dst: 0e:60:2c:72:00:7c → 02:00:00:00:01:02
                               router.neighbourKnown: 0 → 1
      168 next-hop.resolve     router: the next hop is known
                               priority=50,reg7=0x2000000/0x2000000 actions=goto_table:184
      184 switching.entry      segments: look for the station where it was learned
                               priority=0 actions=set_field:0->reg2,resubmit(,186),goto_table:188
      186 switching.learned    segments
                               priority=10,metadata=0xc8/0xffff,dl_dst=02:00:00:00:01:02 actions=load:out1->NXM_NX_REG2[]
                               outPort: 0 → out1
      188 switching.decide     segments: a known station
                               priority=0 actions=goto_table:228
      228 output.leaving       topology: ports that are open
                               priority=0 actions=goto_table:230
      230 output.leave         segments: segment net to port out1 (access) (net.yaml:12)
                               priority=100,reg2=out1,metadata=0xc8/0xffff,vlan_tci=0x0000/0x1fff actions=output:out1
                               out by out1: 10.2.0.1:TAKEN → 10.2.0.9:53 udp

    verdict: delivered to hv1/br0:out1 as 10.2.0.1:TAKEN → 10.2.0.9:53 udp; let in by firewall: loc to net accept (net.yaml:24)
    "
  `);
});

test('another switch behind a tunnel, and the answer', async () => {
  const { code, stdout } = await trace('spread.yaml', ...said('from vm1 ping vm2'), '--reply');
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "note: on spread.yaml alone: no switch was asked

    packet: icmp echo request id 1 seq 1 10.1.0.1 → 10.1.0.2
      in by hv1/br0:vm1, MAC 02:00:00:00:01:01 → 02:00:00:00:01:02
      taken: from MAC 02:00:00:00:01:01: made up, the file has none
      taken: from 10.1.0.1: the file has it
      taken: to MAC 02:00:00:00:01:02: 10.1.0.2 has it

    hv1/br0, in by vm1
        2 classify      segments: port vm1 (spread.yaml:9)
                        priority=100,in_port=vm1
       12 vlan-in       segments: segment red from port vm1 (access) (spread.yaml:9)
                        priority=100,in_port=vm1,vlan_tci=0x0000/0x1fff
       24 admit         segments: port vm1 sends from 10.1.0.1 only (spread.yaml:9)
                        priority=100,ip,in_port=vm1,nw_src=10.1.0.1
       36 learn         segments: learn a station at port vm1 (spread.yaml:9)
                        priority=10,in_port=vm1
      230 output.leave  segments: segment red into the tunnel, VNI 5000 (spread.yaml:4)
                        priority=100,reg2=vx4789t64,metadata=0x6625/0xffff
                        tun_dst: 0.0.0.0 → 192.168.50.2
                        tun_id: 0 → 0x1388
                        out by vx4789t64: icmp echo request id 1 seq 1 10.1.0.1 → 10.1.0.2
      (7 steps more with --all)

    hv2/br0, in by vx4789t64, over vxlan 5000 to hv2 from hv1/br0:vx4789t64
       12 vlan-in       segments: segment red from the tunnel, VNI 5000 (spread.yaml:4)
                        priority=100,tun_id=0x1388,in_port=vx4789t64
    > 230 output.leave  segments: segment red to port vm2 (access) (spread.yaml:10)
                        priority=100,reg2=vm2,metadata=0x6625/0xffff,vlan_tci=0x0000/0x1fff actions=output:vm2
                        out by vm2: icmp echo request id 1 seq 1 10.1.0.1 → 10.1.0.2
      (10 steps more with --all)

    verdict: delivered to hv2/br0:vm2 as icmp echo request id 1 seq 1 10.1.0.1 → 10.1.0.2

    answer: icmp echo reply id 1 seq 1 10.1.0.2 → 10.1.0.1
      in by hv2/br0:vm2, MAC 02:00:00:00:01:02 → 02:00:00:00:01:01

    hv2/br0, in by vm2
        2 classify      segments: port vm2 (spread.yaml:10)
                        priority=100,in_port=vm2
       12 vlan-in       segments: segment red from port vm2 (access) (spread.yaml:10)
                        priority=100,in_port=vm2,vlan_tci=0x0000/0x1fff
       24 admit         segments: port vm2 sends from 10.1.0.2 only (spread.yaml:10)
                        priority=100,ip,in_port=vm2,nw_src=10.1.0.2
       36 learn         segments: learn a station at port vm2 (spread.yaml:10)
                        priority=10,in_port=vm2
      230 output.leave  segments: segment red into the tunnel, VNI 5000 (spread.yaml:4)
                        priority=100,reg2=vx4789t64,metadata=0x6625/0xffff
                        tun_dst: 0.0.0.0 → 192.168.50.1
                        tun_id: 0 → 0x1388
                        out by vx4789t64: icmp echo reply id 1 seq 1 10.1.0.2 → 10.1.0.1
      (7 steps more with --all)

    hv1/br0, in by vx4789t64, over vxlan 5000 to hv1 from hv2/br0:vx4789t64
       12 vlan-in       segments: segment red from the tunnel, VNI 5000 (spread.yaml:4)
                        priority=100,tun_id=0x1388,in_port=vx4789t64
    > 230 output.leave  segments: segment red to port vm1 (access) (spread.yaml:9)
                        priority=100,reg2=vm1,metadata=0x6625/0xffff,vlan_tci=0x0000/0x1fff actions=output:vm1
                        out by vm1: icmp echo reply id 1 seq 1 10.1.0.2 → 10.1.0.1
      (10 steps more with --all)

    verdict: delivered to hv1/br0:vm1 as icmp echo reply id 1 seq 1 10.1.0.2 → 10.1.0.1
    "
  `);
});

test('frames in hexadecimal digits, and out of a capture file', async () => {
  const macs = { src: '02:00:00:00:00:05', dst: '02:00:00:00:00:02' };
  const ping = (ttl: number) =>
    buildPacket({
      eth: macs,
      ipv4: { src: '10.1.0.5', dst: '10.1.0.77', ttl },
      icmp: { type: 8, identifier: 1, sequence: ttl },
    });
  writeFileSync(join(folder, 'pings.pcap'), writeCapture([1, 2, 3].map((ttl) => ({ frame: ping(ttl) }))));
  const hex = Buffer.from(ping(9)).toString('hex');
  const verdictOf = async (...words: string[]) => {
    const { code, stdout } = await trace('net.yaml', '--json', '--in', 'web1', ...words);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as TraceReport).packets.map(({ what, frame }) => `${what}: ${frame.text}`);
  };
  expect(await verdictOf('--hex', hex)).toEqual(['packet: icmp echo request id 1 seq 9 10.1.0.5 → 10.1.0.77']);
  expect(await verdictOf('--pcap', 'pings.pcap', '--packet', '2')).toEqual([
    'packet: icmp echo request id 1 seq 2 10.1.0.5 → 10.1.0.77',
  ]);
  expect(await verdictOf('--pcap', 'pings.pcap', '--packet', 'all')).toHaveLength(3);
});

test.for([
  [
    ['net.yaml', ...said('from web1 tpc to 10.2.0.9:80')],
    /^column 11: "tpc" is no word of a packet; did you mean tcp\?\n {2}from web1 tpc to 10\.2\.0\.9:80\n {12}\^\n$/,
  ],
  [
    ['net.yaml', ...said('from web9 ping 10.2.0.9')],
    /^column 6: there is no port "web9"; did you mean web1\?\n {2}from web9 ping 10\.2\.0\.9\n {7}\^\n$/,
  ],
  [said('web1 ping 10.2.0.9'), /say first by which port it comes in/],
  [['net.yaml'], /say a packet: flowloom trace from PORT/],
  [['gone.yaml', ...said('from web1 ping 10.2.0.9')], /gone\.yaml/],
  [['net.yaml', '--hex', 'zz', '--in', 'web1'], /no frame in hexadecimal digits/],
  [['net.yaml', '--hex', '00'.repeat(14)], /where its sender 00:00:00:00:00:00 is, is not known/],
  [['net.yaml', '--pcap', 'net.yaml', '--in', 'web1'], /net\.yaml: it is neither a pcap nor a pcapng file/],
  [['net.yaml', '--hex', '00', ...said('from web1 ping 10.2.0.9')], /give the packet in one way/],
  [
    ['net.yaml', ...said('from web1 ping 10.2.0.9'), '--ct-next', 'trk,set'],
    /"set" is no state of a connection; did you mean est\?/,
  ],
] as const)('%j is refused', async ([words, message]) => {
  const { code, stdout, stderr } = await trace(...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

test('nobody runs', async () => {
  const { code, stderr } = await trace(
    ...said('from web1 ping 10.2.0.9'),
    '--api',
    `http://127.0.0.1:${await freePort()}`,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/start Flowloom first, or name it with --api, or give FILE to trace on a file alone/);
});
