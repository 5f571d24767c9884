/** A router on one host with stations on another: through an overlay, with a tunnel for all or one for each, and over trunks. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const ADDRESSES = {
  loc: '[10.1.0.1/24, "2001:db8:1::1/64"]',
  net: '[10.2.0.1/24, "2001:db8:2::1/64"]',
};

const ROUTER = `routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: ${ADDRESSES.loc} }
      net: { segment: net, address: ${ADDRESSES.net} }
    routes: [10.99.0.0/16 unreachable]
`;

const overlay = (type: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.11 }, hv2: { underlay: 192.0.2.12 }, hv3: { underlay: 192.0.2.13 } }
segments: { loc: { overlay: ${type.replace('VNI', '5001')} }, net: { overlay: ${type.replace('VNI', '5002')} } }
bridges:
  br0:
    hosts: [hv1, hv2, hv3]
    ports: { hv2/a: { access: loc }, hv2/b: { access: net }, hv3/c: { access: net } }
${ROUTER}`;

const trunks = `flowloom: 1
hosts: { hv1: , hv2: , hv3: }
segments: { loc: { vlan: 10 }, net: { vlan: 20 } }
bridges:
  br0:
    hosts: [hv1, hv2, hv3]
    ports:
      hv1/to2: { trunk: [loc, net] }
      hv1/to3: { trunk: [loc, net] }
      hv2/to1: { trunk: [loc, net] }
      hv3/to1: { trunk: [loc, net] }
      hv2/a: { access: loc }
      hv2/b: { access: net }
      hv3/c: { access: net }
${ROUTER}`;

const cables = [
  ['hv1/br0:to2', 'hv2/br0:to1'],
  ['hv1/br0:to3', 'hv3/br0:to1'],
] as const;

const four = {
  a: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  b: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  c: { ip: '10.2.0.11/24', gateway: '10.2.0.1' },
};
const six = {
  a: { ip6: '2001:db8:1::10/64', gateway: '2001:db8:1::1' },
  b: { ip6: '2001:db8:2::10/64', gateway: '2001:db8:2::1' },
  c: { ip6: '2001:db8:2::11/64', gateway: '2001:db8:2::1' },
};

const PLACES: [name: string, options: { file: string; links?: typeof cables }][] = [
  ['VXLAN', { file: overlay('{ type: vxlan, vni: VNI }') }],
  ['Geneve, a tunnel for each other host', { file: overlay('{ type: geneve, vni: VNI, perPeer: true }') }],
  ['trunks', { file: trunks, links: cables }],
];

test.each(PLACES)('%s: between segments, each station once, the hop limit one less', async (_, options) => {
  for (const guests of [four, six]) {
    const net = await lab({ ...options, guests });
    const own = guests === four ? '10.1.0.1' : '2001:db8:1::1';
    await net.ping('a', own);
    await net.ping('a', 'b');
    await net.ping('a', 'c');
    await net.ping('c', 'a');
    for (const to of ['b', 'c']) {
      expectPacket(await net.send('a', packet.udp({ dst: to, dstPort: 9, ttl: 9 })))
        .reaches(to, {
          eth: { src: '02:00:00:00:00:fe' },
          [guests === four ? 'ipv4' : 'ipv6']: guestHop(guests === four),
        })
        .nowhereElse();
    }
  }
});

const guestHop = (isIpv4: boolean) => (isIpv4 ? { ttl: 8 } : { hopLimit: 8 });

test.each(PLACES)('%s: what the router tells senders finds them', async (_, options) => {
  const net = await lab({ ...options, guests: four });
  await net.ping('a', '10.1.0.1');
  const told = { ipv4: { src: '10.1.0.1', dst: 'a' } };
  expectPacket(await net.send('a', packet.udp({ dst: 'b', dstPort: 9, ttl: 1 })))
    .reaches('a', { ...told, icmp: { type: 11 } })
    .nowhereElse();
  expectPacket(await net.send('a', packet.udp({ dst: '10.99.0.1', dstPort: 9 })))
    .reaches('a', { ...told, icmp: { type: 3, code: 1 } })
    .nowhereElse();
  await net.send('a', packet.udp({ dst: '10.2.0.99', dstPort: 9 }));
  expectPacket(await net.advance(4)).reaches('a', { ...told, icmp: { type: 3, code: 1 } });
});

test.each(PLACES)('%s: stations that nobody knows the place of any more', async (_, options) => {
  const net = await lab({ ...options, guests: four });
  await net.ping('a', 'b');
  await net.ping('a', 'c');
  // The switches forget where stations are; the router keeps who they are.
  await net.advance(400);
  expectPacket(await net.send('a', packet.udp({ dst: 'b', dstPort: 9 }))).reaches('b');
  expectPacket(await net.send('b', packet.udp({ dst: 'a', dstPort: 9 }))).reaches('a');
  expect(
    net
      .published('neighbours')
      .map(({ address }) => address)
      .toSorted(),
  ).toEqual(['10.1.0.10', '10.2.0.10', '10.2.0.11']);
});

const discovery = (type: number, src: string, target: string) =>
  packet.layers({
    eth: { src: '02:00:01:00:00:02', dst: '33:33:00:00:00:01' },
    ipv6: { src, dst: 'ff02::1', hopLimit: 255 },
    icmpv6: {
      type,
      nd: { target, options: [{ type: type - 134, value: Uint8Array.from([2, 0, 1, 0, 0, 2]) }] },
    },
  });

test.each(
  PLACES,
)('%s: nobody claims an address of the router in neighbour discovery, on whichever host', async (_, options) => {
  const net = await lab({ ...options, guests: six });
  await net.ping('a', 'c');
  for (const own of ['2001:db8:2::1', 'fe80::ff:fe00:fe']) {
    expectPacket(await net.send('b', discovery(136, '2001:db8:2::10', own))).leavesNowhere();
    expectPacket(await net.send('b', discovery(135, own, '2001:db8:2::11'))).leavesNowhere();
  }
  expectPacket(await net.send('b', discovery(136, '2001:db8:2::10', '2001:db8:2::10'))).reaches('c');
  expectPacket(await net.send('c', packet.udp({ dst: 'a', dstPort: 9 }))).reaches('a');
});

test('nobody on another host poses as the router', async () => {
  for (const [, options] of PLACES) {
    const net = await lab({ ...options, guests: four });
    await net.ping('a', 'c');
    const posing = packet.udp({ dst: 'c', eth: { src: '02:00:00:00:00:fe', dst: net.guest('c').mac }, dstPort: 9 });
    expectPacket(await net.send('b', posing)).leavesNowhere();
    expectPacket(await net.send('b', packet.arp({ src: '10.2.0.1', dst: '10.2.0.11' }))).leavesNowhere();
    expectPacket(await net.send('c', packet.udp({ dst: 'a', dstPort: 9 }))).reaches('a');
  }
});
