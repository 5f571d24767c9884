/** The app `dhcp` tells stations of IPv6: router advertisements, when they ask and from time to time. */

import { expect, test } from 'vitest';
import { dissect } from '../../../src/packet/dissect.ts';
import type { Delivery } from '../../../src/testing/delivery.ts';
import { expectPacket, type Lab, lab, packet } from '../../../src/testing/index.ts';

const file = (advertise: string) => `flowloom: 1
hosts: { hv1: { underlay: 192.0.2.1 }, hv2: { underlay: 192.0.2.2 } }
segments:
  six: { vlan: 10, subnet: "2001:db8:6::/64", overlay: vxlan }
bridges:
  br0:
    hosts: [hv1, hv2]
    ports:
      hv1/pc: { access: six }
      hv1/rtr: { access: six, serves: [ra] }
      hv1/trunk: { trunk: [six] }
      hv2/far: { access: six }
      hv2/trunk2: { trunk: [six] }
routers:
  edge:
    host: hv1
    mac: "02:00:00:00:00:fe"
    interfaces:
      six: { segment: six, address: "2001:db8:6::1/64" }
dhcp:
  ${advertise}
`;
const told = 'six: { advertise: { dns: "2001:db8:6::1", domain: [lan, example.net], mtu: 1400, other: true } }';
const guests = { pc: { ip6: 'fe80::5' }, far: { ip6: 'fe80::6' }, rtr: { ip6: 'fe80::7' } };
const network = (advertise = told): Promise<Lab> => lab({ file: file(advertise), guests });

const LINK_LOCAL = 'fe80::ff:fe00:fe';

function advertised({ left }: Pick<Delivery, 'left'>) {
  return left.flatMap(({ at, frame }) => {
    const { eth, vlans, ipv6, icmpv6 } = dissect(frame);
    return icmpv6?.type === 134 ? [{ at, eth, ipv6, nd: icmpv6.nd!, vlan: vlans[0]?.vid, icmpv6 }] : [];
  });
}

const solicitation = (net: Lab, guest: string, src: string) =>
  packet.layers({
    eth: { src: net.guest(guest).mac, dst: '33:33:00:00:00:02' },
    ipv6: { src, dst: 'ff02::2' },
    icmpv6: { type: 133, nd: { options: [] } },
  });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('who asks is told, at once and alone', async () => {
  const net = await network();
  const [answer, ...more] = advertised(await net.send('far', solicitation(net, 'far', 'fe80::6')));
  expect(more).toEqual([]);
  expect(answer).toMatchObject({
    at: 'hv2/br0:far',
    eth: { src: '02:00:00:00:00:fe', dst: net.guest('far').mac },
    ipv6: { src: LINK_LOCAL, dst: 'fe80::6', hopLimit: 255 },
    nd: { hopLimit: 64, lifetime: 1800, managed: false, otherConfiguration: true },
  });
  expect(answer!.nd.options.map(({ type, value }) => [type, hex(value)])).toEqual([
    [1, '0200000000fe'],
    [5, '000000000578'],
    [3, '40c00001518000003840000000002001' + '0db8000600000000000000000000'],
    [25, `000000000708${'20010db8000600000000000000000001'}`],
    [31, `000000000708${hex(Buffer.from('\x03lan\x00\x07example\x03net\x00'))}000000000000`],
  ]);
});

test('who has no address yet is told by multicast, at its port alone', async () => {
  const net = await network();
  expect(advertised(await net.send('pc', solicitation(net, 'pc', '::')))).toMatchObject([
    { at: 'hv1/br0:pc', eth: { dst: '33:33:00:00:00:01' }, ipv6: { dst: 'ff02::1' } },
  ]);
  const forged = packet.layers({
    eth: { src: net.guest('pc').mac, dst: '33:33:00:00:00:02' },
    ipv6: { src: 'fe80::5', dst: 'ff02::2', hopLimit: 254 },
    icmpv6: { type: 133, nd: { options: [] } },
  });
  expect(advertised(await net.send('pc', forged))).toEqual([]);
  const ofNobody = packet.layers({
    eth: { src: net.guest('pc').mac, dst: '33:33:00:00:00:02' },
    ipv6: { src: '::', dst: 'ff02::2' },
    icmpv6: { type: 133, nd: { options: [{ type: 1, value: Uint8Array.of(2, 0, 0, 0, 0, 1) }] } },
  });
  expect(advertised(await net.send('pc', ofNobody))).toEqual([]);
});

test('all are told from time to time, behind trunks from where the router is', async () => {
  const net = await network();
  const first = advertised(await net.advance(40));
  const places = new Set(first.map(({ at }) => at));
  expect([...places].sort()).toEqual(['hv1/br0:pc', 'hv1/br0:rtr', 'hv1/br0:trunk', 'hv2/br0:far']);
  expect(first.find(({ at }) => at === 'hv1/br0:trunk')).toMatchObject({ vlan: 10 });
  await net.advance(600);
  const later = advertised(await net.advance(1200)).filter(({ at }) => at === 'hv2/br0:far');
  expect(later.length).toBeGreaterThanOrEqual(2);
  expect(later.length).toBeLessThanOrEqual(6);
});

test('nothing of what is told ends before it is told again', async () => {
  const net = await network('six: { advertise: { lifetime: 300, valid: 900, preferred: 240 } }');
  await net.advance(60);
  const seen = advertised(await net.advance(1200)).filter(({ at }) => at === 'hv2/br0:far');
  expect(seen.length).toBeGreaterThanOrEqual(1200 / 80);
  expect(seen.length).toBeLessThanOrEqual(1200 / 26);
});

test('a prefix and a name server that are no more told are told to be over, three times', async () => {
  const net = await network('six: { advertise: { dns: "2001:db8:6::1" } }');
  const text = file('six: { advertise: { dns: "2001:db8:7::1" } }').replaceAll('2001:db8:6::', '2001:db8:7::');
  await net.reload({ file: text });
  const prefixes = ({ nd }: ReturnType<typeof advertised>[number]) =>
    nd.options
      .filter(({ type }) => type === 3)
      .map(({ value }) => hex(value).slice(4, 20) + hex(value.subarray(14, 22)));
  const servers = ({ nd }: ReturnType<typeof advertised>[number]) =>
    nd.options
      .filter(({ type }) => type === 25)
      .map(({ value }) => hex(value).slice(4, 12) + hex(value.subarray(6, 14)));
  const [now] = advertised(await net.advance(17)).filter(({ at }) => at === 'hv1/br0:pc');
  expect(prefixes(now!)).toEqual(['0001518000003840' + '20010db800070000', '0000000000000000' + '20010db800060000']);
  expect(servers(now!)).toEqual(['00000708' + '20010db800070000', '00000000' + '20010db800060000']);
  await net.advance(60);
  const later = advertised(await net.advance(1200)).filter(({ at }) => at === 'hv1/br0:pc');
  expect(later.length).toBeGreaterThan(1);
  for (const each of later) expect([...prefixes(each), ...servers(each)]).toHaveLength(2);
});

test('what the file says no more is taken back', async () => {
  const net = await network();
  await net.advance(100);
  const before = net.port('hv1/br0:pc').sent.packets;
  await net.reload({ file: file('').replace('dhcp:', '') });
  expect(net.port('hv1/br0:pc').sent.packets).toBe(before + 1);
  expect(advertised(await net.advance(700))).toEqual([]);
});

test('others advertise on the segment only where their port serves it', async () => {
  const net = await network();
  const from = (guest: 'pc' | 'rtr') =>
    packet.layers({
      eth: { src: net.guest(guest).mac, dst: '33:33:00:00:00:01' },
      ipv6: { src: net.guest(guest).ip6!, dst: 'ff02::1' },
      icmpv6: { type: 134, nd: { lifetime: 1800, options: [] } },
    });
  expectPacket(await net.send('pc', from('pc'))).isDropped();
  expectPacket(await net.send('rtr', from('rtr')))
    .reaches('pc')
    .reaches('far');
});
