/** Neighbours that the switch learned: asked while packets go to them, forgotten when they are gone, told of. */

import { expect, test } from 'vitest';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 }, net: { vlan: 30 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/web: { access: dmz }
      hv1/spare: { access: dmz }
      hv1/peer: { access: net }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
      net: { segment: net, address: 192.0.2.1/24 }
    routes: [default via 192.0.2.254, 10.9.0.0/16 via 10.2.0.77]
`;

const guests = {
  pc: { ip: '10.1.0.10/24', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  spare: { ip: '10.2.0.10/24', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

const knock = packet.udp({ dst: 'web', dstPort: 9 });
const neighbours = (net: Lab) => net.flows('hv1/br0').filter((line) => line.startsWith('next-hop.neighbours ')).length;

async function network(): Promise<Lab> {
  const net = await lab({ file, guests });
  await net.cut('hv1/br0:spare', { silently: true });
  for (const [guest, to] of [
    ['pc', '10.1.0.1'],
    ['web', '10.2.0.1'],
    ['peer', '192.0.2.1'],
  ] as const)
    await net.send(guest, packet.arp({ dst: to }));
  expectPacket(await net.send('pc', knock)).reaches('web');
  return net;
}

test('who is used and answers stays, and nothing is disturbed: no flow is sent, no packet comes to the app', async () => {
  const net = await network();
  const before = net.sent.flowMods;
  let asked = 0;
  for (let minute = 0; minute < 5; minute++) {
    for (let half = 0; half < 2; half++) {
      const { left } = await net.advance(30);
      asked += left.filter(({ at, frame }) => at === 'hv1/br0:web' && frame[12] === 8 && frame[13] === 6).length;
    }
    const sent = await net.send('pc', knock);
    expectPacket(sent).reaches('web');
    expect(sent.packetIns).toEqual([]);
  }
  expect(asked).toBeGreaterThan(4);
  expect(net.sent.flowMods).toBe(before);
  expect(net.appCounters('router').forgotten).toBe(0);
});

test('a station that another one has replaced is found, though it says nothing by itself', async () => {
  const net = await network();
  await net.cut('hv1/br0:web', { silently: true });
  await net.mend('hv1/br0:spare');
  await net.send('pc', knock);
  await net.advance(35);
  expectPacket(await net.send('pc', knock))
    .reaches('spare')
    .doesNotReach('web');
});

test('who does not answer any more is forgotten in the switch, and looked for when a packet comes', async () => {
  const net = await network();
  const known = neighbours(net);
  await net.cut('hv1/br0:web', { silently: true });
  await net.advance(35);
  expect(neighbours(net)).toBe(known - 1);
  expect(net.appCounters('router').forgotten).toBe(1);
  await net.mend('hv1/br0:web');
  expectPacket(await net.send('pc', knock)).reaches('web');
});

test('who nobody sends to is not asked, and stays', async () => {
  const net = await network();
  const known = neighbours(net);
  await net.cut('hv1/br0:web', { silently: true });
  await net.advance(29);
  // Past the first look, in which all that was learned lately counts as used.
  await net.mend('hv1/br0:web');
  await net.advance(200);
  await net.cut('hv1/br0:web', { silently: true });
  await net.advance(600);
  expect(neighbours(net)).toBe(known);
});

test('people are told of interfaces, routes and neighbours', async () => {
  const net = await network();
  await net.send('pc', packet.udp({ dst: '10.2.0.99', dstPort: 9 }));
  await net.advance(31);
  await net.send('pc', packet.udp({ dst: '10.2.0.98', dstPort: 9 }));
  const of = (interfaceName: string) => ({ switch: 'hv1/br0', router: 'edge', interface: interfaceName });
  const rows = net.published('neighbours');
  expect(rows).toContainEqual(
    expect.objectContaining({ ...of('dmz'), address: '10.2.0.98', mac: null, state: 'asked' }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({
      ...{ ...of('net'), address: '192.0.2.254', mac: net.guest('peer').mac, state: 'reachable' },
      source: 'flowloom.yaml:18',
    }),
  );
  const via = net.published('routes').map(({ prefix, via, kind, state }) => [prefix, via, kind, state]);
  expect(via).toEqual([
    ['10.1.0.0/24', null, 'connected', 'active'],
    ['10.2.0.0/24', null, 'connected', 'active'],
    ['192.0.2.0/24', null, 'connected', 'active'],
    ['0.0.0.0/0', '192.0.2.254', 'static', 'active'],
    ['10.9.0.0/16', '10.2.0.77', 'static', 'unresolved'],
  ]);
  const state = () => net.published('interfaces').map(({ name, state }) => `${name} ${state}`);
  expect(state()).toEqual(['loc up', 'dmz up', 'net up']);
  await net.cut('hv1/br0:pc');
  expect(state()).toEqual(['loc down', 'dmz up', 'net up']);
});
