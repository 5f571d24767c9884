/** What is imported does what it did by hand: the verdicts and translations of each network, packet by packet. */

import { expect, test } from 'vitest';
import type { Draft } from '../../src/import/draft.ts';
import { importIptables } from '../../src/import/iptables/iptables.ts';
import { importLibvirtNet } from '../../src/import/libvirt-net.ts';
import { importShorewall } from '../../src/import/shorewall/shorewall.ts';
import { expectPacket, type Lab, packet } from '../../src/testing/index.ts';
import { lease } from '../apps/lab/dhcp-client.ts';
import { roundTrip } from '../apps/lab/nat-network.ts';
import { given, imported, reader, router } from './imported.ts';

type Addresses = [device: string, address: string][];
const iptables = (name: string, addresses: Addresses, gateway?: string) =>
  importIptables(given(`${name}.rules`), { router, addresses, gateway });

/** What was not taken and is no matter of traffic is named here. */
const left = (draft: Draft) => draft.unmapped.map(({ place }) => place).toSorted();
const tcp = (dst: string, dstPort: number, srcPort = 40_000) => packet.tcp({ dst, srcPort, dstPort });

async function refused(net: Lab, from: string, dst: string, port: number, to: string): Promise<void> {
  expectPacket(await net.send(from, tcp(dst, port))).doesNotReach(to);
}

async function reset(net: Lab, from: string, dst: string, port: number, to: string): Promise<void> {
  const sent = await net.send(from, tcp(dst, port));
  expectPacket(sent).doesNotReach(to);
  expectPacket(sent).reaches(from, { ipv4: { src: dst }, tcp: { srcPort: port } });
}

test('netns-nat: a namespace behind the host, masqueraded, with one forward', async () => {
  const draft = iptables('netns-nat', [['eth1', '203.0.113.20/24']], '203.0.113.1');
  expect(left(draft)).toEqual(['veth0']);
  const net = await imported(
    draft,
    {},
    {
      veth0: { ip: '192.168.45.2/24', gateway: '192.168.45.1' },
      eth1: { ip: '203.0.113.1/24', gateway: '203.0.113.20' },
    },
  );
  const out = { ipv4: { src: '203.0.113.20', dst: 'eth1' } };
  await roundTrip(net, 'veth0', packet.udp({ dst: 'eth1', dstPort: 53 }), 'eth1', out, { ipv4: { src: 'eth1' } });
  const inside = { ipv4: { dst: 'veth0' }, tcp: { dstPort: 80 } };
  const back = { ipv4: { src: '203.0.113.20' }, tcp: { srcPort: 8080 } };
  await roundTrip(net, 'eth1', tcp('203.0.113.20', 8080), 'veth0', inside, back);
  await refused(net, 'eth1', '203.0.113.20', 8081, 'veth0');
  await refused(net, 'eth1', '192.168.45.2', 22, 'veth0');
});

test('virtual-router: outbound as the router, two forwards, one with another port, and nothing else in', async () => {
  const draft = iptables('virtual-router', [
    ['lan', '172.16.100.1/24'],
    ['wan', '172.16.200.1/24'],
  ]);
  expect(left(draft)).toEqual([]);
  const net = await imported(
    draft,
    {},
    {
      lan: { ip: '172.16.100.5/24', gateway: '172.16.100.1' },
      wan: { ip: '172.16.200.5/24', gateway: '172.16.200.1' },
    },
  );
  const out = { ipv4: { src: '172.16.200.1' } };
  await roundTrip(net, 'lan', packet.ping('lan', 'wan'), 'wan', out, { ipv4: { src: 'wan', dst: 'lan' } });
  await roundTrip(net, 'lan', tcp('wan', 80), 'wan', out, {});
  for (const port of [80, 8800]) {
    const back = { ipv4: { src: '172.16.200.1' }, tcp: { srcPort: port } };
    await roundTrip(net, 'wan', tcp('172.16.200.1', port), 'lan', { tcp: { dstPort: 8800 } }, back);
  }
  await refused(net, 'wan', '172.16.200.1', 22, 'lan');
  await refused(net, 'wan', '172.16.100.5', 80, 'lan');
});

test('host-only: every guest goes out as the one address, but for mail', async () => {
  const draft = iptables('host-only', [
    ['vboxnet0', '172.16.80.1/20'],
    ['eth1', '203.0.113.2/24'],
  ]);
  const net = await imported(
    draft,
    { 'hv1/vnet*: { access: vboxnet0 }': 'hv1/vm1: { access: vboxnet0 }\n      hv1/vm2: { access: vboxnet0 }' },
    {
      vm1: { ip: '172.16.80.11/20', gateway: '172.16.80.1' },
      vm2: { ip: '172.16.95.12/20', gateway: '172.16.80.1' },
      eth1: { ip: '203.0.113.1/24', gateway: '203.0.113.2' },
    },
  );
  expect(left(draft)).toEqual(['vboxnet0']);
  const out = { ipv4: { src: '203.0.113.10' } };
  for (const vm of ['vm1', 'vm2']) await roundTrip(net, vm, tcp('eth1', 80), 'eth1', out, { tcp: { dstPort: 40_000 } });
  await refused(net, 'vm1', '203.0.113.1', 25, 'eth1');
  await refused(net, 'eth1', '172.16.80.11', 80, 'vm1');
});

test('poor-man: each port reaches its guest, no other does, and guests reach each other by the public address', async () => {
  const draft = iptables(
    'poor-man-hairpin',
    [
      ['virbr1', '192.168.10.1/24'],
      ['eth1', '203.0.113.66/24'],
    ],
    '203.0.113.1',
  );
  const net = await imported(
    draft,
    { 'hv1/vnet*: { access: virbr1 }': 'hv1/vm1: { access: virbr1 }\n      hv1/vm2: { access: virbr1 }' },
    {
      vm1: { ip: '192.168.10.11/24', gateway: '192.168.10.1' },
      vm2: { ip: '192.168.10.12/24', gateway: '192.168.10.1' },
      eth1: { ip: '203.0.113.1/24', gateway: '203.0.113.66' },
    },
  );
  // The guests' ports, and a log of its own.
  expect(left(draft)).toEqual(['line 21', 'virbr1']);
  const forwards: [number, string, number][] = [
    ...([80, 443] as const).map((port): [number, string, number] => [port, 'vm1', port]),
    ...([25, 110, 143] as const).map((port): [number, string, number] => [port, 'vm2', port]),
    [8080, 'vm2', 80],
    [8443, 'vm2', 443],
  ];
  for (const [port, vm, inner] of forwards) {
    const back = { ipv4: { src: '203.0.113.66' }, tcp: { srcPort: port } };
    const as = { ipv4: { src: 'eth1' }, tcp: { dstPort: inner } };
    await roundTrip(net, 'eth1', tcp('203.0.113.66', port), vm, as, back);
  }
  for (const port of [22, 81, 8081])
    for (const vm of ['vm1', 'vm2']) await refused(net, 'eth1', '203.0.113.66', port, vm);
  const seen = { ipv4: { src: '203.0.113.66' }, tcp: { dstPort: 80 } };
  await roundTrip(net, 'vm2', tcp('203.0.113.66', 80), 'vm1', seen, { ipv4: { src: '203.0.113.66' } });
  await roundTrip(net, 'vm1', tcp('eth1', 80), 'eth1', { ipv4: { src: '203.0.113.66' } }, {});
});

test('rich-man: all ports both ways for two, and of the host only ssh', async () => {
  const draft = iptables('rich-man', [
    ['lan0', '192.168.20.1/24'],
    ['eth1', '203.0.113.201/24'],
  ]);
  expect(left(draft)).toEqual([]);
  const net = await imported(
    draft,
    { 'hv1/lan0: { access: lan0 }': 'hv1/vm1: { access: lan0 }\n      hv1/vm2: { access: lan0 }' },
    {
      vm1: { ip: '192.168.20.11/24', gateway: '192.168.20.1' },
      vm2: { ip: '192.168.20.12/24', gateway: '192.168.20.1' },
      eth1: { ip: '203.0.113.1/24', gateway: '203.0.113.201' },
      edge: { ip: '203.0.113.201/32', gateway: '203.0.113.1', mac: '02:00:00:01:00:04' },
    },
  );
  for (const [vm, address] of [
    ['vm1', '203.0.113.211'],
    ['vm2', '203.0.113.212'],
  ] as const) {
    await roundTrip(net, vm, tcp('eth1', 80), 'eth1', { ipv4: { src: address } }, {});
    for (const port of [22, 4711]) await roundTrip(net, 'eth1', tcp(address, port), vm, {}, { ipv4: { src: address } });
  }
  expectPacket(await net.send('eth1', tcp('203.0.113.201', 22))).reaches('edge');
  await reset(net, 'eth1', '203.0.113.201', 80, 'edge');
});

const DEFAULT_NETWORK = {
  vm1: { ip: '192.168.122.11/24', gateway: '192.168.122.1' },
  vm2: { ip: '192.168.122.12/24', gateway: '192.168.122.1' },
  eth0: { ip: '10.0.0.1/24', gateway: '10.0.0.9' },
  edge: { ip: '192.168.122.1/32', gateway: '192.168.122.11', mac: '02:00:00:01:00:04' },
};
const VNET = {
  'hv1/vnet*: { access: virbr0 }': 'hv1/vm1: { access: virbr0 }\n      hv1/vm2: { access: virbr0 }',
};

test.each([
  ["libvirt-nat, of libvirt's rules", () => iptables('libvirt', [['eth0', '10.0.0.9/24']], '10.0.0.1')],
  [
    'libvirt-nat, of its XML',
    () =>
      importLibvirtNet(given('default.xml'), {
        ...{ router, uplink: 'eth0', addresses: [['eth0', '10.0.0.9/24']], gateway: '10.0.0.1' },
      }),
  ],
])('%s: guests out, nobody in, DNS of the host, other sources refused', async (_, draft) => {
  const net = await imported(draft(), VNET, DEFAULT_NETWORK);
  const sent = packet.udp({ dst: 'eth0', srcPort: 123, dstPort: 123 });
  await roundTrip(net, 'vm1', sent, 'eth0', { ipv4: { src: '10.0.0.9' } }, { udp: { dstPort: 123 } });
  expectPacket(await net.send('vm1', packet.udp({ dst: 'vm2', dstPort: 9 }))).reaches('vm2', { ipv4: { src: 'vm1' } });
  expectPacket(await net.send('vm1', packet.udp({ dst: '192.168.122.1', dstPort: 53 }))).reaches('edge');
  const refusal = await net.send('eth0', packet.udp({ dst: '192.168.122.11', dstPort: 9 }));
  expectPacket(refusal).doesNotReach('vm1');
  expectPacket(refusal).reaches('eth0', { icmp: { type: 3, code: 3 } });
  expectPacket(await net.send('vm1', packet.udp({ src: '192.168.1.5', dst: 'eth0', dstPort: 9 }))).doesNotReach('eth0');
});

test("libvirt-nat, of its XML: guests are given addresses by DHCP, the host's name server and their reservation", async () => {
  const options = { router, uplink: 'eth0', addresses: [['eth0', '10.0.0.9/24']], gateway: '10.0.0.1' } as const;
  const draft = importLibvirtNet(given('default.xml'), options);
  const net = await imported(draft, VNET, { vm1: { mac: '52:54:00:00:00:05' }, vm2: {} });
  const [first, second] = [await lease(net, 'vm1'), await lease(net, 'vm2')];
  expect(first.dhcp.yourAddress).toBe('192.168.122.5');
  expect(second.dhcp.yourAddress).toMatch(/^192\.168\.122\.\d+$/);
  expect([first.addresses(3), first.addresses(6), first.text(15)]).toEqual([
    ['192.168.122.1'],
    ['192.168.122.1'],
    'lan',
  ]);
});

test('shorewall-two-interface, as Shorewall 5 has it: each policy, each rule, both verdicts', async () => {
  const draft = importShorewall(reader('shorewall5'), {
    router,
    addresses: [
      ['eth0', '203.0.113.66/24'],
      ['eth1', '10.66.66.1/24'],
    ],
    gateway: '203.0.113.1',
  });
  expect(left(draft)).toEqual(['interfaces:4', 'rules:17', 'rules:18', 'rules:19', 'zones:6']);
  const net = await imported(
    draft,
    {
      'hv1/eth1: { access: eth1 }':
        'hv1/pc: { access: eth1 }\n      hv1/web: { access: eth1 }\n      hv1/all: { access: eth1 }',
    },
    {
      pc: { ip: '10.66.66.10/24', gateway: '10.66.66.1' },
      web: { ip: '10.66.66.67/24', gateway: '10.66.66.1' },
      all: { ip: '10.66.66.68/24', gateway: '10.66.66.1' },
      eth0: { ip: '203.0.113.1/24', gateway: '203.0.113.66' },
      edge: { ip: '10.66.66.1/32', gateway: '10.66.66.10', mac: '02:00:00:01:00:05' },
    },
  );
  // loc to net, masqueraded; fw to net; ping and ssh of the firewall from loc, nothing else of it.
  await roundTrip(net, 'pc', tcp('eth0', 80), 'eth0', { ipv4: { src: '203.0.113.66' } }, {});
  expectPacket(await net.send('edge', packet.tcp({ src: '203.0.113.66', dst: 'eth0', dstPort: 80 }))).reaches('eth0');
  expectPacket(await net.send('pc', tcp('10.66.66.1', 22))).reaches('edge');
  expectPacket(await net.send('pc', packet.ping('pc', '10.66.66.1'))).reaches('edge');
  await reset(net, 'pc', '10.66.66.1', 23, 'edge');
  // net to all: dropped, but for the forward and the pair of addresses.
  const silent = await net.send('eth0', tcp('203.0.113.66', 22));
  expectPacket(silent).doesNotReach('edge').doesNotReach('eth0');
  expectPacket(await net.send('eth0', packet.ping('eth0', '203.0.113.66'))).doesNotReach('edge');
  const back = { ipv4: { src: '203.0.113.67' }, tcp: { srcPort: 80 } };
  await roundTrip(net, 'eth0', tcp('203.0.113.67', 80), 'web', { tcp: { dstPort: 80 } }, back);
  await refused(net, 'eth0', '203.0.113.67', 81, 'web');
  await roundTrip(net, 'eth0', tcp('203.0.113.68', 80), 'all', {}, { ipv4: { src: '203.0.113.68' } });
  await refused(net, 'eth0', '203.0.113.68', 22, 'all');
  await roundTrip(net, 'all', tcp('eth0', 443), 'eth0', { ipv4: { src: '203.0.113.68' } }, {});
  // Within a zone all is accepted, and private sources do not come from outside.
  expectPacket(
    await net.send('eth0', packet.tcp({ src: '192.168.7.7', dst: '203.0.113.67', dstPort: 80 })),
  ).doesNotReach('web');
});

test('host-guard: pings of more than 84 bytes, more than one a second, other ICMP and mail are refused', async () => {
  const draft = iptables('host-guard', [['eth0', '203.0.113.10/24']]);
  expect(left(draft)).toEqual([]);
  const net = await imported(
    draft,
    {},
    {
      eth0: { ip: '203.0.113.1/24', gateway: '203.0.113.10' },
      edge: { ip: '203.0.113.10/32', gateway: '203.0.113.1', mac: '02:00:00:01:00:02' },
    },
  );
  const small = packet.ping('eth0', '203.0.113.10');
  const large = packet.ping('eth0', '203.0.113.10', { payload: new Uint8Array(57) });
  expectPacket(await net.send('eth0', large)).doesNotReach('edge');
  expectPacket(await net.send('eth0', packet.icmp({ dst: '203.0.113.10', type: 13 }))).doesNotReach('edge');
  expectPacket(await net.send('eth0', small)).reaches('edge');
  expectPacket(await net.send('eth0', small)).doesNotReach('edge');
  await net.advance(2);
  expectPacket(await net.send('eth0', small)).reaches('edge');
  await reset(net, 'eth0', '203.0.113.10', 25, 'edge');
  expectPacket(await net.send('eth0', tcp('203.0.113.10', 22))).reaches('edge');
});
