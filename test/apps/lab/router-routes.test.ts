/** Static routes in a lab: several next hops for one prefix, prefixes that are refused, and what has no route. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const file = (routes: string) => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/one: { access: net }
      hv1/two: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: 192.0.2.1/24 }
    routes: ${routes}
`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  one: { ip: '192.0.2.11/24', gateway: '192.0.2.1' },
  two: { ip: '192.0.2.12/24', gateway: '192.0.2.1' },
};

const network = (routes: string) => lab({ file: file(routes), guests });

test('connections are shared out between next hops, and each keeps its own', async () => {
  const net = await network('["10.9.0.0/16 via 192.0.2.11, 192.0.2.12"]');
  await net.ping('one', '192.0.2.1');
  await net.ping('two', '192.0.2.1');
  const wayOf = async (srcPort: number) => {
    const sent = packet.udp({ dst: '10.9.1.1', srcPort, dstPort: 53 });
    const { left } = await net.send('pc', sent);
    const again = await net.send('pc', sent);
    expect(again.left.map(({ guest }) => guest)).toEqual(left.map(({ guest }) => guest));
    expect(left).toHaveLength(1);
    return left[0]?.guest;
  };
  const ways: (string | undefined)[] = [];
  for (let port = 40_000; port < 40_040; port++) ways.push(await wayOf(port));
  for (const guest of ['one', 'two']) expect(ways.filter((each) => each === guest).length).toBeGreaterThan(8);
});

test('a longer prefix goes before the shared one, the shared before the default', async () => {
  const net = await network(
    '[default via 192.0.2.11, "10.9.0.0/16 via 192.0.2.11, 192.0.2.12", 10.9.8.0/24 via 192.0.2.12]',
  );
  await net.ping('one', '192.0.2.1');
  await net.ping('two', '192.0.2.1');
  for (const srcPort of [1001, 1002, 1003, 1004, 1005, 1006]) {
    expectPacket(await net.send('pc', packet.tcp({ dst: '10.9.8.1', srcPort, dstPort: 80 }))).reaches('two');
    expectPacket(await net.send('pc', packet.tcp({ dst: '10.8.8.1', srcPort, dstPort: 80 }))).reaches('one');
  }
});

test.each([
  ['unreachable', { type: 3, code: 1 }],
  ['prohibit', { type: 3, code: 13 }],
])('%s is told to the sender', async (type, icmp) => {
  const net = await network(`[default via 192.0.2.11, 10.9.0.0/16 ${type}]`);
  await net.ping('pc', '10.1.0.1');
  await net.ping('one', '192.0.2.1');
  expectPacket(await net.send('pc', packet.udp({ dst: '10.9.1.1', dstPort: 9, ttl: 9 })))
    .reaches('pc', { ipv4: { src: '10.1.0.1' }, icmp, quoted: { ipv4: { dst: '10.9.1.1', ttl: 9 } } })
    .nowhereElse();
  expectPacket(await net.send('pc', packet.udp({ dst: '10.10.1.1', dstPort: 9 }))).reaches('one');
});

test('blackhole is a silent drop, and what has no route is told so', async () => {
  const net = await network('[10.9.0.0/16 blackhole]');
  await net.ping('pc', '10.1.0.1');
  expectPacket(await net.send('pc', packet.udp({ dst: '10.9.1.1', dstPort: 9 }))).leavesNowhere();
  expectPacket(await net.send('pc', packet.udp({ dst: '203.0.113.1', dstPort: 9 })))
    .reaches('pc', { icmp: { type: 3, code: 0 }, quoted: { ipv4: { dst: '203.0.113.1' } } })
    .nowhereElse();
});

const two = `flowloom: 1
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
      inside: { segment: blue, address: 10.2.0.1/24 }
      outside: { segment: between, address: 192.0.2.2/24 }
    routes: [10.1.0.0/24 via 192.0.2.1]
`;

const between = {
  r: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  b: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  x: { ip: '192.0.2.10/24', gateway: '192.0.2.2' },
};

test('two routers of one switch pass packets to each other over the segment that both are on', async () => {
  const net = await lab({ file: two, guests: between });
  await net.ping('r', 'b');
  expectPacket(await net.send('r', packet.udp({ dst: 'b', dstPort: 9, ttl: 9 })))
    .reaches('b', { ipv4: { ttl: 7 } })
    .nowhereElse();
  await net.ping('r', '192.0.2.2');
  await net.ping('x', 'b');
  expectPacket(await net.send('r', packet.udp({ dst: 'b', dstPort: 9, ttl: 2 }))).reaches('r', {
    icmp: { type: 11 },
    ipv4: { src: '192.0.2.2', dst: 'r' },
    quoted: { ipv4: { dst: 'b' } },
  });
});

const vrfs = `flowloom: 1
hosts: { hv1: }
segments: { red: { vlan: 10 }, redder: { vlan: 11 }, blue: { vlan: 20 }, bluer: { vlan: 21 } }
bridges:
  br0:
    hosts: [hv1]
    ports: { hv1/r1: { access: red }, hv1/r2: { access: redder }, hv1/b1: { access: blue }, hv1/b2: { access: bluer } }
routers:
  red: { host: hv1, interfaces: { a: { segment: red, address: 10.1.0.1/24 }, b: { segment: redder, address: 10.2.0.1/24 } } }
  blue: { host: hv1, interfaces: { a: { segment: blue, address: 10.1.0.1/24 }, b: { segment: bluer, address: 10.2.0.1/24 } } }
firewall:
  zones: { red: [red/a, red/b], blue: [blue/a, blue/b] }
  policy: [red to red accept, blue to blue accept, all to fw accept]
`;

test('routers with the same prefixes on other segments do not know of each other', async () => {
  const guest = (net: number, host: number) => ({ ip: `10.${net}.0.${host}/24`, gateway: `10.${net}.0.1` });
  const guests = { r1: guest(1, 10), r2: guest(2, 10), b1: guest(1, 10), b2: guest(2, 10) };
  const net = await lab({ file: vrfs, guests });
  for (const [from, gateway] of [
    ['r1', '10.1.0.1'],
    ['r2', '10.2.0.1'],
    ['b1', '10.1.0.1'],
    ['b2', '10.2.0.1'],
  ] as const)
    await net.ping(from, gateway);
  const sent = packet.tcp({ dst: '10.2.0.10', srcPort: 4000, dstPort: 80 });
  expectPacket(await net.send('r1', sent))
    .reaches('r2')
    .nowhereElse();
  expectPacket(await net.send('b1', sent))
    .reaches('b2')
    .nowhereElse();
});
