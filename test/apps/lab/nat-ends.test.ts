/** The app `nat` in a lab: what ends, what runs out, what errors say, and addresses that are shared or change. */

import { describe, expect, test } from 'vitest';
import { dissect } from '../../../src/packet/dissect.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';
import { network, open, ROUTER_MAC, roundTrip, routed } from './nat-network.ts';

/** The last frame that came to a guest. */
function arrived({ left }: Awaited<ReturnType<Lab['send']>>, at: string): Uint8Array {
  return left.findLast(({ guest }) => guest === at)!.frame;
}

/** Port unreachable from `from` about a frame that it got (RFC 792). */
function unreachable(frame: Uint8Array, from: string, via: string): Uint8Array {
  const { eth, ipv4 } = dissect(frame);
  return packet.layers({
    eth: { src: eth!.dst, dst: via },
    ipv4: { src: from, dst: ipv4!.src },
    icmp: { type: 3, code: 3 },
    payload: frame.slice(14, 14 + 28),
  });
}

describe.each([
  ['beside a firewall', open],
  ['alone', ''],
] as const)('nat %s', (_, firewall) => {
  test('what a changed rule ended begins anew with the next packet, from the same port', async () => {
    const rules = ['snat 10.1.0.10/32 to 192.0.2.9 out edge/net', 'forward udp 192.0.2.1:53 to 10.2.0.10'];
    const net = await network(rules, firewall);
    await net.ping('db', '10.2.0.1');
    const out = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 });
    const into = packet.udp({ dst: '192.0.2.1', srcPort: 5000, dstPort: 53 });
    await roundTrip(net, 'pc', out, 'peer', { ipv4: { src: '192.0.2.9' } }, {});
    await roundTrip(net, 'peer', into, 'web', {}, {});
    await net.reload({
      file: routed([rules[0]!.replace('.9 ', '.50 '), rules[1]!.replace('10.2.0.10', '10.2.0.11')], firewall),
    });
    expectPacket(await net.send('pc', out))
      .goesTo('nat')
      .doesNotReach('peer');
    await roundTrip(net, 'pc', out, 'peer', { ipv4: { src: '192.0.2.50' } }, {});
    expectPacket(await net.send('peer', into))
      .goesTo('nat')
      .doesNotReach('web');
    expectPacket(await net.send('peer', into))
      .doesNotReach('web')
      .reaches('db', { ipv4: { src: 'peer' } });
    expect(net.appCounters('nat').ended).toBe(2);
  });

  test('pings end as connections do', async () => {
    const net = await network(['masquerade 10.1.0.0/24 out edge/net'], firewall);
    await roundTrip(net, 'pc', packet.ping('pc', 'peer'), 'peer', { ipv4: { src: '192.0.2.1' } }, {});
    await net.reload({ file: routed(['snat 10.1.0.0/24 to 192.0.2.9 out edge/net'], firewall) });
    expectPacket(await net.send('pc', packet.ping('pc', 'peer'))).doesNotReach('peer');
    await roundTrip(net, 'pc', packet.ping('pc', 'peer'), 'peer', { ipv4: { src: '192.0.2.9' } }, {});
  });

  test('a connection goes on where a rule is put above its own, and new ones go by that', async () => {
    const rules = ['masquerade 10.1.0.0/24 out edge/net'];
    const net = await network(rules, firewall);
    const old = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 });
    await roundTrip(net, 'pc', old, 'peer', { ipv4: { src: '192.0.2.1' } }, {});
    await net.reload({ file: routed(['snat 10.1.0.10/32 to 192.0.2.9 out edge/net', ...rules], firewall) });
    await roundTrip(net, 'pc', old, 'peer', { ipv4: { src: '192.0.2.1' } }, {});
    const fresh = packet.udp({ dst: 'peer', srcPort: 4001, dstPort: 53 });
    await roundTrip(net, 'pc', fresh, 'peer', { ipv4: { src: '192.0.2.9' } }, {});
  });

  test('a restart ends nothing, and sends nothing', async () => {
    const rules = ['masquerade 10.1.0.0/24 out edge/net', 'one-to-one 192.0.2.20 with 10.2.0.10'];
    const net = await network(rules, firewall);
    const out = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 });
    await roundTrip(net, 'pc', out, 'peer', { ipv4: { src: '192.0.2.1' } }, {});
    expect((await net.restart()).flowMods).toBe(0);
    await roundTrip(net, 'pc', out, 'peer', { ipv4: { src: '192.0.2.1' } }, {});
  });

  test('where no port is left the packet is dropped, and people are told of the rule, once', async () => {
    const rule = 'masquerade 10.1.0.0/24 out edge/net ports 2000-2001';
    const net = await network([rule], firewall);
    const from = (srcPort: number) => packet.udp({ dst: 'peer', srcPort, dstPort: 53 });
    for (const port of [1001, 1002]) expectPacket(await net.send('pc', from(port))).reaches('peer');
    for (const port of [1003, 1004]) expectPacket(await net.send('pc', from(port))).doesNotReach('peer');
    // Another target has its own.
    expectPacket(await net.send('pc', packet.udp({ dst: 'peer', srcPort: 1005, dstPort: 54 }))).reaches('peer');
    const told = net.log.filter((line) => line.includes(rule));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^warn .*no port is left for 10\.1\.0\.10 to 192\.0\.2\.254/);
    expect(net.counters(`${rule}: nothing is left to translate to`).packets).toBe(2);
  });

  test('ICMP errors are translated: of masquerade and one-to-one, about what goes out', async () => {
    const net = await network(
      ['one-to-one 192.0.2.20 with 10.2.0.10', 'masquerade 10.1.0.0/24 out edge/net'],
      firewall,
    );
    for (const guest of ['pc', 'web']) {
      const sent = await net.send(guest, packet.udp({ dst: 'peer', srcPort: 7777, dstPort: 9 }));
      const error = unreachable(arrived(sent, 'peer'), '192.0.2.254', ROUTER_MAC);
      expectPacket(await net.send('peer', error)).reaches(guest, {
        ipv4: { src: 'peer', dst: guest },
        icmp: { type: 3, code: 3 },
        quoted: { ipv4: { src: guest, dst: 'peer' }, udp: { srcPort: 7777, dstPort: 9 } },
      });
      // From a router on the way.
      const hop = unreachable(arrived(sent, 'peer'), '198.51.100.1', ROUTER_MAC);
      expectPacket(await net.send('peer', hop)).reaches(guest, { quoted: { ipv4: { src: guest } } });
    }
  });

  test('ICMP errors are translated: of forwards and one-to-one, about what comes in', async () => {
    const net = await network(
      ['forward udp 192.0.2.1:5000-5003 to 10.2.0.10:6000-6003', 'one-to-one 192.0.2.20 with 10.1.0.10'],
      firewall,
    );
    for (const [address, port, guest, station] of [
      ['192.0.2.1', 5002, 'web', '10.2.0.10'],
      ['192.0.2.20', 5002, 'pc', '10.1.0.10'],
    ] as const) {
      const knock = packet.udp({ dst: address, srcPort: 7777, dstPort: port, eth: { dst: ROUTER_MAC } });
      const error = unreachable(arrived(await net.send('peer', knock), guest), station, ROUTER_MAC);
      expectPacket(await net.send(guest, error)).reaches('peer', {
        ipv4: { src: address, dst: 'peer' },
        icmp: { type: 3 },
        quoted: { ipv4: { src: 'peer', dst: address }, udp: { srcPort: 7777, dstPort: port } },
      });
    }
  });
});

const SELF = `
      net: { segment: net, address: 192.0.2.1/24 }
    routes: [default via 192.0.2.254]
`;

/** The host's own stack is at gw0, in the outer segment. */
function withSelf(nat: readonly string[], more = open, address = '192.0.2.1/24'): string {
  return routed(nat, more)
    .replace(
      'segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }',
      'segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30, subnet: 192.0.2.0/24 } }',
    )
    .replace('      hv1/peer: { access: net }\n', '      hv1/peer: { access: net }\n      hv1/gw0: { access: net }\n')
    .replace('    host: hv1\n', '    host: hv1\n    self: hv1/gw0\n')
    .replace(/ {6}net: \{ segment: net[^\n]*\n.*?\n/, `${SELF.replace('192.0.2.1/24', address).slice(1)}`);
}

/** The stack behind the port has its MAC. */
const hosted = (ip: string) => ({
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  gw0: { ip, gateway: '192.0.2.254', mac: '02:00:00:01:00:06' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
});

test('the host and its stations share an address: no port of one is given to another', async () => {
  const net = await lab({
    file: withSelf(['masquerade 10.1.0.0/24 out edge/net ports 3000-3000']),
    guests: hosted('192.0.2.1/24'),
  });
  await net.ping('gw0', 'peer');
  await net.send('pc', packet.arp({ dst: '10.1.0.1' }));
  const own = packet.udp({ dst: 'peer', srcPort: 3000, dstPort: 53 });
  await roundTrip(net, 'gw0', own, 'peer', { ipv4: { src: '192.0.2.1' }, udp: { srcPort: 3000 } }, {});
  // Its one port is the host's: nothing is left.
  expectPacket(await net.send('pc', packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 }))).doesNotReach('peer');
  const other = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 54 });
  await roundTrip(net, 'pc', other, 'peer', { udp: { srcPort: 3000 } }, { udp: { dstPort: 4000 } });
  // And the other way round: the host moves to another port, and hears its own answers.
  const clash = packet.udp({ dst: 'peer', srcPort: 3000, dstPort: 54 });
  const moved = await net.send('gw0', clash);
  const seen = dissect(arrived(moved, 'peer'));
  expect(seen.ipv4!.src).toBe('192.0.2.1');
  expect(seen.udp!.srcPort).not.toBe(3000);
  expectPacket(await net.send('peer', packet.answer(arrived(moved, 'peer')))).reaches('gw0', {
    udp: { srcPort: 54, dstPort: 3000 },
  });
});

test('an address that is followed: masquerade and forwards go by the one that the host has now', async () => {
  const rules = ['masquerade 10.1.0.0/24 out edge/net', 'forward tcp edge/net:80 to 10.1.0.10:8080'];
  const net = await lab({ file: withSelf(rules, open, 'follow'), guests: hosted('192.0.2.7/24') });
  await net.send('pc', packet.arp({ dst: '10.1.0.1' }));
  await net.ping('gw0', 'peer');
  await net.advance(2);
  const out = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 });
  await roundTrip(net, 'pc', out, 'peer', { ipv4: { src: '192.0.2.7' } }, {});
  const into = packet.tcp({ dst: '192.0.2.7', dstPort: 80, eth: { dst: net.guest('gw0').mac } });
  await roundTrip(net, 'peer', into, 'pc', { tcp: { dstPort: 8080 } }, { ipv4: { src: '192.0.2.7' } });
});

test('the router answers ARP for public addresses that no interface has, and for no others', async () => {
  const net = await network([
    'one-to-one 192.0.2.32/30 with 10.2.0.8/30',
    'snat 10.1.0.0/24 to 192.0.2.40-192.0.2.42 out edge/net',
    'forward tcp 192.0.2.50:80 to 10.1.0.10',
  ]);
  const asked = (dst: string) => net.send('peer', packet.arp({ dst }));
  for (const dst of ['192.0.2.32', '192.0.2.35', '192.0.2.41', '192.0.2.50', '192.0.2.9']) {
    expectPacket(await asked(dst)).reaches('peer', { arp: { senderAddress: dst, senderMac: ROUTER_MAC } });
  }
  for (const dst of ['192.0.2.31', '192.0.2.36', '192.0.2.43']) expectPacket(await asked(dst)).doesNotReach('peer');
  const to = { eth: { dst: ROUTER_MAC } };
  await roundTrip(net, 'peer', packet.ping('peer', '192.0.2.34', to), 'web', {}, { ipv4: { src: '192.0.2.34' } });
  // What is forwarded to nobody is not sent back to the segment.
  expectPacket(await net.send('peer', packet.tcp({ dst: '192.0.2.50', dstPort: 81, ...to }))).isDropped();
});
