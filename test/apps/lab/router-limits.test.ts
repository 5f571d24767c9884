/** What keeps one station from harming others, and what the router tells where it has several ways, or only NAT's addresses. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const file = (routes: string, more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/pc: { access: loc }, hv1/other: { access: loc }, hv1/first: { access: net }, hv1/second: { access: net } }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: [10.1.0.1/24, "fd00:1::1/64"] }
      net: { segment: net, address: [192.0.2.1/24, "2001:db8:2::1/64"] }
    routes: [${routes}]
${more}`;

const pc = { ip: '10.1.0.10/24', gateway: '10.1.0.1' };
const other = { ip: '10.1.0.11/24', gateway: '10.1.0.1' };
const second = { ip: '192.0.2.252/24', gateway: '192.0.2.1' };

test('who sends without end to one that is not there leaves the others what they need', async () => {
  const net = await lab({ file: file('default via 192.0.2.252'), guests: { pc, other, second } });
  const repeated = () => net.flows('hv1/br0').filter((line) => line.startsWith('next-hop.resolve priority=20,')).length;
  for (const from of ['pc', 'other']) await net.send(from, packet.arp({ dst: '10.1.0.1' }));
  for (let port = 1; port <= 1500; port++) await net.send('pc', packet.udp({ dst: '192.0.2.99', dstPort: port }));
  expect(repeated()).toBe(1);
  for (const routes of ['10.8.0.0/16 via 192.0.2.252', 'default via 192.0.2.252'])
    await net.reload({ file: file(routes) });
  expect(repeated()).toBe(1);
  expectPacket(await net.send('other', packet.udp({ dst: 'second', dstPort: 9 }))).reaches('second');
  // The first ones wait, and their sender is told; the next hop is asked for anew when it has been quiet.
  expectPacket(await net.advance(4)).reaches('pc', { icmp: { type: 3, code: 1 } });
  await net.advance(20);
  expect(repeated()).toBe(0);
  await net.send('pc', packet.udp({ dst: '192.0.2.99', dstPort: 9 }));
  expectPacket(await net.advance(1.5)).leaves('hv1/br0:first', { arp: { targetAddress: '192.0.2.99' } });
  for (let port = 1; port <= 40; port++) await net.send('pc', packet.udp({ dst: '192.0.2.99', dstPort: port }));
  expect(repeated()).toBe(1);
  await net.send(
    'second',
    packet.arp({ src: '192.0.2.99', dst: '192.0.2.1', reply: true, eth: { dst: '02:00:00:00:00:fe' } }),
  );
  expect(repeated()).toBe(0);
});

test('what the router tells a sender behind several next hops goes by one that is there', async () => {
  const routes = '"10.9.0.0/16 via 192.0.2.251, 192.0.2.252"';
  const net = await lab({ file: file(routes), guests: { pc, second } });
  await net.send('second', packet.arp({ dst: '192.0.2.1' }));
  await net.send(
    'second',
    packet.udp({ src: '10.9.0.5', dst: '10.1.0.99', dstPort: 9, eth: { dst: '02:00:00:00:00:fe' } }),
  );
  expectPacket(await net.advance(4)).leaves('hv1/br0:second', {
    ipv4: { dst: '10.9.0.5' },
    icmp: { type: 3, code: 1 },
  });
});

test('a station that would have an address that NAT gives is told that it is taken', async () => {
  const nat = 'nat: ["one-to-one 2001:db8:2::77 with fd00:1::10"]\n';
  const net = await lab({ file: file('', nat), guests: { pc, second } });
  const asks = packet.layers({
    eth: { src: net.guest('second').mac, dst: '33:33:ff:00:00:77' },
    ipv6: { src: '::', dst: 'ff02::1:ff00:77', hopLimit: 255 },
    icmpv6: { type: 135, nd: { target: '2001:db8:2::77', options: [] } },
  });
  expectPacket(await net.send('second', asks)).reaches('second', {
    eth: { src: '02:00:00:00:00:fe', dst: '33:33:00:00:00:01' },
    ipv6: { dst: 'ff02::1' },
    icmpv6: { type: 136 },
  });
});

test('a storm of advertisements that nobody asked for: few come to the app', async () => {
  const guests = { pc, second: { ip6: '2001:db8:2::10/64', gateway: '2001:db8:2::1' } };
  const net = await lab({ file: file(''), guests });
  const told = packet.layers({
    eth: { src: net.guest('second').mac, dst: '02:00:00:00:00:fe' },
    ipv6: { src: '2001:db8:2::10', dst: '2001:db8:2::1', hopLimit: 255 },
    icmpv6: { type: 136, nd: { target: '2001:db8:2::10', options: [] } },
  });
  let came = 0;
  for (let i = 0; i < 1100; i++) came += (await net.send('second', told)).packetIns.length;
  expect(came).toBeLessThan(1050);
  await net.ping('second', '2001:db8:2::1');
});
