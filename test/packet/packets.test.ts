/** What is built reads back the same, checksums included; hostile bytes never throw. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildArp, parseArp } from '../../src/packet/arp.ts';
import { checksum, transportChecksum } from '../../src/packet/checksum.ts';
import { buildEthernet, ETHER_TYPE, parseEthernet } from '../../src/packet/ethernet.ts';
import { buildEcho, buildIcmp, parseEcho, parseIcmp } from '../../src/packet/icmp.ts';
import { icmpError } from '../../src/packet/icmp-error.ts';
import { buildIpv4, IP_PROTOCOL, parseIpv4 } from '../../src/packet/ipv4.ts';
import { readdress } from '../../src/packet/readdress.ts';
import { parseTcp } from '../../src/packet/tcp.ts';
import { tcpReset } from '../../src/packet/tcp-reset.ts';
import { buildUdp, parseUdp } from '../../src/packet/udp.ts';
import { address, byte, mac, u16 } from './arbitrary-fields.ts';

const payload = fc.uint8Array({ maxLength: 300 });
const vlan = fc.option(
  fc.record({
    tpid: fc.constantFrom(0x8100, 0x88a8),
    vid: fc.nat(4095),
    priority: fc.nat(7),
    dropEligible: fc.boolean(),
  }),
  { nil: undefined },
);
const untagged = u16.filter((type) => type !== 0x8100 && type !== 0x88a8);

test('Ethernet', () => {
  fc.assert(
    fc.property(mac, mac, vlan, untagged, payload, (dst, src, tag, ethType, data) => {
      const frame = buildEthernet({ dst, src, vlan: tag, ethType }, data);
      const read = parseEthernet(frame)!;
      expect(read).toEqual({ dst, src, vlan: tag, ethType, payloadOffset: tag === undefined ? 14 : 18 });
      expect(frame.subarray(read.payloadOffset)).toEqual(data);
    }),
  );
});

test('ARP', () => {
  const arp = fc.record({
    operation: u16,
    senderMac: mac,
    senderAddress: address,
    targetMac: mac,
    targetAddress: address,
  });
  fc.assert(
    fc.property(arp, mac, vlan, (given, dst, tag) => {
      const frame = buildArp(given, dst, tag);
      const ethernet = parseEthernet(frame)!;
      expect(ethernet).toMatchObject({ dst, src: given.senderMac, ethType: ETHER_TYPE.arp, vlan: tag });
      expect(parseArp(frame, ethernet.payloadOffset)).toEqual(given);
    }),
  );
});

test('IPv4', () => {
  const fields = fc.record({
    src: address,
    dst: address,
    protocol: byte,
    ttl: byte,
    tos: byte,
    id: u16,
    dontFragment: fc.boolean(),
  });
  fc.assert(
    fc.property(fields, payload, (given, data) => {
      const packet = buildIpv4(given, data);
      expect(parseIpv4(packet)).toMatchObject({
        ...given,
        checksumOk: true,
        moreFragments: false,
        fragmentOffset: 0,
        totalLength: packet.length,
        payloadOffset: 20,
        payloadEnd: packet.length,
      });
      packet[8]! ^= 0x10;
      expect(parseIpv4(packet)?.checksumOk).toBe(false);
    }),
  );
});

test('ICMP', () => {
  fc.assert(
    fc.property(byte, byte, fc.nat(0xffffffff), payload, (type, code, rest, data) => {
      const message = buildIcmp({ type, code, rest }, data);
      expect(parseIcmp(message)).toMatchObject({ type, code, rest, checksumOk: true, payloadOffset: 8 });
    }),
  );
  fc.assert(
    fc.property(u16, u16, payload, (identifier, sequence, data) => {
      expect(parseEcho(buildEcho('request', identifier, sequence, data), 0)).toEqual({ identifier, sequence });
    }),
  );
});

test('UDP', () => {
  fc.assert(
    fc.property(address, address, u16, u16, payload, (src, dst, srcPort, dstPort, data) => {
      const datagram = buildUdp({ src, dst, srcPort, dstPort }, data);
      expect(parseUdp(datagram)).toMatchObject({ srcPort, dstPort, length: datagram.length, payloadOffset: 8 });
      expect(transportChecksum(src, dst, IP_PROTOCOL.udp, datagram)).toBe(0);
    }),
  );
});

test('a TCP segment from the wire', () => {
  // SYN of curl to port 80, options included.
  const bytes = Uint8Array.from(
    Buffer.from('c3500050000000010000000aa012faf0000000000204ffd70402080a000000010000000001030307', 'hex'),
  );
  expect(parseTcp(bytes)).toEqual({
    srcPort: 50_000,
    dstPort: 80,
    sequence: 1,
    acknowledgement: 10,
    flags: ['syn', 'ack'],
    window: 0xfaf0,
    urgentPointer: 0,
    checksum: 0,
    options: bytes.subarray(20),
    payloadOffset: 40,
  });
  expect(parseTcp(bytes.subarray(0, 39))).toBeUndefined();
});

test("the checksum of RFC 1071's example, and of a header from the wire", () => {
  expect(checksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(~0xddf2 & 0xffff);
  const header = Uint8Array.from(Buffer.from('450000730000400040110000c0a80001c0a800c7', 'hex'));
  expect(checksum(header)).toBe(0xb861);
  expect(checksum(Uint8Array.of(1))).toBe(~0x0100 & 0xffff);
});

test('hostile bytes never throw', () => {
  const start = fc.constantFrom(...['', '4500', '45000014', '0001080006040001', '81000000', '00', 'ff']);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 80 }), fc.integer({ min: -5, max: 90 }), (head, tail, offset) => {
      const bytes = Uint8Array.from([...Buffer.from(head, 'hex'), ...tail]);
      for (const parse of [parseArp, parseIpv4, parseIcmp, parseEcho, parseUdp, parseTcp]) parse(bytes, offset);
      parseEthernet(bytes);
      const frame = buildEthernet({ dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02', ethType: 0x0800 }, bytes);
      for (const each of [bytes, frame]) {
        const request = { frame: each, routerMac: '02:00:00:00:00:01', routerAddress: '10.0.0.1' };
        icmpError({ ...request, kind: 'time-exceeded' });
        icmpError({ ...request, kind: 'too-big' });
        tcpReset(request.frame);
        readdress(request.frame, { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1, dstPort: 2, ttl: 3 });
      }
    }),
    { numRuns: 3_000 },
  );
});

test('addresses that are none are refused by the builders', () => {
  expect(() => buildEthernet({ dst: 'x', src: '02:00:00:00:00:01', ethType: 1 }, new Uint8Array())).toThrow(/MAC/);
  expect(() => buildIpv4({ src: '1.2.3', dst: '1.2.3.4', protocol: 1, ttl: 1 }, new Uint8Array())).toThrow(/IPv4/);
});
