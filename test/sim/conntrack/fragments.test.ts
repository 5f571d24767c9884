/** Fragments: held, tracked as the packet that they are, and sent on one by one. */

import { expect, test } from 'vitest';
import { ipv4Text } from '../../../proto/wire/address.ts';
import { u32 } from '../../../src/packet/bytes.ts';
import { checksum } from '../../../src/packet/checksum.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import { ETHERNET, fragmentsOf, spoilt, udpFrame } from './frames.ts';
import { createRig, stateOf } from './rig.ts';

const commit = { commit: true };

const datagram = (length: number, version: 4 | 6 = 4, srcPort = 1000) =>
  udpFrame({
    ...(version === 4 ? { src: '10.0.0.1', dst: '10.0.0.2' } : { src: 'fd00::1', dst: 'fd00::2' }),
    ...{ srcPort, dstPort: 53, payload: new Uint8Array(length).fill(0x55) },
  });

const states = (packets: readonly TrackedPacket[]) => packets.map(stateOf);
const bytes = (packets: readonly { frame: Uint8Array }[]) =>
  packets.map(({ frame }) => Buffer.from(frame).toString('hex'));

test.for([
  4, 6,
] as const)('fragments of IPv%s come on together, each as it was, in order, with the state of the whole', (version) => {
  const { track, pass } = createRig();
  const pieces = fragmentsOf(datagram(4000, version), 7, 1400, 2800);
  expect(track(pieces[2]!, commit)).toEqual([]);
  expect(track(pieces[0]!, commit)).toEqual([]);
  const all = track(pieces[1]!, commit);
  expect(states(all)).toEqual(['new', 'new', 'new']);
  expect(bytes(all)).toEqual(bytes(pieces.map((frame) => ({ frame }))));
  expect(all.map(({ ct }) => ct?.original?.srcPort)).toEqual([1000, 0, 0]);
  expect(stateOf(pass(datagram(4, version)))).toBe('new');
});

test('packets of different identifications, zones and protocols do not mix', () => {
  const { track, conntrack } = createRig();
  const [first, second] = fragmentsOf(datagram(2000), 7, 1400) as [Uint8Array, Uint8Array];
  expect(track(first)).toEqual([]);
  expect(track(fragmentsOf(datagram(2000), 8, 1400)[1]!)).toEqual([]);
  expect(track(second, { zone: 2 })).toEqual([]);
  expect(conntrack.heldFragments(0)).toBe(3);
  expect(track(second)).toHaveLength(2);
  expect(conntrack.heldFragments(0)).toBe(2);
});

test('NAT translates the addresses of every fragment and the ports of the first', () => {
  const { track } = createRig();
  const nat = { src: true, addressMin: [0xc0000201], portMin: 5000 };
  const [, ...all] = fragmentsOf(datagram(4000), 7, 1400, 2800).map((piece) => track(piece, { commit: true, nat }));
  const whole = all.flat();
  expect(states(whole)).toEqual(['new|snat', 'new|snat', 'new|snat']);
  for (const { frame } of whole) {
    expect(ipv4Text(u32(frame, ETHERNET + 12))).toBe('192.0.2.1');
    expect(checksum(frame, ETHERNET, ETHERNET + 20)).toBe(0);
  }
  // Put together they are the datagram that the translated station would have sent.
  const expected = udpFrame({
    ...{ src: '192.0.2.1', dst: '10.0.0.2', srcPort: 5000, dstPort: 53, payload: new Uint8Array(4000).fill(0x55) },
  });
  const payload = Buffer.concat(whole.map(({ frame }) => frame.subarray(ETHERNET + 20)));
  expect(payload.equals(expected.subarray(ETHERNET + 20))).toBe(true);
});

test('what overlaps is invalid, and the rest waits on', () => {
  const { track } = createRig();
  const [first, second] = fragmentsOf(datagram(2000), 7, 1400) as [Uint8Array, Uint8Array];
  expect(track(first)).toEqual([]);
  expect(states(track(first))).toEqual(['inv']);
  expect(states(track(fragmentsOf(datagram(2000), 7, 1392)[1]!))).toEqual(['inv']);
  expect(states(track(second))).toEqual(['new', 'new']);
});

test('short fragments are invalid, unless they are the last', () => {
  const { track } = createRig();
  const [first, last] = fragmentsOf(datagram(1300), 7, 1160) as [Uint8Array, Uint8Array];
  expect(first).toHaveLength(1194);
  expect(states(track(first))).toEqual(['inv']);
  expect(track(last)).toEqual([]);
});

test('a wrong header is invalid at once, wrong data when the packet is whole', () => {
  const { track } = createRig();
  const [first, second] = fragmentsOf(spoilt(datagram(2000), 1000), 7, 1400) as [Uint8Array, Uint8Array];
  expect(states(track(spoilt(first, ETHERNET + 8)))).toEqual(['inv']);
  expect(track(first)).toEqual([]);
  expect(states(track(second))).toEqual(['inv', 'inv']);
});

test('what waits longer than 15 s goes on with the next packet, and is lost 10 s later', () => {
  const rig = createRig();
  const first = (id: number) => fragmentsOf(datagram(2000), id, 1400)[0]!;
  rig.track(first(7));
  rig.track(first(8));
  rig.now = 15_000;
  expect(rig.track(datagram(4))).toHaveLength(1);
  rig.now = 15_001;
  const [next, late] = rig.track(datagram(4));
  expect(stateOf(next!)).toBe('new');
  // Told as invalid, not as tracked.
  expect(late?.ct?.state).toBe(16);
  expect(bytes([late!])).toEqual(bytes([{ frame: first(7) }]));
  // With each packet those of one.
  expect(rig.conntrack.heldFragments(rig.now)).toBe(1);
  rig.now = 25_000;
  expect(rig.track(datagram(4))).toHaveLength(1);
  expect(rig.conntrack.heldFragments(rig.now)).toBe(0);
});

test('the last fragment may come late, as long as nothing else came', () => {
  const rig = createRig();
  const [first, second] = fragmentsOf(datagram(2000), 7, 1400) as [Uint8Array, Uint8Array];
  rig.track(first);
  rig.now = 20_000;
  expect(states(rig.track(second))).toEqual(['new', 'new']);
});

test('no more than 32 go on at once', () => {
  const { track } = createRig();
  const pieces = fragmentsOf(datagram(48_000), 7, ...Array.from({ length: 39 }, (_, i) => 1200 * (i + 1)));
  const all = pieces.map((piece) => track(piece));
  expect(all.at(-1)).toHaveLength(32);
  expect(track(datagram(4))).toHaveLength(9);
  expect(track(datagram(4))).toHaveLength(1);
});
