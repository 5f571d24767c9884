/** Matches on the wire: fields of varying width, both kinds of headers, what is kept as it came, and the table's order. */

import { describe, expect, test } from 'vitest';
import { type Match, nxmFields, oxmFields } from '../../../proto/openflow/match.ts';
import { FIELD_NAMES, fieldRow } from '../../../proto/openflow/oxm-fields.ts';
import { fulfils, PREREQUISITES, type Prerequisite } from '../../../proto/openflow/prerequisites.ts';
import type { Codec } from '../../../proto/wire/codec.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import { EncodeError } from '../../../proto/wire/encode-error.ts';
import { Reader } from '../../../proto/wire/reader.ts';
import { Writer } from '../../../proto/wire/writer.ts';

function hexOf(codec: Codec<Match>, match: Match): string {
  const writer = new Writer();
  codec.encode(writer, match);
  return Buffer.from(writer.finish()).toString('hex');
}

const matchOf = (codec: Codec<Match>, hex: string): Match =>
  codec.decode(new Reader(Uint8Array.from(Buffer.from(hex, 'hex'))));

describe('an option of a tunnel', () => {
  test('keeps its width, which only the switch knows', () => {
    for (const hex of ['0001500100', '0001500400000000', `0001ce7c${'ab'.repeat(124)}`]) {
      expect(hexOf(oxmFields, matchOf(oxmFields, hex))).toBe(hex);
    }
    expect(matchOf(oxmFields, '0001500400000007')).toEqual({ tunMetadata0: '0x00000007' });
    expect(matchOf(oxmFields, '0001cf0400070f0f')).toEqual({ tunMetadata63: { value: '0x0007', mask: '0x0f0f' } });
  });

  test('is kept as bytes where its width is none that there is', () => {
    for (const hex of ['00015000', `0001507d${'ab'.repeat(125)}`]) {
      expect(hexOf(oxmFields, matchOf(oxmFields, hex))).toBe(hex);
    }
  });

  test('is refused where half of it would be the mask of the other half, and it has no halves', () => {
    expect(() => matchOf(oxmFields, '0001510301000f')).toThrow(DecodeError);
  });

  test.each([
    ['0x', 'two hex digits for each'],
    ['0x123', 'two hex digits for each'],
    ['1234', 'two hex digits for each'],
    [`0x${'ab'.repeat(125)}`, 'two hex digits for each'],
    ['0x12xy', 'is not 0x and 4 hex digits'],
    [{ value: '0x1234', mask: '0xff' }, 'is not 0x and 4 hex digits'],
  ])('%s is refused', (value, message) => {
    const encode = () => hexOf(oxmFields, { tunMetadata5: value });
    expect(encode).toThrow(EncodeError);
    expect(encode).toThrow(message);
    expect(encode).toThrow('tunMetadata5');
  });
});

test('a field of two headers has its name under the one of the place, and is kept as bytes under the other', () => {
  const match: Match = { ethType: 0x0800, tunnelId: 5n, reg1: 7 };
  expect(hexOf(oxmFields, match)).toBe('80000a020800800 04c08000000000000000500010204 00000007'.replaceAll(' ', ''));
  expect(hexOf(nxmFields, match)).toBe('0000060208000001200800000000000000050001020400000007');
  for (const [codec, other] of [
    [oxmFields, nxmFields],
    [nxmFields, oxmFields],
  ] as const) {
    const bytes = hexOf(codec, match);
    expect(matchOf(codec, bytes)).toEqual(match);
    const kept = matchOf(other, bytes);
    expect(Object.keys(kept).filter((name) => name.startsWith('oxm:'))).toHaveLength(2);
    expect(hexOf(other, kept)).toBe(bytes);
  }
});

test('a field that stands twice is refused', () => {
  expect(() => matchOf(oxmFields, '80000a0208008000 0a0286dd'.replaceAll(' ', ''))).toThrow('stands twice');
});

describe('the table', () => {
  test('lists a field after those that it needs: so they are written, and so Open vSwitch wants them', () => {
    for (const [at, name] of FIELD_NAMES.entries()) {
      const { prerequisite } = fieldRow(name);
      for (const needed of Object.keys(prerequisite === undefined ? {} : PREREQUISITES[prerequisite].fields)) {
        expect(FIELD_NAMES.indexOf(needed as never), `${name} needs ${needed}`).toBeLessThan(at);
        expect(FIELD_NAMES).toContain(needed);
      }
    }
  });

  test('has every header once', () => {
    const headers = FIELD_NAMES.flatMap((name) => {
      const { header, nxm } = fieldRow(name);
      return nxm === undefined ? [header] : [header, nxm];
    }).map(({ oxmClass, field, experimenter }) => `${oxmClass}/${field}/${experimenter}`);
    expect(new Set(headers).size).toBe(headers.length);
  });
});

test.each<[Prerequisite, Record<string, unknown>, boolean]>([
  ['ip', { ethType: 0x86dd }, true],
  ['ip', {}, false],
  ['tcp', { ethType: 0x0800, ipProto: 6 }, true],
  ['tcp', { ethType: 0x0800, ipProto: 17 }, false],
  ['vlan', { vlanVid: 0x1005 }, true],
  ['vlan', { vlanVid: { value: 0x1000, mask: 0x1000 } }, true],
  ['vlan', { vlanVid: { value: 0x1005, mask: 0x0fff } }, false],
  ['vlan', { vlanVid: 0 }, false],
  ['connection', { ctState: { value: 0x22, mask: 0x22 } }, true],
  ['connection', { ctState: { value: 0x20, mask: 0x30 } }, true],
  ['connection', { ctState: { value: 0x20, mask: 0x20 } }, false],
  ['connection', { ctState: { value: 0x30, mask: 0x30 } }, false],
  ['connectionPorts', { ctState: 0x21, ctNwProto: 0 }, false],
  ['connectionPorts', { ctState: 0x21, ctNwProto: 6 }, true],
])('%s beside %o: %s', (prerequisite, match, holds) => {
  expect(fulfils(match, prerequisite)).toBe(holds);
});

test('a mask that its field cannot have is kept as it came, and does not cost the message', () => {
  for (const hex of ['8000010800000001ffffffff', '80000b040800ffff', '80000a02080080001502 06ff'.replaceAll(' ', '')]) {
    expect(hexOf(oxmFields, matchOf(oxmFields, hex))).toBe(hex);
  }
  expect(matchOf(oxmFields, '80000b040800ffff')).toEqual({ 'oxm:8000:5': { value: '0800', mask: 'ffff' } });
});

test('a list is no match', () => {
  expect(() => hexOf(oxmFields, [] as unknown as Match)).toThrow('is no object of fields');
});
