/** A router's port `self`: the host's own network stack behind it, in no segment, or on the uplink with a followed address. */

import { expect, test } from 'vitest';
import { addresses } from '../../../apps/router/services.ts';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

/** Of the port `gw0`, and of the stack behind it. */
const SELF = '02:00:00:01:00:03';

const file = (gw0: string, net: string, more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30, subnet: 192.0.2.0/24 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/peer: { access: net }
      hv1/gw0: { type: internal${gw0} }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    self: hv1/gw0
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      net: { segment: net, address: ${net} }
    routes: [default via 192.0.2.254]
${more}`;

const FIREWALL = `
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [fw to net accept, all to all drop]
  rules: [accept ssh from loc to fw, accept ping from net to fw]
`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
  gw0: { ip: '192.0.2.1/32', gateway: '192.0.2.254', mac: SELF },
};

test('in no segment: what is for the router goes to the host, and its answers come back', async () => {
  const net = await lab({ file: file('', '192.0.2.1/24'), guests });
  await net.ping('pc', '192.0.2.1');
  const asked = await net.send('pc', packet.udp({ dst: '10.1.0.1', dstPort: 53, ttl: 1 }));
  expectPacket(asked)
    .reaches('gw0', { eth: { dst: SELF }, ipv4: { src: 'pc', dst: '10.1.0.1', ttl: 1 } })
    .nowhereElse();
  await net.ping('gw0', 'pc');
  await net.ping('gw0', 'peer');
});

test('in no segment: the router answers the host by ARP for all but its own addresses', async () => {
  const net = await lab({ file: file('', '192.0.2.1/24'), guests });
  expectPacket(await net.send('gw0', packet.arp({ dst: '203.0.113.5' }))).reaches('gw0', {
    arp: { senderAddress: '203.0.113.5', senderMac: '02:00:00:00:00:fe', targetAddress: '192.0.2.1' },
  });
  expectPacket(await net.send('gw0', packet.arp({ dst: '192.0.2.1' }))).leavesNowhere();
  expectPacket(await net.send('gw0', packet.arp({ dst: '10.1.0.1', src: '0.0.0.0' }))).leavesNowhere();
});

test('what the host sends has the TTL that it gave it', async () => {
  const net = await lab({ file: file('', '192.0.2.1/24'), guests });
  await net.ping('gw0', 'peer');
  expectPacket(await net.send('gw0', packet.udp({ dst: 'peer', dstPort: 9, ttl: 1 }))).reaches('peer', {
    ipv4: { ttl: 1 },
    eth: { src: '02:00:00:00:00:fe' },
  });
});

test('the firewall stands before the host, both ways', async () => {
  const net = await lab({ file: file('', '192.0.2.1/24', FIREWALL), guests });
  await net.ping('peer', '192.0.2.1');
  await net.ping('gw0', 'peer');
  const ssh = await net.send('pc', packet.tcp({ dst: '10.1.0.1', dstPort: 22 }));
  expectPacket(ssh).reaches('gw0');
  const { frame } = [ssh, ...ssh.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'gw0')!;
  expectPacket(await net.send('gw0', packet.answer(frame))).reaches('pc');
  expectPacket(await net.send('peer', packet.tcp({ dst: '192.0.2.1', dstPort: 22 }))).doesNotReach('gw0');
  expectPacket(await net.send('gw0', packet.tcp({ dst: 'pc', dstPort: 22 }))).doesNotReach('pc');
});

const UPLINK = ', access: net';

test('on the uplink: the host speaks for its address, and what comes and goes is filtered by the router', async () => {
  const net = await lab({ file: file(UPLINK, '192.0.2.1/24', FIREWALL), guests });
  expectPacket(await net.send('peer', packet.arp({ dst: '192.0.2.1' }))).reaches('peer', {
    arp: { senderAddress: '192.0.2.1', senderMac: SELF },
  });
  await net.ping('peer', '192.0.2.1');
  const out = await net.send('gw0', packet.tcp({ dst: 'peer', dstPort: 80, ttl: 7 }));
  expectPacket(out).reaches('peer', { eth: { src: SELF }, ipv4: { src: '192.0.2.1', ttl: 7 } });
  const { frame } = [out, ...out.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'peer')!;
  expectPacket(await net.send('peer', packet.answer(frame))).reaches('gw0');
  expectPacket(await net.send('peer', packet.tcp({ dst: '192.0.2.1', dstPort: 22 }))).doesNotReach('gw0');
});

test('on the uplink: the host is told its address by DHCP, and nobody else has its MAC', async () => {
  const net = await lab({ file: file(UPLINK, '192.0.2.1/24', FIREWALL), guests });
  const offer = packet.udp({ dst: '192.0.2.77', eth: { dst: SELF }, srcPort: 67, dstPort: 68 });
  await net.send('gw0', packet.arp({ dst: '192.0.2.254' }));
  expectPacket(await net.send('peer', offer)).reaches('gw0');
  expectPacket(await net.send('peer', packet.udp({ eth: { src: SELF }, dst: 'pc', dstPort: 1 }))).leavesNowhere();
});

const followed = (net: Awaited<ReturnType<typeof lab>>) =>
  net.send('peer', packet.udp({ dst: '192.0.2.1', eth: { dst: SELF }, dstPort: 9 }));

test('follow: the address is the one that the host has, and another one when it has changed', async () => {
  const net = await lab({ file: file(UPLINK, 'follow'), guests });
  const heard = await net.send('gw0', packet.arp({ dst: '192.0.2.254' }));
  expectPacket(heard).reaches('peer');
  await net.advance(1);
  expectPacket(await followed(net)).reaches('gw0', { ipv4: { dst: '192.0.2.1', ttl: 64 } });
  expect((await net.restart()).flowMods).toBe(0);
  expectPacket(await followed(net)).reaches('gw0', { ipv4: { dst: '192.0.2.1', ttl: 64 } });

  // It still answers for the first: another address of the host changes nothing.
  await net.send('gw0', packet.udp({ src: '192.0.2.9', dst: 'peer', dstPort: 1 }));
  await net.advance(1);
  expectPacket(await followed(net)).reaches('gw0', { ipv4: { dst: '192.0.2.1', ttl: 64 } });
});

test("follow: where the host answers no more for the old address, the new one is the router's", async () => {
  const gw0 = { ...guests.gw0, answers: false };
  const net = await lab({ file: file(UPLINK, 'follow'), guests: { ...guests, gw0 } });
  const address = () => net.service(addresses, 'hv1/br0')?.primary('edge', 'net');
  expect(address()).toBeUndefined();
  await net.send('gw0', packet.udp({ dst: 'peer', dstPort: 1, src: '203.0.113.1', eth: { dst: '02:00:00:00:00:77' } }));
  expect(address()).toBeUndefined();
  await net.send('gw0', packet.arp({ dst: '192.0.2.254' }));
  expect(address()).toBe('192.0.2.1');
  await net.advance(2);
  await net.send('gw0', packet.udp({ dst: 'peer', dstPort: 1, src: '192.0.2.9', eth: { dst: '02:00:00:00:00:77' } }));
  expect(address()).toBe('192.0.2.1');
  await net.advance(1);
  expect(address()).toBe('192.0.2.9');
  await net.restart();
  expect(address()).toBe('192.0.2.9');
  expectPacket(await net.send('peer', packet.udp({ dst: '192.0.2.9', eth: { dst: SELF }, dstPort: 9 }))).leaves(
    'hv1/br0:gw0',
    { ipv4: { dst: '192.0.2.9', ttl: 64 } },
  );
});

test('IPv6 goes to the host and comes from it as IPv4 does', async () => {
  const six = (where: string) =>
    file(where, '["192.0.2.1/24", "2001:db8:2::1/64"]', FIREWALL).replace(
      'address: 10.1.0.1/24',
      'address: [10.1.0.1/24, "2001:db8:1::1/64"]',
    );
  const guests = {
    pc: { ip6: '2001:db8:1::10/64', gateway: '2001:db8:1::1' },
    peer: { ip6: '2001:db8:2::fe/64', gateway: '2001:db8:2::1' },
    gw0: { ip6: '2001:db8:2::1/64', gateway: '2001:db8:2::fe', mac: SELF },
  };
  for (const where of ['', UPLINK]) {
    const net = await lab({ file: six(where), guests });
    await net.ping('gw0', 'peer');
    await net.ping('peer', '2001:db8:2::1');
    expectPacket(await net.send('gw0', packet.udp({ dst: 'peer', dstPort: 9, ttl: 7 }))).reaches('peer', {
      eth: { src: where === '' ? '02:00:00:00:00:fe' : SELF },
      ipv6: { hopLimit: 7 },
    });
    expectPacket(await net.send('peer', packet.tcp({ dst: '2001:db8:2::1', dstPort: 22 }))).doesNotReach('gw0');
    expectPacket(await net.send('pc', packet.tcp({ dst: '2001:db8:1::1', dstPort: 22 }))).reaches('gw0');
  }
});
