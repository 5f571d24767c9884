/** When the loop asks the sockets again instead of sleeping. */
import { expect, test } from 'vitest';
import { createBusyPoll } from '../../src/app/busy-poll.ts';

/** A clock, and the loop's turns one by one. `chunk`: packet-ins are handled so many milliseconds after the last turn or chunk. */
function start(processors = 2) {
  let at = 1000;
  let next: (() => void) | undefined;
  const nextTurn = (run: () => void) => {
    next = run;
  };
  const handled = createBusyPoll({ now: () => at, nextTurn, processors });
  return {
    get polls() {
      return next !== undefined;
    },
    turn(ms: number) {
      at += ms;
      const run = next;
      next = undefined;
      run?.();
    },
    chunk(ms: number) {
      at += ms;
      handled(at);
    },
  };
}

test('it polls when packet-ins have come densely for a while, and sleeps again half a millisecond after the last', () => {
  const loop = start();
  for (let i = 0; i <= 15; i++) loop.chunk(0.1);
  expect(loop.polls).toBe(false);
  loop.chunk(0.1);
  expect(loop.polls).toBe(true);
  for (let i = 0; i < 100; i++) {
    loop.turn(0.2);
    loop.chunk(0.1);
  }
  expect(loop.polls).toBe(true);
  loop.turn(0.4);
  expect(loop.polls).toBe(true);
  loop.turn(0.2);
  expect(loop.polls).toBe(false);
  for (let i = 0; i < 15; i++) loop.chunk(0.1);
  expect(loop.polls).toBe(false);
});

test('a few that come together, again and again, are not polled for', () => {
  const loop = start();
  for (let i = 0; i < 100; i++) {
    loop.chunk(2);
    for (let more = 0; more < 15; more++) loop.chunk(0.1);
  }
  expect(loop.polls).toBe(false);
});

test('with one processor, which the switch may need, it never polls', () => {
  const loop = start(1);
  for (let i = 0; i < 100; i++) loop.chunk(0.01);
  expect(loop.polls).toBe(false);
});
