/** What refuses a packet, of both families: resets with right numbers, ICMPv6 errors, packets as they were before NAT. */

import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { dissect } from '../../src/packet/dissect.ts';
import { type IcmpErrorKind, icmpError } from '../../src/packet/icmp-error.ts';
import { readdress } from '../../src/packet/readdress.ts';
import type { TcpFlag } from '../../src/packet/tcp.ts';
import { tcpReset } from '../../src/packet/tcp-reset.ts';
import { wrongChecksums } from '../../src/packet/wrong-checksums.ts';

const STATION = '02:00:00:00:00:05';
const ROUTER = '0e:00:00:00:00:01';
const eth = { src: STATION, dst: ROUTER };
const v4 = { ipv4: { src: '10.0.0.5', dst: '10.1.0.9' } };
const v6 = { ipv6: { src: '2001:db8::5', dst: '2001:db8:1::9' } };

const families = [
  ['IPv4', v4],
  ['IPv6', v6],
] as const;

function segment(flags: TcpFlag[], length: number, network: typeof v4 | typeof v6 = v4): Uint8Array {
  const tcp = { srcPort: 40_000, dstPort: 80, flags, sequence: 0xffff_fff0, acknowledgement: 77 };
  return buildPacket({ eth, ...network, tcp, payload: new Uint8Array(length) });
}

test.each(families)('TCP over %s: a reset comes from where the segment went to', (_, network) => {
  const reset = tcpReset(segment(['syn'], 0, network))!;
  const { eth: back, ipv4, ipv6, tcp } = dissect(reset);
  expect(back).toMatchObject({ src: ROUTER, dst: STATION });
  const ends = 'ipv4' in network ? network.ipv4 : network.ipv6;
  expect(ipv4 ?? ipv6).toMatchObject({ src: ends.dst, dst: ends.src });
  expect(tcp).toMatchObject({ srcPort: 80, dstPort: 40_000 });
  expect(wrongChecksums(dissect(reset))).toEqual([]);
});

test.each([
  // flags, length → of the reset: flags, sequence, acknowledgement
  [['syn'], 0, ['rst', 'ack'], 0, 0xffff_fff1],
  [['syn'], 20, ['rst', 'ack'], 0, 5],
  [['fin'], 4, ['rst', 'ack'], 0, 0xffff_fff5],
  [['psh'], 9, ['rst', 'ack'], 0, 0xffff_fff9],
  [['syn', 'ack'], 0, ['rst'], 77, 0],
  [['ack'], 500, ['rst'], 77, 0],
] as [
  TcpFlag[],
  number,
  TcpFlag[],
  number,
  number,
][])('a segment with %j and %i bytes is reset by %j, sequence number %i, acknowledgement %i', (flags, length, answer, sequence, acknowledgement) => {
  expect(dissect(tcpReset(segment(flags, length))!).tcp).toMatchObject({ flags: answer, sequence, acknowledgement });
});

test('the data of a segment that packet-in cut counts whole', () => {
  const cut = segment(['syn'], 1_000).subarray(0, 128);
  expect(dissect(tcpReset(cut)!).tcp?.acknowledgement).toBe((0xffff_fff0 + 1_001) % 2 ** 32);
});

test('no reset of a reset, of a later fragment, of what is no TCP, to a group', () => {
  expect(tcpReset(segment(['rst'], 0))).toBeUndefined();
  const later = { ipv4: { ...v4.ipv4, fragmentOffset: 8, protocol: 6 } };
  expect(tcpReset(buildPacket({ eth, ...later, payload: new Uint8Array(40) }))).toBeUndefined();
  expect(tcpReset(buildPacket({ eth, ...v4, udp: { srcPort: 1, dstPort: 2 } }))).toBeUndefined();
  const group = { src: STATION, dst: '01:00:5e:00:00:01' };
  expect(tcpReset(buildPacket({ eth: group, ...v4, tcp: { srcPort: 1, dstPort: 2, flags: ['syn'] } }))).toBeUndefined();
});

const by = (frame: Uint8Array, kind: IcmpErrorKind) =>
  icmpError({ kind, frame, routerMac: ROUTER, routerAddress: '2001:db8::1', mtu: 1_400 });

test.each([
  ['time-exceeded', 3, 0, 0],
  ['net-unreachable', 1, 0, 0],
  ['admin-prohibited', 1, 1, 0],
  ['host-unreachable', 1, 3, 0],
  ['port-unreachable', 1, 4, 0],
  ['too-big', 2, 0, 1_400],
] as [IcmpErrorKind, number, number, number][])('IPv6: %s is type %i, code %i', (kind, type, code, rest) => {
  const frame = buildPacket({ eth, ...v6, udp: { srcPort: 1, dstPort: 2 }, payload: new Uint8Array(1_400) });
  const error = by(frame, kind)!;
  expect(dissect(error)).toMatchObject({
    ipv6: { src: '2001:db8::1', dst: '2001:db8::5', payloadLength: 1_240 },
    icmpv6: { type, code, rest },
  });
  expect(wrongChecksums(dissect(error))).toEqual([]);
});

test('IPv6: nothing about errors, redirects, groups and odd sources; about an echo request and neighbour discovery', () => {
  const icmpv6 = (type: number) => by(buildPacket({ eth, ...v6, icmpv6: { type } }), 'host-unreachable');
  for (const type of [1, 2, 3, 4, 100, 127, 137]) expect(icmpv6(type)).toBeUndefined();
  expect(icmpv6(128)).toBeDefined();
  const udp = { udp: { srcPort: 1, dstPort: 2 } };
  for (const src of ['::', '::1', 'ff02::1']) {
    expect(by(buildPacket({ eth, ipv6: { ...v6.ipv6, src }, ...udp }), 'host-unreachable')).toBeUndefined();
  }
  expect(by(buildPacket({ eth, ipv6: { ...v6.ipv6, dst: 'ff05::2' }, ...udp }), 'host-unreachable')).toBeUndefined();
});

const other = {
  ipv4: { src: '192.0.2.1', dst: '198.51.100.7' },
  ipv6: { src: '2001:db8:f::1', dst: '2001:db8:e::2' },
};

test.each([
  ['TCP', { tcp: { srcPort: 1, dstPort: 2 } }],
  ['UDP', { udp: { srcPort: 1, dstPort: 2 } }],
] as const)('%s: other addresses and ports, and all checksums as if it were built so', (_, above) => {
  for (const [network, now] of [
    [v4, { ipv4: { ...other.ipv4, ttl: 9 } }],
    [v6, { ipv6: { ...other.ipv6, hopLimit: 9 } }],
  ] as const) {
    const payload = Uint8Array.of(1, 2, 3);
    const ports = { srcPort: 50_000, dstPort: 8_080 };
    const layers = 'tcp' in above ? { tcp: ports } : { udp: ports };
    const { src, dst } = 'ipv4' in now ? now.ipv4 : now.ipv6;
    expect(readdress(buildPacket({ eth, ...network, ...above, payload }), { src, dst, ...ports, ttl: 9 })).toEqual(
      buildPacket({ eth, ...now, ...layers, payload }),
    );
  }
});

test('addresses of the other family, and what is no IP, stay as they are', () => {
  const frame = segment(['syn'], 0);
  expect(readdress(frame, { src: '2001:db8::1', dst: '2001:db8::2' })).toEqual(frame);
  const short = frame.subarray(0, 20);
  expect(readdress(short, { src: '10.0.0.1' })).toBe(short);
});
