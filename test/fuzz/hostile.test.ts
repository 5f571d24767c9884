// Hostile bytes at the OpenFlow codec: only DecodeError, with path and offset; work and memory in proportion to the input.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeMessage, encodeMessage, interpretedMessage, type Message } from '../../proto/openflow/message.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { check } from './check.ts';
import { corpus } from './corpus.ts';
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

/** A message of this type around a body, with the right length. */
function framed(type: number, ...body: Uint8Array[]): Uint8Array {
  const bytes = joined(Uint8Array.of(5, type, 0, 0, 0, 0, 0, 1), ...body);
  viewOf(bytes).setUint16(2, bytes.length);
  return bytes;
}

/** A packet-out with these actions and no data. */
function packetOut(actions: Uint8Array): Uint8Array {
  const length = Uint8Array.of(actions.length >> 8, actions.length & 255);
  return framed(13, hex('ffffffff fffffffd'), length, new Uint8Array(6), actions);
}

/** As many pieces as 64 KiB hold behind a header and so many bytes. */
function filled(piece: Uint8Array, before = 0): Uint8Array {
  const count = Math.floor((0xffff - 8 - before) / piece.length);
  return joined(...Array<Uint8Array>(count).fill(piece));
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

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
  /** Each as large as a message can be, of parts that cost a decoder the most for their bytes. */
  const largest: [what: string, bytes: () => Uint8Array][] = [
    ['hello elements without a body', () => framed(0, filled(hex('0009 0004 00000000')))],
    ['hello elements of a byte', () => framed(0, filled(hex('0009 0005 01000000')))],
    ['actions', () => packetOut(filled(hex('0012 0008 00000000'), 16))],
    ['actions that no schema names', () => packetOut(filled(hex('0063 0008 00000000'), 16))],
    [
      'fields that no table has',
      () => {
        const fields: Uint8Array[] = [];
        for (let number = 0; number < 13_000; number++) {
          fields.push(Uint8Array.of(0x90, number >> 7, (number & 127) << 1, 1, 7));
        }
        const match = joined(hex('0001 0000'), ...fields);
        viewOf(match).setUint16(2, match.length);
        const padded = joined(match, new Uint8Array((8 - (match.length % 8)) % 8), new Uint8Array(2));
        return framed(10, hex('ffffffff 0000 00 00 0000000000000000'), padded);
      },
    ],
    [
      'experimenter properties',
      () => framed(33, hex('00000001 0000 0000'), filled(hex('ffff 000c 00000001 00000001 00000000'), 8)),
    ],
    ['table statistics', () => framed(19, hex('0003 0000 00000000'), filled(new Uint8Array(24), 8))],
    ['buckets', () => framed(15, hex('0000 00 00 00000001'), filled(hex('0010 0000 00000000 00000000 00000000'), 8))],
    ['data', () => framed(2, new Uint8Array(0xffff - 8).fill(7))],
  ];

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

  test.each(largest)('%s: no more steps than bytes', (_what, bytes) => {
    const whole = bytes();
    expect(whole.length).toBeGreaterThan(64_000);
    expect(steps(whole)).toBeLessThan(2 * whole.length);
  });

  test.each(largest)('%s: no more memory than ten times the bytes', (_what, bytes) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const whole = bytes();
    const kept: unknown[] = [];
    const decode = () => {
      try {
        return decodeMessage(whole);
      } catch (error) {
        return error;
      }
    };
    decode();
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 20; i++) kept.push(decode());
    collect();
    const each = (process.memoryUsage().heapUsed - before) / kept.length;
    expect(Math.round((10 * each) / whole.length) / 10).toBeLessThanOrEqual(10);
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
