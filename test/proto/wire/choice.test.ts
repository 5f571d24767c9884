// A number that decides what follows it, and padding that only stands before more.
import { describe, expect, test } from 'vitest';
import { choice } from '../../../proto/wire/choice.ts';
import type { Codec } from '../../../proto/wire/codec.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import { EncodeError } from '../../../proto/wire/encode-error.ts';
import { Reader } from '../../../proto/wire/reader.ts';
import { rest, u8, u16 } from '../../../proto/wire/scalars.ts';
import { alignmentBeforeMore } from '../../../proto/wire/silent.ts';
import { struct } from '../../../proto/wire/struct.ts';
import { Writer } from '../../../proto/wire/writer.ts';

function encoded<T>(codec: Codec<T>, value: T): number[] {
  const writer = new Writer();
  codec.encode(writer, value);
  return [...writer.finish()];
}

const decoded = <T>(codec: Codec<T>, bytes: number[]) => codec.decode(new Reader(Uint8Array.from(bytes)));

describe('a choice', () => {
  const shape = choice({
    type: 'shape',
    field: 'kind',
    base: u16,
    variants: { circle: [1, struct({ radius: u8 })], square: [9, struct({ side: u16 })] },
    otherwise: struct({ body: rest }),
  });

  test.each([
    [[0, 1, 7], { type: 'shape', kind: 'circle', radius: 7 }],
    [[0, 9, 1, 2], { type: 'shape', kind: 'square', side: 258 }],
    [[0, 2, 5, 6], { type: 'shape', kind: 2, body: Uint8Array.from([5, 6]) }],
  ] as const)('of %j', (bytes, value) => {
    expect(decoded(shape, [...bytes])).toEqual(value);
    expect(encoded(shape, value as never)).toEqual(bytes);
  });

  test('takes a number that has a name', () => {
    expect(encoded(shape, { type: 'shape', kind: 9, side: 258 } as never)).toEqual([0, 9, 1, 2]);
  });

  test.each([
    [{ type: 'shape', kind: 'oval' }, 'kind'],
    [{ type: 'shape', kind: 0x10000, body: new Uint8Array(0) }, 'kind'],
    [{ type: 'shape' }, 'kind'],
    [{ type: 'shape', kind: 'circle' }, 'radius'],
    [{ type: 'shape', kind: 'toString' }, 'kind'],
    [null, ''],
  ])('refuses %j', (value, path) => {
    let error: unknown;
    try {
      encoded(shape, value as never);
    } catch (raised) {
      error = raised;
    }
    expect(error).toBeInstanceOf(EncodeError);
    expect(error).toMatchObject({ path });
  });

  test('names the field that is cut short', () => {
    expect(() => decoded(shape, [0])).toThrow(DecodeError);
    expect(() => decoded(shape, [0, 9, 1])).toThrow(expect.objectContaining({ path: 'side', offset: 2 }));
  });
});

describe('padding before more', () => {
  const codec = struct({ first: u8, pad: alignmentBeforeMore(4), more: rest });

  test('stands where something follows, and nowhere else', () => {
    expect(encoded(codec, { first: 1, more: Uint8Array.from([2]) })).toEqual([1, 0, 0, 0, 2]);
    expect(encoded(codec, { first: 1, more: new Uint8Array(0) })).toEqual([1]);
    expect(decoded(codec, [1, 0, 0, 0, 2])).toEqual({ first: 1, more: Uint8Array.from([2]) });
    expect(decoded(codec, [1])).toEqual({ first: 1, more: new Uint8Array(0) });
    expect(() => decoded(codec, [1, 0, 0])).toThrow(DecodeError);
  });
});
