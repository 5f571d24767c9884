/** The JSON framer: split anywhere, limits, hostile bytes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../proto/ovsdb/json.ts';
import { formatJson } from '../../proto/ovsdb/json-text.ts';
import { createFramer, FramingError } from '../../src/ovsdb/client/framer.ts';
import { memoryInUse } from '../support/memory.ts';

function read(chunks: Uint8Array[], limits?: { size: number; depth: number }): Json[] {
  const texts: Json[] = [];
  const framer = createFramer((json) => texts.push(json), limits);
  for (const chunk of chunks) framer.push(chunk);
  expect(framer.unfinished).toBe(false);
  return texts;
}

/** Cuts the bytes at the places given. */
function split(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

// Strings with quotes, backslashes, brackets and characters of 2, 3 and 4 bytes: all that a cut could hurt.
const awkward = fc.string({
  unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', 'a', 'é', '€', '😀', '\u0000', '\n', '\u2028'),
});
// Integers beyond 2^53 are read as bigints; they have a test of their own.
const plainJson = fc.jsonValue().filter((value) => !/\d{16}/.test(JSON.stringify(value))) as fc.Arbitrary<Json>;
const messages = fc.array(
  fc.oneof(
    fc.dictionary(awkward, plainJson),
    fc.array(awkward),
    fc
      .object({ key: awkward, maxDepth: 4, values: [awkward, fc.boolean(), fc.integer(), fc.constant(null)] })
      .map((value) => JSON.parse(JSON.stringify(value)) as Json),
  ),
  { maxLength: 5 },
);

describe('framer', () => {
  test('any split gives the same texts', () => {
    fc.assert(
      fc.property(
        messages,
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.constantFrom('', ' ', '\r\n\t'),
        (sent, places, gap) => {
          const plain = sent.map((message) => JSON.parse(JSON.stringify(message)) as Json);
          const bytes = Buffer.from(plain.map((message) => JSON.stringify(message)).join(gap) + gap);
          expect(read(split(bytes, places))).toEqual(plain);
        },
      ),
    );
  });

  test('every byte alone gives the same texts', () => {
    const text = '{"a":"\\"}\\\\","b":["€😀é",{"c":[]}]}[1,"]"] {"d":null}';
    const bytes = Buffer.from(text);
    const expected = [{ a: '"}\\', b: ['€😀é', { c: [] }] }, [1, ']'], { d: null }];
    expect(read(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(expected);
  });

  test('each single cut of a text gives the same', () => {
    const text = '{"a":"\\"}\\\\","b":["€😀é",{"c":[9007199254740993,-1.5e3]}]} [1,"]"]';
    const bytes = Buffer.from(text);
    const expected = read([bytes]);
    expect(expected).toHaveLength(2);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
    }
  });

  test('integers keep all their digits, and the scan for them spans chunks', () => {
    const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(fc.array(integers), fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
        const bytes = Buffer.from(`{"a":[${sent.join(', ')}]}`);
        const expected = sent.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
        expect(read(split(bytes, places))).toEqual([{ a: expected }]);
        expect(formatJson({ a: expected })).toBe(`{"a":[${sent.join(',')}]}`);
      }),
    );
    const exact = ['9007199254740991', '-9007199254740991', '1e20', '0.12345678901234567', '"9007199254740993"'];
    expect(read([Buffer.from(`[${exact.join(',')}]`)])).toEqual([exact.map((text) => JSON.parse(text) as Json)]);
    expect(read([Buffer.from('[9007199254740993][1]')])).toEqual([[9007199254740993n], [1]]);
  });

  test('what came before a broken text is still delivered', () => {
    const texts: Json[] = [];
    const framer = createFramer((json) => texts.push(json));
    expect(() => framer.push(Buffer.from('{"a":1}{"b":}'))).toThrow(FramingError);
    expect(texts).toEqual([{ a: 1 }]);
    expect(() => framer.push(Buffer.from('{}'))).toThrow('broken JSON');
  });

  test.each([
    ['GET / HTTP/1.1\r\n', 'a JSON object was expected, found byte 0x47'],
    ['\x16\x03\x01', 'found byte 0x16'],
    ['}', 'found byte 0x7d'],
    ['"text"', 'found byte 0x22'],
    ['12', 'found byte 0x31'],
    ['null', 'found byte 0x6e'],
    ['{}true', 'found byte 0x74'],
    ['{"a":01}', 'broken JSON'],
    ['[1}', 'broken JSON'],
  ])('%j is refused', (text, problem) => {
    expect(() => read([Buffer.from(text)])).toThrow(problem);
  });

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => read([Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])])).toThrow('not UTF-8');
  });

  test('nesting is bounded, and to the limit it works', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(read([nested(1000)])).toHaveLength(1);
    expect(() => read([nested(1001)])).toThrow('JSON nested deeper than 1000');
  });

  test('a text is bounded before it is held', () => {
    const limits = { size: 100, depth: 10 };
    const text = (length: number) => Buffer.from(`["${'x'.repeat(length - 4)}"]`);
    expect(read([text(100)], limits)).toHaveLength(1);
    expect(() => read([text(101)], limits)).toThrow('longer than 100 bytes');
    const framer = createFramer(() => {}, limits);
    framer.push(text(1000).subarray(0, 100));
    expect(() => framer.push(Buffer.from('x'))).toThrow('longer than 100 bytes');
  });

  test('a large text in single bytes costs linear time and little memory', () => {
    const time = (length: number) => {
      const framer = createFramer(() => {}, { size: 64 * 1024 * 1024, depth: 10 });
      const byte = Buffer.from('x');
      const start = performance.now();
      framer.push(Buffer.from('["'));
      for (let sent = 0; sent < length; sent++) framer.push(byte);
      framer.push(Buffer.from('"]'));
      return performance.now() - start;
    };
    time(100_000);
    const [once, fourTimes] = [time(500_000), time(2_000_000)];
    expect(fourTimes).toBeLessThan(Math.max(200, once) * 12);
    const before = memoryInUse();
    const framer = createFramer(() => {});
    framer.push(Buffer.from('["'));
    for (let sent = 0; sent < 1_000_000; sent++) framer.push(Buffer.from('x'));
    // As an array of chunks each byte took 200.
    expect(memoryInUse() - before).toBeLessThan(4 * 1024 * 1024);
    expect(framer.unfinished).toBe(true);
  });

  test('64 MiB are read, one byte more is refused while it comes, and nothing is kept', () => {
    const size = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const framer = createFramer((json) => expect((json as string[])[0]).toHaveLength(size - 4));
    framer.push(Buffer.from('["'));
    for (let sent = 0; sent < 63; sent++) framer.push(chunk);
    framer.push(chunk.subarray(4));
    framer.push(Buffer.from('"]'));
    expect(framer.unfinished).toBe(false);
    const refusing = createFramer(() => {});
    refusing.push(Buffer.from('["'));
    const push = () => {
      for (let sent = 0; sent < 100; sent++) refusing.push(chunk);
    };
    expect(push).toThrow(`longer than ${size} bytes`);
    expect(() => refusing.push(Buffer.from('x'))).toThrow(`longer than ${size} bytes`);
  });

  test('any bytes give texts or a FramingError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const framer = createFramer(() => {});
        try {
          for (const chunk of chunks) framer.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(FramingError);
        }
      }),
    );
  });
});
