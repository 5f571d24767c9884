/** A router with IPv6 in a lab: neighbour discovery answered and learned in the switch, hop limits, what stays on its link. */

import { expect, test } from 'vitest';
import { addresses } from '../../../apps/router/services.ts';
import { expectPacket, lab, packet } from '../../../src/testing/index.ts';

const MAC = '02:00:00:00:00:fe';
const LINK_LOCAL = 'fe80::ff:fe00:fe';

const file = (routes = '[]', more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/peer: { access: net }
      hv1/four: { access: loc }
routers:
  edge:
    host: hv1
    mac: "${MAC}"
    interfaces:
      loc: { segment: loc, address: [10.1.0.1/24, "2001:db8:1::1/64"] }
      net: { segment: net, address: "2001:db8:2::1/64" }
    routes: ${routes}
${more}`;

const guests = {
  pc: { ip6: '2001:db8:1::10/64', gateway: '2001:db8:1::1' },
  peer: { ip6: '2001:db8:2::fe/64', gateway: '2001:db8:2::1' },
  four: { ip: '10.1.0.4/24', gateway: '10.1.0.1' },
};

test('from segment to segment, by the MAC that the router advertises, the hop limit one less', async () => {
  const net = await lab({ file: file(), guests });
  await net.ping('pc', 'peer');
  expectPacket(await net.send('pc', packet.udp({ dst: 'peer', dstPort: 9, ttl: 9 })))
    .reaches('peer', { eth: { src: MAC }, ipv6: { src: 'pc', dst: 'peer', hopLimit: 8 } })
    .nowhereElse();
  expectPacket(await net.send('pc', packet.udp({ dst: 'peer', dstPort: 9, ttl: 1 })))
    .reaches('pc', { icmpv6: { type: 3 }, ipv6: { src: '2001:db8:1::1' } })
    .doesNotReach('peer');
});

test('it answers solicitations and ping for its addresses, the link-local one too', async () => {
  const net = await lab({ file: file(), guests });
  await net.ping('pc', '2001:db8:1::1');
  await net.ping('pc', '2001:db8:2::1');
  const echo = packet.ping('pc', LINK_LOCAL, { eth: { dst: MAC } });
  expectPacket(await net.send('pc', echo)).reaches('pc', { icmpv6: { type: 129 }, ipv6: { src: LINK_LOCAL } });
  const other = packet.ping('pc', 'fe80::77', { eth: { dst: MAC } });
  expectPacket(await net.send('pc', other)).leavesNowhere();
  const spoofed = packet.udp({ src: 'fe80::10', dst: 'peer', dstPort: 9, eth: { dst: MAC } });
  expectPacket(await net.send('pc', spoofed)).leavesNowhere();
});

const solicitation = (src: string, target: string, ttl: number) =>
  packet.layers({
    eth: { src: '02:00:01:00:00:01', dst: '33:33:ff:00:00:01' },
    ipv6: { src, dst: 'ff02::1:ff00:1', hopLimit: ttl },
    icmpv6: {
      type: 135,
      nd: { target, options: [{ type: 1, value: Uint8Array.from([2, 0, 1, 0, 0, 1]) }] },
    },
  });

test('a solicitation from another link is not answered, and who asks whether an address is free is', async () => {
  const net = await lab({ file: file(), guests });
  expectPacket(await net.send('pc', solicitation('2001:db8:1::10', '2001:db8:1::1', 255))).reaches('pc', {
    eth: { src: MAC },
    ipv6: { src: '2001:db8:1::1', dst: '2001:db8:1::10', hopLimit: 255 },
    icmpv6: { type: 136 },
  });
  expectPacket(await net.send('pc', solicitation('2001:db8:1::10', '2001:db8:1::1', 254))).doesNotReach('pc');
  expectPacket(await net.send('pc', solicitation('::', '2001:db8:1::1', 255))).reaches('pc', {
    eth: { src: MAC, dst: '33:33:00:00:00:01' },
    ipv6: { dst: 'ff02::1' },
    icmpv6: { type: 136 },
  });
});

test('a next hop that nobody has heard of is solicited, and the packet waits for it', async () => {
  const net = await lab({ file: file('[default via 2001:db8:2::fe]'), guests });
  const sent = await net.send('pc', packet.udp({ dst: '2001:db8:99::5', dstPort: 9 }));
  expectPacket(sent)
    .goesTo('router')
    .reaches('peer', { ipv6: { dst: '2001:db8:99::5', hopLimit: 63 } });
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:99::6', dstPort: 9 })))
    .reaches('peer', { ipv6: { dst: '2001:db8:99::6' } })
    .nowhereElse();
  const neighbours = net.published('neighbours').map(({ address, mac }) => [address, mac]);
  expect(neighbours).toContainEqual(['2001:db8:2::fe', '02:00:01:00:00:02']);
  expect(neighbours).toContainEqual(['2001:db8:1::10', '02:00:01:00:00:01']);
});

test('a gateway with a link-local address; refused prefixes; each family has its own routes', async () => {
  const net = await lab({
    file: file('["2001:db8:98::/48 unreachable", "2001:db8:97::/48 via fe80::fe dev net"]'),
    guests: { ...guests, peer: { ip6: 'fe80::fe/64' } },
  });
  await net.ping('pc', '2001:db8:1::1');
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:98::5', dstPort: 9 }))).reaches('pc', {
    icmpv6: { type: 1, code: 3 },
  });
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:96::5', dstPort: 9 }))).reaches('pc', {
    icmpv6: { type: 1, code: 0 },
  });
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:97::5', dstPort: 9 }))).reaches('peer', {
    ipv6: { dst: '2001:db8:97::5' },
  });
  expect(net.service(addresses, 'hv1/br0')?.all('edge', 'loc')).toEqual(['10.1.0.1/24', '2001:db8:1::1/64']);
  await net.ping('four', '10.1.0.1');
});

const FIREWALL = `
firewall:
  zones: { loc: [edge/loc], net: [edge/net] }
  policy: [loc to net accept, all to all drop]
  rules: [accept ping from loc to fw]
`;

test('behind a firewall: connections are tracked, answers pass, nothing else comes in', async () => {
  const net = await lab({ file: file('[]', FIREWALL), guests });
  await net.ping('pc', '2001:db8:1::1');
  const sent = await net.send('pc', packet.tcp({ dst: 'peer', dstPort: 80 }));
  expectPacket(sent).reaches('peer');
  const { frame } = [sent, ...sent.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'peer')!;
  expectPacket(await net.send('peer', packet.answer(frame))).reaches('pc');
  expectPacket(await net.send('peer', packet.tcp({ dst: 'pc', dstPort: 80 }))).doesNotReach('pc');
});
