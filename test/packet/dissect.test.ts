/** A packet reads what it is asked for and no more; hostile bytes never make it throw; what is told of odd frames. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPacket } from '../../src/packet/build.ts';
import { joined, putU16 } from '../../src/packet/bytes.ts';
import { describePacket } from '../../src/packet/describe.ts';
import { dissect, type Packet } from '../../src/packet/dissect.ts';
import { layersOf, type PacketLayers } from '../../src/packet/layers.ts';
import { wrongChecksums } from '../../src/packet/wrong-checksums.ts';
import { ANYTHING } from './arbitrary-contents.ts';
import { bytes } from './arbitrary-fields.ts';
import { packetsOf } from './arbitrary-packets.ts';

const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ports = { srcPort: 1234, dstPort: 80 };
const eth = { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' };

/** A frame that notes which of its bytes are read. */
function watched(frame: Uint8Array): { frame: Uint8Array; read: Set<number> } {
  const read = new Set<number>();
  const proxy = new Proxy(frame, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) read.add(Number(name));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { frame: proxy, read };
}

const range = (start: number, end: number) => Array.from({ length: end - start }, (_, index) => start + index);

test('of Ethernet just the field that is asked for is read, and once', () => {
  const { frame, read } = watched(buildPacket({ eth, vlans: [{ vid: 5 }], ipv4: ends, tcp: ports }));
  const packet = dissect(frame);
  expect([...read]).toEqual([]);
  expect(packet.eth?.dst).toBe(eth.dst);
  expect([...read]).toEqual(range(0, 6));
  read.clear();
  expect(packet.eth?.dst).toBe(eth.dst);
  expect([...read]).toEqual([]);
  expect(packet.eth?.src).toBe(eth.src);
  expect([...read]).toEqual(range(6, 12));
  read.clear();
  expect(packet.eth?.ethType).toBe(0x0800);
  expect([...read].sort((a, b) => a - b)).toEqual(range(12, 18));
});

test('each header is read when it is asked for, with those below it, and once', () => {
  const { frame, read } = watched(buildPacket({ eth, ipv4: ends, dns: { questions: [{ name: 'a.b', type: 1 }] } }));
  const packet = dissect(frame);
  expect(packet.ipv4?.dst).toBe('10.0.0.2');
  expect(Math.max(...read)).toBe(33);
  expect(packet.udp?.dstPort).toBe(53);
  expect(Math.max(...read)).toBe(41);
  expect(packet.dns?.questions).toHaveLength(1);
  expect(Math.max(...read)).toBe(frame.length - 1);
  read.clear();
  expect([packet.ipv4, packet.udp, packet.dns, packet.tcp, packet.vlans]).toHaveLength(5);
  expect([...read]).toEqual([]);
  expect(packet.dns).toBe(packet.dns);
});

test('it compares, and prints, as what it is', () => {
  const [one, same, other] = [1, 1, 2].map((id) => dissect(buildPacket({ eth, ipv4: { ...ends, id } })));
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
  expect(one?.eth).toEqual({ ...eth, ethType: 0x0800 });
  expect(JSON.parse(JSON.stringify(one?.eth))).toEqual({ ...eth, ethType: 0x0800 });
});

/** Every getter of a packet and of what is in it. */
function readAll(packet: Packet): Uint8Array[] {
  const { inner, quoted, payload, trailer, frame } = packet;
  layersOf(packet);
  wrongChecksums(packet);
  expect(payload.length + trailer.length).toBeLessThanOrEqual(frame.length);
  return [payload, trailer, ...[inner, quoted].flatMap((each) => (each === undefined ? [] : readAll(each)))];
}

const sound = packetsOf(ANYTHING).map(buildPacket);
const spoiled = fc
  .tuple(sound, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.option(fc.nat()))
  .map(([frame, changes, cut]) => {
    for (const [at, value] of changes) frame[at % frame.length] = value;
    return cut === null ? frame : frame.subarray(0, cut % (frame.length + 1));
  });
const headed = fc
  .tuple(fc.constantFrom('0800', '86dd', '0806', '88cc', '8847', '81000001', '88a8', '0020', '6558'), bytes(0, 200))
  .map(([type, rest]) => joined(new Uint8Array(12), Uint8Array.from(Buffer.from(type, 'hex')), rest));

test('hostile bytes never throw, and nothing is read beyond them', () => {
  fc.assert(
    fc.property(fc.oneof(bytes(0, 200), headed, { arbitrary: spoiled, weight: 4 }), (frame) => {
      // Behind the frame there is more, which must not show.
      const room = joined(frame, new Uint8Array(64).fill(0x45));
      const packet = dissect(room.subarray(0, frame.length));
      readAll(packet);
      const again = dissect(frame);
      expect(layersOf(packet)).toEqual(layersOf(again));
      expect(describePacket(frame)).not.toMatch(/[\n\r]|undefined|NaN/);
    }),
    { numRuns: 6_000 },
  );
});

test('what was read and can be built again is the same', () => {
  fc.assert(
    fc.property(sound, fc.nat(), (frame, cut) => {
      const shorter = frame.subarray(0, 14 + (cut % (frame.length - 13)));
      const read = layersOf(shorter);
      expect(layersOf(buildPacket(read))).toEqual(read);
    }),
    { numRuns: 2_000 },
  );
});

test('packets in packets are read eight deep, and what is deeper is payload', () => {
  let frame = buildPacket({ ipv4: ends, payload: Uint8Array.of(1) }).subarray(14);
  for (let depth = 0; depth < 3_000; depth++) {
    const header = buildPacket({ ipv4: { ...ends, protocol: 4 }, payload: new Uint8Array(0) }).subarray(14);
    putU16(header, 2, header.length + frame.length);
    frame = joined(header, frame);
  }
  const tower = joined(new Uint8Array(12), Uint8Array.of(8, 0), frame);
  let packet: Packet | undefined = dissect(tower);
  let depth = 0;
  for (; packet.inner !== undefined; depth++) packet = packet.inner;
  expect(depth).toBe(8);
  expect(packet.payload.length).toBe(20 * (3_001 - 9) + 1);
  expect(describePacket(tower).split(' · ')).toHaveLength(9);
  expect(() => layersOf(tower)).not.toThrow();
});

test('VLANs: any number, outermost first; what is cut is no tag', () => {
  const vlans = [{ vid: 1 }, { vid: 2 }, { vid: 3 }];
  const frame = buildPacket({ vlans, payload: Uint8Array.of(1) });
  expect(dissect(frame).vlans).toMatchObject([
    { tpid: 0x88a8, vid: 1 },
    { tpid: 0x88a8, vid: 2 },
    { tpid: 0x8100, vid: 3 },
  ]);
  expect(dissect(frame).eth?.ethType).toBe(0x88b5);
  const cut = dissect(frame.subarray(0, 25));
  expect(cut.vlans.map(({ vid }) => vid)).toEqual([1, 2]);
  expect(cut.eth?.ethType).toBe(0x8100);
  expect(cut.payload.length).toBe(3);
  expect(dissect(frame.subarray(0, 13)).eth).toBeUndefined();
});

test('802.3: the length ends the frame, LLC and SNAP are told from Ethernet II', () => {
  const spanningTree = buildPacket({
    llc: { dsap: 0x42, ssap: 0x42 },
    payload: Uint8Array.of(1, 2),
    trailer: new Uint8Array(30),
  });
  const read = dissect(spanningTree);
  expect(read.eth?.ethType).toBe(5);
  expect(read.llc).toMatchObject({ dsap: 0x42, ssap: 0x42, control: 3 });
  expect([read.payload.length, read.trailer.length]).toEqual([2, 30]);
  const snap = dissect(buildPacket({ llc: { snap: { oui: 0, protocol: 0x0800 } }, ipv4: ends, udp: ports }));
  expect([snap.llc?.snap?.protocol, snap.udp?.dstPort]).toEqual([0x0800, 80]);
  const own = dissect(buildPacket({ llc: { snap: { oui: 0x00000c, protocol: 0x2000 } } }));
  expect(own.llc?.snap).toEqual({ oui: 0x00000c, protocol: 0x2000 });
  expect(dissect(buildPacket({ ipv4: ends })).llc).toBeUndefined();
});

test('padding of Ethernet is no payload', () => {
  const padded = joined(buildPacket({ ipv4: ends, udp: ports, payload: Uint8Array.of(7) }), new Uint8Array(17));
  const packet = dissect(padded);
  expect([packet.payload, packet.trailer.length]).toEqual([Uint8Array.of(7), 17]);
});

test('of fragments the first has its ports, the others have bytes', () => {
  const first = dissect(buildPacket({ ipv4: { ...ends, moreFragments: true }, udp: ports }));
  expect([first.udp?.dstPort, first.ipv4?.moreFragments]).toEqual([80, true]);
  const later: PacketLayers = { ipv4: { ...ends, fragmentOffset: 1480, protocol: 17 }, payload: new Uint8Array(40) };
  expect(dissect(buildPacket(later))).toMatchObject({ udp: undefined, payload: new Uint8Array(40) });
  const extensions = [{ kind: 'fragment', offset: 1448, moreFragments: false, id: 9 }] as const;
  const ipv6 = { src: 'fe80::1', dst: 'fe80::2', protocol: 6, extensions: [...extensions] };
  const later6 = dissect(buildPacket({ ipv6, payload: new Uint8Array(40) }));
  expect([later6.tcp, later6.ipv6?.extensions]).toEqual([undefined, extensions]);
});

test('what an error quotes, cut as it is', () => {
  const about = { ipv4: { src: '10.0.0.9', dst: '10.0.0.8' }, udp: ports, payload: new Uint8Array(100) };
  const whole = buildPacket({ ipv4: ends, icmp: { type: 3, code: 3 }, quoted: about });
  expect(dissect(whole).quoted?.udp).toMatchObject(ports);
  const cut = dissect(whole.subarray(0, 14 + 20 + 8 + 20 + 8));
  expect(cut.quoted?.udp).toMatchObject({ ...ports, length: 108 });
  expect(cut.quoted?.payload.length).toBe(0);
  expect(cut.payload.length).toBe(0);
  const noPorts = dissect(whole.subarray(0, 14 + 20 + 8 + 20 + 7));
  expect([noPorts.quoted?.udp, noPorts.quoted?.payload.length]).toEqual([undefined, 7]);
});
