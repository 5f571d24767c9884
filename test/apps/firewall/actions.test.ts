/** Accept, drop and reject, and what is logged of them, in a lab. */

import { expect, test } from 'vitest';
import { expectPacket, packet } from '../../../src/testing/index.ts';
import { network } from './network.ts';

const firewall = `  policy:
    - loc to net accept
    - net to all drop log info
    - all to all reject log notice prefix "stray"
  rules:
    - accept http from loc to dmz log
    - { action: reject, service: smtp, from: loc, to: net, log: { level: warn, prefix: "no smtp" } }
    - reject udp 53,5000-5010 from loc to net
`;

test('reject answers TCP with a reset, and all else with ICMP port unreachable', async () => {
  const net = await network(firewall);
  expectPacket(await net.send('pc', packet.tcp({ dst: 'peer', srcPort: 4000, dstPort: 25 })))
    .reaches('pc', { ipv4: { src: 'peer', dst: 'pc' }, tcp: { srcPort: 25, dstPort: 4000, flags: ['rst', 'ack'] } })
    .nowhereElse();
  for (const dstPort of [53, 5000, 5007, 5010]) {
    expectPacket(await net.send('pc', packet.udp({ dst: 'peer', dstPort })))
      .reaches('pc', { icmp: { type: 3, code: 3 }, ipv4: { src: '10.1.0.1' }, quoted: { udp: { dstPort } } })
      .nowhereElse();
  }
  for (const dstPort of [52, 4999, 5011]) {
    expectPacket(await net.send('pc', packet.udp({ dst: 'peer', dstPort }))).reaches('peer');
  }
});

test('a packet that is logged is told of with its zones, addresses, ports, interfaces and rule', async () => {
  const net = await network(firewall);
  await net.send('pc', packet.tcp({ dst: 'web', srcPort: 4000, dstPort: 80 }));
  await net.send('peer', packet.udp({ dst: 'pc', srcPort: 4001, dstPort: 9 }));
  await net.send('pc', packet.tcp({ dst: 'peer', srcPort: 4002, dstPort: 25 }));
  await net.send('web', packet.ping('web', 'peer'));
  await net.send('peer', packet.ping('peer', '192.0.2.1'));
  expect(net.told.map(({ app, level, text }) => [app, level, text])).toEqual([
    ['firewall', 'info', 'accept from loc to dmz: 10.1.0.10:4000 → 10.2.0.10:80 tcp syn'],
    ['firewall', 'info', 'drop from net to loc: 192.0.2.254:4001 → 10.1.0.10:9 udp'],
    ['firewall', 'warn', 'no smtp: reject from loc to net: 10.1.0.10:4002 → 192.0.2.254:25 tcp syn'],
    ['firewall', 'notice', expect.stringMatching(/^stray: reject from dmz to net: .* echo/)],
    ['firewall', 'info', expect.stringMatching(/^drop from net to fw: .* echo/)],
  ]);
  expect(net.told[2]!.fields).toEqual({
    from: 'loc',
    to: 'net',
    verdict: 'reject',
    rule: 'reject smtp from loc to net log warn prefix "no smtp"',
    source: expect.stringMatching(/^flowloom.yaml:\d+$/),
    prefix: 'no smtp',
    src: '10.1.0.10',
    dst: '192.0.2.254',
    protocol: 'tcp',
    srcPort: 4002,
    dstPort: 25,
    icmpType: null,
    length: expect.any(Number),
    in: 'edge/loc',
    out: 'edge/net',
  });
  expect(net.told[4]!.fields).toMatchObject({ to: 'fw', in: 'edge/net', out: null, icmpType: 8, dstPort: null });
});

test('of a connection only the packet that begins it is logged', async () => {
  const net = await network(firewall);
  await net.send('pc', packet.tcp({ dst: 'web', srcPort: 4000, dstPort: 80 }));
  await net.send('pc', packet.tcp({ dst: 'web', srcPort: 4000, dstPort: 80, flags: ['ack'] }));
  expect(net.told).toHaveLength(1);
});

test('what comes too fast is not told of, and goes its way all the same', async () => {
  const net = await network('  policy: [loc to net accept log info limit 2/min burst 3]\n');
  for (let i = 0; i < 6; i++) {
    expectPacket(await net.send('pc', packet.udp({ dst: 'peer', srcPort: 5000 + i, dstPort: 9 }))).reaches('peer');
  }
  expect(net.told).toHaveLength(3);
  // The switch would let more than two a minute through.
  await net.advance(31);
  for (let i = 0; i < 3; i++) await net.send('pc', packet.udp({ dst: 'peer', srcPort: 6000 + i, dstPort: 9 }));
  expect(net.told).toHaveLength(4);
  expect(net.appCounters('firewall').unlogged).toBe(2);
});

test('rejects that come too fast are dropped by the switch', async () => {
  const net = await network('  policy: [all to all reject]\n');
  let answered = 0;
  for (let i = 0; i < 300; i++) {
    const { left } = await net.send('pc', packet.udp({ dst: 'peer', srcPort: 5000 + i, dstPort: 9 }));
    if (left.length > 0) answered++;
  }
  expect(answered).toBeGreaterThan(10);
  expect(answered).toBeLessThanOrEqual(200);
});

test('each rule counts its own packets, its established ones too', async () => {
  const net = await network(firewall);
  for (let i = 0; i < 3; i++) await net.send('pc', packet.tcp({ dst: 'web', srcPort: 4000, dstPort: 80 }));
  await net.send('pc', packet.tcp({ dst: 'peer', dstPort: 25 }));
  expect(net.counters('accept http from loc to dmz log info').packets).toBe(3);
  expect(net.counters('reject smtp from loc to net log warn prefix "no smtp"').packets).toBe(1);
});
