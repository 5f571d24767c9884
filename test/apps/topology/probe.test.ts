/** Probes: ours are read, forged, changed and old ones are not, hostile bytes never throw. */

import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createProbes } from '../../../apps/topology/probe.ts';

const from = { dpid: '00000000000000a1', port: 0xfffffffe };

test('a probe tells the port that sent it', () => {
  const probes = createProbes();
  expect(probes.read(probes.build(from, 1000), 1003.5)).toEqual(from);
});

test('it ends with the HMAC of what it says, and is another each time', () => {
  const key = randomBytes(32);
  const probes = createProbes(key);
  for (const time of [1000, 2000.5]) {
    const value = probes.build(from, time).subarray(-2 - 36, -2);
    const whole = createHmac('sha256', key).update(value.subarray(0, 20)).digest();
    expect(Buffer.from(value.subarray(20))).toEqual(whole.subarray(0, 16));
    expect(Buffer.from(value).readDoubleBE(12)).toBe(time);
  }
});

test('a frame of another key is not believed, nor one with any byte of its place changed', () => {
  const probes = createProbes();
  const frame = createProbes().build(from, 1000);
  expect(probes.read(frame, 1000)).toBeUndefined();
  const own = probes.build(from, 1000);
  // The value's 36 bytes stand before the end of the data unit.
  for (let at = own.length - 2 - 36; at < own.length - 2; at++) {
    const changed = own.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(probes.read(changed, 1000)).toBeUndefined();
  }
});

test('an old one, kept and sent again, is not believed', () => {
  const probes = createProbes();
  const frame = probes.build(from, 1000);
  expect(probes.read(frame, 5900)).toEqual(from);
  expect(probes.read(frame, 6100)).toBeUndefined();
  expect(probes.read(frame, 900)).toBeUndefined();
});

test('hostile bytes never throw', () => {
  const probes = createProbes();
  const frame = probes.build(from, 0);
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.nat(frame.length).map((length) => frame.subarray(0, length)),
    fc.tuple(fc.nat(frame.length - 1), fc.nat(255)).map(([at, value]) => {
      const changed = frame.slice();
      changed[at] = value;
      return changed;
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const read = probes.read(bytes, 0);
      if (read !== undefined) expect(read).toEqual(from);
    }),
    { numRuns: 2_000 },
  );
});
