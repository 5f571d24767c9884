/** What NAT makes of packets there and back, and of the errors about them. */

import { expect, test } from 'vitest';
import { ipv4Text } from '../../../proto/wire/address.ts';
import { u16, u32 } from '../../../src/packet/bytes.ts';
import { ETHERNET, errorFrame, icmpFrame, ipFrame, SYN, tcpFrame, udpFrame } from './frames.ts';
import { createRig, endsOf, isSound, stateOf } from './rig.ts';

const word = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const source = (address: string, more = {}) => ({ nat: { src: true, addressMin: [word(address)], ...more } });
const destination = (address: string, more = {}) => ({ nat: { dst: true, addressMin: [word(address)], ...more } });
const commit = (nat: object) => ({ commit: true, ...nat });
const undo = { nat: {} };

const udp = (src: string, srcPort: number, dst: string, dstPort: number) => udpFrame({ src, dst, srcPort, dstPort });

test('a source is translated at the commit, and replies are translated back', () => {
  const { pass } = createRig();
  const there = pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), commit(source('192.0.2.1')));
  expect([stateOf(there), endsOf(there), isSound(there)]).toEqual(['new|snat', '192.0.2.1:1000 > 10.0.0.2:53', true]);
  const back = pass(udp('10.0.0.2', 53, '192.0.2.1', 1000), undo);
  expect([stateOf(back), endsOf(back), isSound(back)]).toEqual(['est|rpl|dnat', '10.0.0.2:53 > 10.0.0.1:1000', true]);
  const again = pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), undo);
  expect([stateOf(again), endsOf(again)]).toEqual(['est|snat', '192.0.2.1:1000 > 10.0.0.2:53']);
});

test('without nat the packet is left as it is', () => {
  const { pass } = createRig();
  pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), commit(source('192.0.2.1')));
  const back = pass(udp('10.0.0.2', 53, '192.0.2.1', 1000));
  expect([stateOf(back), endsOf(back)]).toEqual(['est|rpl', '10.0.0.2:53 > 192.0.2.1:1000']);
});

test('a destination and its port are translated', () => {
  const { pass } = createRig();
  const there = pass(
    tcpFrame({ src: '10.0.0.1', dst: '192.0.2.9', srcPort: 1000, dstPort: 80, sequence: 1, flags: SYN }),
    commit(destination('10.0.0.7', { portMin: 8080 })),
  );
  expect([stateOf(there), endsOf(there), isSound(there)]).toEqual(['new|dnat', '10.0.0.1:1000 > 10.0.0.7:8080', true]);
  const back = pass(
    tcpFrame({ src: '10.0.0.7', dst: '10.0.0.1', srcPort: 8080, dstPort: 1000, sequence: 1, flags: 18 }),
    undo,
  );
  expect(endsOf(back)).toBe('192.0.2.9:80 > 10.0.0.1:1000');
  expect(isSound(back)).toBe(true);
});

test('a port that another has gives way to the next', () => {
  const { pass } = createRig();
  const nat = commit(source('192.0.2.1'));
  expect(endsOf(pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), nat))).toContain('192.0.2.1:1000 >');
  // Privileged ports stay so: 600 … 1023, or 1 … 511.
  expect(endsOf(pass(udp('10.0.0.3', 1000, '10.0.0.2', 53), nat))).toContain('192.0.2.1:1001 >');
  pass(udp('10.0.0.1', 1023, '10.0.0.2', 53), nat);
  expect(endsOf(pass(udp('10.0.0.3', 1023, '10.0.0.2', 53), nat))).toContain('192.0.2.1:600 >');
  pass(udp('10.0.0.1', 65535, '10.0.0.2', 53), nat);
  expect(endsOf(pass(udp('10.0.0.3', 65535, '10.0.0.2', 53), nat))).toContain('192.0.2.1:1024 >');
  // Towards another station the port is free.
  expect(endsOf(pass(udp('10.0.0.3', 1000, '10.0.0.9', 53), nat))).toContain('192.0.2.1:1000 >');
});

test('a range is used up, and then nothing is committed nor translated', () => {
  const { pass, conntrack } = createRig();
  const nat = commit(source('192.0.2.1', { portMin: 5000, portMax: 5002 }));
  const used = [1, 2, 3].map((port) => endsOf(pass(udp('10.0.0.1', port, '10.0.0.2', 53), nat)));
  expect(used.toSorted()).toEqual([5000, 5001, 5002].map((port) => `192.0.2.1:${port} > 10.0.0.2:53`));
  const last = pass(udp('10.0.0.1', 4, '10.0.0.2', 53), nat);
  expect([stateOf(last), endsOf(last)]).toEqual(['new', '10.0.0.1:4 > 10.0.0.2:53']);
  expect(conntrack.entries(0)).toHaveLength(3);
});

test('addresses come out of the range, the same in every run', () => {
  const used = () => {
    const { pass } = createRig();
    const nat = commit(source('192.0.2.4', { addressMax: [word('192.0.2.11')] }));
    return Array.from({ length: 64 }, (_, i) => endsOf(pass(udp('10.0.0.1', 1 + i, '10.0.0.2', 53), nat)));
  };
  const addresses = new Set(used().map((ends) => ends.split(':')[0]));
  expect([...addresses].toSorted()).toEqual(
    Array.from({ length: 8 }, (_, i) => ipv4Text(word('192.0.2.4') + i)).toSorted(),
  );
  expect(used()).toEqual(used());
});

test('a source of all zeros is kept, and its port moves away from one that is taken', () => {
  const { pass } = createRig();
  pass(udp('10.0.0.1', 5000, '10.0.0.2', 53), commit(source('10.0.0.3')));
  const kept = pass(udp('10.0.0.3', 5000, '10.0.0.2', 53), commit(source('0.0.0.0')));
  expect([stateOf(kept), endsOf(kept)]).toEqual(['new|snat', '10.0.0.3:5001 > 10.0.0.2:53']);
  expect(endsOf(pass(udp('10.0.0.2', 53, '10.0.0.3', 5001), undo))).toBe('10.0.0.2:53 > 10.0.0.3:5000');
});

test('a connection that was committed without NAT never gets any', () => {
  const { pass } = createRig();
  pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), { commit: true });
  const late = pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), commit(source('192.0.2.1')));
  expect([stateOf(late), endsOf(late)]).toEqual(['new', '10.0.0.1:1000 > 10.0.0.2:53']);
});

test('two zones translate one after the other', () => {
  const { pass } = createRig();
  const [first, second] = [
    { zone: 1, ...destination('10.0.0.7') },
    { zone: 2, ...source('192.0.2.1') },
  ];
  const there = pass(udp('10.0.0.1', 1000, '192.0.2.9', 53), { commit: true, ...first }, { commit: true, ...second });
  expect([stateOf(there), endsOf(there)]).toEqual(['new|snat', '192.0.2.1:1000 > 10.0.0.7:53']);
  const back = pass(udp('10.0.0.7', 53, '192.0.2.1', 1000), { zone: 2, ...undo }, { zone: 1, ...undo });
  expect([stateOf(back), endsOf(back)]).toEqual(['est|rpl|snat', '192.0.2.9:53 > 10.0.0.1:1000']);
});

test('a pass after NAT in the same zone knows the connection still', () => {
  const { pass } = createRig();
  const frame = udp('10.0.0.1', 1000, '10.0.0.2', 53);
  const twice = pass(frame, commit(source('192.0.2.1')), { mark: { value: 5, mask: 0xff }, commit: true });
  expect([stateOf(twice), twice.ct?.mark]).toEqual(['new|snat', 5]);
  expect(twice.ct?.original).toMatchObject({ src: [word('10.0.0.1')] });
});

test('an error about a translated packet goes to who sent it, and quotes what that one sent', () => {
  const { pass } = createRig();
  pass(udp('10.0.0.1', 1000, '10.0.0.2', 53), commit(source('192.0.2.1', { portMin: 5000 })));
  const error = pass(errorFrame('10.0.0.9', '192.0.2.1', udp('192.0.2.1', 5000, '10.0.0.2', 53)), undo);
  expect([stateOf(error), isSound(error)]).toEqual(['rel|rpl|dnat', true]);
  const { frame } = error;
  expect(ipv4Text(u32(frame, ETHERNET + 12))).toBe('10.0.0.9');
  expect(ipv4Text(u32(frame, ETHERNET + 16))).toBe('10.0.0.1');
  const quoted = ETHERNET + 28;
  expect([ipv4Text(u32(frame, quoted + 12)), u16(frame, quoted + 20)]).toEqual(['10.0.0.1', 1000]);
  // As it was sent: checksum of the header, too.
  const sent = udp('10.0.0.1', 1000, '10.0.0.2', 53).subarray(ETHERNET, ETHERNET + 28);
  expect(Buffer.from(frame.subarray(quoted)).equals(sent)).toBe(true);
});

test('an error from behind a translated destination comes from that destination', () => {
  const { pass } = createRig();
  pass(udp('10.0.0.1', 1000, '192.0.2.9', 53), commit(destination('10.0.0.7')));
  const { frame } = pass(errorFrame('10.0.0.9', '10.0.0.1', udp('10.0.0.1', 1000, '10.0.0.7', 53)), undo);
  expect(ipv4Text(u32(frame, ETHERNET + 12))).toBe('192.0.2.9');
  expect(ipv4Text(u32(frame, ETHERNET + 28 + 16))).toBe('192.0.2.9');
});

test("an echo's identifier stays, and two stations with the same one cannot share an address", () => {
  const { pass } = createRig();
  const echo = (src: string) => icmpFrame({ src, dst: '10.0.0.2', type: 8, identifier: 9 });
  const first = pass(echo('10.0.0.1'), commit(source('192.0.2.1')));
  expect([stateOf(first), isSound(first), u16(first.frame, ETHERNET + 24)]).toEqual(['new|snat', true, 9]);
  expect(stateOf(pass(echo('10.0.0.3'), commit(source('192.0.2.1'))))).toBe('new');
});

test('IPv6 is translated, and its checksum follows', () => {
  const { pass } = createRig();
  const nat = { src: true, addressMin: [0x20010db8, 0, 0, 0xffffffff], addressMax: [0x20010db8, 0, 0, 0xffffffff] };
  const frame = (src: string) => udpFrame({ src, dst: 'fd00::2', srcPort: 1000, dstPort: 53 });
  const { frame: translated } = pass(frame('fd00::1'), { commit: true, nat });
  expect(Buffer.from(translated).equals(frame('2001:db8::ffff:ffff'))).toBe(true);
  const reply = udpFrame({ src: 'fd00::2', dst: '2001:db8::ffff:ffff', srcPort: 53, dstPort: 1000 });
  const expected = udpFrame({ src: 'fd00::2', dst: 'fd00::1', srcPort: 53, dstPort: 1000 });
  expect(Buffer.from(pass(reply, undo).frame).equals(expected)).toBe(true);
});

test('a UDP checksum of 0 stays "none"', () => {
  const { pass } = createRig();
  const frame = udp('10.0.0.1', 1000, '10.0.0.2', 53);
  frame.set([0, 0], ETHERNET + 26);
  expect(u16(pass(frame, commit(source('192.0.2.1'))).frame, ETHERNET + 26)).toBe(0);
});

test('SYN over a closed translated connection takes the next port until the old one is swept away', () => {
  const rig = createRig();
  const nat = commit(source('192.0.2.1'));
  const client = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 2000, dstPort: 80 };
  rig.pass(tcpFrame({ ...client, sequence: 100, flags: SYN }), nat);
  rig.pass(tcpFrame({ ...client, sequence: 101, flags: 4 }), undo);
  expect(endsOf(rig.pass(tcpFrame({ ...client, sequence: 900, flags: SYN }), nat))).toContain('192.0.2.1:2001 >');
  const old = tcpFrame({ src: '10.0.0.2', dst: '192.0.2.1', srcPort: 80, dstPort: 2000, sequence: 1, flags: 16 });
  expect(stateOf(rig.pass(old, undo))).toBe('inv');
  rig.conntrack.sweep(rig.now);
  expect(stateOf(rig.pass(old, undo))).toBe('new');
});

test('protocols without ports are translated by address alone', () => {
  const { pass } = createRig();
  const nat = commit(source('192.0.2.1'));
  const frame = (src: string) => ipFrame({ src, dst: '10.0.0.2' }, 47, new Uint8Array(4));
  expect(stateOf(pass(frame('10.0.0.1'), nat))).toBe('new|snat');
  expect(stateOf(pass(frame('10.0.0.3'), nat))).toBe('new');
});
