/** The controller's side of a router in IPv6: questions, errors, announcements, claims, sizes. */

import { expect, test } from 'vitest';
import { answer } from '../../../apps/router/services.ts';
import { defineApp, dissect, ETHER_TYPE, punt } from '../../../src/index.ts';
import { type Delivery, expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 10 }, dmz: { vlan: 20 } }
bridges:
  br0:
    hosts: [hv1]
    ports:
      hv1/pc: { access: loc }
      hv1/web: { access: dmz }
      hv1/spare: { access: dmz }
routers:
  edge:
    host: hv1
    interfaces:
      loc: { segment: loc, address: "2001:db8:1::1/64" }
      dmz: { segment: dmz, address: "2001:db8:2::1/64", mtu: 1400 }
`;

const guests = {
  pc: { ip6: '2001:db8:1::10/64', gateway: '2001:db8:1::1' },
  web: { ip6: '2001:db8:2::10/64', gateway: '2001:db8:2::1' },
  spare: { ip6: '2001:db8:2::10/64', gateway: '2001:db8:2::1' },
};

async function network(apps: NonNullable<Parameters<typeof lab>[0]['apps']> = []): Promise<Lab> {
  const net = await lab({ file, guests, apps });
  await net.cut('hv1/br0:spare', { silently: true });
  return net;
}

const knock = packet.udp({ dst: 'web', dstPort: 9, src: 'pc' });

/** What left by a port, in its order. */
function all({ left, answers }: Delivery, place: string): ReturnType<typeof dissect>[] {
  const here = left.filter(({ at }) => at === place).map(({ frame }) => dissect(frame));
  return [...here, ...answers.flatMap((each) => all(each, place))];
}

test('a station that nobody has heard of is asked for, and the packet waits for it', async () => {
  const net = await network();
  await net.ping('pc', '2001:db8:1::1');
  expectPacket(await net.send('pc', knock)).reaches('web', { ipv6: { src: 'pc', dst: 'web', hopLimit: 63 } });
});

test('one that is not there: asked three times, then address unreachable', async () => {
  const net = await network();
  await net.ping('pc', '2001:db8:1::1');
  await net.send('pc', packet.udp({ dst: '2001:db8:2::99', dstPort: 9 }));
  const told = await net.advance(3.5);
  const questions = all(told, 'hv1/br0:web').filter(({ icmpv6 }) => icmpv6?.nd?.target === '2001:db8:2::99');
  expect(questions).toHaveLength(2);
  expectPacket(told).reaches('pc', {
    ipv6: { src: '2001:db8:1::1' },
    icmpv6: { type: 1, code: 3 },
    quoted: { ipv6: { src: '2001:db8:1::10', dst: '2001:db8:2::99', hopLimit: 64 } },
  });
});

test('no route, a hop limit that ends, a packet that is too big', async () => {
  const net = await network();
  await net.ping('pc', '2001:db8:1::1');
  await net.send('pc', knock);
  expectPacket(await net.send('pc', packet.udp({ dst: '2001:db8:9::9', dstPort: 9 }))).reaches('pc', {
    ipv6: { src: '2001:db8:1::1' },
    icmpv6: { type: 1, code: 0 },
  });
  expectPacket(await net.send('pc', packet.udp({ dst: 'web', dstPort: 9, ttl: 1 }))).reaches('pc', {
    ipv6: { src: '2001:db8:1::1' },
    icmpv6: { type: 3 },
  });
  const large = (length: number) => packet.udp({ dst: 'web', dstPort: 9, payload: new Uint8Array(length - 48) });
  expectPacket(await net.send('pc', large(1400))).reaches('web');
  expectPacket(await net.send('pc', large(1401)))
    .reaches('pc', { icmpv6: { type: 2, rest: 1400 }, quoted: { ipv6: { dst: '2001:db8:2::10' } } })
    .doesNotReach('web');
});

test('addresses are told to all nodes, a station that claims one is told of and not believed', async () => {
  const net = await network();
  const told = (delivery: Delivery) =>
    all(delivery, 'hv1/br0:pc').filter(({ icmpv6 }) => icmpv6?.type === 136 && icmpv6.nd?.target === '2001:db8:1::1');
  const begun = told(await net.advance(4));
  expect(begun).toHaveLength(2);
  expect(begun[0]).toMatchObject({ ipv6: { dst: 'ff02::1' }, icmpv6: { nd: { router: true, override: true } } });
  await net.restart();
  expect(told(await net.advance(10))).toEqual([]);
  const { mac } = net.guest('web');
  const claim = packet.layers({
    eth: { src: mac, dst: '33:33:00:00:00:01' },
    ipv6: { src: '2001:db8:2::10', dst: 'ff02::1' },
    icmpv6: {
      type: 136,
      nd: { target: '2001:db8:2::1', override: true, options: [{ type: 2, value: Uint8Array.of(2, 0, 0, 0, 0, 9) }] },
    },
  });
  expectPacket(await net.send('web', claim)).doesNotLeave('hv1/br0:spare');
  expect(net.told.map(({ text }) => text)).toEqual([`${mac} at port web claims 2001:db8:2::1, an address of edge/dmz`]);
});

test('a station that another one has replaced is found; neighbours are told of', async () => {
  const net = await network();
  await net.ping('pc', '2001:db8:1::1');
  expectPacket(await net.send('pc', knock)).reaches('web');
  const row = () => net.published('neighbours').find(({ address }) => address === '2001:db8:2::10');
  expect(row()).toMatchObject({ router: 'edge', interface: 'dmz', mac: net.guest('web').mac });
  await net.cut('hv1/br0:web', { silently: true });
  await net.mend('hv1/br0:spare');
  await net.send('pc', knock);
  await net.advance(35);
  expectPacket(await net.send('pc', knock))
    .reaches('spare')
    .doesNotReach('web');
  expect(row()).toMatchObject({ mac: net.guest('spare').mac, state: 'reachable' });
});

test('a connection is refused by the station that it was for', async () => {
  const app = defineApp({
    name: 'refuser',
    tables: { filter: { stage: 'firewall' } },
    uses: ['router.answer'],
    attach({ dp, services }) {
      const match = { ethType: ETHER_TYPE.ipv6, ipProto: 6 } as const;
      dp.flows.filter.set('tcp', { priority: 10, match, actions: [punt()], intent: 'no TCP' });
      return { packetIn: (each) => void services.get(answer)?.reject({ packet: each, kind: 'tcp-reset' }) };
    },
  });
  const net = await network([app]);
  await net.ping('pc', '2001:db8:1::1');
  expectPacket(await net.send('pc', packet.tcp({ dst: 'web', srcPort: 40000, dstPort: 25 })))
    .reaches('pc', { ipv6: { src: 'web', dst: 'pc' }, tcp: { srcPort: 25, dstPort: 40000, flags: ['rst', 'ack'] } })
    .nowhereElse();
});
