/** Several routers of a switch on one segment: each finds its neighbours there, in its own zone, and tells senders through the other. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const file = (more = '') => `flowloom: 1
hosts: { hv1: }
segments: { red: { vlan: 10 }, blue: { vlan: 20 }, between: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/r: { access: red }, hv1/b: { access: blue }, hv1/x: { access: between } }
routers:
  red:
    host: hv1
    interfaces:
      inside: { segment: red, address: 10.1.0.1/24 }
      outside: { segment: between, address: 192.0.2.1/24 }
    routes: [10.2.0.0/24 via 192.0.2.2]
  blue:
    host: hv1
    interfaces:
      inside: { segment: blue, address: [10.2.0.1/24, "2001:db8:2::1/64"] }
      outside: { segment: between, address: [192.0.2.2/24, "2001:db8:3::2/64"] }
    routes: [10.1.0.0/24 via 192.0.2.1]
${more}`;

const r = { ip: '10.1.0.10/24', gateway: '10.1.0.1' };
const b = { ip: '10.2.0.10/24', gateway: '10.2.0.1' };

test('a neighbour of one is asked for by that one, also where another one has no address of the family', async () => {
  const guests = {
    b: { ip6: '2001:db8:2::10/64', gateway: '2001:db8:2::1' },
    x: { ip6: '2001:db8:3::10/64', gateway: '2001:db8:3::2' },
  };
  const net = await lab({ file: file(), guests });
  const to = packet.udp({ dst: '2001:db8:3::10', dstPort: 9 });
  expectPacket(await net.send('b', to)).reaches('x', { ipv6: { src: 'b', hopLimit: 63 } });
  // It is used, and asked whether it is still there.
  for (let i = 0; i < 6; i++) {
    await net.advance(20);
    expectPacket(await net.send('b', to)).reaches('x');
  }
  expect(net.appCounters('router').forgotten).toBe(0);
  expect(net.published('neighbours').filter(({ address }) => address === '2001:db8:3::10')).toMatchObject([
    { router: 'blue', interface: 'outside' },
  ]);
});

const FIREWALL = `
firewall:
  zones: { red: [red/inside], blue: [blue/inside], first: [red/outside], second: [blue/outside] }
  policy: [second to blue accept, red to first accept, all to all reject]
`;

test('what comes in by the segment has come from the zone of the router that takes it', async () => {
  const guests = { r, b, x: { ip: '192.0.2.10/24', gateway: '192.0.2.2' } };
  const net = await lab({ file: file(FIREWALL), guests });
  for (const [from, dst] of [
    ['r', '10.1.0.1'],
    ['b', '10.2.0.1'],
    ['x', '192.0.2.2'],
    ['x', '192.0.2.1'],
  ] as const)
    await net.send(from, packet.arp({ dst }));
  expectPacket(await net.send('x', packet.udp({ dst: 'b', dstPort: 9 }))).reaches('b');
});

test('what a router behind another one refuses is told to its sender through that one', async () => {
  const more = FIREWALL.replace('second to blue accept, ', '');
  const net = await lab({ file: file(more), guests: { r, b } });
  await net.send('r', packet.arp({ dst: '10.1.0.1' }));
  await net.send('b', packet.arp({ dst: '10.2.0.1' }));
  expectPacket(await net.send('r', packet.udp({ dst: 'b', dstPort: 9 })))
    .reaches('r', { icmp: { type: 3, code: 3 }, quoted: { ipv4: { dst: 'b' } } })
    .doesNotReach('b');
  expectPacket(await net.send('r', packet.tcp({ dst: 'b', srcPort: 4000, dstPort: 80 }))).reaches('r', {
    ipv4: { src: 'b' },
    tcp: { srcPort: 80, dstPort: 4000, flags: ['rst', 'ack'] },
  });
});
