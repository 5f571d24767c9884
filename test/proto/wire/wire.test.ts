// The wire layer alone: limits of the reader, growth of the writer, addresses as text, and where an error says it is.
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../../proto/openflow/message.ts';
import { hexBytes, hexText, ipv4Number, ipv4Text, ipv6Bytes, ipv6Text, macBytes } from '../../../proto/wire/address.ts';
import type { Codec } from '../../../proto/wire/codec.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import { EncodeError } from '../../../proto/wire/encode-error.ts';
import { flags } from '../../../proto/wire/flags.ts';
import { list } from '../../../proto/wire/list.ts';
import { Reader } from '../../../proto/wire/reader.ts';
import { mac, text, u8, u16, u32 } from '../../../proto/wire/scalars.ts';
import { ownLength, padding } from '../../../proto/wire/silent.ts';
import { struct } from '../../../proto/wire/struct.ts';
import { tagged } from '../../../proto/wire/tagged.ts';
import { Writer } from '../../../proto/wire/writer.ts';

function failure<E extends Error>(kind: abstract new (...words: never[]) => E, work: () => unknown): E {
  try {
    work();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error('nothing was raised');
}

const decodeFailure = (codec: Codec<unknown>, bytes: number[]) =>
  failure(DecodeError, () => codec.decode(new Reader(Uint8Array.from(bytes))));

function encodeFailure<T>(codec: Codec<T>, value: T): EncodeError {
  return failure(EncodeError, () => codec.encode(new Writer(), value));
}

describe('the reader', () => {
  test('stays in its window, though the buffer goes on', () => {
    const window = new Reader(Uint8Array.from([1, 2, 3, 4, 5, 6])).sub(3);
    expect(window.u16()).toBe(0x0102);
    expect(failure(DecodeError, () => window.u16())).toMatchObject({ message: 'needs 2 bytes, 1 are left', offset: 2 });
    expect(window.u8()).toBe(3);
    window.expectEnd();
    expect(() => window.take(-1)).toThrow(DecodeError);
  });

  test('reads a buffer that starts within another', () => {
    const reader = new Reader(Uint8Array.from([9, 9, 1, 2, 3, 4, 5, 6, 9]).subarray(2, 8));
    expect(mac.decode(reader)).toBe('01:02:03:04:05:06');
    expect(reader.remaining).toBe(0);
  });

  test('says how much is too much', () => {
    expect(failure(DecodeError, () => new Reader(new Uint8Array(3)).expectEnd()).message).toBe('3 bytes too many');
  });

  test('refuses structures too deep inside one another before the stack ends', () => {
    const bundle = Buffer.alloc(16 * 4000);
    for (let at = 0; at < bundle.length; at += 16) {
      bundle.set([5, 34], at);
      bundle.writeUInt16BE(bundle.length - at, at + 2);
    }
    expect(failure(DecodeError, () => decodeMessage(bundle)).message).toMatch(/structures inside one another/);
  });
});

describe('the writer', () => {
  test('grows, and keeps what it has', () => {
    const writer = new Writer(1);
    for (let value = 0; value < 1000; value++) writer.u16(value);
    writer.u64(0x0102030405060708n);
    writer.patchU16(0, 0xabcd);
    const reader = new Reader(writer.finish());
    expect(reader.u16()).toBe(0xabcd);
    for (let value = 1; value < 1000; value++) expect(reader.u16()).toBe(value);
    expect(reader.u64()).toBe(0x0102030405060708n);
    reader.expectEnd();
  });

  test('writes zeros over what an earlier message left', () => {
    const writer = new Writer();
    writer.bytes(new Uint8Array(16).fill(0xff));
    writer.position = 0;
    writer.u8(1);
    writer.align(0, 8);
    expect(hexText(writer.finish())).toBe('0100000000000000');
  });
});

describe('addresses', () => {
  // RFC 5952, 4 and 5; RFC 4291, 2.2.
  test.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::AbCd', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['ff01:0:0:0:0:0:0:0', 'ff01::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ])('%s is %s', (long, short) => {
    expect(ipv6Text(ipv6Bytes(long)!)).toBe(short);
    expect(ipv6Bytes(short)).toEqual(ipv6Bytes(long));
  });

  test.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
  ])('"%s" is no IPv6 address', (wrong) => {
    expect(ipv6Bytes(wrong)).toBeUndefined();
  });

  test('IPv4, MAC and hex', () => {
    expect(ipv4Text(ipv4Number('255.0.2.1')!)).toBe('255.0.2.1');
    for (const wrong of ['256.0.0.1', '1.2.3', '1.2.3.4.5', ' 1.2.3.4', '']) expect(ipv4Number(wrong)).toBeUndefined();
    expect(macBytes('0A:1b:2c:3d:4e:5f')).toEqual(Uint8Array.from([10, 27, 44, 61, 78, 95]));
    for (const wrong of ['0a:1b:2c:3d:4e', '0a-1b-2c-3d-4e-5f', 'a:1b:2c:3d:4e:5f'])
      expect(macBytes(wrong)).toBeUndefined();
    expect(hexBytes('00ff')).toEqual(Uint8Array.from([0, 255]));
    for (const wrong of ['0', '0x00', 'zz']) expect(hexBytes(wrong)).toBeUndefined();
  });
});

describe('errors say where', () => {
  const item = tagged({ size: [1, struct({ value: u32 }, 'size')] }, { padding: 'included' });
  const whole = struct({ kind: u8, pad: padding(1), items: list(item) });

  test('in a list of tagged structures', () => {
    const good = [0, 1, 0, 8, 0, 0, 0, 7];
    expect(whole.decode(new Reader(Uint8Array.from([5, 0, ...good])))).toEqual({
      kind: 5,
      items: [{ type: 'size', value: 7 }],
    });
    expect(decodeFailure(whole, [5, 0, ...good, 0, 1, 0, 7])).toMatchObject({ path: 'items.1.length', offset: 12 });
    expect(decodeFailure(whole, [5, 0, ...good, 0, 1, 0, 3])).toMatchObject({ path: 'items.1.length', offset: 12 });
    expect(decodeFailure(whole, [5, 0, ...good, 0, 1, 0, 16])).toMatchObject({ path: 'items.1', offset: 14 });
    expect(decodeFailure(whole, [5])).toMatchObject({ path: 'pad', offset: 1 });
  });

  test('when a value has no place on the wire', () => {
    const error = encodeFailure(whole, { kind: 1, items: [{ type: 'size', value: -1 }] });
    expect(error.path).toBe('items.0.size.value');
    expect(error.message).toContain('-1 is not a whole number from 0 to 4294967295');
    expect(encodeFailure(whole, { kind: 256, items: [] }).path).toBe('kind');
    expect(encodeFailure(text(4), 'longer').message).toBe('"longer" is longer than 4 bytes');
  });

  test('when a length does not hold itself, or an item has no bytes', () => {
    expect(decodeFailure(struct({ length: ownLength, value: u16 }), [0, 1])).toMatchObject({
      path: 'length',
      offset: 0,
    });
    expect(decodeFailure(struct({ length: ownLength, value: u16 }), [0, 6, 0, 0, 0, 0]).message).toBe(
      '2 bytes too many',
    );
    expect(decodeFailure(list(struct({})), [0]).message).toBe('an item of no bytes would never end');
  });

  test('and what no schema names is kept', () => {
    const bytes = Uint8Array.from([0, 9, 0, 8, 1, 2, 3, 4]);
    const value = item.decode(new Reader(bytes));
    expect(value).toEqual({ type: 'unknown', code: 9, body: Uint8Array.from([1, 2, 3, 4]) });
    const writer = new Writer();
    item.encode(writer, value);
    expect(writer.finish()).toEqual(bytes);
  });
});

describe('what messages have in common', () => {
  const colours = flags(u32, { red: 1, green: 2, blue: 4 });
  const coloursOf = (number: number) => colours.decode(new Reader(Uint8Array.of(0, 0, number >> 8, number & 255)));

  test('is one frozen value: lists of equal flags, lists without items, structures with nothing but a type', () => {
    expect(coloursOf(5)).toEqual(['red', 'blue']);
    expect(coloursOf(5)).toBe(coloursOf(5));
    expect(Object.isFrozen(coloursOf(13))).toBe(true);
    const none = list(u8).decode(new Reader(new Uint8Array(0)));
    expect(none).toBe(list(u16).decode(new Reader(new Uint8Array(0))));
    expect(Object.isFrozen(none)).toBe(true);
    const flood = tagged({ flood: [1, struct({ pad: padding(4) }, 'flood')] }, { padding: 'included' });
    const decode = () => flood.decode(new Reader(Uint8Array.of(0, 1, 0, 8, 0, 0, 0, 0)));
    expect(decode()).toEqual({ type: 'flood' });
    expect(decode()).toBe(decode());
  });

  test('is forgotten when there is too much of it: a peer cannot fill the memory with flags', () => {
    const first = coloursOf(8);
    for (let number = 0; number < 1000; number++) coloursOf(number);
    expect(coloursOf(8)).not.toBe(first);
    expect(coloursOf(8)).toEqual(first);
  });
});

test('a value of more than ten times the memory of its bytes is refused, where it is too much', () => {
  const bytes = new Uint8Array(60_000);
  const small = list(struct({ name: text(1), pad: padding(1) }, 'name'));
  const error = failure(DecodeError, () => struct({ names: small }).decode(new Reader(bytes)));
  expect(error.message).toBe('its value would take more than ten times the memory of the message');
  expect(error.path).toMatch(/^names\.\d+$/);
  expect(error.offset).toBeLessThan(bytes.length);
});
