// Hostile bytes at the OpenFlow codec: only DecodeError, with path and offset; work in proportion to the input.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeMessage, encodeMessage, interpretedMessage, type Message } from '../../proto/openflow/message.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { check } from './check.ts';
import { corpus } from './corpus.ts';
import { framed, hex, LARGEST, packetOut } from './largest.ts';
import { joined, viewOf } from './mutate.ts';
import { run } from './run.ts';

const SEED = 20261121;
let messages: Uint8Array[];
/** A sample of every kind, for tests that try each place of each. */
let sample: Uint8Array[];

beforeAll(() => {
  messages = corpus(SEED);
  sample = messages.filter(({ length }, i) => i % 8 === 0 && length < 400);
});

const refusal = (bytes: Uint8Array): DecodeError | undefined => {
  try {
    decodeMessage(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  return undefined;
};

test('100,000 inputs with a fixed seed', () => {
  const outcome = run(messages, SEED, 0, 100_000);
  expect(outcome.failures.slice(0, 3)).toEqual([]);
  // Both ways must be walked, else the inputs prove nothing.
  expect(outcome.counts.decoded).toBeGreaterThan(10_000);
  expect(outcome.counts.refused).toBeGreaterThan(10_000);
});

test('cut short at every byte, it is refused, with the place', () => {
  for (const message of sample) {
    for (let length = 0; length < message.length; length++) {
      const error = refusal(message.slice(0, length));
      expect(error?.offset).toBeLessThanOrEqual(length);
      expect(error?.message).not.toBe('');
    }
  }
});

test('cut short at every byte with a header that says so, nothing but DecodeError', () => {
  for (const message of sample) {
    for (let length = 8; length < message.length; length++) {
      const cut = message.slice(0, length);
      viewOf(cut).setUint16(2, length);
      check(cut);
    }
  }
});

test('every 16 bits that may be a length set to 0, 1, too short, too long and the most', () => {
  for (const message of sample) {
    for (let at = 2; at + 2 <= message.length; at += 2) {
      const right = viewOf(message).getUint16(at);
      for (const wrong of [0, 1, right - 1, right - 8, right + 1, right + 8, 0xffff]) {
        const changed = message.slice();
        viewOf(changed).setUint16(at, wrong & 0xffff);
        check(changed);
      }
    }
  }
});

describe('structures inside themselves', () => {
  const depths = [1, 20, 62, 63, 64, 65, 66, 500, 4000];

  test.each(depths)('bundles in bundles, %i deep', (depth) => {
    let bytes = framed(20);
    for (let i = 0; i < depth && bytes.length < 0xfff0; i++) bytes = framed(34, new Uint8Array(8), bytes);
    const error = refusal(bytes);
    if (depth > 64) expect(error?.message).toMatch(/structures inside one another/);
    else if (depth < 60) expect(error).toBeUndefined();
  });

  test.each(depths)('clones in clones, %i deep', (depth) => {
    let action: Uint8Array = hex('0012 0008 00000000');
    for (let i = 0; i < depth && action.length < 0xff00; i++) {
      action = joined(hex('ffff 0000 00002320 002a 000000000000'), action);
      viewOf(action).setUint16(2, action.length);
    }
    const error = refusal(packetOut(action));
    if (depth > 64) expect(error?.message).toMatch(/structures inside one another/);
    else if (depth < 60) expect(error).toBeUndefined();
  });
});

describe('the largest messages of the smallest parts', () => {
  /** Steps of the reader, which is what all work of the interpreted codec is made of. */
  function steps(bytes: Uint8Array): number {
    const spy = vi.spyOn(Reader.prototype, 'take');
    try {
      interpretedMessage.decode(new Reader(bytes));
      return spy.mock.calls.length;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  }

  test.each(LARGEST)('%s: no more steps than bytes', (_what, bytes) => {
    const whole = bytes();
    expect(whole.length).toBeGreaterThan(64_000);
    expect(steps(whole)).toBeLessThan(2 * whole.length);
  });
});

test('types that no one has defined are kept byte for byte', () => {
  for (let type = 35; type < 256; type++) {
    const bytes = framed(type, hex('0102030405'));
    expect(encodeMessage(decodeMessage(bytes))).toEqual(bytes);
  }
});

test('a full message of flows with options of tunnels, which are text in the value, is none of these', () => {
  const value = { value: '0x0000000000000001', mask: '0xffffffffffffffff' };
  const match = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`tunMetadata${i}`, value]));
  const flow = {
    tableId: 0,
    durationSec: 0,
    durationNsec: 0,
    priority: 1,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: [],
    importance: 0,
    cookie: 0n,
    packetCount: 0n,
    byteCount: 0n,
    match,
    instructions: [],
  };
  const dump: Message = { type: 'multipartReply', kind: 'flow', flags: [], reply: Array(300).fill(flow), xid: 1 };
  expect(decodeMessage(encodeMessage(dump))).toEqual(dump);
});
