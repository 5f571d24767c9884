/** The router's addresses are told when they appear or move; a station that claims one is told of, and not believed. */

import { expect, test } from 'vitest';
import { dissect } from '../../../src/index.ts';
import { type Delivery, expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (loc = '10.1.0.1/24', more = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/rogue: { access: loc }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    ${more}
    interfaces:
      loc: { segment: loc, address: ${loc} }
      net: { segment: net, address: 192.0.2.1/24 }
`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  rogue: { ip: '10.1.0.66/24', gateway: '10.1.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

const network = (): Promise<Lab> => lab({ file: file(), guests });

/** Whose addresses are told at the port of a guest, and by which MAC. */
function told({ left, answers }: Delivery, guest: string): string[] {
  const here = left.flatMap((each) => {
    const { arp } = each.guest === guest ? dissect(each.frame) : {};
    return arp !== undefined && arp.senderAddress === arp.targetAddress
      ? [`${arp.senderAddress} ${arp.senderMac}`]
      : [];
  });
  return [...here, ...answers.flatMap((each) => told(each, guest))];
}

test('at the start addresses are told on their segments, twice, and after a restart nobody is told', async () => {
  const net = await network();
  const begun = await net.advance(4);
  expect(told(begun, 'pc')).toHaveLength(2);
  expect(told(begun, 'pc')[0]).toMatch(/^10\.1\.0\.1 0e:/);
  expect(told(begun, 'peer').every((each) => each.startsWith('192.0.2.1 '))).toBe(true);
  expect((await net.restart()).flowMods).toBe(0);
  expect(told(await net.advance(10), 'pc')).toEqual([]);
});

test('an address that appears is told, and one that gets another MAC; the others are not', async () => {
  const net = await network();
  await net.advance(4);
  await net.reload({ file: file('[10.1.0.1/24, 10.1.0.2/24]') });
  const more = await net.advance(4);
  expect(told(more, 'pc').map((each) => each.split(' ')[0])).toEqual(['10.1.0.2', '10.1.0.2']);
  expect(told(more, 'peer')).toEqual([]);
  await net.reload({ file: file('10.1.0.1/24', 'mac: 0e:00:00:00:00:77') });
  expect(told(await net.advance(4), 'peer')).toEqual(Array(2).fill('192.0.2.1 0e:00:00:00:00:77'));
});

test('public addresses that NAT answers for are told likewise', async () => {
  const net = await lab({ file: `${file()}nat: [snat 10.1.0.0/24 to 192.0.2.8/31 out edge/net]\n`, guests });
  const addresses = told(await net.advance(4), 'peer').map((each) => each.split(' ')[0]);
  expect(addresses.toSorted()).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.8', '192.0.2.8', '192.0.2.9', '192.0.2.9']);
  await net.restart();
  expect(told(await net.advance(10), 'peer')).toEqual([]);
});

test('a port that comes up hears of the addresses of its segment, ports that flap once in a while', async () => {
  const net = await network();
  await net.advance(4);
  for (let i = 0; i < 5; i++) {
    await net.cut('hv1/br0:pc');
    await net.mend('hv1/br0:pc');
  }
  const up = await net.advance(2);
  expect(told(up, 'pc')).toHaveLength(1);
  expect(told(up, 'peer')).toEqual([]);
  await net.cut('hv1/br0:pc');
  await net.mend('hv1/br0:pc');
  expect(told(await net.advance(2), 'pc')).toEqual([]);
  expect(told(await net.advance(5), 'pc')).toHaveLength(1);
});

test('a station that claims the address is told of once a minute and answered; no other station hears it', async () => {
  const net = await network();
  await net.ping('pc', '10.1.0.1');
  await net.advance(4);
  const claim = packet.arp({ src: '10.1.0.1', dst: '10.1.0.1', eth: { src: net.guest('rogue').mac } });
  const answered: string[] = [];
  for (let i = 0; i < 30; i++) {
    const sent = await net.send('rogue', claim);
    expectPacket(sent).doesNotReach('peer');
    answered.push(...told(sent, 'pc'));
  }
  answered.push(...told(await net.advance(3), 'pc'));
  expect(answered).toHaveLength(1);
  expect(answered[0]).toMatch(/^10\.1\.0\.1 0e:/);
  const warnings = net.told.filter(({ level }) => level === 'warn');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]!.text).toBe(`${net.guest('rogue').mac} at port rogue claims 10.1.0.1, an address of edge/loc`);
  expectPacket(await net.send('pc', packet.ping('pc', '192.0.2.1'))).reaches('pc', { icmp: { type: 0 } });
  await net.advance(60);
  await net.send('rogue', claim);
  expect(net.told.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

test('a storm of answers that nobody asked for: few come to the app, and the station is served all the same', async () => {
  const net = await network();
  await net.ping('pc', '10.1.0.1');
  let packetIns = 0;
  for (let i = 0; i < 1_100; i++) {
    const mac = net.guest('rogue').mac;
    const reply = packet.arp({ reply: true, src: `10.1.0.${20 + (i % 200)}`, dst: '10.1.0.1', eth: { src: mac } });
    packetIns += (await net.send('rogue', reply)).packetIns.length;
  }
  expect(packetIns).toBe(1_000);
  await net.ping('pc', '192.0.2.1');
});
