/** What a rule of the file counts: each packet that it decides or translates once, there and back, through however many tables. */

import { expect, test } from 'vitest';
import { type Lab, lab, packet } from '../../../src/testing/index.ts';
import { roundTrip, routed, stations } from './nat-network.ts';

const MASQUERADE = 'masquerade 10.1.0.0/24 out edge/net';
const FORWARD = 'forward tcp 192.0.2.1:80 to 10.1.0.11:8080';
const ONE_TO_ONE = 'one-to-one 192.0.2.9 with 10.2.0.10';

const FIREWALL = `
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz], net: [edge/net] }
  policy:
    - all to fw accept
    - loc to all accept
    - all to all drop log
  rules:
    - accept tcp 8080 from net to loc limit 1000 packet/s log
    - accept udp 53,443 from all to dmz
`;

const WEB = 'accept tcp 8080 from net to loc limit 1000 packets/s log info';
const DNS = 'accept udp 53,443 from all to dmz';

async function network(more: string): Promise<Lab> {
  const net = await lab({ file: routed([FORWARD, ONE_TO_ONE, MASQUERADE], more), guests: stations });
  for (const [guest, gateway] of [
    ['pc', '10.1.0.1'],
    ['mac', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['peer', '192.0.2.1'],
  ] as const) {
    await net.ping(guest, gateway);
  }
  return net;
}

/** Packets that each counts more, by what is done. */
async function counted(net: Lab, rules: readonly string[], act: () => Promise<void>): Promise<number[]> {
  const before = rules.map((rule) => net.counters(rule).packets);
  await act();
  return rules.map((rule, i) => net.counters(rule).packets - before[i]!);
}

test('NAT: there and back are two packets of the rule that translates them, and none of another', async () => {
  const net = await network('');
  const rules = [MASQUERADE, FORWARD, ONE_TO_ONE];
  const out = packet.udp({ dst: 'peer', srcPort: 40_000, dstPort: 53 });
  expect(await counted(net, rules, () => roundTrip(net, 'pc', out, 'peer', {}, {}))).toEqual([2, 0, 0]);
  expect(await counted(net, rules, () => roundTrip(net, 'pc', out, 'peer', {}, {}))).toEqual([2, 0, 0]);
  const inside = packet.tcp({ dst: '192.0.2.1', srcPort: 40_001, dstPort: 80 });
  expect(await counted(net, rules, () => roundTrip(net, 'peer', inside, 'mac', {}, {}))).toEqual([0, 2, 0]);
  const other = packet.tcp({ dst: 'peer', srcPort: 40_002, dstPort: 22 });
  expect(await counted(net, rules, () => roundTrip(net, 'web', other, 'peer', {}, {}))).toEqual([0, 0, 2]);
  const back = packet.tcp({ dst: '192.0.2.9', srcPort: 40_003, dstPort: 22 });
  expect(await counted(net, rules, () => roundTrip(net, 'peer', back, 'web', {}, {}))).toEqual([0, 0, 2]);
});

test('NAT: hairpin counts for the forward alone', async () => {
  const net = await network('');
  const hairpin = packet.tcp({ dst: '192.0.2.1', srcPort: 40_004, dstPort: 80 });
  const counts = await counted(net, [MASQUERADE, FORWARD], () => roundTrip(net, 'pc', hairpin, 'mac', {}, {}));
  expect(counts[0]).toBe(0);
  expect(counts[1]).toBeGreaterThanOrEqual(2);
});

test('firewall: what a rule accepts counts there and back, also limited and logged; what is refused once', async () => {
  const net = await network(FIREWALL);
  const rules = [WEB, DNS, 'loc to all accept', 'all to all drop log info'];
  const inside = packet.tcp({ dst: '192.0.2.1', srcPort: 40_001, dstPort: 80 });
  expect(await counted(net, rules, () => roundTrip(net, 'peer', inside, 'mac', {}, {}))).toEqual([2, 0, 0, 0]);
  const dns = packet.udp({ dst: '192.0.2.9', srcPort: 40_002, dstPort: 53 });
  expect(await counted(net, rules, () => roundTrip(net, 'peer', dns, 'web', {}, {}))).toEqual([0, 2, 0, 0]);
  const out = packet.udp({ dst: 'peer', srcPort: 40_003, dstPort: 123 });
  expect(await counted(net, rules, () => roundTrip(net, 'pc', out, 'peer', {}, {}))).toEqual([0, 0, 2, 0]);
  const refused = packet.tcp({ dst: '192.0.2.9', srcPort: 40_004, dstPort: 23 });
  expect(await counted(net, rules, async () => void (await net.send('peer', refused)))).toEqual([0, 0, 0, 1]);
  const told = net.told.map(({ fields }) => `${fields.rule}: ${fields.dst}:${fields.dstPort}`);
  expect(told).toEqual([`${WEB}: 10.1.0.11:8080`, 'all to all drop log info: 10.2.0.10:23']);
});
