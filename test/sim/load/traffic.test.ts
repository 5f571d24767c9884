/** Stations that talk: what they send is sound, and what becomes of it is counted. */

import { expect, test } from 'vitest';
import { dissect } from '../../../src/packet/dissect.ts';
import { wrongChecksums } from '../../../src/packet/wrong-checksums.ts';
import { createConntrack } from '../../../src/sim/conntrack/conntrack.ts';
import type { TrackedPacket } from '../../../src/sim/conntrack/packet.ts';
import { beginConversation, numbered, numberIn, stationOf } from '../../../src/sim/load/conversation.ts';
import { createDelays } from '../../../src/sim/load/delays.ts';
import { createTraffic, PATIENCE, PERIOD, type TrafficOptions } from '../../../src/sim/load/traffic.ts';

const client = stationOf(0x1_0002n, 1, 1);
const server = stationOf(0x1_0002n, 2, 0x03_04_05);

test('a station is known by its switch and its number', () => {
  expect(client).toEqual({ port: 1, mac: '02:00:02:00:00:01', address: '10.0.0.1' });
  expect(server).toEqual({ port: 2, mac: '02:00:02:03:04:05', address: '10.3.4.5' });
});

test.for([true, false])('frames are sound, and connections as conntrack wants them: TCP %s', (isTcp) => {
  const conversation = beginConversation(client, server, isTcp, 50_000);
  const conntrack = createConntrack({ random: () => 0 });
  for (let round = 0; round < 4; round++) {
    conversation.rounds++;
    for (const isAnswer of [false, true]) {
      const number = 0xffff_fff0 + 2 * round + Number(isAnswer);
      const frame = numbered(conversation, isAnswer, number);
      const packet = dissect(frame);
      const transport = isTcp ? packet.tcp : packet.udp;
      expect(transport).toMatchObject(isAnswer ? { srcPort: 7, dstPort: 50_000 } : { srcPort: 50_000, dstPort: 7 });
      expect(wrongChecksums(packet)).toEqual([]);
      expect(numberIn(frame)).toBe(number);
      expect(numberIn(dissect(frame).payload)).toBeUndefined();
      const tracked: TrackedPacket = { frame: frame.slice(), l3: 14, ethType: 0x0800, ct: undefined };
      const isFirst = round === 0 && !isAnswer;
      conntrack.track(tracked, { zone: 1, commit: isFirst, force: false }, round);
      const { state = 0 } = tracked.ct ?? {};
      // Tracked; new the first time, of a reply, and never invalid.
      expect(state & 0x20).toBe(0x20);
      expect(state & 0x10).toBe(0);
      expect(state & 1).toBe(Number(isFirst));
      expect((state & 8) !== 0).toBe(isAnswer);
    }
  }
});

test('a tag before it does no harm to its number; what is none of it has none', () => {
  const conversation = beginConversation(client, server, false, 50_000);
  conversation.rounds++;
  const frame = numbered(conversation, false, 77);
  const tagged = Uint8Array.from([...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12)]);
  expect(numberIn(tagged)).toBe(77);
  for (let length = 0; length < frame.length; length++) expect(numberIn(frame.subarray(0, length))).toBeUndefined();
});

/** A wire between the stations, at the end of which frames wait until they are handed over. */
function stage(given: Partial<TrafficOptions>) {
  let time = 0;
  const sent: { port: number; frame: Uint8Array }[] = [];
  const counts = { sent: 0, delivered: 0, lost: 0 };
  const delays = createDelays();
  const traffic = createTraffic({
    ...{ dpid: 1n, ports: 3, flows: 4, churn: 0, now: () => time, counts, delays },
    send(port, frame) {
      sent.push({ port, frame: frame.slice() });
      return true;
    },
    ...given,
  });
  return {
    ...{ traffic, sent, counts, delays },
    go(milliseconds: number) {
      for (let step = 0; step < milliseconds; step += 10) {
        time += 10;
        traffic.talk();
      }
    },
    /** As a hub does it, and what answers it brings about. */
    flood() {
      for (const { port, frame } of sent.splice(0)) {
        for (let other = 1; other <= 3; other++) if (other !== port) traffic.arrived(other, frame);
      }
      traffic.answer();
    },
  };
}

test('each conversation has its turn once in a second, and each request an answer', () => {
  const { go, flood, counts, delays } = stage({});
  for (let step = 0; step < 300; step++) {
    go(10);
    flood();
  }
  // The last answers are under way.
  expect(counts.sent).toBeGreaterThanOrEqual(2 * 4 * 2);
  expect(counts.sent).toBeLessThanOrEqual(2 * 4 * 3 + 2);
  expect(counts.delivered).toBeGreaterThanOrEqual(counts.sent - 2);
  expect(counts.lost).toBe(0);
  expect(delays.count).toBe(counts.delivered);
});

test('what does not come within a second is lost, also when it comes later', () => {
  const { go, flood, counts } = stage({});
  go(PERIOD);
  const { sent } = counts;
  expect(sent).toBe(4);
  go(PATIENCE + 10);
  expect(counts.lost).toBeGreaterThanOrEqual(4);
  const underWay = counts.sent - counts.lost;
  flood();
  expect(counts.delivered).toBe(underWay);
});

test.for([
  [2, 4],
  [12, 4],
  [0.5, 4],
])('of conversations %s a second end, %s there are: as many stations are new', ([churn, flows]) => {
  const { go, sent } = stage({ churn: churn!, flows: flows! });
  go(10_000);
  const clients = new Set(sent.map(({ frame }) => Buffer.from(frame.subarray(6, 12)).toString('hex')));
  const residents = 3;
  const visitors = [...clients].filter((mac) => Number.parseInt(mac.slice(6), 16) > residents).length;
  expect(visitors).toBeGreaterThanOrEqual(churn! * 9 - 1);
  expect(visitors).toBeLessThanOrEqual(churn! * 10 + 1);
});

test('times are told to within a step of 5 %', () => {
  const delays = createDelays();
  expect(delays.at(0.5)).toBeUndefined();
  for (let i = 1; i <= 1000; i++) delays.add(i / 10);
  const near = (share: number, wanted: number) => {
    expect(delays.at(share)).toBeGreaterThanOrEqual(wanted);
    expect(delays.at(share)).toBeLessThanOrEqual(wanted * 1.06);
  };
  near(0.5, 50);
  near(0.99, 99);
  near(1, 100);
  const all = createDelays();
  all.addAll(delays);
  expect([all.count, all.at(0.99)]).toEqual([1000, delays.at(0.99)]);
  delays.clear();
  expect([delays.count, delays.at(1)]).toEqual([0, undefined]);
});
