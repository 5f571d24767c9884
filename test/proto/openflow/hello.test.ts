// Bitmaps of versions in a hello (OpenFlow 1.4, 7.5.1): one of any form survives, and only versions are written.
import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import { EncodeError } from '../../../proto/wire/encode-error.ts';

function hello(elements: string): Uint8Array {
  const body = Buffer.from(elements, 'hex');
  return Uint8Array.from([5, 0, 0, 8 + body.length, 0, 0, 0, 1, ...body]);
}

function elementsOf(bytes: Uint8Array): unknown {
  const message = decodeMessage(bytes);
  expect(encodeMessage(message)).toEqual(bytes);
  return (message as { elements?: unknown }).elements;
}

const unknown = (code: number, hex: string) => ({
  type: 'unknown',
  code,
  body: Uint8Array.from(Buffer.from(hex, 'hex')),
});

describe('a bitmap', () => {
  test.each([
    ['of one word', '0001000800000072', [1, 4, 5, 6]],
    ['of several', `0001000c${'00000010'}${'80000001'}00000000`, [4, 32, 63]],
    ['of no version', '0001000800000000', []],
    ['of every version', `00010024${'ffffffff'.repeat(8)}00000000`, Array.from({ length: 256 }, (_, i) => i)],
  ])('%s is its versions', (_, hex, versions) => {
    expect(elementsOf(hello(hex))).toEqual([{ type: 'versionBitmap', versions }]);
  });

  test.each([
    ['of no word', '0001000400000000', unknown(1, '')],
    ['that ends within a word', '0001000a000000720000000000000000', unknown(1, '000000720000')],
    ['that ends with words of no version', '0001000c000000720000000000000000', unknown(1, '0000007200000000')],
    ['of more versions than there can be', `00010028${'00000001'.repeat(9)}`, unknown(1, '00000001'.repeat(9))],
    ['that is another element', '000200050a000000', unknown(2, '0a')],
  ])('%s keeps its bytes', (_, hex, element) => {
    expect(elementsOf(hello(hex))).toEqual([element]);
  });

  test.each([[[256]], [[-1]], [[1.5]], [['5']], [5], [null]])('of %j is refused', (versions) => {
    const message = { type: 'hello', xid: 1, elements: [{ type: 'versionBitmap', versions }] } as unknown as Message;
    expect(() => encodeMessage(message)).toThrow(EncodeError);
  });
});
