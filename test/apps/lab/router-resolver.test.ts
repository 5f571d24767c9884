/** Next hops that nobody knows: asked for within limits, packets in their order, senders told; by the lab's clock. */

import { expect, test } from 'vitest';
import { dissect } from '../../../src/index.ts';
import { type Delivery, expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

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
      loc: { segment: loc, address: 10.1.0.1/16 }
      dmz: { segment: dmz, address: 10.2.0.1/16 }
      net: { segment: net, address: 192.0.2.1/24 }
    routes: [default via 192.0.2.254]
${more}`;

const guests = {
  pc: { ip: '10.1.0.10/16', gateway: '10.1.0.1' },
  web: { ip: '10.2.0.10/16', gateway: '10.2.0.1' },
  peer: { ip: '192.0.2.254/24', gateway: '192.0.2.1' },
};

async function network(more?: string): Promise<Lab> {
  const net = await lab({ file: file(more), guests });
  for (const [guest, to] of [
    ['pc', '10.1.0.1'],
    ['peer', '192.0.2.1'],
  ] as const) {
    await net.send(guest, packet.arp({ dst: to }));
  }
  return net;
}

const to = (dst: string, dstPort = 9) => packet.udp({ dst, dstPort });
const asksFor = (target: string) => ({ arp: { operation: 1, targetAddress: target } });

/** What left by a port, in its order. */
function all({ left, answers }: Delivery, place: string): ReturnType<typeof dissect>[] {
  const here = left.filter((each) => each.at === place).map(({ frame }) => dissect(frame));
  return [...here, ...answers.flatMap((each) => all(each, place))];
}

/** For whom the router asks at the port of `web`. */
function questions(delivery: Delivery): string[] {
  return all(delivery, 'hv1/br0:web').flatMap(({ arp }) =>
    arp?.operation === 1 && arp.targetAddress !== arp.senderAddress ? [arp.targetAddress] : [],
  );
}

test('who does not answer is asked three times, a second apart; then the senders are told, and the router is quiet', async () => {
  const net = await network();
  for (let port = 1; port <= 3; port++) await net.send('pc', to('10.2.0.99', port));
  expect(questions(await net.advance(0.5))).toEqual([]);
  expect(questions(await net.advance(1))).toEqual(['10.2.0.99']);
  expect(questions(await net.advance(1))).toEqual(['10.2.0.99']);
  const told = await net.advance(1);
  for (const dstPort of [1, 2, 3]) {
    expectPacket(told).reaches('pc', {
      ipv4: { src: '10.1.0.1' },
      icmp: { type: 3, code: 1 },
      quoted: { ipv4: { src: 'pc', dst: '10.2.0.99', ttl: 64 }, udp: { dstPort } },
    });
  }
  expectPacket(told).doesNotLeave('hv1/br0:web');
  // For some seconds nobody is asked again; the sender is told at once.
  expectPacket(await net.send('pc', to('10.2.0.99')))
    .reaches('pc', { icmp: { type: 3, code: 1 } })
    .nowhereElse();
  expect(net.appCounters('router').unresolved).toBe(4);
  await net.advance(6);
  expectPacket(await net.send('pc', to('10.2.0.99'))).leaves('hv1/br0:web', asksFor('10.2.0.99'));
});

test('what waits goes on in its order when the answer comes, and the first ones are kept', async () => {
  const net = await network();
  await net.cut('hv1/br0:web', { silently: true });
  for (let port = 1; port <= 20; port++) await net.send('pc', to('web', port));
  await net.mend('hv1/br0:web');
  const ports = all(await net.advance(2), 'hv1/br0:web').flatMap(({ udp }) => udp?.dstPort ?? []);
  expect(ports).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  expect(net.appCounters('router').dropped).toBe(4);
});

test('who scans a prefix makes the router ask for a few stations a second, and another is served meanwhile', async () => {
  const net = await network();
  let asked = 0;
  for (let i = 0; i < 300; i++) {
    asked += questions(await net.send('pc', to(`10.2.${1 + (i >> 8)}.${i & 255}`))).length;
  }
  expect(asked).toBe(64);
  expect(net.appCounters('router').dropped).toBe(300 - 64);
  expectPacket(await net.send('peer', to('web'))).reaches('web', { udp: { dstPort: 9 } });
  expectPacket(await net.send('pc', to('peer'))).reaches('peer');
});

test('what masquerading has translated is told to who sent it, as it sent it', async () => {
  const net = await network('\nnat: [masquerade 10.1.0.0/16 out edge/net]\n');
  await net.send('pc', packet.tcp({ dst: '192.0.2.77', srcPort: 40000, dstPort: 80 }));
  expectPacket(await net.advance(3.5)).reaches('pc', {
    ipv4: { src: '10.1.0.1' },
    icmp: { type: 3, code: 1 },
    quoted: { ipv4: { src: 'pc', dst: '192.0.2.77' }, tcp: { srcPort: 40000, dstPort: 80 } },
  });
});
