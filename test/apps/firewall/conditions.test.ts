/** `over N bytes` and limits, in a lab. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, packet } from '../../../src/testing/index.ts';
import { fileWith, network } from './network.ts';

const syn = (net: Lab, srcPort: number, dstPort = 22) =>
  net.send('peer', packet.tcp({ dst: 'web', srcPort, dstPort, flags: ['syn'] }));

test('over: larger packets only, and smaller ones go on to the next rules', async () => {
  const net = await network(`  rules:
    - drop udp 7 from net to dmz over 84 bytes
    - accept udp 7 from net to dmz
`);
  const sized = (payload: number, srcPort: number) =>
    net.send('peer', packet.udp({ dst: 'web', srcPort, dstPort: 7, payload: 'x'.repeat(payload) }));
  // 20 bytes of IPv4, 8 of UDP.
  expectPacket(await sized(56, 1000)).reaches('web');
  expectPacket(await sized(57, 1001)).leavesNowhere();
  expectPacket(await sized(10, 1002)).reaches('web');
  expect(net.counters('drop udp 7 from net to dmz over 84 bytes').packets).toBe(1);
  expect(net.counters('accept udp 7 from net to dmz').packets).toBe(2);
});

test('a limit of connections: the burst, then as many as the rate allows; what is beyond goes on to the next rules', async () => {
  const net = await network(`  policy: [all to all reject]
  rules:
    - accept ssh from net to dmz limit 3/min burst 5
    - accept tcp 22,23 from net to dmz limit 6/min burst 1
`);
  const reached: boolean[] = [];
  for (let port = 1; port <= 8; port++) reached.push((await syn(net, port)).left.some(({ guest }) => guest === 'web'));
  expect(reached).toEqual([true, true, true, true, true, true, false, false]);
  expect(net.counters('accept ssh from net to dmz limit 3/min burst 5').packets).toBe(5);
  expect(net.counters('accept tcp 22,23 from net to dmz limit 6/min burst 1').packets).toBe(1);
  expect(net.counters('all to all reject').packets).toBe(2);
  // What was let in is no new connection.
  const more = packet.tcp({ dst: 'web', srcPort: 1, dstPort: 22, flags: ['ack'] });
  for (let i = 0; i < 10; i++) expectPacket(await net.send('peer', more)).reaches('web');
  // The second rule's only ticket comes back after 10 s, those of the first after 100 s.
  await net.advance(11);
  expectPacket(await syn(net, 20)).reaches('web');
  expectPacket(await syn(net, 21)).doesNotReach('web');
  await net.advance(101);
  for (let port = 30; port < 36; port++) expectPacket(await syn(net, port)).reaches('web');
  expectPacket(await syn(net, 36)).doesNotReach('web');
});

test('a limit outlives Flowloom, works without it, and goes with its rule', async () => {
  const rule = '  rules: [accept ssh from net to dmz limit 1/min burst 2]\n';
  const net = await network(rule);
  expectPacket(await syn(net, 1)).reaches('web');
  await net.stop();
  expectPacket(await syn(net, 2)).reaches('web');
  expectPacket(await syn(net, 3)).leavesNowhere();
  expect((await net.start()).flowMods).toBe(0);
  expectPacket(await syn(net, 4)).leavesNowhere();
});

test('connections that are judged again, for a rule above is new, take no tickets', async () => {
  const rules = (more: string) => `  rules: [${more}accept ssh from net to dmz limit 1/min burst 3]\n`;
  const net = await network(rules(''));
  for (let port = 1; port <= 3; port++) expectPacket(await syn(net, port)).reaches('web');
  await net.reload({ file: fileWith(rules('drop tcp 9 from net to all, ')) });
  const more = (srcPort: number) => packet.tcp({ dst: 'web', srcPort, dstPort: 22, flags: ['ack'] });
  for (let port = 1; port <= 3; port++) expectPacket(await net.send('peer', more(port))).reaches('web');
  expectPacket(await syn(net, 4)).leavesNowhere();
});

test('a limit of packets: what exceeds it is dropped, also of what is established; answers are not counted', async () => {
  const net = await network('  rules: [accept udp from net to dmz limit 2 packets/s burst 2]\n');
  const send = () => net.send('peer', packet.udp({ dst: 'web', srcPort: 1000, dstPort: 7 }));
  const reached: boolean[] = [];
  for (let i = 0; i < 4; i++) reached.push((await send()).left.length > 0);
  expect(reached).toEqual([true, true, false, false]);
  const back = packet.udp({ dst: 'peer', srcPort: 7, dstPort: 1000 });
  for (let i = 0; i < 4; i++) expectPacket(await net.send('web', back)).reaches('peer');
  await net.advance(1);
  expectPacket(await send()).reaches('web');
});

test('both conditions in one rule', async () => {
  const net = await network(`  policy: [all to all drop]
  rules: [accept udp 7 from net to dmz over 100 bytes limit 1/min burst 1]
`);
  const sized = (payload: number, srcPort: number) =>
    net.send('peer', packet.udp({ dst: 'web', srcPort, dstPort: 7, payload: 'x'.repeat(payload) }));
  expectPacket(await sized(10, 1)).leavesNowhere();
  expectPacket(await sized(100, 2)).reaches('web');
  expectPacket(await sized(100, 3)).leavesNowhere();
});
