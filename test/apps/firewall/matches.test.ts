/** What rules are about, in a lab: source ports, ranges, exceptions, and several addresses on both sides with two routers. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';
import { network } from './network.ts';

test('source ports, alone and beside destination ports', async () => {
  const net = await network(`  services: { client: [tcp 80 source 1024-65535] }
  rules:
    - accept udp 67 source 68 from net to dmz
    - accept client from net to dmz
    - accept tcp,udp source 20,22 from net to dmz
`);
  const udp = (srcPort: number, dstPort: number) => net.send('peer', packet.udp({ dst: 'web', srcPort, dstPort }));
  const tcp = (srcPort: number, dstPort: number) => net.send('peer', packet.tcp({ dst: 'web', srcPort, dstPort }));
  expectPacket(await udp(68, 67)).reaches('web');
  expectPacket(await udp(69, 67)).leavesNowhere();
  expectPacket(await udp(68, 68)).leavesNowhere();
  expectPacket(await tcp(1024, 80)).reaches('web');
  expectPacket(await tcp(1023, 80)).leavesNowhere();
  expectPacket(await tcp(65_535, 81)).leavesNowhere();
  expectPacket(await udp(22, 9)).reaches('web');
  expectPacket(await tcp(20, 9)).reaches('web');
  expectPacket(await tcp(21, 9)).leavesNowhere();
});

test('a range of addresses, and all but some', async () => {
  const net = await network(`  sets: { few: [10.1.0.9-10.1.0.10] }
  rules:
    - accept udp 1 from loc:10.1.0.3-10.1.0.10 to dmz
    - accept udp 2 from loc:!10.1.0.10 to dmz
    - accept udp 3 from loc:10.1.0.0/24!10.1.0.0/28 to dmz:!10.2.0.11,10.2.0.12
    - accept udp 4 from loc:!10.1.0.10,10.2.0.0/16 to dmz
    - accept udp 5 from loc:@few to dmz
`);
  const reach = async (dstPort: number) => {
    const found: string[] = [];
    for (const guest of ['pc', 'pc2']) {
      const { left } = await net.send(guest, packet.udp({ dst: 'web', dstPort }));
      if (left.some((each) => each.guest === 'web')) found.push(guest);
    }
    return found.join();
  };
  expect([await reach(1), await reach(2), await reach(3), await reach(4), await reach(5)]).toEqual([
    'pc',
    'pc2',
    '',
    'pc2',
    'pc',
  ]);
});

test('two routers of one bridge: a rule with several addresses on both sides is judged at each', async () => {
  const file = `flowloom: 1
hosts: { hv1: }
segments: { a: { vlan: 10 }, b: { vlan: 20 }, c: { vlan: 30 }, d: { vlan: 40 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/ga: { access: a }, hv1/gb: { access: b }, hv1/gc: { access: c }, hv1/gd: { access: d } }
routers:
  one:
    host: hv1
    interfaces: { a: { segment: a, address: 10.1.0.1/24 }, b: { segment: b, address: 10.2.0.1/24 } }
  two:
    host: hv1
    interfaces: { c: { segment: c, address: 10.1.0.1/24 }, d: { segment: d, address: 10.2.0.1/24 } }
firewall:
  zones: { from: [one/a, two/c], to: [one/b, two/d] }
  rules:
    - accept udp 1,3,5,7 from from:10.1.0.10,10.1.0.20,10.1.0.30 to to:10.2.0.10,10.2.0.20,10.2.0.30
`;
  const guests = {
    ga: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
    gb: { ip: '10.2.0.20/24', gateway: '10.2.0.1' },
    gc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
    gd: { ip: '10.2.0.20/24', gateway: '10.2.0.1' },
  };
  const net = await lab({ file, guests });
  for (const [guest, { gateway }] of Object.entries(guests)) await net.send(guest, packet.arp({ dst: gateway }));
  for (const [from, to] of [
    ['ga', 'gb'],
    ['gc', 'gd'],
  ] as const) {
    const sent = await net.send(from, packet.udp({ dst: '10.2.0.20', srcPort: 9, dstPort: 3 }));
    expectPacket(sent).reaches(to).nowhereElse();
    expectPacket(await net.send(to, packet.answer(sent.left[0]!.frame))).reaches(from);
    expectPacket(await net.send(from, packet.udp({ dst: '10.2.0.20', dstPort: 4 }))).leavesNowhere();
  }
});
