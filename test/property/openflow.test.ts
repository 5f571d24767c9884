// The OpenFlow codec for any message: what is encoded decodes to itself, and hostile bytes raise DecodeError or nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS, message } from './openflow-messages.ts';

const copyOf = (value: Message) => Uint8Array.from(encodeMessage(value));

/** Decodes what may be anything; undefined where the codec refuses it as it should. */
function decoded(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
    return undefined;
  }
}

/** What decodes must be a value like any other: it encodes, to what decodes to the same, or the encoder names the field. */
function expectValue(bytes: Uint8Array): void {
  const value = decoded(bytes);
  if (value === undefined) return;
  let again: Uint8Array;
  try {
    again = copyOf(value);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    expect(error.path).not.toBe('');
    return;
  }
  expect(decodeMessage(again)).toEqual(value);
}

/** One change of bytes that keeps the header's length right, so that the change is what decides. */
const change = fc.record({
  kind: fc.constantFrom('set', 'cut', 'insert', 'repeat'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 24 }),
  value: fc.oneof(fc.constantFrom(0, 1, 8, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
});

function changed(bytes: Uint8Array, changes: (typeof change extends fc.Arbitrary<infer C> ? C : never)[]): Uint8Array {
  let result = Buffer.from(bytes);
  for (const { kind, at, length, value } of changes) {
    const start = 8 + (at % Math.max(1, result.length - 8));
    if (kind === 'set' && start < result.length) result[start] = value;
    if (kind === 'cut') result = Buffer.concat([result.subarray(0, start), result.subarray(start + length)]);
    const extra = kind === 'insert' ? Buffer.alloc(length, value) : result.subarray(start, start + length);
    if (kind === 'insert' || kind === 'repeat') {
      result = Buffer.concat([result.subarray(0, start), extra, result.subarray(start)]);
    }
  }
  result.writeUInt16BE(Math.min(0xffff, result.length), 2);
  return Uint8Array.from(result.subarray(0, 0xffff));
}

describe('the OpenFlow codec', () => {
  test.each(MESSAGE_KINDS)('decodes what it encoded to the same message: %s', (_name, kind) => {
    fc.assert(
      fc.property(kind, (value) => {
        const bytes = copyOf(value);
        const decoded = decodeMessage(bytes);
        expect(decoded).toEqual(value);
        expect(encodeMessage(decoded)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  test('writes different messages as different bytes', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 8 }), (values) => {
        const distinct = new Set(
          values.map((value) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))),
        );
        expect(new Set(values.map((value) => Buffer.from(copyOf(value)).toString('hex'))).size).toBe(distinct.size);
      }),
      { numRuns: 200 },
    );
  });

  test('raises nothing but DecodeError for random bytes of every message type', () => {
    const random = fc.tuple(fc.integer({ min: 0, max: 36 }), fc.uint8Array({ maxLength: 120 }));
    fc.assert(
      fc.property(random, ([type, body]) => {
        const header = Buffer.alloc(8);
        header.set([5, type]);
        header.writeUInt16BE(8 + body.length, 2);
        expectValue(Uint8Array.from([...header, ...body]));
      }),
      { numRuns: 20_000 },
    );
  });

  test('raises nothing but DecodeError for messages of the labs with changes in them', () => {
    const small = labMessages().filter((bytes) => bytes.length < 1500);
    fc.assert(
      fc.property(fc.constantFrom(...small), fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
        expectValue(changed(bytes, changes));
      }),
      { numRuns: 20_000 },
    );
  });

  test('refuses every message that is cut short', () => {
    fc.assert(
      fc.property(message, fc.nat(), (value, at) => {
        const bytes = copyOf(value);
        expect(decoded(bytes.subarray(0, at % bytes.length))).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
