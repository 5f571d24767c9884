/** The apps `router`, `nat` and `firewall` in a lab: routes, TTL, next hops, translation both ways, zones. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/web: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: [192.0.2.1/24, 192.0.2.9/24] }
    routes: [default via 192.0.2.254]
${more}`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

const network = (more?: string): Promise<Lab> => lab({ file: file(more), guests });

test('router: from segment to segment, by its MAC address, the TTL one less', async () => {
  const net = await network();
  await net.ping('pc', 'web');
  expectPacket(await net.send('pc', packet.udp({ dst: 'web', dstPort: 9, ttl: 9 })))
    .reaches('web', { ipv4: { src: 'pc', dst: 'web', ttl: 8 } })
    .nowhereElse();
});

test('router: it answers ARP for its addresses, and pings of them', async () => {
  const net = await network();
  await net.ping('pc', '10.1.0.1');
  await net.ping('pc', '192.0.2.9');
  expectPacket(await net.send('pc', packet.arp({ dst: '10.2.0.1' }))).leavesNowhere();
  expectPacket(await net.send('pc', packet.arp({ dst: '10.1.0.1', src: '10.7.0.1' }))).leavesNowhere();
  expectPacket(await net.send('pc', packet.arp({ dst: '10.1.0.1', src: '0.0.0.0' }))).leaves('hv1/br0:pc', {
    arp: { senderAddress: '10.1.0.1' },
  });
});

test('router: a next hop that nobody has heard of is asked for, and the packet waits for it', async () => {
  const net = await network();
  const sent = await net.send('pc', packet.udp({ dst: '203.0.113.5', dstPort: 9 }));
  expectPacket(sent)
    .goesTo('router')
    .leaves('hv1/br0:peer', { arp: { targetAddress: '192.0.2.254' } })
    .reaches('peer', { ipv4: { dst: '203.0.113.5', ttl: 63 } });
});

test('router: a packet whose TTL ends is answered with ICMP time exceeded', async () => {
  const net = await network();
  await net.ping('pc', '10.1.0.1');
  expectPacket(await net.send('pc', packet.udp({ dst: 'web', dstPort: 9, ttl: 1 })))
    .reaches('pc', { icmp: { type: 11 }, ipv4: { src: '10.1.0.1' }, quoted: { ipv4: { dst: 'web' } } })
    .doesNotReach('web');
});

const nat = `
nat:
  - masquerade 10.1.0.0/24 out edge/net
  - forward tcp 192.0.2.9:8080 to 10.2.0.10:80
`;
const open = `
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
  policy: [all to all accept]
`;
const withAndWithout = [
  ['beside a firewall', nat + open],
  ['alone', nat],
] as const;

test.each(withAndWithout)('nat %s: masquerade out, and the answer comes back to who asked', async (_, more) => {
  const net = await network(more);
  await net.ping('pc', '10.1.0.1');
  const sent = await net.send('pc', packet.tcp({ dst: 'peer', srcPort: 40000, dstPort: 80 }));
  expectPacket(sent).reaches('peer', { ipv4: { src: '192.0.2.1', dst: 'peer' }, tcp: { dstPort: 80 } });
  const [arrived] = [sent, ...sent.answers]
    .flatMap(({ left }) => left.filter(({ guest }) => guest === 'peer'))
    .slice(-1);
  expectPacket(await net.send('peer', packet.answer(arrived!.frame)))
    .reaches('pc', { ipv4: { src: 'peer', dst: 'pc' }, tcp: { dstPort: 40000, flags: ['syn', 'ack'] } })
    .nowhereElse();
});

test.each(
  withAndWithout,
)('nat %s: a forward leads to its station, which answers from the public address', async (_, more) => {
  const net = await network(more);
  await net.ping('web', '10.2.0.1');
  await net.ping('peer', '192.0.2.1');
  const knocked = await net.send('peer', packet.tcp({ dst: '192.0.2.9', srcPort: 50000, dstPort: 8080 }));
  expectPacket(knocked).reaches('web', { ipv4: { src: 'peer', dst: 'web' }, tcp: { dstPort: 80 } });
  const { frame } = [knocked, ...knocked.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'web')!;
  expectPacket(await net.send('web', packet.answer(frame))).reaches('peer', {
    ipv4: { src: '192.0.2.9', dst: 'peer' },
    tcp: { srcPort: 8080, dstPort: 50000 },
  });
  expectPacket(await net.send('peer', packet.tcp({ dst: '192.0.2.9', dstPort: 8081 }))).doesNotReach('web');
});

const firewall = `
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
  policy: [loc to net accept, all to all drop]
  rules:
    - accept ping from loc to fw
    - drop ssh from loc to net
    - accept http from loc to dmz
`;

test('firewall: rules before policies; answers pass, and nothing that nobody asked for', async () => {
  const net = await network(firewall);
  await net.ping('pc', '10.1.0.1');
  const open = await net.send('pc', packet.tcp({ dst: 'web', dstPort: 80 }));
  expectPacket(open).reaches('web');
  const { frame } = [open, ...open.answers].flatMap(({ left }) => left).findLast(({ guest }) => guest === 'web')!;
  expectPacket(await net.send('web', packet.answer(frame))).reaches('pc');
  expectPacket(await net.send('pc', packet.tcp({ dst: 'web', dstPort: 81 }))).leavesNowhere();
  const ssh = await net.send('pc', packet.tcp({ dst: 'peer', dstPort: 22 }));
  expectPacket(ssh).leavesNowhere();
  expect(ssh.way).toContain('firewall: drop ssh from loc to net (flowloom.yaml:25)');
  expectPacket(await net.send('pc', packet.tcp({ dst: 'peer', dstPort: 23 }))).reaches('peer');
  expectPacket(await net.send('peer', packet.tcp({ dst: 'pc', dstPort: 23 }))).leavesNowhere();
  expect(net.counters('drop ssh from loc to net').packets).toBe(1);
});

test('firewall: a rule that goes ends the connections that it allowed; a restart ends none', async () => {
  const net = await network(firewall);
  await net.ping('pc', '10.1.0.1');
  await net.send('pc', packet.tcp({ dst: 'web', dstPort: 80, srcPort: 40000 }));
  expect((await net.restart()).flowMods).toBe(0);
  const more = packet.tcp({ dst: 'web', dstPort: 80, srcPort: 40000, flags: ['ack'] });
  expectPacket(await net.send('pc', more)).reaches('web');
  await net.reload({ file: file(firewall.replace('    - accept http from loc to dmz\n', '')) });
  expectPacket(await net.send('pc', more)).leavesNowhere();
});
