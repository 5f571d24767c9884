/** Each protocol's parser by itself: messages from the wire, its limits, and hostile bytes. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArp } from '../../src/packet/arp.ts';
import { joined, putU16 } from '../../src/packet/bytes.ts';
import { crc32c } from '../../src/packet/crc32c.ts';
import { buildDhcp, dhcpMessageName, parseDhcp } from '../../src/packet/dhcp.ts';
import { buildDns, parseDns } from '../../src/packet/dns.ts';
import { buildDnsName, parseDnsName } from '../../src/packet/dns-name.ts';
import { parseVlans } from '../../src/packet/ethernet.ts';
import { buildGeneve, parseGeneve } from '../../src/packet/geneve.ts';
import { parseGre } from '../../src/packet/gre.ts';
import { parseIcmp } from '../../src/packet/icmp.ts';
import { parseIcmpv6 } from '../../src/packet/icmpv6.ts';
import { parseIgmp } from '../../src/packet/igmp.ts';
import { parseIpv4 } from '../../src/packet/ipv4.ts';
import { buildIpv6, parseIpv6 } from '../../src/packet/ipv6.ts';
import { parseIpv6Extension } from '../../src/packet/ipv6-extension.ts';
import { parseLlc } from '../../src/packet/llc.ts';
import { parseLldp } from '../../src/packet/lldp.ts';
import { parseMpls } from '../../src/packet/mpls.ts';
import { linkLayerOf, ND_OPTION, parseNeighborDiscovery } from '../../src/packet/neighbor-discovery.ts';
import { parseSctp } from '../../src/packet/sctp.ts';
import { parseTcp } from '../../src/packet/tcp.ts';
import { parseUdp } from '../../src/packet/udp.ts';
import { parseVxlan } from '../../src/packet/vxlan.ts';
import { bytes } from './arbitrary-fields.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const PARSERS: Record<string, (given: Uint8Array, offset: number, end?: number) => unknown> = {
  parseArp,
  parseDhcp,
  parseDns,
  parseGeneve,
  parseGre,
  parseIcmp,
  parseIcmpv6,
  parseIgmp,
  parseIpv4,
  parseIpv6,
  parseLlc,
  parseLldp,
  parseMpls,
  parseNeighborDiscovery,
  parseSctp,
  parseTcp,
  parseUdp,
  parseVlans,
  parseVxlan,
  parseDnsName: (given, offset, end = given.length) => parseDnsName(given, offset, end, offset),
  ...Object.fromEntries(
    [0, 43, 44, 51, 60].map((header) => [
      `extension header ${header}`,
      (given: Uint8Array, offset: number, end?: number) => parseIpv6Extension(given, header, offset, end),
    ]),
  ),
};

/** So that more than the first check of each parser is passed. */
const start = fc.constantFrom(
  '',
  '45000014',
  '6000000000200000',
  '8700',
  '8800',
  '0100',
  `01010600${'00'.repeat(232)}63825363`,
  '0207040202',
  '000000008180000100010000000003777777',
  '81000001',
  '0001080006040001',
  '2000',
);

test.for(Object.entries(PARSERS))('%s: hostile bytes never throw, and nothing behind the end is read', ([, parse]) => {
  fc.assert(
    fc.property(start, bytes(0, 120), fc.integer({ min: -3, max: 20 }), (head, tail, offset) => {
      const given = joined(hex(head), tail);
      const room = joined(given, new Uint8Array(40).fill(1));
      const read = parse(given, offset);
      expect(parse(room, offset, given.length)).toEqual(read);
      expect(parse(given, offset, given.length + 1)).toBeUndefined();
      expect(parse(given, given.length + 1)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('CRC32c of what RFC 3720 B.4 shows', () => {
  const wire = (given: Uint8Array) => crc32c(given).toString(16).padStart(8, '0');
  expect(wire(new Uint8Array(32))).toBe('aa36918a');
  expect(wire(new Uint8Array(32).fill(0xff))).toBe('43aba862');
  expect(wire(Uint8Array.from({ length: 32 }, (_, n) => n))).toBe('4e79dd46');
});

test('a DNS answer from the wire, with names by pointers', () => {
  const answer = hex(`
    1234 8180 0001 0002 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001
    c00c 0005 0001 0000003c 0006 0361 6c74 c010
    c02d 0001 0001 0000003c 0004 c0000201`);
  expect(parseDns(answer)).toMatchObject({
    id: 0x1234,
    response: true,
    recursionDesired: true,
    recursionAvailable: true,
    questions: [{ name: 'www.example.com', type: 1, class: 1 }],
    answers: [
      { name: 'www.example.com', type: 5, target: 'alt.example.com', ttl: 60 },
      { name: 'alt.example.com', type: 1, address: '192.0.2.1' },
    ],
    payloadOffset: answer.length,
  });
  expect(parseDns(joined(new Uint8Array(7), answer), 7)?.answers[1]?.name).toBe('alt.example.com');
});

test('names of DNS that lead in circles, forwards, or are too long', () => {
  const name = (text: string, at = 0) => {
    const given = hex(text);
    return parseDnsName(given, at, given.length, 0);
  };
  expect(name('c000')).toBeUndefined();
  expect(name('0161c000')).toBeUndefined();
  expect(name('0161c004016200', 0)).toBeUndefined();
  expect(name('c002c000', 2)).toBeUndefined();
  expect(name('016100c000', 3)).toEqual({ name: 'a', end: 5 });
  expect(name('016100c000c003', 5)).toEqual({ name: 'a', end: 7 });
  expect(name('4061')).toBeUndefined();
  const chain = (pointers: number) =>
    Array.from({ length: pointers }, (_, n) => (0xc000 + (n === 0 ? 0 : 2 * n)).toString(16)).join('');
  expect(name(`0000${chain(127)}`, 2 * 127)).toEqual({ name: '.', end: 2 * 128 });
  expect(name(`0000${chain(128)}`, 2 * 128)).toBeUndefined();
  const long = '3f'.padEnd(128, '61').repeat(3);
  expect(name(`${long}${'3d'.padEnd(124, '61')}00`)?.end).toBe(255);
  expect(name(`${long}${'3e'.padEnd(126, '61')}00`)).toBeUndefined();
});

test('names of DNS as text', () => {
  expect(buildDnsName('www.a.')).toEqual(buildDnsName('www.a'));
  expect(buildDnsName('.')).toEqual(Uint8Array.of(0));
  expect(buildDnsName('a\\.b.\\000\\\\')).toEqual(Uint8Array.of(3, 0x61, 0x2e, 0x62, 2, 0, 0x5c, 0));
  expect(() => buildDnsName('a..b')).toThrow(/1 to 63 bytes/);
  expect(() => buildDnsName('a'.repeat(64))).toThrow(/1 to 63 bytes/);
  expect(() => buildDnsName('Ā')).toThrow(/are bytes/);
  expect(() => buildDnsName(`${'a.'.repeat(128)}`)).toThrow(/255 bytes at most/);
  expect(() => buildDns({ answers: [{ name: 'a', type: 1 }] })).toThrow(/lacks what its type wants/);
});

test('a record that is not as its type says is told as it is', () => {
  const odd = buildDns({ answers: [{ name: 'a', type: 1, data: Uint8Array.of(1, 2, 3) }] });
  expect(parseDns(odd)?.answers).toEqual([{ name: 'a', type: 1, class: 1, ttl: 0, data: Uint8Array.of(1, 2, 3) }]);
  const announced = buildDns({});
  putU16(announced, 6, 1);
  expect(parseDns(announced)).toBeUndefined();
});

test('DHCP: padding between options, names of messages, and what is cut', () => {
  const built = buildDhcp({
    operation: 1,
    clientMac: '02:00:00:00:00:01',
    options: [{ code: 53, value: Uint8Array.of(3) }],
  });
  const padded = joined(built.subarray(0, 240), Uint8Array.of(0, 0), built.subarray(240), new Uint8Array(9));
  const read = parseDhcp(padded)!;
  expect(read).toMatchObject({ options: [{ code: 53, value: Uint8Array.of(3) }], payloadOffset: 246 });
  expect(dhcpMessageName(read)).toBe('request');
  expect(dhcpMessageName({ options: [] })).toBeUndefined();
  for (let length = 0; length < built.length; length++) expect(parseDhcp(built.subarray(0, length))).toBeUndefined();
  expect(() => buildDhcp({ ...read, options: [{ code: 255, value: new Uint8Array(0) }] })).toThrow(/stands by itself/);
  expect(() => buildDhcp({ ...read, serverName: 'x'.repeat(65) })).toThrow(/longer than 64/);
});

test('a neighbour solicitation from the wire, and options that are not sound', () => {
  const given = hex('87007b5500000000fe800000000000000000000000000002 0101020000000001');
  const nd = parseNeighborDiscovery(given)!;
  expect(nd).toEqual({ target: 'fe80::2', options: [{ type: 1, value: hex('020000000001') }] });
  expect(linkLayerOf(nd, ND_OPTION.sourceLinkLayer)).toBe('02:00:00:00:00:01');
  expect(linkLayerOf(nd, ND_OPTION.targetLinkLayer)).toBeUndefined();
  for (let length = 25; length < given.length; length++) {
    expect(parseNeighborDiscovery(given.subarray(0, length))).toBeUndefined();
  }
  const none = given.slice();
  none[25] = 0;
  expect(parseNeighborDiscovery(none)).toBeUndefined();
  expect(parseIcmpv6(none)).toMatchObject({ type: 135, payloadOffset: 8 });
});

test('Geneve: options fill their room, and a critical one is told', () => {
  const options = [{ class: 0x0102, type: 0x80, value: Uint8Array.of(1, 2, 3, 4) }];
  const built = buildGeneve({ vni: 5, options }, new Uint8Array(0));
  expect(parseGeneve(built)).toMatchObject({ vni: 5, protocol: 0x6558, critical: true, options });
  const beyond = built.slice();
  beyond[11] = 2;
  expect(parseGeneve(beyond)).toBeUndefined();
  const version = built.slice();
  version[0]! |= 0x40;
  expect(parseGeneve(version)).toBeUndefined();
  expect(() => buildGeneve({ vni: 1, options: Array(64).fill(options[0]) }, new Uint8Array(0))).toThrow(/252 bytes/);
});

test('GRE of RFC 1701 with routing, and of PPTP, is not read', () => {
  expect(parseGre(hex('00000800'))).toMatchObject({ protocol: 0x0800, checksumPresent: false });
  expect(parseGre(hex('40000800 00000000'))).toBeUndefined();
  expect(parseGre(hex('3001880b 00000000 00000000'))).toBeUndefined();
  expect(parseGre(hex('20000800'))).toBeUndefined();
});

test('a stack of labels ends at its bottom, or where the bytes do', () => {
  const stack = hex('00064040 00065140 45');
  expect(parseMpls(stack)).toEqual([
    { label: 100, trafficClass: 0, bottomOfStack: false, ttl: 64 },
    { label: 101, trafficClass: 0, bottomOfStack: true, ttl: 64 },
  ]);
  expect(parseMpls(hex('00064040 0006'))).toHaveLength(1);
});

test('options of IPv6 are padded, and an extension that is cut is payload', () => {
  const ends = { src: '::1', dst: '::2', protocol: 59, hopLimit: 1 };
  const options = (length: number) => {
    const built = buildIpv6(
      { ...ends, extensions: [{ kind: 'hopByHop', options: new Uint8Array(length) }] },
      new Uint8Array(0),
    );
    return parseIpv6(built)?.extensions[0];
  };
  expect(options(6)).toMatchObject({ options: new Uint8Array(6) });
  expect(options(5)).toMatchObject({ options: new Uint8Array(6) });
  expect(options(2)).toMatchObject({ options: Uint8Array.of(0, 0, 1, 2, 0, 0) });
  const cut = buildIpv6({ ...ends, protocol: 43 }, Uint8Array.of(59, 1, 0, 0, 0, 0, 0, 0));
  expect(parseIpv6(cut)).toMatchObject({ protocol: 43, extensions: [], payloadOffset: 40, payloadEnd: 48 });
});
