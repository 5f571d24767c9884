/** The app `dhcp` as a relay: clients' messages to a server behind the router, and its answers back to them. */

import { expect, test } from 'vitest';
import { buildPacket } from '../../../src/packet/build.ts';
import { dissect } from '../../../src/packet/dissect.ts';
import type { Delivery } from '../../../src/testing/delivery.ts';
import { expectPacket, type Lab, lab } from '../../../src/testing/index.ts';
import { allLeft, clientFrame, heardIn } from './dhcp-client.ts';

const file = (servers: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments:
  loc: { vlan: 10, subnet: 10.1.0.0/24, overlay: vxlan }
  dmz: { vlan: 20, subnet: 10.2.0.0/24 }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/pc: { access: loc }
      hv1/srv: { access: dmz }
      hv1/gate: { access: dmz }
      hv2/far: { access: loc }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      loc: { segment: loc, address: 10.1.0.1/24 }
      dmz: { segment: dmz, address: 10.2.0.1/24 }
    routes: [10.9.0.0/16 via 10.2.0.254]
nat:
  - masquerade 10.1.0.0/24 out edge/dmz
firewall:
  zones: { loc: [edge/loc], dmz: [edge/dmz] }
  policy: [all to all drop]
dhcp:
  loc: { relay: ${servers} }
`;
const guests = {
  pc: {},
  far: {},
  srv: { ip: '10.2.0.5/24', gateway: '10.2.0.1' },
  gate: { ip: '10.2.0.254/24', gateway: '10.2.0.1' },
};
const network = (servers = '10.2.0.5'): Promise<Lab> => lab({ file: file(servers), guests });

/** What was asked of a server, as it came there. */
function askedAt(delivery: Delivery, place: string) {
  return allLeft(delivery)
    .filter(({ at }) => at === place)
    .flatMap(({ frame }) => {
      const { ipv4, udp, dhcp } = dissect(frame);
      return dhcp === undefined ? [] : [{ ipv4, udp, dhcp, frame }];
    });
}

/** The server's answer, to whom the question says that it came from. */
function answer(net: Lab, question: Uint8Array, flags: number): Uint8Array {
  const { eth, ipv4, dhcp } = dissect(question);
  return buildPacket({
    eth: { src: net.guest('srv').mac, dst: eth!.src },
    ipv4: { src: ipv4!.dst, dst: dhcp!.relayAgent },
    udp: { srcPort: 67, dstPort: 67 },
    dhcp: {
      ...dhcp!,
      ...{ operation: 2, yourAddress: '10.1.0.123', flags },
      options: dhcp!.options.map((each) => (each.code === 53 ? { code: 53, value: Uint8Array.of(2) } : each)),
    },
  });
}

test('a question goes to the server from the router, past its firewall and NAT, with where the client is', async () => {
  const net = await network();
  const sent = await net.send('far', clientFrame(net.guest('far').mac, { type: 'discover', hops: 2 }));
  const [asked, ...more] = askedAt(sent, 'hv1/br0:srv');
  expect(more).toEqual([]);
  expect(asked).toMatchObject({
    ipv4: { src: '10.1.0.1', dst: '10.2.0.5' },
    udp: { srcPort: 67, dstPort: 67 },
    dhcp: { operation: 1, hops: 3, relayAgent: '10.1.0.1', clientMac: net.guest('far').mac },
  });
  const option = asked!.dhcp.options.find(({ code }) => code === 82)!;
  expect(Buffer.from(option.value.subarray(2)).toString()).toBe('hv2/br0:far');
  expectPacket(sent).doesNotReach('pc');
  expect(askedAt(sent, 'hv1/br0:gate')).toEqual([]);
});

test("the server's answer goes to the client's port alone, without the relay's option", async () => {
  const net = await network();
  const mac = net.guest('far').mac;
  const sent = await net.send('far', clientFrame(mac, { type: 'discover' }));
  const question = askedAt(sent, 'hv1/br0:srv')[0]!.frame;
  const unicast = await net.send('srv', answer(net, question, 0));
  expect(heardIn(unicast)).toMatchObject([
    {
      ...{ port: 'hv2/br0:far', eth: { src: '02:00:00:00:00:fe', dst: mac }, udp: { srcPort: 67, dstPort: 68 } },
      ...{ ip: { src: '10.1.0.1', dst: '10.1.0.123' }, dhcp: { yourAddress: '10.1.0.123' }, type: 'offer' },
    },
  ]);
  expect(heardIn(unicast)[0]!.options.has(82)).toBe(false);
  const broadcast = await net.send('srv', answer(net, question, 0x8000));
  expect(heardIn(broadcast)).toMatchObject([{ port: 'hv2/br0:far', eth: { dst: 'ff:ff:ff:ff:ff:ff' } }]);
});

test('after a restart the client is found by what the server gives back', async () => {
  const net = await network();
  const sent = await net.send('far', clientFrame(net.guest('far').mac, { type: 'discover' }));
  const question = askedAt(sent, 'hv1/br0:srv')[0]!.frame;
  await net.restart();
  expect(heardIn(await net.send('srv', answer(net, question, 0)))).toMatchObject([{ port: 'hv2/br0:far' }]);
});

test('a server behind another router, and several of them', async () => {
  const net = await network('[10.9.1.1, 10.2.0.5]');
  const sent = await net.send('pc', clientFrame(net.guest('pc').mac, { type: 'discover' }));
  expect(askedAt(sent, 'hv1/br0:gate')).toMatchObject([{ ipv4: { dst: '10.9.1.1' } }]);
  expect(askedAt(sent, 'hv1/br0:srv')).toMatchObject([{ ipv4: { dst: '10.2.0.5' } }]);
});

test('made-up relays, endless ways, and answers of others are dropped', async () => {
  const net = await network();
  const mac = net.guest('pc').mac;
  for (const more of [{ options: { 82: Uint8Array.of(1, 1, 65) } }, { hops: 16 }]) {
    const sent = await net.send('pc', clientFrame(mac, { type: 'discover', ...more }));
    expectPacket(sent).leavesNowhere();
  }
  expect(net.appCounters('dhcp')).toMatchObject({ lost: 2, passedOn: 0 });
  const question = askedAt(await net.send('pc', clientFrame(mac, { type: 'discover' })), 'hv1/br0:srv')[0]!.frame;
  const forged = answer(net, question, 0);
  forged.set([10, 2, 0, 254], 26);
  expectPacket(await net.send('gate', forged)).doesNotReach('pc');
});
