/** The apps `static-flows` and `table-miss` in a lab. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (flows: string, miss = 'drop') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 } }
bridges: { br0: { hosts: [hv1], ports: { hv1/p1: { access: loc }, hv1/p2: { access: loc }, hv1/tap: } } }
apps:
  table-miss: { action: ${miss} }
  static-flows:
    flows:
${flows}`;

const guests = { p1: { ip: '10.0.0.1/24' }, p2: { ip: '10.0.0.2/24' } };
const network = (flows: string, miss?: string): Promise<Lab> => lab({ file: file(flows, miss), guests });

test('a flow by hand stands before everything else, and what it does not match goes on', async () => {
  const net = await network(`
      - { intent: no web from here, priority: 1000, match: "tcp,tp_dst=80", actions: [drop] }
`);
  await net.ping('p1', 'p2');
  expectPacket(await net.send('p1', packet.tcp({ dst: 'p2', dstPort: 80 }))).isDropped();
  expectPacket(await net.send('p1', packet.tcp({ dst: 'p2', dstPort: 81 })))
    .reaches('p2')
    .nowhereElse();
  expect(net.counters('no web from here').packets).toBe(1);
  expect((await net.send('p1', packet.tcp({ dst: 'p2', dstPort: 80 }))).way).toContain(
    'static-flows: no web from here (flowloom.yaml:10) [priority=1000,tcp,tp_dst=80]: drop',
  );
});

test('it changes packets, and sends them to a port or on', async () => {
  const net = await network(`
      - { intent: a copy of DNS, priority: 10, match: "udp,tp_dst=53", actions: [{ output: tap }, next] }
      - { intent: old address, priority: 10, match: "tcp,nw_dst=10.0.0.9", actions: [{ set: { ipv4Dst: 10.0.0.2 } }, next] }
`);
  await net.ping('p1', 'p2');
  expectPacket(await net.send('p1', packet.udp({ dst: 'p2', dstPort: 53 })))
    .leaves('hv1/br0:tap')
    .reaches('p2')
    .nowhereElse();
  const { mac } = net.guest('p2');
  const old = packet.tcp({ dst: '10.0.0.9', dstPort: 80, eth: { dst: mac } });
  expectPacket(await net.send('p1', old))
    .reaches('p2', { ipv4: { dst: '10.0.0.2' } })
    .nowhereElse();
});

test('a flow to a port that is not there waits for it', async () => {
  const flows = `
      - { intent: to late, priority: 10, match: "udp,tp_dst=9", actions: [{ output: late }] }
`;
  const net = await network(flows);
  expect(net.log.join('\n')).toContain('flow "to late" (flowloom.yaml:10) waits for port "late"');
  await net.reload({ file: file(flows).replace('hv1/tap:', 'hv1/tap: , hv1/late:') });
  await net.advance(1);
  expectPacket(await net.send('p1', packet.udp({ dst: 'p2', dstPort: 9 })))
    .leaves('hv1/br0:late')
    .nowhereElse();
});

test.for([
  ['drop', 0],
  ['controller', 1],
] as const)('table-miss %s: what nobody wants is counted', async ([action, seen]) => {
  const net = await network('      []\n', action);
  const sent = await net.send(
    'hv1/br0:tap',
    packet.layers({ eth: { src: '02:00:00:00:00:99', dst: 'ff:ff:ff:ff:ff:ff' } }),
  );
  expectPacket(sent).leavesNowhere();
  expect(sent.packetIns.map(({ app }) => app)).toEqual(seen === 1 ? ['table-miss'] : []);
  expect(net.appCounters('table-miss')).toEqual({ unwanted: seen });
});
