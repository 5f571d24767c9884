/** What stands closed: a tree's change closes before it opens, a start opens nothing before all were heard. */

import { expect, test } from 'vitest';
import { type ClosedPorts, createClosing } from '../../../apps/topology/closing.ts';
import { createDiscovery } from '../../../apps/topology/discovery.ts';
import type { PortNow } from '../../../apps/topology/ports.ts';
import type { Closed, Place } from '../../../apps/topology/tree.ts';

type End = [dpid: string, port: number];

const ids = ['1', '2', '3'].map((name) => name.padStart(16, '0'));
const [A, B, C] = ids as [string, string, string];
/** Port 1 and 2 of each lead to the others, port 3 to stations. */
const RING: [End, End][] = [
  [
    [A, 1],
    [B, 1],
  ],
  [
    [A, 2],
    [C, 1],
  ],
  [
    [B, 2],
    [C, 2],
  ],
];

function ring(known: boolean | undefined) {
  const cut = new Set<number>();
  const stands = new Map<string, ClosedPorts>();
  const history: string[] = [];
  let changes = 0;
  const discovery = createDiscovery({ linkUp: () => undefined, linkDown: () => undefined });
  const up = new Set<string>();
  const net = { now: 0 };
  const closing = createClosing({
    discovery,
    segments: { of: () => new Set([0]), joined: () => new Map() },
    missing: () => (known === undefined ? undefined : ids.some((dpid) => !discovery.hears(dpid))),
    declare(dpid, closed) {
      stands.set(dpid, new Map(closed));
      history.push(`${net.now} ${textOf(dpid, closed)}`);
    },
    changed: () => {
      changes++;
    },
    later: () => undefined,
  });
  const ports = (dpid: string): PortNow[] =>
    [1, 2, 3].map((number) => {
      const index = RING.findIndex((ends) => ends.some(([id, port]) => id === dpid && port === number));
      return { number, name: `p${number}`, up: !cut.has(index), asked: true };
    });
  function step(): void {
    net.now += 50;
    for (const place of discovery.due(net.now)) cross(place);
    closing.update(net.now);
  }
  function cross(place: Place): void {
    if (place.port === 0) discovery.heard(place, { dpid: place.dpid, port: 9 }, net.now);
    for (const [index, [one, other]] of RING.entries()) {
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const sent = from[0] === place.dpid && from[1] === place.port;
        if (sent && !cut.has(index) && discovery.hears(to[0]))
          discovery.heard(place, { dpid: to[0], port: to[1] }, net.now);
      }
    }
  }
  return Object.assign(net, {
    closing,
    discovery,
    stands,
    history,
    changes: () => changes,
    run(milliseconds: number) {
      for (const end = net.now + milliseconds; net.now < end; ) step();
    },
    up(dpid: string, before?: [number, Closed][]) {
      up.add(dpid);
      closing.switchUp(dpid, ports(dpid), before && new Map(before), net.now);
    },
    setCable(index: number, whole: boolean) {
      if (whole) cut.delete(index);
      else cut.add(index);
      for (const dpid of up) for (const port of ports(dpid)) discovery.port(dpid, port, net.now);
      closing.update(net.now);
    },
    text: () => ids.map((dpid) => textOf(dpid, stands.get(dpid) ?? new Map())).join(' '),
  });
}

function textOf(dpid: string, closed: ClosedPorts): string {
  const name = 'ABC'[ids.indexOf(dpid)];
  return `${name}:${[...closed.keys()].toSorted().join('')}`;
}

test('a ring that comes up: everything waits, then the cable away from the root stays closed at both ends', () => {
  const net = ring(undefined);
  for (const dpid of ids) net.up(dpid);
  expect(net.text()).toBe('A:123 B:123 C:123');
  expect(net.closing.looking(A)).toBe(true);
  net.run(2000);
  expect(net.text()).toBe('A: B:2 C:2');
  expect(net.closing.looking(A)).toBe(false);
  expect(net.closing.tree().carrying.size).toBe(2);
});

test('a switch that comes late opens no loop, at no moment', () => {
  const net = ring(undefined);
  net.up(B);
  net.up(C);
  net.run(3000);
  expect(net.text()).toBe('A: B: C:');
  net.up(A);
  net.run(3000);
  expect(net.text()).toBe('A: B:2 C:2');
  // A's ends open last: before that B and C have closed theirs.
  const opened = net.history.findLastIndex((line) => line.endsWith('A:'));
  const closed = net.history.findIndex((line) => line.endsWith('B:2'));
  expect(closed).toBeLessThan(opened);
});

test('a cable cut: the other way opens a moment after, and is told once', () => {
  const net = ring(undefined);
  for (const dpid of ids) net.up(dpid);
  net.run(3000);
  const before = net.changes();
  net.setCable(0, false);
  expect(net.text()).toBe('A:1 B:12 C:2');
  net.run(100);
  expect(net.text()).toBe('A:1 B:12 C:2');
  net.run(200);
  expect(net.text()).toBe('A:1 B:1 C:');
  expect(net.changes()).toBe(before + 1);
  net.setCable(0, true);
  net.run(2000);
  expect(net.text()).toBe('A: B:2 C:2');
});

test('a start: what stood closed stays so until all switches of the file have been heard', () => {
  const net = ring(true);
  net.up(B, [[2, 'all']]);
  net.up(C, [[2, 'all']]);
  net.run(5000);
  expect(net.closing.settled()).toBe(false);
  expect(net.text()).toBe('A: B:2 C:2');
  net.up(A, []);
  net.run(2000);
  expect(net.closing.settled()).toBe(true);
  expect(net.text()).toBe('A: B:2 C:2');
  // Nothing was ever declared but what stood.
  expect(new Set(net.history.map((line) => line.split(' ')[1]))).toEqual(new Set(['A:', 'B:2', 'C:2']));
  expect(net.changes()).toBe(0);
});

test('a switch of the file that never comes is waited for ten seconds', () => {
  const net = ring(true);
  net.up(B, [[2, 'all']]);
  net.up(C, [[2, 'all']]);
  net.run(9900);
  expect(net.text()).toBe('A: B:2 C:2');
  net.run(500);
  expect(net.text()).toBe('A: B: C:');
});

test('a start: what is closed for one segment is not closed for all', () => {
  const net = ring(true);
  for (const dpid of ids) net.up(dpid, dpid === A ? [] : [[2, new Set([7])]]);
  net.run(500);
  expect(net.stands.get(B)?.get(2)).toEqual(new Set([7]));
});

test('a switch that connects again has what it had', () => {
  const net = ring(undefined);
  for (const dpid of ids) net.up(dpid);
  net.run(3000);
  net.closing.switchDown(B, net.now);
  net.stands.delete(B);
  net.run(20_000);
  net.up(B, undefined);
  expect(net.text()).toBe('A: B:2 C:2');
  net.run(3000);
  expect(net.text()).toBe('A: B:2 C:2');
});
