/** Back-pressure: bounded bytes without an acknowledgement, and an end for a switch that gives none. */

import { expect, test, vi } from 'vitest';
import { createWindow } from '../../src/openflow/window.ts';

interface Barrier {
  answer(): void;
  fail(error: Error): void;
}

function fakeConnection() {
  const barriers: Barrier[] = [];
  const closed: string[] = [];
  const connection = {
    barrier: () =>
      new Promise<void>((resolve, reject) => {
        barriers.push({ answer: resolve, fail: reject });
      }),
    close(reason: string) {
      closed.push(reason);
      for (const each of barriers.splice(0)) each.fail(new Error(reason));
    },
  };
  return { connection, barriers, closed };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('full when so many bytes are not acknowledged; each barrier acknowledges what was sent before it', async () => {
  const { connection, barriers } = fakeConnection();
  const window = createWindow(connection, { bytes: 1600 });
  await window.room();
  for (let sent = 0; sent < 16; sent++) window.sent(100);
  expect(barriers).toHaveLength(16);
  expect(window.full).toBe(false);
  window.sent(1);
  expect(window.full).toBe(true);
  let free = false;
  const room = window.room().then(() => {
    free = true;
  });
  await turn();
  expect(free).toBe(false);
  barriers.shift()?.answer();
  await turn();
  expect([window.unacknowledged, window.full, window.crowded, free]).toEqual([1501, false, true, false]);
  for (const each of barriers.splice(0, 4)) each.answer();
  await room;
  expect([window.unacknowledged, window.crowded]).toEqual([1101, false]);
  const last = window.barrier();
  for (const each of barriers) each.answer();
  await last;
  expect(window.unacknowledged).toBe(0);
});

test('a switch that answers no barrier in time is dropped with the reason, and who waits is told', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { connection, barriers, closed } = fakeConnection();
    const window = createWindow(connection, { bytes: 160, stallSeconds: 30 });
    for (let sent = 0; sent < 17; sent++) window.sent(10);
    const room = window.room();
    room.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(29_000);
    for (const each of barriers.splice(0, 5)) each.answer();
    await room;
    window.sent(100);
    const waiting = expect(window.room()).rejects.toThrow('the switch stalls');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(closed).toEqual(['the switch stalls: no answer to a barrier within 30 s']);
    await waiting;
  } finally {
    vi.useRealTimers();
  }
});

test('who asks for room on a connection that has ended is told, and does not wait for an answer that never comes', async () => {
  const { connection } = fakeConnection();
  let ended = false;
  const barrier = () => (ended ? Promise.reject(new Error('it is closed')) : connection.barrier());
  const window = createWindow({ ...connection, barrier }, { bytes: 160 });
  for (let sent = 0; sent < 17; sent++) window.sent(10);
  ended = true;
  connection.close('the switch closed it');
  await turn();
  expect(window.crowded).toBe(true);
  await expect(window.room()).rejects.toThrow('it is closed');
});

test('each part of a long answer is a sign of life', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { connection, closed } = fakeConnection();
    const window = createWindow(connection, { stallSeconds: 30 });
    let heard: () => void = () => undefined;
    const never = window.inParts('all of it', (sign) => {
      heard = sign;
      return new Promise(() => undefined);
    });
    never.catch(() => undefined);
    for (let part = 0; part < 4; part++) {
      await vi.advanceTimersByTimeAsync(20_000);
      heard();
    }
    expect(closed).toEqual([]);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(closed).toEqual(['the switch stalls: no answer to all of it within 30 s']);
  } finally {
    vi.useRealTimers();
  }
});
