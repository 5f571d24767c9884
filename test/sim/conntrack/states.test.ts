/** What conntrack says of packets: new, established, related, of which direction, and what is committed with them. */

import { expect, test } from 'vitest';
import { errorFrame, icmpFrame, ipFrame, spoilt, udpFrame } from './frames.ts';
import { createRig, stateOf } from './rig.ts';

const commit = { commit: true };
const there = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1000, dstPort: 53 });
const back = udpFrame({ src: '10.0.0.2', dst: '10.0.0.1', srcPort: 53, dstPort: 1000 });

test('UDP is new until the other side answers, and established from then on', () => {
  const { pass } = createRig();
  expect(stateOf(pass(there))).toBe('new');
  // Nobody committed it.
  expect(stateOf(pass(back))).toBe('new');
  expect(stateOf(pass(there, commit))).toBe('new');
  expect(stateOf(pass(there))).toBe('new');
  expect(stateOf(pass(back))).toBe('est|rpl');
  expect(stateOf(pass(there))).toBe('est');
});

test('a connection shows its original direction to packets of both', () => {
  const { pass } = createRig();
  const original = { ethType: 0x0800, protocol: 17, src: [0x0a000001], dst: [0x0a000002], srcPort: 1000, dstPort: 53 };
  expect(pass(there, commit).ct?.original).toEqual(original);
  expect(pass(back).ct?.original).toEqual(original);
});

test('zones know nothing of each other', () => {
  const { pass, conntrack } = createRig();
  pass(there, { zone: 1, commit: true });
  expect(stateOf(pass(back, { zone: 2 }))).toBe('new');
  expect(stateOf(pass(back, { zone: 1 }, { zone: 2 }))).toBe('new');
  expect(stateOf(pass(back, { zone: 2 }, { zone: 1 }))).toBe('est|rpl');
  conntrack.flushZone(2);
  expect(stateOf(pass(back))).toBe('est|rpl');
  conntrack.flushZone(1);
  expect(stateOf(pass(back))).toBe('new');
});

test('mark and label are shown by the packet that sets them and all that follow', () => {
  const { pass } = createRig();
  const label = { value: [0x11223344, 0, 0, 0xffffffff], mask: [0xffffffff, 0, 0, 0x0000ffff] };
  const first = pass(there, { commit: true, mark: { value: 0xdeadbeef, mask: 0xffffff00 }, label });
  expect(first.ct).toMatchObject({ mark: 0xdeadbe00, label: [0x11223344, 0, 0, 0xffff] });
  expect(pass(back).ct).toMatchObject({ mark: 0xdeadbe00, label: [0x11223344, 0, 0, 0xffff] });
  const second = pass(back, { commit: true, mark: { value: 7, mask: 0xff } });
  expect(second.ct).toMatchObject({ mark: 0xdeadbe07 });
});

test('what is not committed has no mark', () => {
  const { pass, conntrack } = createRig();
  expect(pass(there, { mark: { value: 1, mask: 1 } }).ct).toMatchObject({ mark: 0 });
  expect(conntrack.entries(0)).toEqual([]);
});

test('a second pass in the zone keeps what the first found', () => {
  const { pass } = createRig();
  expect(stateOf(pass(there, commit, {}))).toBe('new');
  // The first pass already counted as the answer.
  expect(stateOf(pass(back, {}, commit))).toBe('est|rpl');
});

test('force makes the answering side the one that began', () => {
  const { pass, conntrack } = createRig();
  pass(there, commit);
  expect(stateOf(pass(there, { commit: true, force: true }))).toBe('new');
  expect(stateOf(pass(back, { commit: true, force: true }))).toBe('new');
  expect(stateOf(pass(there))).toBe('est|rpl');
  expect(conntrack.entries(0)).toHaveLength(1);
});

test('an echo is established once it is replied to, and its error is related', () => {
  const { pass } = createRig();
  const request = icmpFrame({ src: '10.0.0.1', dst: '10.0.0.2', type: 8, identifier: 5 });
  const reply = icmpFrame({ src: '10.0.0.2', dst: '10.0.0.1', type: 0, identifier: 5 });
  expect(stateOf(pass(reply))).toBe('inv');
  const first = pass(request, commit);
  expect(stateOf(first)).toBe('new');
  expect(first.ct?.original).toMatchObject({ srcPort: 8, dstPort: 0 });
  expect(stateOf(pass(errorFrame('10.0.0.9', '10.0.0.1', request)))).toBe('rel|rpl');
  expect(stateOf(pass(reply))).toBe('est|rpl');
  const other = icmpFrame({ src: '10.0.0.2', dst: '10.0.0.1', type: 0, identifier: 6 });
  expect(stateOf(pass(other))).toBe('inv');
});

test('an error is related to what it quotes, and only where it goes to who sent that', () => {
  const { pass } = createRig();
  pass(there, commit);
  expect(stateOf(pass(errorFrame('10.0.0.9', '10.0.0.1', there)))).toBe('rel|rpl');
  expect(stateOf(pass(errorFrame('10.0.0.9', '10.0.0.2', back)))).toBe('rel');
  expect(stateOf(pass(errorFrame('10.0.0.9', '10.0.0.3', there)))).toBe('inv');
  const unknown = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1, dstPort: 2 });
  expect(stateOf(pass(errorFrame('10.0.0.9', '10.0.0.1', unknown)))).toBe('inv');
});

test('ICMPv6 errors must quote the whole header of TCP or UDP', () => {
  const { pass } = createRig();
  const six = udpFrame({ src: 'fd00::1', dst: 'fd00::2', srcPort: 1000, dstPort: 53 });
  pass(six, commit);
  expect(stateOf(pass(errorFrame('fd00::9', 'fd00::1', six)))).toBe('rel|rpl');
  expect(stateOf(pass(errorFrame('fd00::9', 'fd00::1', six, 27)))).toBe('inv');
});

test('wrong checksums and lengths, port 0 and what is no IP are invalid', () => {
  const { pass } = createRig();
  expect(stateOf(pass(spoilt(there, 14 + 8)))).toBe('inv');
  expect(stateOf(pass(spoilt(there, there.length - 1)))).toBe('inv');
  expect(stateOf(pass(there.subarray(0, 40)))).toBe('inv');
  expect(stateOf(pass(udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', srcPort: 0, dstPort: 1 })))).toBe('inv');
  const arp = new Uint8Array(60);
  arp.set([8, 6], 12);
  expect(stateOf(pass(arp))).toBe('inv');
  expect(stateOf(pass(new Uint8Array(14)))).toBe('inv');
});

test('protocols without ports are connections between addresses, extension headers are passed over', () => {
  const { pass } = createRig();
  pass(ipFrame({ src: '10.0.0.1', dst: '10.0.0.2' }, 47, new Uint8Array(8)), commit);
  expect(stateOf(pass(ipFrame({ src: '10.0.0.2', dst: '10.0.0.1' }, 47, new Uint8Array(3))))).toBe('est|rpl');
  // Hop-by-hop options, then destination options, then UDP.
  const extensions = Uint8Array.from([0, 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0]);
  const datagram = Uint8Array.from([0, 53, 3, 232, 0, 8, 0, 0]);
  pass(udpFrame({ src: 'fd00::1', dst: 'fd00::2', srcPort: 1000, dstPort: 53 }), commit);
  expect(stateOf(pass(ipFrame({ src: 'fd00::2', dst: 'fd00::1' }, 17, datagram, extensions)))).toBe('est|rpl');
});

test('connections end when nothing comes: UDP after 60 s unanswered, after 30 s answered', () => {
  const rig = createRig();
  rig.pass(there, commit);
  rig.now = 59_999;
  expect(rig.conntrack.entries(rig.now)).toMatchObject([{ timeout: 0 }]);
  expect(stateOf(rig.pass(back))).toBe('est|rpl');
  rig.now += 29_999;
  expect(stateOf(rig.pass(there))).toBe('est');
  rig.now += 30_000;
  expect(rig.conntrack.entries(rig.now)).toEqual([]);
  expect(stateOf(rig.pass(back))).toBe('new');
});

test('a zone takes no more than its limit, and room comes with time', () => {
  const rig = createRig({ limits: { connections: 3 } });
  const frame = (srcPort: number) => udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', srcPort, dstPort: 53 });
  rig.conntrack.setZoneLimit('default', 1);
  rig.conntrack.setZoneLimit(2, 5);
  rig.pass(frame(1), commit);
  expect(stateOf(rig.pass(frame(2), commit))).toBe('new');
  expect(rig.conntrack.entries(0)).toHaveLength(1);
  for (const port of [1, 2, 3]) rig.pass(frame(port), { zone: 2, commit: true });
  // All of them together have a limit, too.
  expect(rig.conntrack.entries(0)).toHaveLength(3);
  rig.now = 60_000;
  rig.pass(frame(2), commit);
  expect(rig.conntrack.entries(rig.now)).toMatchObject([{ original: { srcPort: 2 } }]);
  rig.conntrack.setZoneLimit('default', undefined);
  rig.pass(frame(3), commit);
  expect(rig.conntrack.entries(rig.now)).toHaveLength(2);
});
