// Addresses and hex digits in text: what is taken is exactly what their grammar says, and goes there and back.
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexAt, putHex } from '../../../proto/openflow/oxm-hex.ts';
import {
  hexBytes,
  hexText,
  ipv4Number,
  ipv4Text,
  ipv6Bytes,
  ipv6Text,
  macBytes,
  macText,
  putMac,
} from '../../../proto/wire/address.ts';

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Text with one character put in, taken out or changed: mostly wrong, now and then another right one. */
function near(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const character = fc.constantFrom(...'0123456789abcdefABCDEFgG:.-x @`/', '\0', 'é', 'Ā', '٣');
  return fc
    .tuple(text, fc.nat(), character, fc.constantFrom(0, 1), fc.boolean())
    .map(([whole, place, put, drop, none]) => {
      const at = place % (whole.length + 1);
      return whole.slice(0, at) + (none ? '' : put) + whole.slice(at + drop);
    });
}

const MAC = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

describe('MAC addresses', () => {
  test('are read from what the grammar allows and nothing else', () => {
    fc.assert(
      fc.property(near(exactly(6).map((bytes) => macText(bytes))), (text) => {
        const bytes = macBytes(text);
        expect(bytes !== undefined).toBe(MAC.test(text));
        if (bytes !== undefined) expect(macText(bytes)).toBe(text.toLowerCase());
      }),
      { numRuns: 5000 },
    );
  });

  test('are written where they belong', () => {
    const bytes = new Uint8Array(10);
    expect(putMac(bytes, 2, '0A:1b:2c:3D:4e:ff')).toBe(true);
    expect([...bytes]).toEqual([0, 0, 0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0xff, 0, 0]);
  });
});

describe('IPv4 addresses', () => {
  test('are read from what the grammar allows and nothing else', () => {
    const quad = fc
      .array(fc.integer({ min: 0, max: 300 }), { minLength: 4, maxLength: 4 })
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(quad, near(quad)), (text) => {
        const parts = IPV4.exec(text)?.slice(1).map(Number);
        const number = ipv4Number(text);
        expect(number !== undefined).toBe(parts?.every((part) => part < 256) ?? false);
        if (number !== undefined) expect(ipv4Text(number)).toBe(parts?.join('.'));
      }),
      { numRuns: 5000 },
    );
  });

  test('are numbers without a sign', () => {
    expect(ipv4Number('255.255.255.255')).toBe(0xffffffff);
    expect(ipv4Text(0xffffffff)).toBe('255.255.255.255');
  });
});

describe('IPv6 addresses', () => {
  const sparse = exactly(16).chain((bytes) =>
    fc.integer({ min: 0, max: 0xffff }).map((kept) => bytes.map((byte, i) => ((kept >> i) & 1 ? byte : 0))),
  );

  test('go to text and back, as short as can be', () => {
    fc.assert(
      fc.property(sparse, (bytes) => {
        const text = ipv6Text(bytes);
        expect(ipv6Bytes(text)).toEqual(bytes);
        expect(`http://[${text}]/`).toBe(new URL(`http://[${text}]/`).href);
      }),
      { numRuns: 2000 },
    );
  });

  test('are read from what the grammar allows and nothing else', () => {
    const written = fc.oneof(
      sparse.map((bytes) => ipv6Text(bytes)),
      fc.constantFrom('::ffff:192.0.2.1', '1:2:3:4:5:6:192.0.2.1', '192.0.2.1::', '1:2:3:4:5:6:7::', '::', '1::2::3'),
    );
    fc.assert(
      fc.property(fc.oneof(written, near(written)), (text) => {
        // Dotted quads are taken with zeros in front, as ipv4Number takes them.
        if (/(^|[.:])0\d/.test(text) && text.includes('.')) return;
        expect(ipv6Bytes(text) !== undefined, text).toBe(isIPv6(text));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('hex digits', () => {
  test('are two a byte', () => {
    fc.assert(
      fc.property(near(fc.uint8Array({ maxLength: 6 }).map(hexText)), (text) => {
        const bytes = hexBytes(text);
        expect(bytes !== undefined).toBe(/^([0-9a-fA-F]{2})*$/.test(text));
        if (bytes !== undefined) expect(hexText(bytes)).toBe(text.toLowerCase());
      }),
      { numRuns: 5000 },
    );
  });

  test('of long fields stand for the number that a bigint would', () => {
    fc.assert(
      fc.property(exactly(16), fc.nat({ max: 16 }), (bytes, zeros) => {
        bytes.fill(0, 0, zeros);
        const text = hexAt(bytes, 0, 16);
        expect(text).toBe(`0x${BigInt(`0x${hexText(bytes)}`).toString(16)}`);
        const back = new Uint8Array(18);
        expect(putHex(back, 1, 16, text)).toBe(true);
        expect([...back]).toEqual([0, ...bytes, 0]);
      }),
    );
    const room = new Uint8Array(16);
    for (const text of ['', '1', '0X1', '0xg', '0x-1', '0x 1', `0x${'1'.repeat(33)}`]) {
      expect(putHex(room, 0, 16, text), text).toBe(false);
    }
  });
});
