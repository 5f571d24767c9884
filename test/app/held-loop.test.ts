/** Who is told to block the event loop: the one that holds it, once it has held it long enough, and nobody else. */

import { expect, test } from 'vitest';
import { type HeldLoop, type Sight, watchLoop } from '../../src/app/held-loop.ts';

const TICK = 10;

function start() {
  let sight: Sight = { now: 0, beat: 0, app: 0, work: 0, waited: 0 };
  const watch = watchLoop(sight);
  const look = (change: Partial<Sight>, ms = TICK): HeldLoop => {
    sight = { ...sight, ...change, now: sight.now + ms };
    return watch(sight);
  };
  return {
    look,
    /** So many milliseconds of looks; gives what was told, with when. `starved`: it gets no processor meanwhile. */
    pass(ms: number, change: Partial<Sight>, starved = false): [at: number, app: number][] {
      const told: [number, number][] = [];
      for (let at = TICK; at <= ms; at += TICK) {
        const { blocks } = look({ ...change, waited: sight.waited + (starved ? TICK : 0) });
        if (blocks !== undefined) told.push([at, blocks.app]);
      }
      return told;
    },
  };
}

test('an app that holds the loop for 0.4 s is told, again after ten seconds, and that it is over', () => {
  const { look, pass } = start();
  expect(pass(390, { app: 7, work: 2 })).toEqual([]);
  expect(pass(10, { app: 7, work: 2 })).toEqual([[10, 7]]);
  expect(pass(10_000, { app: 7, work: 2 })).toEqual([[10_000, 7]]);
  expect(look({ beat: 1, app: 0 }).turns).toMatchObject({ app: 7, work: 2, ran: 10_400, waited: 0 });
  expect(look({ beat: 2 }).turns).toBeUndefined();
  expect(pass(390, { app: 7 })).toEqual([]);
});

test('an app is not to blame for what went before it: others, or Flowloom itself', () => {
  const { look, pass } = start();
  expect(pass(390, { app: 0 })).toEqual([]);
  expect(pass(390, { app: 7 })).toEqual([]);
  expect(pass(390, { app: 8 })).toEqual([]);
  expect(look({ beat: 1 }).turns).toBeUndefined();
  // All together for too long: nobody's in particular; then one's after all.
  expect(pass(1400, { app: 0 })).toEqual([]);
  expect(pass(390, { app: 7 })).toEqual([[100, 0]]);
  expect(pass(50, { app: 7 })).toEqual([[10, 7]]);
});

test('what waits for a processor does not count, up to a time at which it is told with that', () => {
  const { look, pass } = start();
  expect(pass(800, { app: 7 }, true)).toEqual([]);
  expect(pass(80, { app: 7 })).toEqual([]);
  const { ran, blocks } = look({});
  expect(blocks).toBeUndefined();
  expect(ran).toBe(true);
  const later = look({});
  expect(later.blocks).toEqual({ app: 7, work: 0, ran: 100, waited: 800 });
});

test('what it waited is told late: the next looks are taken for it', () => {
  const { look } = start();
  expect(look({ app: 7 }).ran).toBe(true);
  expect(look({ waited: 30 }).ran).toBe(false);
  expect([look({}).ran, look({}).ran, look({}).ran]).toEqual([false, false, true]);
});

test('a process that was stopped as a whole has held nothing', () => {
  const { look } = start();
  look({ app: 7 });
  expect(look({}, 60_000).blocks).toBeUndefined();
  expect(look({ beat: 1 }).turns).toBeUndefined();
});
