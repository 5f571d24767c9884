/** What is behind ports: new ones wait, cables are found and lost, and a switch that is away keeps its cables. */

import { expect, test } from 'vitest';
import { createDiscovery } from '../../../apps/topology/discovery.ts';
import { DOWN, FELL_SILENT, HALF, KEPT, NEW, type PortNow } from '../../../apps/topology/ports.ts';
import type { Place } from '../../../apps/topology/tree.ts';

const A = '000000000000000a';
const B = '000000000000000b';
const port = (number: number, more: Partial<PortNow> = {}): PortNow => ({
  number,
  name: `p${number}`,
  up: true,
  asked: true,
  ...more,
});

/** Two switches, cabled at port 1 of each; port 2 leads to stations. Probes cross the cable while `whole`. */
function network(before: ReadonlySet<number> | undefined = undefined) {
  const told: string[] = [];
  const text = (place: Place) => `${place.dpid.slice(-1)}${place.port}`;
  const discovery = createDiscovery({
    linkUp: (from, to) => told.push(`up ${text(from)}>${text(to)}`),
    linkDown: (from, to) => told.push(`down ${text(from)}>${text(to)}`),
  });
  const net = {
    discovery,
    told,
    now: 0,
    sent: [] as string[],
    whole: { toA: true, toB: true },
    ears: new Set<string>(),
  };
  const up = (dpid: string, ports = [port(1), port(2)]) => {
    net.ears.add(dpid);
    discovery.switchUp(dpid, ports, before, net.now);
  };
  const run = (milliseconds: number) => {
    for (const end = net.now + milliseconds; net.now < end; ) {
      net.now += 50;
      for (const dpid of [A, B]) discovery.waiting(dpid, net.now);
      for (const place of discovery.due(net.now)) {
        net.sent.push(text(place));
        if (place.port === 0) {
          if (net.ears.has(place.dpid)) discovery.heard(place, { dpid: place.dpid, port: 9 }, net.now);
        } else if (place.port === 1) {
          const to = place.dpid === A ? B : A;
          const whole = to === A ? net.whole.toA : net.whole.toB;
          if (whole && discovery.hears(to)) discovery.heard(place, { dpid: to, port: 1 }, net.now);
        }
      }
    }
  };
  const why = (dpid: string, number: number) => discovery.why({ dpid, port: number }, net.now);
  return Object.assign(net, { up, run, why });
}

test('a new port waits until its switch hears, and then 0.4 s; a cable is found meanwhile', () => {
  const net = network();
  net.up(A);
  net.ears.clear();
  net.run(3000);
  expect([net.why(A, 1), net.why(A, 2)]).toEqual([NEW, NEW]);
  net.ears.add(A);
  net.run(300);
  expect(net.why(A, 2)).toBe(NEW);
  // One that is deaf for long is asked once a second.
  net.run(1200);
  expect(net.why(A, 2)).toBeUndefined();
  net.up(B);
  expect(net.why(B, 1)).toBe(NEW);
  net.run(300);
  expect(net.told.toSorted()).toEqual(['up a1>b1', 'up b1>a1']);
  expect(net.discovery.cables()).toEqual([{ a: { dpid: A, port: 1 }, b: { dpid: B, port: 1 } }]);
  net.run(300);
  expect([net.why(B, 1), net.why(B, 2)]).toEqual([undefined, undefined]);
});

test('a switch that never hands a probe back: after half a minute its ports open all the same', () => {
  const net = network();
  net.up(A);
  net.ears.clear();
  net.run(30_000);
  expect(net.why(A, 2)).toBe(NEW);
  net.run(1000);
  expect(net.why(A, 2)).toBeUndefined();
});

test('ends of cables are asked twice a second, ports of stations every ten seconds', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.sent.length = 0;
  net.run(20_000);
  const count = (name: string) => net.sent.filter((each) => each === name).length;
  expect(count('a1')).toBeGreaterThanOrEqual(36);
  expect(count('a1')).toBeLessThanOrEqual(41);
  expect(count('a2')).toBe(2);
});

test('a cable that falls silent is lost within 1.5 s, its ends closed until 5 s have passed', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.told.length = 0;
  net.whole.toA = net.whole.toB = false;
  net.run(900);
  expect(net.told).toEqual([]);
  net.run(700);
  expect(net.told.toSorted()).toEqual(['down a1>b1', 'down b1>a1']);
  expect([net.why(A, 1), net.why(B, 1), net.why(A, 2)]).toEqual([FELL_SILENT, FELL_SILENT, undefined]);
  net.run(5200);
  expect([net.why(A, 1), net.why(B, 1)]).toEqual([undefined, undefined]);
});

test('one that is heard again is a cable again', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.whole.toA = net.whole.toB = false;
  net.run(2000);
  net.whole.toA = net.whole.toB = true;
  net.run(600);
  expect(net.discovery.cables().length).toBe(1);
  expect(net.why(A, 1)).toBeUndefined();
});

test('a frame that is lost now and then loses no cable', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.told.length = 0;
  for (let i = 0; i < 10; i++) {
    net.whole.toA = net.whole.toB = false;
    net.run(500);
    net.whole.toA = net.whole.toB = true;
    net.run(650);
  }
  expect(net.told).toEqual([]);
});

test('heard in one direction only: new ports stay closed, others are closed after a second', () => {
  const net = network();
  net.whole.toA = false;
  net.up(A);
  net.up(B);
  net.run(3000);
  expect([net.why(A, 1), net.why(B, 1), net.why(A, 2)]).toEqual([NEW, NEW, undefined]);
  const old = network(new Set());
  old.whole.toA = false;
  old.up(A);
  old.up(B);
  for (let waited = 0; waited < 12_000 && old.told.length === 0; waited += 50) old.run(50);
  old.run(900);
  expect([old.why(A, 1), old.why(B, 1)]).toEqual([undefined, undefined]);
  old.run(200);
  expect([old.why(A, 1), old.why(B, 1)]).toEqual([HALF, HALF]);
});

test('a port that goes down: its cable is lost at once, the end stays closed; of stations it stays open', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.told.length = 0;
  net.discovery.port(A, port(1, { up: false }), net.now);
  net.discovery.port(A, port(2, { up: false }), net.now);
  expect(net.told.toSorted()).toEqual(['down a1>b1', 'down b1>a1']);
  expect([net.why(A, 1), net.why(A, 2)]).toEqual([DOWN, undefined]);
  net.run(60_000);
  expect(net.why(A, 1)).toBe(DOWN);
  net.discovery.port(A, port(1), net.now);
  net.discovery.port(A, port(2), net.now);
  expect([net.why(A, 1), net.why(A, 2)]).toEqual([NEW, NEW]);
  net.run(600);
  expect([net.why(A, 1), net.why(A, 2)]).toEqual([undefined, undefined]);
  expect(net.discovery.cables().length).toBe(1);
});

test('a switch that is not connected keeps its cables; connected again it waits for nothing that it had', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.told.length = 0;
  net.ears.delete(B);
  net.discovery.switchDown(B, net.now);
  net.run(60_000);
  expect(net.told).toEqual([]);
  expect(net.discovery.cables().length).toBe(1);
  net.up(B);
  expect([net.why(B, 1), net.why(B, 2)]).toEqual([undefined, undefined]);
  net.run(60_000);
  expect(net.told).toEqual([]);
});

test('a switch with flows of an earlier run: what was open is open, what was closed waits to be settled', () => {
  const net = network(new Set([1]));
  net.up(A);
  expect([net.why(A, 1), net.why(A, 2)]).toEqual([KEPT, undefined]);
  net.run(60_000);
  expect(net.why(A, 1)).toBe(KEPT);
  net.discovery.settle();
  expect(net.why(A, 1)).toBeUndefined();
});

test('another port of the same number is a new one; one that is gone takes its cable with it', () => {
  const net = network();
  net.up(A);
  net.up(B);
  net.run(2000);
  net.discovery.port(A, port(1, { name: 'other' }), net.now);
  expect([net.why(A, 1), net.discovery.cables().length]).toEqual([NEW, 0]);
  net.discovery.portGone(B, 1, net.now);
  net.run(2000);
  expect(net.discovery.ports(B)).toEqual([2]);
  expect(net.discovery.links()).toEqual([]);
});

test('a port that is not asked is neither asked nor believed, and open at once', () => {
  const net = network();
  net.up(A, [port(1, { asked: false }), port(2)]);
  net.up(B);
  expect(net.why(A, 1)).toBeUndefined();
  net.run(3000);
  expect(net.sent).not.toContain('a1');
  expect(net.discovery.links()).toEqual([]);
});

test('gone for an hour, a switch is forgotten, unless it has left a cable', () => {
  const net = network();
  net.up(A);
  net.up(B);
  for (let number = 1; number <= 10_000; number++) {
    const dpid = `1${String(number).padStart(15, '0')}`;
    net.discovery.switchUp(dpid, [port(1)], undefined, net.now);
    net.discovery.switchDown(dpid, net.now);
  }
  net.run(2000);
  net.discovery.switchDown(B, net.now);
  expect(net.discovery.forget(net.now + 3_500_000)).toEqual([]);
  const forgotten = net.discovery.forget(net.now + 3_600_000);
  expect(forgotten).toHaveLength(10_000);
  expect(forgotten).not.toContain(B);
  expect(net.discovery.cables()).toHaveLength(1);
  // The cable gone, nothing is left of it.
  net.discovery.portGone(A, 1, net.now);
  expect(net.discovery.forget(net.now + 3_600_000)).toEqual([B]);
});

test('each port has a moment of its own: of a thousand switches few speak at once, and the same on every run', () => {
  const discovery = createDiscovery({ linkUp: () => undefined, linkDown: () => undefined });
  const dpids = Array.from({ length: 1000 }, (_, index) => String(index + 1).padStart(16, '0'));
  for (const dpid of dpids) {
    discovery.switchUp(dpid, [port(1), port(2)], undefined, 0);
    discovery.heard({ dpid, port: 0 }, { dpid, port: 0 }, 0);
  }
  const counts: number[] = [];
  for (let now = 100; now <= 40_000; now += 100) {
    for (const dpid of dpids) discovery.waiting(dpid, now);
    counts.push(discovery.due(now).length);
  }
  // From here on they are known to be ports of stations: 2,000 in 10 s.
  const steady = counts.slice(110);
  expect(Math.max(...steady)).toBeLessThan(60);
  expect(steady.slice(0, 100).reduce((sum, count) => sum + count, 0)).toBe(2000);
  expect(steady.slice(100, 200)).toEqual(steady.slice(0, 100));
});
