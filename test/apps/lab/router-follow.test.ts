/** `address: follow`: the host's packets pass whichever address it has, of both families, and with Flowloom away. */

import { expect, test } from 'vitest';
import { addresses } from '../../../apps/router/services.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

/** Of the port `gw0`, and of the stack behind it. */
const SELF = '02:00:00:01:00:03';
const MAC = '02:00:00:00:00:fe';

const file = (more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30, subnet: [192.0.2.0/24, "2001:db8:2::/64"] } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/peer: { access: net }
      hv1/gw0: { type: internal, access: net }
routers:
  edge:
    host: hv1
    mac: "${MAC}"
    self: hv1/gw0
    interfaces:
      loc: { segment: loc, address: [10.1.0.1/24, "2001:db8:1::1/64"] }
      net: { segment: net, address: follow }
    routes: [default via 192.0.2.254, "default via 2001:db8:2::fe"]
${more}`;

const FIREWALL = `
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [fw to net accept, loc to net accept, all to all drop]
`;

const pc = { ip: '10.1.0.10/24', gateway: '10.1.0.1' };
const peer = { ip: '192.0.2.254/24', gateway: '192.0.2.1' };
const gw0 = { ip: '192.0.2.1/24', gateway: '192.0.2.254', mac: SELF };
const six = {
  pc: { ip6: '2001:db8:1::10/64', gateway: '2001:db8:1::1' },
  peer: { ip6: '2001:db8:2::fe/64', gateway: '2001:db8:2::1' },
  gw0: { ip6: '2001:db8:2::1/64', gateway: '2001:db8:2::fe', mac: SELF },
};

const followed = (net: Lab) => net.service(addresses, 'hv1/br0')?.all('edge', 'net');

test.each([
  ['192.0.2.1/24', { pc, peer, gw0 }],
  ['2001:db8:2::1/64', six],
])('a host gets %s as its first address: its first packets pass without Flowloom', async (first, guests) => {
  const net = await lab({ file: file(FIREWALL), guests });
  await net.stop();
  await net.ping('gw0', 'peer');
  await net.start();
  expect(followed(net)).toEqual([first]);
  await net.ping('gw0', 'peer');
});

test('what comes for another address of the host reaches it at once, and nobody is asked for it again and again', async () => {
  const net = await lab({ file: file(FIREWALL), guests: { pc, peer, gw0 } });
  await net.ping('gw0', 'peer');
  expect(followed(net)).toEqual(['192.0.2.1/24']);
  const from = { src: '192.0.2.9', dst: 'peer', eth: { dst: net.guest('peer').mac } };
  const sent = await net.send('gw0', packet.udp({ ...from, srcPort: 4000, dstPort: 53 }));
  expectPacket(sent).reaches('peer', { ipv4: { src: '192.0.2.9' } });
  const back = packet.udp({ dst: '192.0.2.9', eth: { dst: SELF }, srcPort: 53, dstPort: 4000 });
  const answered = await net.send('peer', back);
  expectPacket(answered)
    .leaves('hv1/br0:gw0', { ipv4: { dst: '192.0.2.9' } })
    .doesNotReach('peer');
});

test('from inside, another address of the host is found once it has spoken from it', async () => {
  const net = await lab({ file: file(), guests: { pc, peer, gw0 } });
  await net.ping('gw0', 'peer');
  await net.send('pc', packet.arp({ dst: '10.1.0.1' }));
  const asks = { operation: 1, senderMac: SELF, senderAddress: '192.0.2.9' };
  const arp = { ...asks, targetMac: '00:00:00:00:00:00', targetAddress: '192.0.2.254' };
  await net.send('gw0', packet.layers({ eth: { src: SELF, dst: 'ff:ff:ff:ff:ff:ff' }, arp }));
  // It does not answer what comes from its own address and MAC address, and is not forgotten for that.
  for (let i = 0; i < 6; i++) {
    expectPacket(await net.send('pc', packet.udp({ dst: '192.0.2.9', dstPort: 9 }))).leaves('hv1/br0:gw0', {
      ipv4: { dst: '192.0.2.9' },
    });
    await net.advance(20);
  }
});

test('what a forward sends to a station of the uplink goes there, and not to the host', async () => {
  const nat = 'nat: [forward tcp edge/net:8080 to 192.0.2.254:80]\n';
  const client = { ip: '192.0.2.77/24', gateway: '192.0.2.1' };
  const text = file(nat).replace('type: internal, access: net }', '$&\n      hv1/client: { access: net }');
  const net = await lab({ file: text, guests: { peer, gw0, client } });
  await net.ping('gw0', 'peer');
  await net.ping('client', 'peer');
  const syn = packet.tcp({ dst: '192.0.2.1', eth: { dst: SELF }, dstPort: 8080 });
  expectPacket(await net.send('client', syn))
    .reaches('peer', { tcp: { dstPort: 80 } })
    .doesNotReach('gw0');
});

test('IPv6: masquerading has the address that the host has, and another when it has changed', async () => {
  const guests = { ...six, gw0: { ...six.gw0, answers: false } };
  const net = await lab({ file: file('nat: ["masquerade 2001:db8:1::/64 out edge/net"]\n'), guests });
  const heard = (src: string) => packet.udp({ src, dst: 'peer', eth: { dst: net.guest('peer').mac }, dstPort: 1 });
  await net.send('gw0', heard('2001:db8:2::1'));
  expect(followed(net)).toEqual(['2001:db8:2::1/64']);
  await net.ping('pc', 'peer');
  await net.advance(2);
  await net.send('gw0', heard('2001:db8:2::9'));
  await net.advance(1);
  expect(followed(net)).toEqual(['2001:db8:2::9/64']);
  const out = packet.udp({ dst: 'peer', srcPort: 5000, dstPort: 53 });
  expectPacket(await net.send('pc', out)).reaches('peer', { ipv6: { src: '2001:db8:2::9' } });
  expect((await net.restart()).flowMods).toBe(0);
  expect(followed(net)).toEqual(['2001:db8:2::9/64']);
});

test('IPv6: a host that answers for its first address keeps it, though it sends from others', async () => {
  const net = await lab({ file: file(), guests: { ...six, gw0: { ...six.gw0, ip: '192.0.2.1/24' } } });
  await net.ping('gw0', '2001:db8:2::fe');
  const other = { src: '2001:db8:2::abcd', dst: '2001:db8:2::fe', eth: { dst: net.guest('peer').mac } };
  await net.send('gw0', packet.udp({ ...other, dstPort: 1 }));
  await net.advance(1);
  expect(followed(net)).toEqual(['2001:db8:2::1/64']);
  await net.send('gw0', packet.arp({ dst: '192.0.2.254' }));
  expect(followed(net)).toEqual(['192.0.2.1/24', '2001:db8:2::1/64']);
});

test('IPv6: a gateway with a link-local address is asked for before the address of the host is known', async () => {
  const guests = { pc: six.pc, peer: { ip6: 'fe80::1/64' } };
  const text = file().replace('default via 2001:db8:2::fe', 'default via fe80::1 dev net');
  const net = await lab({ file: text, guests });
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:99::5', dstPort: 9, eth: { dst: MAC } }))).reaches(
    'peer',
    {
      eth: { src: SELF },
      ipv6: { src: 'pc', dst: '2001:db8:99::5' },
    },
  );
});
