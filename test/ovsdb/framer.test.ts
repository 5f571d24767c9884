/** The JSON framer: split anywhere, limits, hostile bytes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../proto/ovsdb/json.ts';
import { createFramer, FramingError } from '../../src/ovsdb/framer.ts';

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
const messages = fc.array(
  fc.oneof(
    fc.dictionary(awkward, fc.jsonValue() as fc.Arbitrary<Json>),
    fc.array(awkward),
    fc.object({ key: awkward, maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json),
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
