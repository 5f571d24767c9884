/** The reconnect machine: back-off and probes, by a clock that the test turns. */

import { describe, expect, test } from 'vitest';
import {
  activity,
  connected,
  connecting,
  createReconnect,
  deadline,
  disconnected,
  forceReconnect,
  type Reconnect,
  run,
  stop,
} from '../../src/transport/reconnect.ts';

/** Attempts that fail at once, and the pauses between them. */
function pauses(machine: Reconnect, count: number): number[] {
  const found: number[] = [];
  let now = machine.since;
  let current = machine;
  for (let attempt = 0; attempt < count; attempt++) {
    current = disconnected(connecting(current, now), now);
    const due = deadline(current)!;
    found.push(due - now);
    now = due;
    expect(run(current, now - 1).action).toBeUndefined();
    expect(run(current, now).action).toBe('connect');
  }
  return found;
}

describe('reconnect', () => {
  test('connects at once, then backs off from 1 s to 8 s', () => {
    const machine = createReconnect(1000);
    expect(run(machine, 1000).action).toBe('connect');
    expect(pauses(machine, 6)).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('several targets have each their turn before a pause, also after a connection that stood', () => {
    const machine = createReconnect(1000, { round: 3 });
    expect(pauses(machine, 9)).toEqual([0, 0, 1000, 0, 0, 2000, 0, 0, 4000]);
    const stood = activity(connected(connecting(machine, 1000), 1000), 50_000);
    expect(pauses(stood, 1)).toEqual([0]);
    expect(pauses(disconnected(stood, 50_000), 4)).toEqual([0, 1000, 0, 0]);
  });

  test('an attempt that hangs is given up after 1 s, later after the pause', () => {
    let machine = connecting(createReconnect(0), 0);
    expect(run(machine, 999).action).toBeUndefined();
    expect(run(machine, 1000).action).toBe('disconnect');
    for (let attempt = 0; attempt < 3; attempt++) machine = connecting(disconnected(machine, 0), 0);
    expect(run(machine, 3999).action).toBeUndefined();
    expect(run(machine, 4000).action).toBe('disconnect');
  });

  test('a silent peer is probed after 5 s and dropped after 5 s more', () => {
    let machine = connected(connecting(createReconnect(0), 0), 10);
    machine = activity(machine, 1000);
    expect(run(machine, 5999).action).toBeUndefined();
    const probed = run(machine, 6000);
    expect(probed.action).toBe('probe');
    expect(run(probed.machine, 10_999).action).toBeUndefined();
    expect(run(probed.machine, 11_000).action).toBe('disconnect');
    const alive = activity(probed.machine, 7000);
    expect(alive.state).toBe('active');
    expect(deadline(alive)).toBe(12_000);
  });

  test('without a probe interval nothing is probed', () => {
    expect(deadline(connected(createReconnect(0, { probeInterval: 0 }), 0))).toBeUndefined();
  });

  test('a connection that was of use starts again with the shortest pause, one that was not doubles it', () => {
    let machine = createReconnect(0);
    for (let attempt = 0; attempt < 3; attempt++) machine = disconnected(connecting(machine, 0), 0);
    expect(machine.backoff).toBe(4000);
    const useful = disconnected(activity(connected(machine, 10_000), 14_000), 14_500);
    expect(useful.backoff).toBe(1000);
    const useless = disconnected(activity(connected(machine, 10_000), 10_001), 10_002);
    expect(useless.backoff).toBe(8000);
  });

  test('can be forced and stopped', () => {
    const machine = connected(createReconnect(0), 0);
    expect(run(forceReconnect(machine, 7), 7).action).toBe('disconnect');
    expect(forceReconnect(createReconnect(0), 7).state).toBe('backoff');
    expect(deadline(stop(machine, 8))).toBeUndefined();
    expect(disconnected(stop(machine, 8), 9).state).toBe('void');
  });
});
