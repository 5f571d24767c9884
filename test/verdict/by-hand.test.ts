/** What the generator does not make: headers put around packets and taken off, hashes of every kind, packets that wait. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { hexBytes } from '../../proto/wire/address.ts';
import { parseFlow } from '../../src/flow/text/parse-flow.ts';
import { buildPacket } from '../../src/packet/build.ts';
import { shown } from './compare.ts';
import { type RealSwitch, startRealSwitch } from './real-switch.ts';
import { createSimulatedUnderTest } from './simulated.ts';
import type { SwitchUnderTest } from './switch-under-test.ts';

let real: RealSwitch;
let simulated: SwitchUnderTest;
beforeAll(async () => {
  real = await startRealSwitch();
  simulated = await createSimulatedUnderTest();
});
afterAll(() => real.stop());

const eth = { src: '02:00:00:00:00:01', dst: '02:00:00:00:00:02' };
const udp = buildPacket({ eth, ipv4: { src: '10.0.0.1', dst: '10.0.0.2' }, udp: { srcPort: 1024, dstPort: 80 } });
const tagged = buildPacket({
  ...{ eth, vlans: [{ vid: 100 }], ipv4: { src: '10.0.0.1', dst: '10.0.0.3' } },
  tcp: { srcPort: 5000, dstPort: 80 },
});
const six = buildPacket({ eth, ipv6: { src: '2001:db8::1', dst: '2001:db8::2' }, udp: { srcPort: 5, dstPort: 6 } });
const arp = buildPacket({
  eth,
  arp: { operation: 1, senderMac: eth.src, senderAddress: '10.0.0.1', targetMac: eth.dst, targetAddress: '10.0.0.2' },
});
/** NSH around `udp`, as the first of the cases makes it. */
const nsh = hexBytes(
  `020000000099000000000000894f0fc60103001234ff00000007${'00'.repeat(12)}${Buffer.from(udp).toString('hex')}`,
)!;

async function came(at: SwitchUnderTest, flows: readonly string[], frame: Uint8Array): Promise<unknown> {
  await at.clear();
  const refused = await at.install(flows.map((flow): MessageBody => parseFlow(flow)));
  const { frames, packetIns } = await at.receive(1, frame);
  return shown({ refused, frames, packetIns });
}

async function expectSame(flows: readonly string[], frame: Uint8Array): Promise<unknown> {
  const wanted = await came(real, flows, frame);
  expect(await came(simulated, flows, frame), flows.join('\n')).toEqual(wanted);
  return wanted;
}

const AROUND = [
  'encap(nsh(md_type=1)),set_field:0x1234->nsh_spi,set_field:7->nsh_c1,encap(ethernet),set_field:02:00:00:00:00:99->eth_dst,output:2',
  'encap(nsh(md_type=1)),output:2',
  'encap(nsh(md_type=2)),encap(ethernet),output:2',
  'encap(nsh(md_type=2,tlv(0x1000,10,0x12345678))),encap(ethernet),output:2',
  'encap(nsh(md_type=2,tlv(0x1000,10,0x123456))),encap(ethernet),output:2',
  'encap(nsh),encap(ethernet),encap(nsh),encap(ethernet),output:2',
  'encap(nsh),encap(nsh),encap(ethernet),output:2',
  'encap(nsh),clone(encap(ethernet),output:2),output:3,encap(ethernet),output:4',
  'encap(nsh),encap(ethernet),push_vlan:0x8100,output:2',
  'encap(nsh),controller',
  'push_vlan:0x8100,encap(nsh),encap(ethernet),set_field:2->nsh_si,output:2',
  'encap(mpls),encap(ethernet),output:2',
  'encap(mpls),set_field:5->mpls_label,encap(ethernet),output:2',
  'encap(ethernet),output:2',
  'decap(),output:2',
  'output:4,decap(),encap(ethernet),output:2',
  'push_vlan:0x8100,decap(),output:2',
];

test.each(AROUND)('headers around a packet: %s', async (actions) => {
  await expectSame([`actions=${actions}`], udp);
});

const OFF = [
  ['dl_type=0x894f,actions=decap(),decap(),output:2'],
  ['dl_type=0x894f,actions=decap(),output:2'],
  ['dl_type=0x894f,nsh_spi=0x1234,nsh_c1=7,actions=dec_nsh_ttl,set_field:9->nsh_si,output:2'],
  ['dl_type=0x894f,actions=decap(),decap(),resubmit(,1)', 'table=1,ip,actions=set_field:1.2.3.4->ip_dst,output:2'],
  [
    'dl_type=0x894f,actions=decap(),resubmit(,1)',
    'table=1,packet_type=(1,0x894f),actions=decap(),resubmit(,2)',
    'table=2,ip,actions=output:3',
  ],
];

test.each(OFF)('headers off a packet: %s', async (...flows) => {
  await expectSame(flows, nsh);
});

const FIELDS = ['eth_src', 'symmetric_l4', 'symmetric_l3l4', 'symmetric_l3l4+udp', 'nw_src', 'nw_dst', 'symmetric_l3'];

test.each(FIELDS)('multipath and bundle by %s choose as Open vSwitch does', async (fields) => {
  const chosen = new Set<string>();
  for (const frame of [udp, tagged, six, arp]) {
    for (const way of [
      'modulo_n,7,0',
      'hash_threshold,7,0',
      'hrw,7,0',
      'iter_hash,7,8',
      'iter_hash,5,16',
      'hrw,64,0',
    ]) {
      const actions = `multipath(${fields},50,${way},NXM_NX_REG0[0..15]),controller`;
      chosen.add(JSON.stringify(await expectSame([`actions=${actions}`], frame)));
    }
    await expectSame([`actions=bundle(${fields},3,hrw,ofport,members:4,77,2,3)`], frame);
    await expectSame([`actions=bundle(${fields},3,active_backup,ofport,members:77,3,2)`], frame);
  }
  expect(chosen.size).toBeGreaterThan(4);
});

test('a packet that waits at the controller goes up once, and not by the port behind', async () => {
  await expectSame(['actions=output:3,controller(userdata=01.02.03,max_len=20),output:2'], udp);
  const [wanted, ours] = [await came(real, PAUSING, udp), await came(simulated, PAUSING, udp)];
  for (const each of [wanted, ours]) expect(each).toMatchObject({ frames: { 3: [expect.any(String)] } });
  expect(Object.keys((ours as { frames: object }).frames)).toEqual(Object.keys((wanted as { frames: object }).frames));
});

const PAUSING = ['actions=output:3,controller(userdata=01.02.03,pause),output:2'];
