/** What is built from layers reads back as these layers; what is given wins; what contradicts itself is refused. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { layersOf, type PacketLayers } from '../../src/packet/layers.ts';
import { wrongChecksums } from '../../src/packet/wrong-checksums.ts';
import { ANYTHING } from './arbitrary-contents.ts';
import { packetsOf } from './arbitrary-packets.ts';

const packets = packetsOf(ANYTHING);
const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ends6 = { src: 'fe80::1', dst: 'fe80::2' };
const ports = { srcPort: 1234, dstPort: 80 };

/** Empty lists and payloads are those that are not there. */
function present(given: PacketLayers): PacketLayers {
  const isEmpty = (value: unknown) => (Array.isArray(value) || value instanceof Uint8Array) && value.length === 0;
  const kept = Object.entries(given).filter(([, value]) => !isEmpty(value));
  const { inner, quoted } = given;
  return {
    ...Object.fromEntries(kept),
    ...(inner && { inner: present(inner) }),
    ...(quoted && { quoted: present(quoted) }),
  };
}

/** Layers that are there unasked. */
function implied({ dhcp, dns, vxlan, geneve }: PacketLayers): PacketLayers {
  return (dhcp ?? dns ?? vxlan ?? geneve) === undefined ? {} : { udp: {} };
}

test('layers → bytes → layers is an identity, defaults filled in', () => {
  fc.assert(
    fc.property(packets, (given) => {
      const frame = buildPacket(given);
      const read = layersOf(frame);
      expect(read).toMatchObject(present(given));
      expect(Object.keys(read).sort()).toEqual(Object.keys({ ...implied(given), ...present(given) }).sort());
      expect(buildPacket(read)).toEqual(frame);
    }),
    { numRuns: 2_000 },
  );
});

test('every checksum that is not given is right, also of what is carried', () => {
  fc.assert(
    fc.property(packets, (given) => {
      const packet = dissect(buildPacket(given));
      for (const each of [packet, packet.inner, packet.quoted]) if (each) expect(wrongChecksums(each)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('what is left out is as it must be', () => {
  const frame = buildPacket({ vlans: [{ vid: 5 }], ipv4: ends, tcp: { ...ports, flags: ['syn'] } });
  expect(layersOf(frame)).toEqual({
    eth: { dst: '00:00:00:00:00:00', src: '00:00:00:00:00:00', ethType: 0x0800 },
    vlans: [{ tpid: 0x8100, vid: 5, priority: 0, dropEligible: false }],
    ipv4: {
      ...ends,
      protocol: 6,
      ttl: 64,
      tos: 0,
      id: 0,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      totalLength: 40,
      checksum: 0x66ce,
      options: new Uint8Array(0),
    },
    tcp: {
      ...ports,
      sequence: 0,
      acknowledgement: 0,
      flags: ['syn'],
      window: 0xffff,
      urgentPointer: 0,
      checksum: 0x96be,
      options: new Uint8Array(0),
    },
  });
  const arp = { operation: 1, senderMac: '02:00:00:00:00:01', senderAddress: '10.0.0.1', targetAddress: '10.0.0.2' };
  expect(layersOf(buildPacket({ arp }))).toMatchObject({
    eth: { dst: 'ff:ff:ff:ff:ff:ff', src: '02:00:00:00:00:01', ethType: 0x0806 },
    arp: { targetMac: '00:00:00:00:00:00' },
  });
  expect(layersOf(buildPacket({ vlans: [{ vid: 1 }, { vid: 2 }] })).vlans).toMatchObject([
    { tpid: 0x88a8, vid: 1 },
    { tpid: 0x8100, vid: 2 },
  ]);
  const query = { questions: [{ name: 'example.com', type: 1 }] };
  expect(layersOf(buildPacket({ ipv4: ends, dns: query })).udp).toMatchObject({ dstPort: 53, length: 37 });
  expect(layersOf(buildPacket({ ipv6: ends6, icmpv6: { type: 135, nd: { target: 'fe80::2' } } }))).toMatchObject({
    ipv6: { hopLimit: 255, protocol: 58 },
    icmpv6: { nd: { target: 'fe80::2', options: [] } },
  });
  const routed = buildPacket({ ipv4: ends, gre: { key: 7 }, inner: { ipv6: ends6, udp: ports } });
  expect(layersOf(routed)).toMatchObject({ ipv4: { protocol: 47 }, gre: { protocol: 0x86dd }, inner: { ipv6: ends6 } });
});

test('what is given wins, be it wrong, and the wrong checksums are named', () => {
  const wrong = {
    ipv4: { ...ends, totalLength: 1_000, checksum: 1, protocol: 6, ttl: 0 },
    tcp: { ...ports, checksum: 2 },
  };
  expect(layersOf(buildPacket(wrong))).toMatchObject(wrong);
  expect(layersOf(buildPacket({ eth: { ethType: 0x1234 }, ipv4: ends }))).toMatchObject({ eth: { ethType: 0x1234 } });
  const named = (given: PacketLayers) => wrongChecksums(dissect(buildPacket(given)));
  expect(named({ ipv4: { ...ends, checksum: 1 }, tcp: { ...ports, checksum: 2 } })).toEqual(['ipv4', 'tcp']);
  expect(named({ ipv4: ends, udp: { ...ports, checksum: 3 } })).toEqual(['udp']);
  expect(named({ ipv4: ends, udp: { ...ports, checksum: 0 } })).toEqual([]);
  expect(named({ ipv6: ends6, udp: { ...ports, checksum: 0 } })).toEqual(['udp']);
  expect(named({ ipv4: ends, icmp: { type: 8, checksum: 3 } })).toEqual(['icmp']);
  expect(named({ ipv6: ends6, icmpv6: { type: 128, checksum: 3 } })).toEqual(['icmpv6']);
  expect(named({ ipv4: ends, igmp: { type: 0x16, checksum: 3 } })).toEqual(['igmp']);
  expect(named({ ipv6: ends6, sctp: { ...ports, checksum: 3 } })).toEqual(['sctp']);
  expect(named({ ipv4: ends, gre: { protocol: 0x1234, checksum: 3 } })).toEqual(['gre']);
});

test.for<[string, PacketLayers]>([
  ['one packet has `ipv4` or `ipv6`, not both', { ipv4: ends, ipv6: ends6 }],
  ['one packet has `tcp` or `udp`, not both', { ipv4: ends, tcp: ports, udp: ports }],
  ['one packet has `inner` or `payload`, not both', { ipv4: ends, inner: { ipv4: ends }, payload: Uint8Array.of(1) }],
  ['`tcp` goes over `ipv4` or `ipv6`', { tcp: ports }],
  ['`dns` goes over `ipv4` or `ipv6`', { dns: {} }],
  ['`icmp` goes over `ipv4`', { ipv6: ends6, icmp: { type: 8 } }],
  ['`icmpv6` goes over `ipv6`', { ipv4: ends, icmpv6: { type: 128 } }],
  ['`vxlan` goes over `udp`, not `tcp`', { ipv4: ends, tcp: ports, vxlan: { vni: 1 } }],
  ['`inner` goes in `vxlan`, `geneve`, `gre`, or IP itself', { ipv4: ends, udp: ports, inner: { ipv4: ends } }],
  ['what IP itself carries begins with IP, not with Ethernet', { ipv4: ends, inner: { eth: {}, ipv4: ends } }],
  ['what IP itself carries is `ipv4` or `ipv6`, or `protocol` says what', { ipv4: ends, inner: {} }],
  ['`quoted` goes in an error of `icmp` or `icmpv6`', { ipv4: ends, icmp: { type: 8 }, quoted: { ipv4: ends } }],
  [
    'what an error quotes begins with IP, not with Ethernet',
    { ipv4: ends, icmp: { type: 3 }, quoted: { eth: {}, ipv4: ends } },
  ],
  [
    '`arp` carries nothing: what follows is `trailer`',
    {
      arp: { operation: 1, senderMac: '02:00:00:00:00:01', senderAddress: '1.1.1.1', targetAddress: '1.1.1.2' },
      payload: Uint8Array.of(1),
    },
  ],
  [
    'only a first fragment has `udp`; what a later one carries is `payload`',
    { ipv4: { ...ends, fragmentOffset: 8 }, udp: ports },
  ],
  [
    'only a first fragment has `tcp`; what a later one carries is `payload`',
    { ipv6: { ...ends6, extensions: [{ kind: 'fragment', offset: 8, moreFragments: false, id: 1 }] }, tcp: ports },
  ],
  ['a frame with `llc` has a length in place of `eth.ethType`', { eth: { ethType: 0x800 }, llc: { dsap: 1, ssap: 1 } }],
  ['`ipv4` behind `llc` goes over `snap`', { llc: { dsap: 1, ssap: 1 }, ipv4: ends }],
  ['`udp` wants `srcPort` and `dstPort` where no layer above it has usual ones', { ipv4: ends, udp: { srcPort: 1 } }],
])('refused: %s', ([message, given]) => {
  expect(() => buildPacket(given)).toThrow(new TypeError(message));
});

test('a layer that is none is refused, and so is what has no room', () => {
  expect(() => buildPacket({ ipv4: ends, tpc: ports } as PacketLayers)).toThrow('there is no layer `tpc`');
  expect(() => buildPacket({ ipv4: { ...ends, options: Uint8Array.of(1) } })).toThrow(/multiple of 4/);
  expect(() => buildPacket({ ipv4: { ...ends, fragmentOffset: 7 } })).toThrow(/multiple of 8/);
  expect(() => buildPacket({ ipv4: ends, tcp: { ...ports, options: new Uint8Array(44) } })).toThrow(/40 at most/);
  expect(() => buildPacket({ ipv4: ends, payload: new Uint8Array(65_516) })).toThrow(/65535/);
  expect(() => buildPacket({ ipv6: { src: '10.0.0.1', dst: '::' } })).toThrow(/not an IPv6 address/);
});
