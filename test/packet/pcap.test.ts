/** Capture files: what is written reads back the same; both formats in both byte orders; hostile files never throw. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { joined } from '../../src/packet/bytes.ts';
import type { Capture } from '../../src/packet/capture.ts';
import { readCapture, writeCapture } from '../../src/packet/pcap.ts';
import { bytes, u32 } from './arbitrary-fields.ts';

const frames = fc.array(
  fc.record({
    time: fc.nat(2 ** 47).map((microseconds) => microseconds / 1e6),
    frame: bytes(0, 100),
    originalLength: fc.integer({ min: 100, max: 1_500 }),
  }),
  { maxLength: 8 },
);

/** Numbers of 16 and 32 bits and byte arrays, in either byte order. */
function file(little: boolean, ...parts: readonly (number | { short: number } | Uint8Array)[]): Uint8Array {
  return joined(
    ...parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const bytes = new Uint8Array(typeof part === 'number' ? 4 : 2);
      const view = new DataView(bytes.buffer);
      if (typeof part === 'number') view.setUint32(0, part, little);
      else view.setUint16(0, part.short, little);
      return bytes;
    }),
  );
}
const short = (value: number) => ({ short: value });
const FRAME = Uint8Array.of(1, 2, 3, 4, 5);
const PADDED = joined(FRAME, new Uint8Array(3));

function pcap(little: boolean, magic: number, linkType = 1): Uint8Array {
  const header = [magic, short(2), short(4), 0, 0, 65_535, linkType];
  return file(little, ...header, 1_700_000_000, 500_000, 5, 1_500, FRAME);
}

function block(
  little: boolean,
  type: number,
  ...parts: readonly (number | { short: number } | Uint8Array)[]
): Uint8Array {
  const body = file(little, ...parts);
  const length = body.length + 12;
  return file(little, type, length, body, length);
}
const section = (little: boolean) =>
  block(little, 0x0a0d0d0a, 0x1a2b3c4d, short(1), short(0), 0xffff_ffff, 0xffff_ffff);
const ethernet = (little: boolean, snapLength: number, ...options: readonly ({ short: number } | Uint8Array)[]) =>
  block(little, 1, short(1), short(0), snapLength, ...options);

/** With the time of its interface in microseconds, nanoseconds, 1/1024 seconds. */
function pcapng(little: boolean): Uint8Array {
  const units = 1_700_000_000n * 1_000_000n + 250_000n;
  const stamp = (value: bigint) => [Number(value >> 32n), Number(value & 0xffff_ffffn)];
  const offset = new Uint8Array(8);
  new DataView(offset.buffer).setBigInt64(0, 100n, little);
  const resolution = (value: number) => [short(9), short(1), Uint8Array.of(value, 0, 0, 0)];
  return joined(
    section(little),
    ethernet(little, 0),
    ethernet(little, 0, ...resolution(9), short(0), short(0)),
    ethernet(
      little,
      0,
      short(2),
      short(3),
      Uint8Array.of(0x70, 0x31, 0, 0),
      ...resolution(0x8a),
      short(14),
      short(8),
      offset,
    ),
    block(little, 6, 0, ...stamp(units), 5, 1_500, PADDED),
    // Name resolution, which is passed over.
    block(little, 4, short(0), short(0)),
    block(little, 6, 1, ...stamp(units * 1_000n), 5, 5, PADDED),
    block(little, 6, 2, ...stamp(512n), 5, 5, PADDED),
    block(little, 3, 5, PADDED),
    section(little),
    ethernet(little, 3),
    block(little, 3, 5, FRAME.subarray(0, 3), new Uint8Array(1)),
  );
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(frames, (given) => {
      expect(readCapture(writeCapture(given))).toEqual({ ok: true, frames: given, cut: false });
    }),
  );
  expect(readCapture(writeCapture([{ frame: FRAME }]))).toMatchObject({
    frames: [{ time: 0, frame: FRAME, originalLength: 5 }],
  });
});

test.for([true, false])('classic pcap, little-endian: %s', (little) => {
  const one = { frame: FRAME, originalLength: 1_500 };
  const micro = { ok: true, frames: [{ ...one, time: 1_700_000_000.5 }], cut: false };
  expect(readCapture(pcap(little, 0xa1b2c3d4))).toEqual(micro);
  const nano = { ok: true, frames: [{ ...one, time: 1_700_000_000.0005 }], cut: false };
  expect(readCapture(pcap(little, 0xa1b23c4d))).toEqual(nano);
});

test.for([true, false])('pcapng, little-endian: %s', (little) => {
  const time = 1_700_000_000.25;
  expect(readCapture(pcapng(little))).toEqual({
    ok: true,
    frames: [
      { time, frame: FRAME, originalLength: 1_500 },
      { time, frame: FRAME, originalLength: 5 },
      { time: 100.5, frame: FRAME, originalLength: 5 },
      { time: 0, frame: FRAME, originalLength: 5 },
      { time: 0, frame: FRAME.subarray(0, 3), originalLength: 5 },
    ],
    cut: false,
  });
});

test("what Wireshark's editcap makes of a file reads the same", () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-pcap-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const given = [1, 2, 3].map((n) => ({
    time: 1_700_000_000 + n / 8,
    frame: new Uint8Array(60 + n),
    originalLength: 60 + n,
  }));
  writeFileSync(join(folder, 'from.pcap'), writeCapture(given));
  for (const format of ['pcapng', 'nsecpcap', 'pcap']) {
    execFileSync('editcap', ['-F', format, 'from.pcap', `to.${format}`], { cwd: folder, stdio: 'pipe' });
    const read = new Uint8Array(readFileSync(join(folder, `to.${format}`)));
    expect(readCapture(read)).toEqual({ ok: true, frames: given, cut: false });
  }
});

test('a file that ends within a frame gives those before', () => {
  const whole = writeCapture([{ frame: FRAME }, { frame: FRAME }]);
  for (let length = 24; length < whole.length; length++) {
    const complete = Math.floor((length - 24) / 21);
    const read = readCapture(whole.subarray(0, length)) as Capture;
    expect([read.ok, read.frames.length, read.cut]).toEqual([true, complete, (length - 24) % 21 !== 0]);
  }
  const next = pcapng(true);
  const cut = readCapture(next.subarray(0, next.length - 1)) as Capture;
  expect([cut.frames.length, cut.cut]).toEqual([4, true]);
});

test.for<[string, Uint8Array]>([
  ['it is neither a pcap nor a pcapng file', new Uint8Array(0)],
  ['it is neither a pcap nor a pcapng file', new Uint8Array(100)],
  ['it is neither a pcap nor a pcapng file', pcap(true, 0xa1b2c3d4).subarray(0, 23)],
  ['its frames are of link type 101, not of Ethernet (1)', pcap(true, 0xa1b2c3d4, 101)],
  ['its section at byte 0 tells no byte order', block(true, 0x0a0d0d0a, 7, 0, 0)],
  ["the block at byte 28 can't be 13 bytes long", joined(section(true), file(true, 4, 13, 0))],
  ["the block at byte 28 can't be 0 bytes long", joined(section(true), file(true, 4, 0, 0))],
  [
    'the block at byte 28: its interface 7 is not described before it',
    joined(section(true), block(true, 6, 7, 0, 0, 0, 0)),
  ],
  [
    'the block at byte 48: its frames are of link type 113, not of Ethernet (1)',
    joined(section(true), block(true, 1, short(113), short(0), 0), block(true, 3, 0)),
  ],
  [
    'the block at byte 48: it has no room for 9 bytes of a frame',
    joined(section(true), ethernet(true, 0), block(true, 6, 0, 0, 0, 9, 9, PADDED)),
  ],
  ['the block at byte 48: it is too short for a frame', joined(section(true), ethernet(true, 0), block(true, 6, 0, 0))],
])('%s', ([problem, given]) => {
  expect(readCapture(given)).toEqual({ ok: false, problem });
});

test('hostile files never throw', () => {
  const start = fc.constantFrom(new Uint8Array(0), pcap(true, 0xa1b2c3d4), section(true), section(false), pcapng(true));
  const hostile = fc
    .tuple(start, bytes(0, 80), fc.array(fc.tuple(fc.nat(), u32), { maxLength: 4 }))
    .map(([head, rest, changes]) => {
      const all = joined(head, rest);
      for (const [at, value] of changes) if (all.length > 0) all[at % all.length] = value;
      return all;
    });
  fc.assert(
    fc.property(hostile, (given) => {
      const read = readCapture(given);
      if (!read.ok) return;
      expect(read.frames.reduce((sum, { frame }) => sum + frame.length, 0)).toBeLessThanOrEqual(given.length);
    }),
    { numRuns: 5_000 },
  );
});
