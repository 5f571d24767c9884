/** The app `learning-switch` in a lab: what its README promises, packet by packet. */

import { expect, test } from 'vitest';
import { stations } from '../../../apps/learning-switch/services.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const guests = {
  ann: { at: 's1:p1', ip: '10.0.0.1/24' },
  ben: { at: 's1:p2', ip: '10.0.0.2/24' },
  eve: { at: 's1:p3', ip: '10.0.0.3/24' },
};

function network(config: unknown = {}): Promise<Lab> {
  return lab({ apps: [['learning-switch', config]], switches: { s1: ['p1', 'p2', 'p3', 'p4'] }, guests });
}

const pairs = (net: Lab) => net.flows('s1').filter((flow) => flow.includes('priority=10,'));

test('a packet to a station that nobody knows goes everywhere, but for where it came from', async () => {
  const net = await network();
  const sent = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 9 }));
  expectPacket(sent).goesTo('learning-switch').leaves('s1:p2').leaves('s1:p3').leaves('s1:p4').nowhereElse();
  expectPacket(sent).doesNotLeave('s1:p1');
  expect(net.appCounters('learning-switch')).toEqual({ learned: 1 });
});

test('a broadcast goes everywhere, always', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  const sent = await net.send('ann', packet.arp({ dst: '10.0.0.77' }));
  expectPacket(sent).reaches('ben').reaches('eve').leaves('s1:p4').nowhereElse();
});

test('two that have talked have a flow each way, and no packet of theirs comes to the controller', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  expect(pairs(net)).toHaveLength(2);
  const sent = await net.send('ben', packet.udp({ dst: 'ann', dstPort: 9 }));
  expectPacket(sent).reaches('ann').nowhereElse();
  expect(sent.packetIns).toEqual([]);
});

test('a station that moves is found at its first packet, and the old flows go', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  await net.ping('eve', 'ben');
  await net.move('ben', 's1:p4');
  const before = await net.send('ann', packet.udp({ dst: 'ben', dstPort: 9 }));
  expectPacket(before).leaves('s1:p2').doesNotReach('ben');
  await net.send('ben', packet.arp({ dst: 'ben' }));
  expect(pairs(net)).toEqual([]);
  expectPacket(await net.send('ann', packet.udp({ dst: 'ben', dstPort: 9 })))
    .reaches('ben')
    .nowhereElse();
});

test('flows to a port whose link is gone go with it', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  await net.ping('ann', 'eve');
  await net.cut('s1:p2');
  expect(pairs(net).every((flow) => !/in_port=2|output:2/.test(flow))).toBe(true);
  expect(pairs(net)).toHaveLength(2);
});

test('a pair that is silent for its idle timeout is forgotten; one that talks is not', async () => {
  const net = await network({ idleTimeout: 100 });
  await net.ping('ann', 'ben');
  await net.advance(60);
  await net.send('ann', packet.udp({ dst: 'ben', dstPort: 9 }));
  await net.advance(60);
  expect(pairs(net)).toEqual([expect.stringContaining('in_port=1')]);
  await net.advance(60);
  expect(pairs(net)).toEqual([]);
});

test('beyond so many stations the first one makes room', async () => {
  const net = await network({ stations: 2 });
  await net.ping('ann', 'ben');
  await net.send('eve', packet.udp({ dst: 'ben', dstPort: 9 }));
  const known = () => [...(net.service(stations, 's1')?.known() ?? [])].map(({ mac }) => mac);
  expect(known()).toEqual([net.guest('ben').mac, net.guest('eve').mac]);
});

test('frames for bridges are dropped', async () => {
  const net = await network();
  const bpdu = packet.layers({ eth: { src: '02:00:00:00:00:99', dst: '01:80:c2:00:00:00' } });
  expectPacket(await net.send('s1:p1', bpdu)).isDropped();
});

test('without Flowloom pairs go on talking; it comes back, sends nothing, and knows them', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  await net.stop();
  await net.ping('ben', 'ann');
  expect(await net.start()).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0 });
  const sent = await net.send('eve', packet.udp({ dst: 'ben', dstPort: 9 }));
  expectPacket(sent).reaches('ben').nowhereElse();
});

test('the address of a station is the one of its last ARP', async () => {
  const net = await network();
  await net.ping('ann', 'ben');
  const known = [...(net.service(stations, 's1')?.known() ?? [])].map(({ ip, port }) => [ip, port]);
  expect(known.toSorted()).toEqual([
    ['10.0.0.1', 1],
    ['10.0.0.2', 2],
  ]);
});
