/** Fair turns: an app that takes too long is put off while others want some, alone it is not; nothing is lost untold. */

import { expect, test } from 'vitest';
import { createPacketInPlace, type PacketInPlace } from '../../proto/openflow/packet-in-place.ts';
import { createAllowance } from '../../src/app/allowance.ts';
import { createTurns, MOST_WAITING } from '../../src/app/turns.ts';

/** A clock that goes on by what handlers take. */
function start() {
  let time = 1000;
  const queue: (() => void)[] = [];
  const turns = createTurns({ now: () => time, later: (run) => void queue.push(run) });
  const handled: string[] = [];
  const dropped: string[] = [];
  const told: string[] = [];
  function app(name: string, takes: number) {
    const handle = (place: PacketInPlace) => {
      handled.push(`${name}${place.inPort}`);
      time += takes;
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
    return { receive, share };
  }
  /** The event loop's next turn; false: it had nothing to do. */
  const turn = () => {
    const now = queue.splice(0);
    for (const run of now) run();
    return now.length > 0;
  };
  const wait = (ms: number) => {
    time += ms;
  };
  return { turns, app, handled, dropped, told, turn, wait };
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
  quick.receive(0);
  turns.chunkRead();
  for (let i = 1; i <= 50; i++) slow.receive(i);
  turns.chunkRead();
  const atOnce = handled.length - 1;
  expect(atOnce).toBeGreaterThan(1);
  expect(atOnce).toBeLessThan(15);
  const slowOnes = () => handled.filter((each) => each.startsWith('s')).length;
  const slices: number[] = [];
  while (slowOnes() < 50) {
    const before = slowOnes();
    expect(turn()).toBe(true);
    slices.push(slowOnes() - before);
    quick.receive(0);
    turns.chunkRead();
    expect(handled.at(-1)).toBe('q0');
  }
  // Less and less, down to one.
  expect(slices).toEqual([8, 4, 2, ...Array(slices.length - 3).fill(1)]);
  expect(handled.filter((each) => each.startsWith('s'))).toEqual(Array.from({ length: 50 }, (_, i) => `s${i + 1}`));
  expect(dropped).toEqual([]);
});

test('what the queue does not hold is dropped, counted, and told once for each flood', () => {
  const { turns, app, handled, dropped, told, turn } = start();
  const [slow, quick] = [app('s', 3), app('q', 0)];
  let lost = 0;
  for (const flood of [1, 2]) {
    quick.receive(0);
    const before = handled.length;
    for (let i = 0; i < MOST_WAITING + 100; i++) slow.receive(1);
    turns.chunkRead();
    const atOnce = handled.length - before;
    lost += 100 - atOnce;
    expect(dropped).toHaveLength(lost);
    expect(told).toHaveLength(flood);
    while (turn());
    expect(handled).toHaveLength(before + atOnce + MOST_WAITING);
  }
});

test('other switches of the app wait with it, and one that ends is forgotten', () => {
  const { turns, app, handled, turn } = start();
  const [one, two, quick] = [app('s', 3), app('s', 3), app('q', 0)];
  quick.receive(0);
  for (let i = 1; i <= 4; i++) one.receive(i);
  for (let i = 5; i <= 8; i++) two.receive(i);
  turns.chunkRead();
  one.share.end();
  while (turn());
  expect(handled).toContain('s8');
  expect(handled).not.toContain('s4');
});

test('an app whose rival has had nothing for a while is not put off', () => {
  const { turns, app, handled, wait } = start();
  const [slow, quick] = [app('s', 1), app('q', 0)];
  quick.receive(0);
  turns.chunkRead();
  wait(2000);
  for (let i = 0; i < 100; i++) slow.receive(1);
  expect(handled).toHaveLength(101);
});

test('an allowance: so many at once, so many for each packet-in and each second; the rest is dropped and told', () => {
  let time = 0;
  let dropped = 0;
  const told: number[] = [];
  const allowance = createAllowance(
    () => dropped++,
    (count) => told.push(count),
    () => time,
  );
  const taken = (tries: number) => {
    let count = 0;
    for (let i = 0; i < tries; i++) {
      if (allowance.take()) count++;
      else allowance.drop();
    }
    return count;
  };
  expect(taken(1500)).toBe(1000);
  expect([dropped, told]).toEqual([500, [1]]);
  for (let i = 0; i < 10; i++) allowance.packetIn();
  expect(taken(100)).toBe(40);
  time = 100;
  expect(taken(200)).toBe(100);
  time = 10_001;
  expect(taken(2000)).toBe(1000);
  expect(told).toEqual([1, 1 + 499 + 60 + 100 - 1 + 1]);
});
