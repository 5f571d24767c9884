/** What one line says of a frame. That it never throws is held in dissect.test.ts. */

import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { describePacket } from '../../src/packet/describe.ts';
import type { PacketLayers } from '../../src/packet/layers.ts';
import { linkLayerOption, ND_OPTION, ND_TYPE } from '../../src/packet/neighbor-discovery.ts';

const eth = { src: '02:00:00:00:00:01', dst: '02:00:00:00:00:02' };
const ipv4 = { src: '10.0.0.1', dst: '10.0.0.2' };
const ipv6 = { src: 'fe80::1', dst: 'fe80::2' };
const ports = { srcPort: 1234, dstPort: 80 };
const arp = { senderMac: eth.src, senderAddress: '10.0.0.1', targetAddress: '10.0.0.2' };
const text = (value: string) => Uint8Array.from(Buffer.from(value));

test.for<[string, PacketLayers]>([
  ['vlan 5 · 10.0.0.1:1234 → 10.0.0.2:80 tcp syn', { vlans: [{ vid: 5 }], ipv4, tcp: { ...ports, flags: ['syn'] } }],
  [
    'vlan 7 · vlan 5 · mpls 100 · 10.0.0.1:1234 → 10.0.0.2:80 udp 3 bytes',
    { vlans: [{ vid: 7 }, { vid: 5 }], mpls: [{ label: 100 }], ipv4, udp: ports, payload: new Uint8Array(3) },
  ],
  [
    '[fe80::1]:1234 → [fe80::2]:80 tcp psh ack 1 byte',
    { ipv6, tcp: { ...ports, flags: ['ack', 'psh'] }, payload: new Uint8Array(1) },
  ],
  ['10.0.0.1:1234 → 10.0.0.2:80 sctp 4 bytes', { ipv4, sctp: ports, payload: new Uint8Array(4) }],
  ['arp who-has 10.0.0.2 tell 10.0.0.1 02:00:00:00:00:01', { arp: { ...arp, operation: 1 } }],
  [
    'arp 10.0.0.1 is-at 02:00:00:00:00:01 to 10.0.0.2 02:00:00:00:00:02',
    { arp: { ...arp, operation: 2, targetMac: eth.dst } },
  ],
  ['arp announcement 10.0.0.1 is-at 02:00:00:00:00:01', { arp: { ...arp, operation: 1, targetAddress: '10.0.0.1' } }],
  ['icmp echo request id 1 seq 2 10.0.0.1 → 10.0.0.2', { ipv4, icmp: { type: 8, identifier: 1, sequence: 2 } }],
  [
    'icmp port unreachable 10.0.0.2 → 10.0.0.1 · about 10.0.0.1:1234 → 10.0.0.2:80 udp',
    { ipv4: { src: '10.0.0.2', dst: '10.0.0.1' }, icmp: { type: 3, code: 3 }, quoted: { ipv4, udp: ports } },
  ],
  ['icmp fragmentation needed mtu 1450 10.0.0.1 → 10.0.0.2', { ipv4, icmp: { type: 3, code: 4, rest: 1450 } }],
  [
    'icmpv6 neighbour solicitation who-has fe80::9 fe80::1 → fe80::2',
    { ipv6, icmpv6: { type: ND_TYPE.neighborSolicitation, nd: { target: 'fe80::9' } } },
  ],
  [
    'icmpv6 neighbour advertisement fe80::9 is-at 02:00:00:00:00:01 fe80::1 → fe80::2',
    {
      ipv6,
      icmpv6: {
        type: ND_TYPE.neighborAdvertisement,
        nd: { target: 'fe80::9', options: [linkLayerOption(ND_OPTION.targetLinkLayer, eth.src)] },
      },
    },
  ],
  ['icmpv6 packet too big mtu 1280 fe80::1 → fe80::2', { ipv6, icmpv6: { type: 2, rest: 1280 } }],
  ['igmp report 239.1.1.1 10.0.0.1 → 10.0.0.2', { ipv4, igmp: { type: 0x16, group: '239.1.1.1' } }],
  [
    '10.0.0.1 → 10.0.0.2 vxlan 5 · vlan 3 · [fe80::1]:1234 → [fe80::2]:80 udp',
    { ipv4, vxlan: { vni: 5 }, inner: { vlans: [{ vid: 3 }], ipv6, udp: ports } },
  ],
  [
    '10.0.0.1 → 10.0.0.2 geneve 6 · icmp echo reply id 0 seq 0 10.0.0.1 → 10.0.0.2',
    { ipv4, geneve: { vni: 6 }, inner: { ipv4, icmp: { type: 0 } } },
  ],
  [
    '10.0.0.1 → 10.0.0.2 gre key 7 · 10.0.0.1 → 10.0.0.2 protocol 99',
    { ipv4, gre: { key: 7 }, inner: { ipv4: { ...ipv4, protocol: 99 } } },
  ],
  ['10.0.0.1 → 10.0.0.2 gre type 0x88be 9 bytes', { ipv4, gre: { protocol: 0x88be }, payload: new Uint8Array(9) }],
  [
    '10.0.0.1 → 10.0.0.2 ipv6 · fe80::1 → fe80::2 protocol 99 2 bytes',
    { ipv4, inner: { ipv6: { ...ipv6, protocol: 99 }, payload: new Uint8Array(2) } },
  ],
  [
    '10.0.0.1 → 10.0.0.2 udp fragment 9 at 1480, the last 5 bytes',
    { ipv4: { ...ipv4, id: 9, fragmentOffset: 1480, protocol: 17 }, payload: new Uint8Array(5) },
  ],
  [
    '10.0.0.1:49152 → 10.0.0.2:53 dns query A example.com',
    { ipv4, dns: { questions: [{ name: 'example.com', type: 1 }] } },
  ],
  [
    '10.0.0.1:53 → 10.0.0.2:49152 dns answer A example.com: 192.0.2.1 and 1 more',
    {
      ipv4,
      dns: {
        response: true,
        questions: [{ name: 'example.com', type: 1 }],
        answers: [
          { name: 'example.com', type: 1, address: '192.0.2.1' },
          { name: 'example.com', type: 1, address: '192.0.2.2' },
        ],
      },
    },
  ],
  [
    '10.0.0.1:53 → 10.0.0.2:49152 dns answer AAAA nowhere: no such name',
    { ipv4, dns: { response: true, responseCode: 3, questions: [{ name: 'nowhere', type: 28 }] } },
  ],
  [
    '0.0.0.0:68 → 255.255.255.255:67 dhcp discover for 02:00:00:00:00:01',
    {
      ipv4: { src: '0.0.0.0', dst: '255.255.255.255' },
      dhcp: { operation: 1, clientMac: eth.src, options: [{ code: 53, value: Uint8Array.of(1) }] },
    },
  ],
  [
    '10.0.0.1:67 → 10.0.0.2:68 dhcp offer 10.0.0.2 for 02:00:00:00:00:01',
    {
      ipv4,
      dhcp: {
        operation: 2,
        yourAddress: '10.0.0.2',
        clientMac: eth.src,
        options: [{ code: 53, value: Uint8Array.of(2) }],
      },
    },
  ],
  [
    'lldp chassis switch-1 port 0x0102 ttl 120',
    {
      lldp: {
        chassisId: { subtype: 7, id: text('switch-1') },
        portId: { subtype: 7, id: Uint8Array.of(1, 2) },
        ttl: 120,
        own: [],
        others: [],
      },
    },
  ],
  ['02:00:00:00:00:01 → 02:00:00:00:00:02 type 0x88b5 46 bytes', { eth, payload: new Uint8Array(46) }],
  [
    'vlan 5 · 02:00:00:00:00:01 → 02:00:00:00:00:02 broken ipv4 2 bytes',
    { eth: { ...eth, ethType: 0x0800 }, vlans: [{ vid: 5 }], payload: new Uint8Array(2) },
  ],
  [
    '02:00:00:00:00:01 → 02:00:00:00:00:02 llc 0x42 → 0x42 1 byte',
    { eth, llc: { dsap: 0x42, ssap: 0x42 }, payload: new Uint8Array(1) },
  ],
  [
    '02:00:00:00:00:01 → 02:00:00:00:00:02 snap 0x00000c type 0x2000 0 bytes',
    { eth, llc: { snap: { oui: 12, protocol: 0x2000 } } },
  ],
])('%s', ([line, layers]) => {
  expect(describePacket(buildPacket(layers))).toBe(line);
});

test('what is too short for Ethernet', () => {
  expect(describePacket(new Uint8Array(13))).toBe('13 bytes, too short for Ethernet');
});
