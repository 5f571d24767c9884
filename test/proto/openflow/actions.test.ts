// Actions as strangers give them: wrong values raise EncodeError, wrong bytes DecodeError, and what we can't say is kept.
import { describe, expect, test } from 'vitest';
import { type Action, action } from '../../../proto/openflow/action.ts';
import { DecodeError } from '../../../proto/wire/decode-error.ts';
import { EncodeError } from '../../../proto/wire/encode-error.ts';
import { Reader } from '../../../proto/wire/reader.ts';
import { Writer } from '../../../proto/wire/writer.ts';
import { SENT_ACTIONS, TAKEN_ACTIONS } from '../../oracle/action-cases.ts';

const all = [...SENT_ACTIONS, ...TAKEN_ACTIONS].flatMap(({ actions }) => actions);

function bytesOf(value: unknown): Uint8Array {
  const writer = new Writer();
  action.encode(writer, value as Action);
  return Uint8Array.from(writer.finish());
}

function read(bytes: Uint8Array): Action {
  const reader = new Reader(bytes);
  const value = action.decode(reader);
  reader.expectEnd();
  return value;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesIn = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** undefined where the codec refuses it as it should. */
function decoded(bytes: Uint8Array): Action | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw new Error(`${String(error)} for ${hex(bytes)}`, { cause: error });
  }
}

/** What decodes is a value like any other: it encodes, to bytes of the same length that are the same value. */
function expectSound(bytes: Uint8Array): void {
  const value = decoded(bytes);
  if (value === undefined) return;
  const again = bytesOf(value);
  expect(again.length, hex(bytes)).toBe(bytes.length);
  expect(read(again)).toEqual(value);
}

describe('bytes of an action', () => {
  test('with any one of them changed decode to a value that encodes, or raise DecodeError', () => {
    for (const value of all) {
      const right = bytesOf(value);
      for (const at of right.keys()) {
        for (const byte of [0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, right[at]! - 8, right[at]! + 8, right[at]! ^ 0x20]) {
          const wrong = right.slice();
          wrong[at] = byte;
          expectSound(wrong);
        }
      }
    }
  });

  test('cut short, with a length that says so, decode to a value that encodes, or raise DecodeError', () => {
    for (const value of all) {
      const right = bytesOf(value);
      for (let length = 0; length < right.length; length++) {
        const cut = right.slice(0, length);
        expect(decoded(cut)).toBeUndefined();
        if (length < 4) continue;
        new DataView(cut.buffer).setUint16(2, length);
        expectSound(cut);
      }
    }
  });

  test('with zeros or ones behind them decode to a value that encodes, or raise DecodeError', () => {
    for (const value of all) {
      for (const byte of [0, 1, 0xff]) {
        const right = bytesOf(value);
        const longer = new Uint8Array(right.length + 8).fill(byte);
        longer.set(right);
        new DataView(longer.buffer).setUint16(2, longer.length);
        expectSound(longer);
      }
    }
  });
});

test('what is wrong with bytes is told by its place', () => {
  const pathOf = (text: string) => {
    try {
      read(bytesIn(text));
    } catch (error) {
      return error instanceof DecodeError ? `${error.path} ${error.offset}` : error;
    }
    return undefined;
  };
  const head = 'ffff 0028 00002320 0023 0001 00000000 0005 ff 000000 0000';
  expect(pathOf(`${head} ffff 0010 00002320 0024 0000 0001 0001`)).toBe('ct.actions.0.nat.ipv4Min 40');
  expect(pathOf(`${head} 0000 0010 00000001 0000 000000000000`.replace('0028', '0020'))).toBe('ct.actions.0 28');
  expect(pathOf('ffff 0010 00002320 0015 0002 0001 0000')).toBe('decTtlCntIds.ids.0 16');
});

/** The value with one part at a time replaced by each of these. */
const STRANGE: readonly unknown[] = [
  undefined,
  null,
  '',
  'strange',
  -1,
  1.5,
  2 ** 33,
  [],
  [null],
  {},
  { field: 'x' },
  true,
];

function* spoilt(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [key, part] of Object.entries(value)) {
    for (const strange of [...STRANGE, ...spoilt(part)]) {
      yield Array.isArray(value) ? value.with(Number(key), strange) : { ...value, [key]: strange };
    }
  }
}

describe("OpenFlow's header of a field where Nicira has one of its own, as os-ken writes it", () => {
  const ethSrc = { field: 'ethSrc', header: 'oxm', offset: 0, bits: 48 } as const;
  const ipv4Src = { field: 'ipv4Src', header: 'oxm', offset: 0, bits: 32 } as const;
  const WRITTEN: [text: string, value: Action][] = [
    [
      'ffff 0018 00002320 0006 0030 0000 0000 80000806 80000606',
      { type: 'regMove', from: ethSrc, to: { ...ethSrc, field: 'ethDst' } },
    ],
    ['ffff 0018 00002320 0007 001f 80001604 000000000a000001', { type: 'regLoad', to: ipv4Src, value: 0x0a000001n }],
    ['ffff 0018 00002320 001b 0000 80001604 0020 0000 00000000', { type: 'stackPush', from: ipv4Src }],
  ];

  test.each(WRITTEN)('%s', (text, value) => {
    const bytes = bytesIn(text);
    expect(read(bytes)).toEqual(value);
    expect(hex(bytesOf(value))).toBe(hex(bytes));
  });

  test('is refused where there is only one', () => {
    const to = { field: 'reg0', header: 'oxm', offset: 0, bits: 32 } as const;
    expect(() => bytesOf({ type: 'regLoad', to, value: 1n })).toThrow('reg0 has no other header');
  });
});

test('a value with any part spoilt is written or refused with EncodeError', () => {
  for (const value of all) {
    for (const wrong of spoilt(value)) {
      try {
        bytesOf(wrong);
      } catch (error) {
        if (!(error instanceof EncodeError)) throw new Error(`${String(error)} for ${value.type}`, { cause: error });
      }
    }
  }
});

describe('what our values have no place for is kept byte for byte:', () => {
  const KEPT: [what: string, type: string, text: string][] = [
    ['a masked set_field', 'unknown', '0019 0010 80000d08 c0000200 ffffff00'],
    ['a load of more bits than there are', 'experimenter', 'ffff 0018 00002320 0007 0003 00010004 00000000000000ff'],
    ['a move out of its field', 'experimenter', 'ffff 0018 00002320 0006 0010 0018 0000 00010004 00010204'],
    ['a field that no table has', 'experimenter', 'ffff 0018 00002320 0032 0001fe04 0000000000000000 0000'],
    [
      'a bundle of no ports',
      'experimenter',
      'ffff 0020 00002320 000c 0000 0000 0000 00000004 0000 0000 00000000 00000000',
    ],
    [
      'a bundle with a destination',
      'experimenter',
      'ffff 0020 00002320 000c 0000 0000 0000 00000002 0000 0001 00010004 00000000',
    ],
    ['a range of nat that is none', 'experimenter', 'ffff 0010 00002320 0024 0000 0001 0040'],
    [
      'a kind of spec that learn does not have',
      'experimenter',
      'ffff 0028 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 1810 00000002 0000',
    ],
    [
      'something behind the last spec of learn',
      'experimenter',
      'ffff 0028 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 0000 00000002 0000',
    ],
    [
      'a constant of learn that is too large',
      'experimenter',
      'ffff 0030 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 2804 0010 00010004 0000 0000 0000 0000',
    ],
    [
      'a bit for the result that learn does not write',
      'experimenter',
      'ffff 0028 00002320 002d 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 00000005 0003 0000',
    ],
    ['an action that Nicira does not have', 'experimenter', 'ffff 0010 00002320 00c8 000000000000'],
    ['dec_ttl as OpenFlow 1.0 has it', 'experimenter', 'ffff 0010 00002320 0012 000000000000'],
    ['one of another vendor', 'experimenter', 'ffff 0010 00abcdef 0102030405060708'],
    ['an action of a later version', 'unknown', '001c 0008 01020304'],
  ];

  test.each(KEPT)('%s', (_, type, text) => {
    const bytes = bytesIn(text);
    expect(bytes.length % 8).toBe(0);
    const value = read(bytes);
    expect(value.type).toBe(type);
    expect(hex(bytesOf(value))).toBe(hex(bytes));
  });

  test('and what is around them is read', () => {
    const inner = bytesIn('ffff 0010 00002320 00c8 000000000000');
    const value = read(bytesIn(`ffff 0020 00002320 002a 000000000000 ${hex(inner)}`));
    expect(value).toEqual({
      type: 'clone',
      actions: [{ type: 'experimenter', experimenter: 0x2320, body: inner.subarray(8) }],
    });
  });
});

describe('a switch whose TLV table gives tunnel options 4 and 8 bytes names them so:', () => {
  const option = { field: 'tunMetadata0', width: 4 };
  // What Open vSwitch 3.1 dumps after `add-tlv-map {class=0xffff,type=1,len=4}->tun_metadata0,{…,len=8}->tun_metadata1`.
  const DUMPED: [text: string, value: unknown][] = [
    [
      'ffff 0018 00002320 001b 0003 00015004 0010 000000000000',
      { type: 'stackPush', from: { ...option, offset: 3, bits: 16 } },
    ],
    [
      'ffff 0018 00002320 0006 0010 0000 0002 00015004 00010204',
      {
        type: 'regMove',
        from: { ...option, offset: 0, bits: 16 },
        to: { field: 'reg1', offset: 2, bits: 16 },
      },
    ],
    ['ffff 0018 00002320 0032 00015208 00000000000000000000', { type: 'deleteField', field: 'tunMetadata1', width: 8 }],
    [
      'ffff 0018 00002320 000f 000f 00015004 ffff 000000000000',
      { type: 'outputReg', from: { ...option, offset: 0, bits: 16 }, maxLen: 65535 },
    ],
    [
      'ffff 0018 00002320 0031 0005 0001 00015004 000000000000',
      { type: 'checkPktLarger', pktLen: 5, to: { ...option, offset: 1, bits: 1 } },
    ],
    [
      'ffff 0018 00002320 0021 00015304 0028 03f8 000000000000',
      { type: 'regLoad2', field: 'tunMetadata1', value: { value: '0x0028', mask: '0x03f8' } },
    ],
    [
      'ffff 0020 00002320 000a 0000 0032 0000 0000 000f 00000007 0000 0107 00015004',
      {
        type: 'multipath',
        fields: 'ethSrc',
        basis: 50,
        algorithm: 'moduloN',
        maxLink: 15,
        arg: 7,
        to: { ...option, offset: 4, bits: 8 },
      },
    ],
  ];

  test.each(DUMPED)('%s', (text, value) => {
    const bytes = bytesIn(text);
    expect(read(bytes)).toEqual(value);
    expect(hex(bytesOf(value))).toBe(hex(bytes));
  });

  test('and no other field has a width of its own', () => {
    const push = { type: 'stackPush', from: { field: 'reg1', width: 2, offset: 0, bits: 8 } };
    expect(() => bytesOf(push)).toThrow(/stackPush\.from\.width.*reg1 has 4 bytes, not 2/);
    const beyond = { type: 'stackPush', from: { ...option, offset: 20, bits: 16 } };
    expect(() => bytesOf(beyond)).toThrow(/stackPush\.from.*which has 32/);
  });
});

describe('what can not be written is refused by name:', () => {
  const move = (bits: number) => ({ from: { field: 'reg1', offset: 0, bits }, to: { field: 'reg2', offset: 0, bits } });
  const REFUSED: [value: unknown, message: RegExp][] = [
    [
      { type: 'setField', field: 'ipv4Src', value: { value: '10.0.0.0', mask: '255.0.0.0' } },
      /setField\.value.* no mask/,
    ],
    [{ type: 'regMove', ...move(33) }, /regMove\.from.*bits 0 to 32 are not in reg1/],
    [{ type: 'regMove', from: move(3).from, to: move(4).to }, /regMove.*moves 3 bits into 4/],
    [{ type: 'regLoad', to: move(4).to, value: 16n }, /regLoad\.value.*2\^4/],
    [{ type: 'checkPktLarger', pktLen: 1, to: move(2).to }, /checkPktLarger\.to\.bits/],
    [
      { type: 'outputReg', from: { field: 'actsetOutput', offset: 0, bits: 16 }, maxLen: 1 },
      /outputReg\.from.*too long/,
    ],
    [{ type: 'bundle', algorithm: 'hrw', fields: 'ethSrc', basis: 1, members: [1, 70000] }, /bundle\.members\.1/],
    [{ type: 'decTtlCntIds', ids: [1, -1] }, /decTtlCntIds\.ids\.1/],
    [{ type: 'ct', flags: [], zone: { field: 'reg1' }, alg: 0, actions: [] }, /ct\.zone\.reg1/],
    [{ type: 'ct', flags: ['comit'], zone: 1, alg: 0, actions: [] }, /ct\.flags.*"comit" is none of commit, force/],
    [{ type: 'ct', flags: [], zone: 1, table: 255, alg: 0, actions: [] }, /ct\.table.*255 is none/],
    [
      {
        ...{ type: 'learn', idleTimeout: 0, hardTimeout: 0, priority: 1, cookie: 0n, flags: [], table: 1 },
        ...{ finIdleTimeout: 0, finHardTimeout: 0 },
        specs: [{ type: 'match', bits: 8, source: { field: 'ethSrc', offset: 41 }, field: 'reg0', offset: 0 }],
      },
      /learn\.specs\.0\.source.*bits 41 to 48 are not in ethSrc/,
    ],
    [{ type: 'nat', flags: ['src'], ipv4Min: '10.0.0' }, /nat\.ipv4Min/],
    [
      {
        type: 'encap',
        hdrSize: 0,
        newPktType: 0,
        properties: [{ propClass: 4, propType: 1, data: new Uint8Array(252) }],
      },
      /encap\.properties\.0\.data.* at most 255/,
    ],
    [{ type: 'resubmitted' }, /no type "resubmitted"/],
  ];

  test.each(REFUSED)('%o', (value, message) => {
    expect(() => bytesOf(value)).toThrow(EncodeError);
    expect(() => bytesOf(value)).toThrow(message);
  });
});
