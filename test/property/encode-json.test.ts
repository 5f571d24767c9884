// Messages of every kind as JSON: nothing is lost on the way through `decode` and `encode`, and what is spoilt is refused in words.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { EncodeError } from '../../proto/wire/encode-error.ts';
import { decodeLine } from '../../src/cli/decode.ts';
import { encodeLine } from '../../src/cli/encode.ts';
import { hexOf } from '../../src/cli/message-json.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS } from './openflow-messages.ts';

type Container = Record<string | number, unknown>;

const SEED = 20260131;

function decoded(line: string): { message: unknown; reencoded: string } {
  const answer = JSON.parse(decodeLine(line)) as { ok: boolean; message: unknown; reencoded: string };
  expect(answer.ok, `${line}: ${JSON.stringify(answer)}`).toBe(true);
  return answer;
}

test.for(MESSAGE_KINDS)('%s: hex to JSON to hex, by the message and by the whole line', ([, arbitrary]) => {
  fc.assert(
    fc.property(arbitrary, (message) => {
      const hex = hexOf(encodeMessage(message));
      const { message: json, reencoded } = decoded(hex);
      expect(reencoded).toBe(hex);
      expect(encodeLine(JSON.stringify(json))).toBe(hex);
      expect(encodeLine(decodeLine(hex))).toBe(hex);
    }),
    { numRuns: 25, seed: SEED },
  );
});

/** What belongs nowhere, or not everywhere. */
const ODD: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => 2 ** 53,
  () => 2 ** 32,
  () => 70_000,
  () => 255,
  () => 0,
  () => '',
  () => 'zz',
  () => '0x',
  () => '-1',
  () => '0xffffffffffffffffffffffffffffffffff',
  () => 'constructor',
  () => '__proto__',
  () => 'unknown',
  () => 'Ā€😀\0',
  () => 'f'.repeat(140_000),
  () => [],
  () => ({}),
  () => [null],
  () => [[]],
  () => [{}],
  () => [70_000],
  () => ({ toString: 1 }),
  () => [{ toString: 1 }],
  () => ({ value: null, mask: {} }),
  () => ({ type: 'unknown', code: 0, body: '' }),
  () => ({ field: 'constructor', offset: -1, bits: 1e9 }),
  () => JSON.parse('{"__proto__":{"type":"output"},"length":4294967295}') as unknown,
  () => ({ length: 3, 0: 1 }),
  () => Array.from({ length: 9000 }, () => ({ type: 'popVlan' })),
];

/** Every object and list in it. */
function containersOf(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Container, ...Object.values(value).flatMap(containersOf)];
}

interface Change {
  container: number;
  key: number;
  odd: number;
  kind: 'put' | 'delete' | 'add' | 'copy';
}

const change: fc.Arbitrary<Change> = fc.record({
  container: fc.nat(),
  key: fc.nat(),
  odd: fc.nat(),
  kind: fc.constantFrom('put', 'put', 'put', 'delete', 'add', 'copy'),
});

function spoil(message: unknown, changes: Change[]): void {
  for (const { container, key, odd, kind } of changes) {
    const containers = containersOf(message);
    const target = containers[container % containers.length]!;
    const keys = Object.keys(target);
    const name = keys[key % Math.max(1, keys.length)] ?? '0';
    if (kind === 'put') target[name] = ODD[odd % ODD.length]!();
    else if (kind === 'delete') delete target[name];
    else if (kind === 'add') target[`${name}x`] = ODD[odd % ODD.length]!();
    else target[name] = structuredClone(containers[odd % containers.length]);
  }
}

/** The codec gives bytes or an EncodeError, the command a line of one or the other. */
function expectRefusedOrWritten(value: unknown): void {
  try {
    encodeMessage(value as Message);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
  }
  const line = encodeLine(JSON.stringify(value));
  if (/^([0-9a-f]{2}){8,}$/.test(line)) decoded(line);
  else {
    const { ok, error } = JSON.parse(line) as { ok: boolean; error: { message: string; path: string; offset: number } };
    expect(ok).toBe(false);
    expect(error.message).not.toMatch(/^$|mistake of Flowloom/);
    expect(error.path).toEqual(expect.any(String));
    expect(error.offset).toBeGreaterThanOrEqual(0);
  }
}

test.for(MESSAGE_KINDS)('%s: a key that nobody knows is refused by its name, wherever it stands', ([, arbitrary]) => {
  fc.assert(
    fc.property(arbitrary, fc.nat(), (message, at) => {
      const json = decoded(hexOf(encodeMessage(message))).message;
      const objects = containersOf(json).filter((each) => !Array.isArray(each));
      objects[at % objects.length]!.ipv4min = '10.0.0.1';
      expect(JSON.parse(encodeLine(JSON.stringify(json)))).toMatchObject({
        ok: false,
        error: { path: expect.stringMatching(/(^|\.)ipv4min$/) },
      });
    }),
    { numRuns: 25, seed: SEED },
  );
});

describe('spoilt JSON is refused with an EncodeError', () => {
  test.for(MESSAGE_KINDS)('%s', ([, arbitrary]) => {
    fc.assert(
      fc.property(arbitrary, fc.array(change, { minLength: 1, maxLength: 3 }), (message, changes) => {
        const json = decoded(hexOf(encodeMessage(message))).message;
        spoil(json, changes);
        expectRefusedOrWritten(json);
      }),
      { numRuns: 60, seed: SEED },
    );
  });

  test('messages of the labs', () => {
    const corpus = labMessages().filter((bytes) => bytes.length < 2000);
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
        const json = decoded(hexOf(bytes)).message;
        spoil(json, changes);
        expectRefusedOrWritten(json);
      }),
      { numRuns: 3000, seed: SEED },
    );
  });

  test('structures inside one another without end', () => {
    const nested = (open: string, close: string, depth: number) =>
      `{"type":"packetOut","bufferId":1,"inPort":1,"data":"","xid":1,"actions":[${open.repeat(depth)}${close.repeat(depth)}]}`;
    for (const depth of [10, 60, 70, 1000, 100_000]) {
      const clones = encodeLine(nested('{"type":"clone","actions":[', ']}', depth));
      if (depth <= 60) decoded(clones);
      else expect(JSON.parse(clones)).toMatchObject({ ok: false, error: { message: expect.stringMatching(/inside/) } });
      const lists = encodeLine(nested('[', ']', depth));
      expect(JSON.parse(lists)).toMatchObject({ ok: false, error: { message: expect.stringMatching(/no object/) } });
    }
  });

  test('values that are no message at all', () => {
    for (const odd of ODD) expectRefusedOrWritten(odd());
  });
});
