/** Options of a router's interfaces in a lab: norfc1918, nosmurfs, tcpflags, routefilter, routeback. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const MAC = '02:00:00:00:00:fe';

const file = (net: string, loc = '', more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/pc2: { access: loc }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    mac: "${MAC}"
    interfaces:
      loc: { segment: loc, address: 198.51.100.1/24, options: [${loc}] }
      net: { segment: net, address: 192.0.2.1/24, options: [${net}] }
    routes: [default via 192.0.2.254, 203.0.113.0/24 via 198.51.100.20]
${more}`;

const guests = {
  pc: { ip: '198.51.100.10/24', gateway: '198.51.100.1' },
  pc2: { ip: '198.51.100.20/24', gateway: '198.51.100.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

async function network(net: string, loc?: string, more?: string) {
  const at = await lab({ file: file(net, loc, more), guests });
  await at.ping('peer', '192.0.2.1');
  await at.ping('pc', '198.51.100.1');
  await at.ping('pc2', '198.51.100.1');
  return at;
}

const toRouter = { eth: { dst: MAC } };
const udp = (src: string, dst = '198.51.100.10') => packet.udp({ src, dst, dstPort: 9, ...toRouter });

test('norfc1918: private addresses neither come from the interface nor are reached by it', async () => {
  const net = await network('norfc1918');
  expectPacket(await net.send('peer', udp('172.31.0.1'))).isDropped();
  expectPacket(await net.send('peer', udp('172.32.0.1'))).reaches('pc');
  expectPacket(await net.send('peer', udp('203.0.113.1', '10.0.0.1'))).isDropped();
  expect(net.counters('norfc1918 at edge/net').packets).toBe(2);
  // The other interface has no such option.
  expectPacket(await net.send('pc', udp('10.0.0.1', '192.0.2.254'))).reaches('peer');
});

test('nosmurfs: nobody sends from a broadcast address or from a group', async () => {
  const net = await network('nosmurfs');
  for (const src of ['192.0.2.255', '198.51.100.255', '255.255.255.255', '239.1.1.1']) {
    expectPacket(await net.send('peer', udp(src))).isDropped();
  }
  expectPacket(await net.send('peer', udp('192.0.2.254'))).reaches('pc');
  expect(net.counters('nosmurfs at edge/net').packets).toBe(4);
});

test('tcpflags: combinations that no TCP sends', async () => {
  const net = await network('tcpflags');
  const tcp = (...flags: ('fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg')[]) =>
    net.send('peer', packet.tcp({ dst: 'pc', dstPort: 80, flags, ...toRouter }));
  expectPacket(await tcp()).isDropped();
  expectPacket(await tcp('fin', 'psh', 'urg')).isDropped();
  expectPacket(await tcp('syn', 'rst')).isDropped();
  expectPacket(await tcp('syn', 'fin')).isDropped();
  expectPacket(await tcp('rst', 'fin')).isDropped();
  expectPacket(await net.send('peer', packet.tcp({ dst: 'pc', srcPort: 0, dstPort: 80, ...toRouter }))).isDropped();
  expect(net.counters('tcpflags at edge/net').packets).toBe(6);
  expectPacket(await tcp('syn')).reaches('pc');
  expectPacket(await tcp('fin', 'ack')).reaches('pc');
  expectPacket(await tcp('rst', 'ack')).reaches('pc');
});

test('routefilter: senders must be where the routes lead', async () => {
  const net = await network('routefilter', 'routefilter');
  // By the default route.
  expectPacket(await net.send('peer', udp('8.8.8.8'))).reaches('pc');
  expectPacket(await net.send('peer', udp('192.0.2.254'))).reaches('pc');
  // Connected, routed, and the router itself, at the other interface.
  for (const src of ['198.51.100.20', '203.0.113.7', '192.0.2.1', '198.51.100.1']) {
    expectPacket(await net.send('peer', udp(src))).isDropped();
  }
  expectPacket(await net.send('pc', udp('203.0.113.7', '192.0.2.254'))).reaches('peer');
  expectPacket(await net.send('pc', udp('8.8.8.8', '192.0.2.254'))).isDropped();
  expect(net.counters('routefilter at edge/net').packets).toBe(4);
});

test('routeback: what leaves by the interface that it came in by is accepted, whatever the policies say', async () => {
  const firewall = `firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [all to all drop]
  rules: [accept ping from all to fw, drop ssh from loc to loc]
`;
  const back = packet.udp({ dst: '203.0.113.7', dstPort: 9, ...toRouter });
  const without = await network('', '', firewall);
  expectPacket(await without.send('pc', back)).isDropped();
  const net = await network('', 'routeback', firewall);
  expectPacket(await net.send('pc', back)).leaves('hv1/br0:pc2', { ipv4: { dst: '203.0.113.7' } });
  // A rule comes first, and elsewhere the policy stands.
  expectPacket(await net.send('pc', packet.tcp({ dst: '203.0.113.7', dstPort: 22, ...toRouter }))).isDropped();
  expectPacket(await net.send('pc', packet.udp({ dst: '192.0.2.254', dstPort: 9, ...toRouter }))).isDropped();
  expect(net.counters('accept what goes back by edge/loc (routeback)').packets).toBe(1);
});

test('routeback of an interface in no zone: what is for the router itself is judged by the policies', async () => {
  const firewall = `firewall:
  zones: { net: [edge/net] }
  policy: [all to fw drop log, all to all drop]
  rules: [accept ping from all to fw]
`;
  const net = await network('', 'routeback', firewall);
  await net.send('pc', packet.udp({ dst: '198.51.100.1', dstPort: 9, ...toRouter }));
  expect(net.told.map(({ fields }) => fields.verdict)).toEqual(['drop']);
  const back = packet.udp({ dst: '203.0.113.7', dstPort: 9, ...toRouter });
  expectPacket(await net.send('pc', back)).leaves('hv1/br0:pc2', { ipv4: { dst: '203.0.113.7' } });
});
