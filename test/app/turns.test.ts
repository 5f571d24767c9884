/** Fair turns: an app that takes too long is put off while others want some, alone it is not; nothing is lost untold. */

import { expect, test } from 'vitest';
import { createPacketInPlace, type PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import { createAllowance } from '../../src/app/allowance.ts';
import { createTurns, MOST_WAITING } from '../../src/app/turns.ts';

/** A clock that goes on by what handlers take. */
function start() {
  let time = 1000;
  let queue: { run: () => void; at: number }[] = [];
  const later = (run: () => void, ms = 0) => void queue.push({ run, at: time + ms });
  const turns = createTurns({ now: () => time, later });
  const handled: string[] = [];
  const dropped: string[] = [];
  const told: string[] = [];
  function app(name: string, takes: number, floods = false) {
    const handle = (place: PacketInPlace) => {
      handled.push(`${name}${place.inPort}`);
      time += takes;
      if (floods) turns.flooded(share);
    };
    const share = turns.share(name, handle, (first) => {
      dropped.push(name);
      if (first) told.push(name);
    });
    const receive = (inPort: number, bytes = Uint8Array.of(9, 9, inPort, inPort)) => {
      const place = { ...createPacketInPlace(), bytes, start: 2, end: bytes.length, dataStart: 3, inPort };
      if (turns.enter(share, place)) handle(place);
      bytes.fill(0);
    };
    /** For a while it gets one in so many milliseconds. */
    const often = (gap: number) => {
      for (let passed = 0; passed < 2000; passed += gap) {
        receive(0);
        turns.chunkRead();
        time += gap;
        turn();
      }
      handled.length = 0;
    };
    return { receive, share, often };
  }
  /** The event loop's next turn; false: it had nothing to do, not even after a while. */
  const turn = () => {
    const next = Math.min(...queue.map(({ at }) => at));
    if (next === Number.POSITIVE_INFINITY) return false;
    time = Math.max(time, next);
    const due = queue.filter(({ at }) => at <= time);
    queue = queue.filter(({ at }) => at > time);
    for (const { run } of due) run();
    return true;
  };
  const wait = (ms: number) => {
    time += ms;
  };
  return { turns, app, handled, dropped, told, turn, wait, now: () => time };
}

test('alone an app may take all the time', () => {
  const { app, handled, turn } = start();
  const only = app('a', 1);
  for (let i = 0; i < 500; i++) only.receive(1);
  expect(handled).toHaveLength(500);
  expect(turn()).toBe(false);
});

test('beside another it is put off; what waits is handled slice by slice, in order, between the others', () => {
  const { turns, app, handled, dropped, turn } = start();
  const [slow, quick] = [app('s', 0.5), app('q', 0.001)];
  quick.often(1);
  for (let i = 1; i <= 50; i++) slow.receive(i);
  turns.chunkRead();
  expect(handled).toEqual(['s1']);
  const slowOnes = () => handled.filter((each) => each.startsWith('s'));
  while (slowOnes().length < 50) {
    const before = slowOnes().length;
    quick.receive(0);
    turns.chunkRead();
    expect(handled.at(-1)).toBe('q0');
    expect(turn()).toBe(true);
    expect(slowOnes().length - before).toBe(1);
  }
  expect(slowOnes()).toEqual(Array.from({ length: 50 }, (_, i) => `s${i + 1}`));
  expect(dropped).toEqual([]);
});

test('the rarer the packets of others, the longer the turns', () => {
  const atOnce = [1, 20, 40, 200].map((gap) => {
    const { turns, app, handled } = start();
    const [slow, rare] = [app('s', 0.125), app('r', 0)];
    rare.often(gap);
    for (let i = 0; i < 250; i++) slow.receive(1);
    turns.chunkRead();
    return handled.length;
  });
  // A quarter of the time between them: 0.25 ms, 5, 10, and 20 at most.
  for (const [i, most] of [2, 40, 80, 160].entries()) {
    expect(atOnce[i]).toBeGreaterThanOrEqual(most * 0.9);
    expect(atOnce[i]).toBeLessThan(most * 1.2 + 2);
  }
});

test('what the queue does not hold is dropped, counted, and told once for each flood', () => {
  const { turns, app, handled, dropped, told, turn } = start();
  const [slow, quick] = [app('s', 3), app('q', 0)];
  let lost = 0;
  for (const flood of [1, 2]) {
    quick.often(1);
    for (let i = 0; i < MOST_WAITING + 100; i++) slow.receive(1);
    turns.chunkRead();
    const atOnce = handled.length;
    expect(atOnce).toBeLessThan(3);
    lost += 100 - atOnce;
    expect(dropped).toHaveLength(lost);
    expect(told).toHaveLength(flood);
    while (turn());
    expect(handled).toHaveLength(atOnce + MOST_WAITING);
  }
});

test('other switches of the app wait with it, and one that ends is forgotten', () => {
  const { turns, app, handled, turn } = start();
  const [one, two, quick] = [app('s', 3), app('s', 3), app('q', 0)];
  quick.often(1);
  for (let i = 1; i <= 4; i++) one.receive(i);
  for (let i = 5; i <= 8; i++) two.receive(i);
  turns.chunkRead();
  one.share.end();
  while (turn());
  expect(handled).toContain('s8');
  expect(handled).not.toContain('s4');
});

test('an app that floods gets a hundredth of the time beside others, alone all of it', () => {
  const { turns, app, handled, dropped, turn, now } = start();
  const [mad, quick] = [app('m', 5, true), app('q', 0)];
  for (let i = 0; i < 100; i++) mad.receive(1);
  turns.chunkRead();
  expect(handled).toHaveLength(100);
  quick.often(1);
  const from = now();
  const begun = 5;
  for (let i = 0; i < begun; i++) {
    mad.receive(1);
    turns.chunkRead();
  }
  expect(handled).toHaveLength(1);
  while (handled.length < begun) expect(turn()).toBe(true);
  expect((begun * 5) / (now() - from)).toBeCloseTo(0.0125, 3);
  expect(dropped).toEqual([]);
  expect(turn()).toBe(false);
});

test('one that others slow down is not taken for rare', () => {
  const { turns, app, handled, turn } = start();
  const [slow, quick] = [app('s', 0.125), app('q', 0)];
  quick.often(40);
  const slices: number[] = [];
  // The quick one sends its next when it has its answer: one in each turn.
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 200; i++) slow.receive(1);
    quick.receive(0);
    turns.chunkRead();
    const before = handled.length;
    turn();
    slices.push(handled.length - before);
  }
  expect(Math.max(...slices)).toBeGreaterThan(50);
  expect(slices.at(-1)).toBeLessThan(10);
});

test('an allowance: so many at once, so many for each packet-in and each second; the rest is dropped and told', () => {
  let time = 0;
  let dropped = 0;
  const told: number[] = [];
  const waiting: { run: () => void; milliseconds: number }[] = [];
  const allowance = createAllowance(
    () => dropped++,
    (count) => told.push(count),
    {
      now: () => time,
      after(milliseconds, run) {
        waiting.push({ run, milliseconds });
        return () => undefined;
      },
    },
  );
  const pass = () => {
    const next = waiting.shift()!;
    time += next.milliseconds;
    next.run();
  };
  const taken = (tries: number) => {
    let count = 0;
    for (let i = 0; i < tries; i++) {
      if (allowance.take()) count++;
      else allowance.drop();
    }
    return count;
  };
  expect(taken(1500)).toBe(1000);
  expect(dropped).toBe(500);
  for (let i = 0; i < 10; i++) allowance.packetIn();
  expect(taken(100)).toBe(40);
  time = 100;
  expect(taken(200)).toBe(100);
  expect([told, waiting.length]).toEqual([[], 1]);
  pass();
  expect([told, time]).toEqual([[500 + 60 + 100], 1100]);
  // Full again, and flooded again: told ten seconds after the first.
  time = 3100;
  expect(taken(2000)).toBe(1000);
  expect(waiting).toHaveLength(1);
  pass();
  expect([told, time]).toEqual([[660, 1000], 11_100]);
  expect([dropped, waiting]).toEqual([1660, []]);
  // Flows without a timeout have their own, and none is dropped.
  const before = [allowance.exceeded, dropped];
  for (let i = 0; i < 1000; i++) allowance.declare();
  time += 100;
  for (let i = 0; i < 1030; i++) allowance.declare();
  expect([allowance.exceeded, dropped]).toEqual([before[0]! + 30, before[1]]);
});
