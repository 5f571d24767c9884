/** ICMP errors: what they quote, and for what none is sent (RFC 1812 4.3.2). */

import { expect, test } from 'vitest';
import { buildArp } from '../../src/packet/arp.ts';
import { buildEthernet, ETHER_TYPE, parseEthernet, type VlanTag } from '../../src/packet/ethernet.ts';
import { buildEcho, buildIcmp, parseIcmp } from '../../src/packet/icmp.ts';
import { icmpError } from '../../src/packet/icmp-error.ts';
import { buildIpv4, IP_PROTOCOL, type Ipv4Fields, parseIpv4 } from '../../src/packet/ipv4.ts';
import { buildUdp } from '../../src/packet/udp.ts';

const STATION = '02:00:00:00:00:05';
const ROUTER = '0e:00:00:00:00:01';
const by = (frame: Uint8Array) => ({ frame, routerMac: ROUTER, routerAddress: '172.16.100.1' });
const icmpTimeExceeded = (request: ReturnType<typeof by>) => icmpError({ ...request, kind: 'time-exceeded' });

function frameOf(
  fields: Partial<Ipv4Fields>,
  payload: Uint8Array,
  ethernet: { dst?: string; vlan?: VlanTag } = {},
): Uint8Array {
  const packet = buildIpv4(
    { src: '172.16.100.5', dst: '172.16.200.5', protocol: IP_PROTOCOL.udp, ttl: 1, ...fields },
    payload,
  );
  return buildEthernet({ dst: ROUTER, src: STATION, ethType: ETHER_TYPE.ipv4, ...ethernet }, packet);
}

const datagram = (length: number) =>
  buildUdp({ src: '172.16.100.5', dst: '172.16.200.5', srcPort: 40_000, dstPort: 33_434 }, new Uint8Array(length));

test('time exceeded goes back to the station and quotes its packet', () => {
  const vlan = { tpid: 0x8100, vid: 100, priority: 0, dropEligible: false };
  const frame = frameOf({}, datagram(32), { vlan });
  const reply = icmpTimeExceeded(by(frame))!;
  expect(parseEthernet(reply)).toEqual({
    dst: STATION,
    src: ROUTER,
    vlan,
    ethType: ETHER_TYPE.ipv4,
    payloadOffset: 18,
  });
  const ip = parseIpv4(reply, 18)!;
  expect(ip).toMatchObject({ src: '172.16.100.1', dst: '172.16.100.5', protocol: 1, checksumOk: true, ttl: 64 });
  expect(parseIcmp(reply, ip.payloadOffset, ip.payloadEnd)).toMatchObject({
    type: 11,
    code: 0,
    rest: 0,
    checksumOk: true,
  });
  expect(reply.subarray(ip.payloadOffset + 8)).toEqual(frame.subarray(18));
});

test('at most 576 bytes, and never the padding of Ethernet', () => {
  const long = icmpTimeExceeded(by(frameOf({}, datagram(1_400))))!;
  expect(parseIpv4(long, 14)!.totalLength).toBe(576);
  const short = frameOf({}, datagram(0));
  const padded = new Uint8Array(60);
  padded.set(short);
  expect(icmpTimeExceeded(by(padded))).toEqual(icmpTimeExceeded(by(short)));
});

test('a frame that packet-in cut is quoted as far as it goes', () => {
  const cut = frameOf({}, datagram(1_000)).subarray(0, 128);
  const reply = icmpTimeExceeded(by(cut))!;
  expect(parseIpv4(reply, 14)).toMatchObject({ totalLength: 20 + 8 + 114, checksumOk: true });
});

test('unreachable, with its code, and the MTU where it goes with it', () => {
  const reply = icmpError({ ...by(frameOf({}, datagram(9))), kind: 'too-big', mtu: 1_450 })!;
  expect(parseIcmp(reply, 34)).toMatchObject({ type: 3, code: 4, rest: 1_450, checksumOk: true });
  expect(parseIcmp(icmpError({ ...by(frameOf({}, datagram(9))), kind: 'port-unreachable' })!, 34)).toMatchObject({
    type: 3,
    code: 3,
  });
});

test('an echo request is answered, an ICMP error never', () => {
  const icmp = { protocol: IP_PROTOCOL.icmp };
  expect(icmpTimeExceeded(by(frameOf(icmp, buildEcho('request', 1, 1, new Uint8Array(8)))))).toBeDefined();
  expect(
    icmpTimeExceeded(by(frameOf(icmp, buildIcmp({ type: 11, code: 0, rest: 0 }, new Uint8Array(28))))),
  ).toBeUndefined();
  expect(icmpTimeExceeded(by(frameOf(icmp, new Uint8Array())))).toBeUndefined();
});

test('nothing is sent for groups, later fragments, odd sources and broken packets', () => {
  const data = datagram(8);
  expect(icmpTimeExceeded(by(frameOf({}, data, { dst: 'ff:ff:ff:ff:ff:ff' })))).toBeUndefined();
  expect(icmpTimeExceeded(by(frameOf({ dst: '224.0.0.1' }, data)))).toBeUndefined();
  for (const src of ['0.0.0.0', '127.0.0.1', '239.1.1.1', '255.255.255.255']) {
    expect(icmpTimeExceeded(by(frameOf({ src }, data)))).toBeUndefined();
  }
  const fragment = frameOf({}, data);
  fragment[14 + 7] = 1;
  expect(icmpTimeExceeded(by(fragment))).toBeUndefined();
  const broken = frameOf({}, data);
  broken[14 + 10]! ^= 1;
  expect(icmpTimeExceeded(by(broken))).toBeUndefined();
  const arp = {
    operation: 1,
    senderMac: STATION,
    senderAddress: '10.0.0.1',
    targetMac: ROUTER,
    targetAddress: '10.0.0.2',
  };
  expect(icmpTimeExceeded(by(buildArp(arp, ROUTER)))).toBeUndefined();
});
