/** The app `segments` in a lab: what a port with `address` or `mac` may send, in IP, ARP and neighbour discovery. */

import { expect, test } from 'vitest';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const file = `flowloom: 1
hosts: { hv1: }
segments: { lan: { vlan: 10 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/both: { access: lan, address: [10.1.0.1, "2001:db8::1"], mac: "02:00:00:00:00:01" }
      hv1/many: { access: lan, address: [10.1.0.2, 10.1.0.64/28] }
      hv1/maconly: { access: lan, mac: ["02:00:00:00:00:03", "02:00:00:00:00:04"] }
      hv1/server: { access: lan, address: [10.1.0.5, "2001:db8::5"], serves: [dhcp, ra] }
      hv1/peer: { access: lan }
`;

const guests = {
  both: { ip: '10.1.0.1/24', ip6: '2001:db8::1/64' },
  many: { ip: '10.1.0.2/24' },
  maconly: { ip: '10.1.0.3/24' },
  server: { ip: '10.1.0.5/24', ip6: '2001:db8::5/64' },
  peer: { ip: '10.1.0.9/24', ip6: '2001:db8::9/64' },
};

const MAC = '02:00:00:00:00:01';
const LIAR = '02:00:00:00:00:66';

test('addresses of both families, by one MAC', async () => {
  const net = await lab({ file, guests });
  await net.ping('both', 'peer');
  await net.ping('both', '2001:db8::9');
  const udp = (more: object) => net.send('both', packet.udp({ dst: 'peer', dstPort: 9, ...more }));
  expectPacket(await udp({})).reaches('peer');
  expectPacket(await udp({ src: '10.1.0.2', eth: { src: MAC } })).isDropped();
  expectPacket(await udp({ eth: { src: LIAR } })).isDropped();
  expectPacket(await udp({ src: '2001:db8::2', dst: '2001:db8::9', eth: { src: MAC } })).isDropped();
  // The link-local address that follows from the MAC, and no other.
  expectPacket(await udp({ src: 'fe80::ff:fe00:1', dst: '2001:db8::9', eth: { src: MAC } })).reaches('peer');
  expectPacket(await udp({ src: 'fe80::1', dst: '2001:db8::9', eth: { src: MAC } })).isDropped();
});

test('a list of addresses and prefixes', async () => {
  const net = await lab({ file, guests });
  for (const [src, passes] of [
    ['10.1.0.2', true],
    ['10.1.0.64', true],
    ['10.1.0.79', true],
    ['10.1.0.80', false],
  ] as const) {
    const sent = await net.send('many', packet.arp({ src, dst: 'peer' }));
    if (passes) expectPacket(sent).reaches('peer');
    else expectPacket(sent).isDropped();
  }
});

test('several MAC addresses: what ARP says must be so, too', async () => {
  const net = await lab({ file, guests });
  const arp = (src: string, senderMac: string) =>
    packet.layers({
      eth: { src, dst: 'ff:ff:ff:ff:ff:ff' },
      arp: {
        operation: 1,
        senderMac,
        senderAddress: '10.1.0.3',
        targetMac: '00:00:00:00:00:00',
        targetAddress: '10.1.0.9',
      },
    });
  expectPacket(await net.send('maconly', arp('02:00:00:00:00:03', '02:00:00:00:00:03'))).leaves('hv1/br0:peer');
  expectPacket(await net.send('maconly', arp('02:00:00:00:00:04', '02:00:00:00:00:04'))).leaves('hv1/br0:peer');
  expectPacket(await net.send('maconly', arp('02:00:00:00:00:03', LIAR))).isDropped();
  expectPacket(await net.send('maconly', arp(LIAR, LIAR))).isDropped();
});

test('neighbour discovery: neither the target nor the MAC in its option may be another', async () => {
  const net = await lab({ file, guests });
  const advertise = (target: string, mac: string) =>
    packet.layers({
      eth: { src: MAC, dst: '33:33:00:00:00:01' },
      ipv6: { src: '2001:db8::1', dst: 'ff02::1' },
      icmpv6: {
        type: 136,
        nd: {
          target,
          override: true,
          options: [{ type: 2, value: Uint8Array.from(Buffer.from(mac.replaceAll(':', ''), 'hex')) }],
        },
      },
    });
  expectPacket(await net.send('both', advertise('2001:db8::1', MAC))).leaves('hv1/br0:peer');
  expectPacket(await net.send('both', advertise('2001:db8::9', MAC))).isDropped();
  expectPacket(await net.send('both', advertise('2001:db8::1', LIAR))).isDropped();
});

test('who does not serve poses neither as a DHCP server nor as a router', async () => {
  const net = await lab({ file, guests });
  const offer = (src: string) =>
    packet.udp({ src, srcPort: 67, dst: '255.255.255.255', dstPort: 68, eth: { dst: 'ff:ff:ff:ff:ff:ff' } });
  expectPacket(await net.send('server', offer('10.1.0.5'))).leaves('hv1/br0:peer');
  expectPacket(await net.send('both', offer('10.1.0.1'))).isDropped();
  expectPacket(await net.send('many', offer('10.1.0.2'))).isDropped();
  const advertisement = (src: string) =>
    packet.icmp({ src, dst: 'ff02::1', type: 134, eth: { dst: '33:33:00:00:00:01' } });
  expectPacket(await net.send('server', advertisement('2001:db8::5'))).leaves('hv1/br0:peer');
  expectPacket(await net.send('both', advertisement('2001:db8::1'))).isDropped();
  // A client asks, before it has an address.
  const discover = packet.udp({
    src: '0.0.0.0',
    srcPort: 68,
    dst: '255.255.255.255',
    dstPort: 67,
    eth: { src: MAC, dst: 'ff:ff:ff:ff:ff:ff' },
  });
  expectPacket(await net.send('both', discover)).leaves('hv1/br0:server');
  expect(net.counters('port both is no DHCP server').packets).toBe(1);
});
