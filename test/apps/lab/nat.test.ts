/** The app `nat` in a lab: every kind of rule both ways, alone and beside a firewall; order, hairpin, and the end of a rule. */

import { describe, expect, test } from 'vitest';
import { dissect } from '../../../src/packet/dissect.ts';
import { expectPacket, packet } from '../../../src/testing/index.ts';
import { network, open, ROUTER_MAC, roundTrip, routed } from './nat-network.ts';

describe.each([
  ['beside a firewall', open],
  ['alone', ''],
] as const)('nat %s', (_, firewall) => {
  test('masquerade: TCP, UDP, ping and other protocols leave as the primary address, and answers come back', async () => {
    const net = await network(['masquerade 10.1.0.0/24 out edge/net'], firewall);
    const as = { ipv4: { src: '192.0.2.1', dst: 'peer' } };
    for (const sent of [
      packet.tcp({ dst: 'peer', srcPort: 40000, dstPort: 80 }),
      packet.udp({ dst: 'peer', srcPort: 40000, dstPort: 53 }),
      packet.ping('pc', 'peer'),
    ]) {
      await roundTrip(net, 'pc', sent, 'peer', as, { ipv4: { src: 'peer', dst: 'pc' } });
    }
    expectPacket(await net.send('pc', packet.ip({ dst: 'peer', protocol: 47 }))).reaches('peer', as);
    // What is not of the prefix keeps its own.
    await roundTrip(net, 'web', packet.udp({ dst: 'peer', dstPort: 9 }), 'peer', { ipv4: { src: 'web' } }, {});
  });

  test('the ports of the host do not show: those that leave are from 1024 on, or of the range that the rule gives', async () => {
    const net = await network(['masquerade 10.1.0.0/24 out edge/net ports 2000-2003'], firewall);
    const seen = new Set<number>();
    for (const srcPort of [99, 40000, 40001, 40002]) {
      const sent = await net.send('pc', packet.udp({ dst: 'peer', srcPort, dstPort: 53 }));
      seen.add(dissect(sent.left.find(({ guest }) => guest === 'peer')!.frame).udp!.srcPort);
    }
    expect([...seen].toSorted()).toEqual([2000, 2001, 2002, 2003]);
  });

  test('snat: to another address, to a range of them, and to one that no interface has', async () => {
    const net = await network(
      ['snat 10.1.0.10/32 to 192.0.2.9 out edge/net', 'snat 10.1.0.0/24 to 192.0.2.40-192.0.2.41 out edge/net'],
      firewall,
    );
    await roundTrip(net, 'pc', packet.udp({ dst: 'peer', dstPort: 53 }), 'peer', { ipv4: { src: '192.0.2.9' } }, {});
    const seen = new Set<string>();
    for (let srcPort = 5000; srcPort < 5016; srcPort++) {
      const sent = await net.send('mac', packet.udp({ dst: 'peer', srcPort, dstPort: 53 }));
      const arrived = sent.left.find(({ guest }) => guest === 'peer')!.frame;
      seen.add(dissect(arrived).ipv4!.src);
      expectPacket(await net.send('peer', packet.answer(arrived))).reaches('mac', { udp: { dstPort: srcPort } });
    }
    expect([...seen].toSorted()).toEqual(['192.0.2.40', '192.0.2.41']);
  });

  test('what is for the router itself keeps its source, whatever is translated that leaves there', async () => {
    const net = await network(['masquerade 0.0.0.0/0 out edge/net'], firewall);
    const delivery = await net.send('peer', packet.ping('peer', '192.0.2.1'));
    expectPacket(delivery).reaches('peer', { ipv4: { src: '192.0.2.1', dst: 'peer' }, icmp: { type: 0 } });
    await net.ping('peer', '192.0.2.9');
  });

  test('two stations with one port, to one target, stay apart', async () => {
    const net = await network(['masquerade 10.1.0.0/24 out edge/net'], firewall);
    const sent = packet.udp({ dst: 'peer', srcPort: 5353, dstPort: 53 });
    const frames = [];
    for (const guest of ['pc', 'mac']) {
      frames.push((await net.send(guest, sent)).left.find((each) => each.guest === 'peer')!.frame);
    }
    const [first, second] = frames.map((frame) => dissect(frame).udp!.srcPort);
    expect(first).not.toBe(second);
    expectPacket(await net.send('peer', packet.answer(frames[0]!)))
      .reaches('pc')
      .doesNotReach('mac');
    expectPacket(await net.send('peer', packet.answer(frames[1]!)))
      .reaches('mac')
      .doesNotReach('pc');
  });

  test('order: an exemption above a masquerade, and a narrower rule above a wider one', async () => {
    const net = await network(
      [
        'exempt 10.1.0.0/24 to 192.0.2.128/25 out edge/net',
        'snat 10.1.0.11/32 to 192.0.2.9 out edge/net',
        'masquerade 10.1.0.0/24 out edge/net',
      ],
      firewall,
    );
    const far = packet.udp({ dst: '203.0.113.5', dstPort: 53 });
    expectPacket(await net.send('pc', packet.udp({ dst: 'peer', dstPort: 53 }))).reaches('peer', {
      ipv4: { src: 'pc' },
    });
    expectPacket(await net.send('pc', far)).reaches('peer', { ipv4: { src: '192.0.2.1' } });
    expectPacket(await net.send('mac', far)).reaches('peer', { ipv4: { src: '192.0.2.9' } });
  });

  test('forward: one port, another port, an interface by its name, and no other port or protocol', async () => {
    const net = await network(
      ['forward tcp 192.0.2.9:8080 to 10.2.0.10:80', 'forward udp edge/net:53 to 10.1.0.10'],
      firewall,
    );
    await roundTrip(
      net,
      'peer',
      packet.tcp({ dst: '192.0.2.9', srcPort: 50000, dstPort: 8080, eth: { dst: ROUTER_MAC } }),
      'web',
      { ipv4: { src: 'peer', dst: 'web' }, tcp: { srcPort: 50000, dstPort: 80 } },
      { ipv4: { src: '192.0.2.9' }, tcp: { srcPort: 8080, dstPort: 50000 } },
    );
    const named = packet.udp({ dst: '192.0.2.1', dstPort: 53, eth: { dst: ROUTER_MAC } });
    await roundTrip(net, 'peer', named, 'pc', { udp: { dstPort: 53 } }, { ipv4: { src: '192.0.2.1' } });
    for (const other of [
      packet.tcp({ dst: '192.0.2.9', dstPort: 8081, eth: { dst: ROUTER_MAC } }),
      packet.udp({ dst: '192.0.2.9', dstPort: 8080, eth: { dst: ROUTER_MAC } }),
      packet.tcp({ dst: '192.0.2.1', dstPort: 8080, eth: { dst: ROUTER_MAC } }),
    ]) {
      expectPacket(await net.send('peer', other)).doesNotReach('web');
    }
  });

  test('forward: a range that stays, and one that moves: each port to its own', async () => {
    const net = await network(
      ['forward udp 192.0.2.9:5001-5006 to 10.2.0.10', 'forward tcp 192.0.2.9:7000-7004 to 10.2.0.10:8000-8004'],
      firewall,
    );
    const to = { dst: '192.0.2.9', eth: { dst: ROUTER_MAC } };
    for (let dstPort = 5001; dstPort <= 5006; dstPort++) {
      const sent = packet.udp({ ...to, dstPort });
      await roundTrip(net, 'peer', sent, 'web', { udp: { dstPort } }, { udp: { srcPort: dstPort } });
    }
    for (let dstPort = 7000; dstPort <= 7004; dstPort++) {
      const sent = packet.tcp({ ...to, dstPort });
      await roundTrip(net, 'peer', sent, 'web', { tcp: { dstPort: dstPort + 1000 } }, { tcp: { srcPort: dstPort } });
    }
    for (const dstPort of [5000, 5007]) {
      expectPacket(await net.send('peer', packet.udp({ ...to, dstPort }))).doesNotReach('web');
    }
  });

  test('forward: only for some, and what the others reach', async () => {
    const net = await network(
      ['forward tcp 192.0.2.9:22 from 192.0.2.128/25 to 10.1.0.10', 'forward tcp 192.0.2.9:22 to 10.2.0.10'],
      firewall,
    );
    const knock = (src: string) => packet.tcp({ src, dst: '192.0.2.9', dstPort: 22, eth: { dst: ROUTER_MAC } });
    expectPacket(await net.send('peer', knock('192.0.2.254')))
      .reaches('pc')
      .doesNotReach('web');
    expectPacket(await net.send('peer', knock('192.0.2.5')))
      .reaches('web')
      .doesNotReach('pc');
  });

  test('one-to-one: all protocols, both ways, above a masquerade, addresses and prefixes', async () => {
    const net = await network(
      [
        'one-to-one 192.0.2.20 with 10.2.0.10',
        'one-to-one 192.0.2.32/30 with 10.1.0.8/30',
        'masquerade 10.0.0.0/8 out edge/net',
      ],
      firewall,
    );
    for (const [guest, address] of [
      ['web', '192.0.2.20'],
      ['pc', '192.0.2.34'],
      ['mac', '192.0.2.35'],
    ] as const) {
      const to = { dst: address, eth: { dst: ROUTER_MAC } };
      const out = { ipv4: { src: address, dst: 'peer' } };
      const back = { ipv4: { src: 'peer', dst: guest } };
      await roundTrip(
        net,
        guest,
        packet.tcp({ dst: 'peer', srcPort: 999, dstPort: 80 }),
        'peer',
        {
          ...out,
          tcp: { srcPort: 999 },
        },
        back,
      );
      await roundTrip(net, guest, packet.ping(guest, 'peer'), 'peer', out, back);
      for (const sent of [packet.tcp({ ...to, dstPort: 25 }), packet.ping('peer', address, to)]) {
        await roundTrip(net, 'peer', sent, guest, back, { ipv4: { src: address, dst: 'peer' } });
      }
      expectPacket(await net.send('peer', packet.ip({ ...to, protocol: 50 }))).reaches(guest, back);
    }
  });

  test('hairpin: on one segment and between two, by a forward, a range and one-to-one', async () => {
    const net = await network(
      [
        'forward tcp 192.0.2.1:8800 to 10.1.0.11:80',
        'forward udp 192.0.2.1:5000-5001 to 10.1.0.11:6000-6001',
        'one-to-one 192.0.2.20 with 10.2.0.10',
        'one-to-one 192.0.2.21 with 10.2.0.11',
        'masquerade 10.1.0.0/24 out edge/net',
      ],
      firewall,
    );
    await net.ping('db', '10.2.0.1');
    // Of the same segment: the station sees the public address, or its answers would not come by the router.
    await roundTrip(
      net,
      'pc',
      packet.tcp({ dst: '192.0.2.1', srcPort: 4000, dstPort: 8800 }),
      'mac',
      { ipv4: { src: '192.0.2.1', dst: 'mac' }, tcp: { dstPort: 80 } },
      { ipv4: { src: '192.0.2.1', dst: 'pc' }, tcp: { srcPort: 8800, dstPort: 4000 } },
    );
    await roundTrip(
      net,
      'pc',
      packet.udp({ dst: '192.0.2.1', dstPort: 5001 }),
      'mac',
      { ipv4: { src: '192.0.2.1' }, udp: { dstPort: 6001 } },
      { ipv4: { src: '192.0.2.1' }, udp: { srcPort: 5001 } },
    );
    // Who has a public address of its own is seen with it.
    await roundTrip(
      net,
      'web',
      packet.tcp({ dst: '192.0.2.21', dstPort: 443 }),
      'db',
      { ipv4: { src: '192.0.2.20', dst: 'db' } },
      { ipv4: { src: '192.0.2.21', dst: 'web' } },
    );
    // To oneself.
    await roundTrip(
      net,
      'mac',
      packet.tcp({ dst: '192.0.2.1', dstPort: 8800 }),
      'mac',
      { ipv4: { src: '192.0.2.1', dst: 'mac' } },
      { ipv4: { src: '192.0.2.1', dst: 'mac' } },
    );
    // Of another segment: with its own address.
    await roundTrip(
      net,
      'pc',
      packet.tcp({ dst: '192.0.2.21', dstPort: 443 }),
      'db',
      { ipv4: { src: 'pc', dst: 'db' } },
      { ipv4: { src: '192.0.2.21', dst: 'pc' } },
    );
  });

  test('a forward that goes, or leads elsewhere, ends its connections and no others', async () => {
    const rules = ['forward tcp 192.0.2.9:80 to 10.2.0.10', 'forward tcp 192.0.2.9:81 to 10.2.0.10'];
    const net = await network(rules, firewall);
    const to = (dstPort: number, flags: 'syn' | 'ack') =>
      packet.tcp({ dst: '192.0.2.9', dstPort, srcPort: 4000 + dstPort, flags: [flags], eth: { dst: ROUTER_MAC } });
    for (const port of [80, 81]) {
      const sent = await net.send('peer', to(port, 'syn'));
      const { frame } = sent.left.find(({ guest }) => guest === 'web')!;
      expectPacket(await net.send('web', packet.answer(frame))).reaches('peer');
      expectPacket(await net.send('peer', to(port, 'ack'))).reaches('web');
    }
    await net.reload({ file: routed(rules.slice(0, 1), firewall) });
    expectPacket(await net.send('peer', to(80, 'ack'))).reaches('web');
    expectPacket(await net.send('peer', to(81, 'ack'))).doesNotReach('web');
    await net.reload({ file: routed(['forward tcp 192.0.2.9:80 to 10.2.0.11'], firewall) });
    expectPacket(await net.send('peer', to(80, 'ack'))).doesNotReach('web');
  });

  test('a source rule that changes ends its connections and no others', async () => {
    const rules = ['snat 10.1.0.10/32 to 192.0.2.9 out edge/net', 'masquerade 10.1.0.0/24 out edge/net'];
    const net = await network(rules, firewall);
    const sent = packet.udp({ dst: 'peer', srcPort: 4000, dstPort: 53 });
    const answers = new Map<string, Uint8Array>();
    for (const guest of ['pc', 'mac']) {
      const { left } = await net.send(guest, sent);
      answers.set(guest, packet.answer(left.find((each) => each.guest === 'peer')!.frame));
      expectPacket(await net.send('peer', answers.get(guest)!)).reaches(guest);
    }
    await net.reload({ file: routed([rules[0]!.replace('192.0.2.9', '192.0.2.50'), rules[1]!], firewall) });
    expectPacket(await net.send('peer', answers.get('mac')!)).reaches('mac');
    expectPacket(await net.send('mac', sent)).reaches('peer');
    expectPacket(await net.send('peer', answers.get('pc')!)).doesNotReach('pc');
  });
});
