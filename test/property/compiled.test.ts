// Generated code and the interpreted codec give the same answers: values, bytes and errors, whatever they are given.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compiledMessage, interpretedMessage, type Message, message } from '../../proto/openflow/message.ts';
import type { Codec } from '../../proto/wire/codec.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { mutate } from '../fuzz/mutate.ts';
import { createRandom } from '../fuzz/random.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS } from './openflow-messages.ts';
import { spoiled } from './spoiled.ts';

interface Outcome {
  value?: unknown;
  /** Where the reader or writer stood afterwards. */
  position?: number;
  error?: unknown;
}

function decoded(codec: Codec<Message>, bytes: Uint8Array): Outcome {
  const reader = new Reader(bytes);
  try {
    return { value: codec.decode(reader), position: reader.position };
  } catch (error) {
    return { error };
  }
}

function encoded(codec: Codec<Message>, value: unknown): Outcome {
  const writer = new Writer(64);
  // Not at the start: what was written before must stay.
  writer.u32(0x01020304);
  try {
    codec.encode(writer, value as Message);
    return { value: writer.finish(), position: writer.position };
  } catch (error) {
    return { error };
  }
}

/** Deeply, members in the same order too. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array) === 0;
  const keys = Object.keys(a);
  const others = Object.keys(b);
  return (
    keys.length === others.length &&
    keys.every((key, i) => key === others[i] && same(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

function sameError(a: unknown, b: unknown): boolean {
  if (!(a instanceof Error) || !(b instanceof Error)) return false;
  return a.constructor === b.constructor && a.message === b.message && same({ ...a }, { ...b });
}

/** What the three say; undefined where they agree. Generated code alone may give up instead. */
function disagreement(alone: Outcome, both: Outcome, interpreted: Outcome): string | undefined {
  if (alone.error === undefined) {
    if (interpreted.error !== undefined) return `accepts what is refused: ${String(interpreted.error)}`;
    if (!same(alone, interpreted)) return 'generated code gives another answer';
  }
  const agree = interpreted.error === undefined ? same(both, interpreted) : sameError(both.error, interpreted.error);
  return agree ? undefined : `both together: ${String(both.error)}, interpreted: ${String(interpreted.error)}`;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Whether generated code had an answer. */
function compareDecoders(bytes: Uint8Array): boolean {
  const alone = decoded(compiledMessage, bytes);
  const wrong = disagreement(alone, decoded(message, bytes), decoded(interpretedMessage, bytes));
  if (wrong !== undefined) throw new Error(`${wrong}: ${hex(bytes)}`);
  return alone.error === undefined;
}

function compareEncoders(value: unknown): boolean {
  const alone = encoded(compiledMessage, value);
  const wrong = disagreement(alone, encoded(message, value), encoded(interpretedMessage, value));
  if (wrong !== undefined) throw new Error(`${wrong}: ${shown(value)}`);
  return alone.error === undefined;
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    return part instanceof Uint8Array ? hex(part) : part;
  });
}

const corpus = labMessages();

describe('generated code', () => {
  test.each(MESSAGE_KINDS)('%s: the same values and bytes as interpreted', (_name, arbitrary) => {
    for (const value of fc.sample(arbitrary, { seed: 5, numRuns: 60 })) {
      compareEncoders(value);
      compareDecoders(encoded(interpretedMessage, value).value as Uint8Array);
      compareDecoders((encoded(interpretedMessage, value).value as Uint8Array).subarray(4));
    }
  });

  test('gives up no message of the labs', () => {
    // More than once: matches are decoded by their shape when it has come often.
    for (let round = 0; round < 20; round++) {
      for (const bytes of corpus) {
        if (!compareDecoders(bytes)) throw new Error(`not decoded: ${hex(bytes)}`);
        if (round === 0 && !compareEncoders(interpretedMessage.decode(new Reader(bytes)))) {
          throw new Error(`not encoded: ${hex(bytes)}`);
        }
      }
    }
  });

  test('decodes messages of the labs with changes in them as interpreted: 60,000', () => {
    const small = corpus.filter((bytes) => bytes.length < 700);
    const random = createRandom(7);
    let answers = 0;
    for (let i = 0; i < 60_000; i++) {
      if (compareDecoders(mutate(Uint8Array.from(small[i % small.length]!), random.pick(small), random))) answers++;
    }
    expect(answers).toBeGreaterThan(10_000);
  });

  test('encodes values with changes in them as interpreted, or as it refuses them: 40,000', () => {
    const values = corpus
      .filter((bytes) => bytes.length < 700)
      .map((bytes) => interpretedMessage.decode(new Reader(bytes)));
    const random = createRandom(11);
    let answers = 0;
    for (let i = 0; i < 40_000; i++) {
      if (compareEncoders(spoiled(values[i % values.length]!, random))) answers++;
    }
    expect(answers).toBeGreaterThan(4_000);
  });

  test('takes the header that interpreted takes', () => {
    for (const strange of [
      undefined,
      null,
      0,
      1,
      4,
      255,
      256,
      -1,
      1.5,
      2 ** 32 - 1,
      2 ** 32,
      '5',
      5n,
      Number.NaN,
      [],
      {},
    ]) {
      compareEncoders({ type: 'barrierRequest', xid: 7, version: strange });
      compareEncoders({ type: 'barrierRequest', xid: strange });
      compareEncoders({ type: strange, xid: 7 });
      compareEncoders(strange);
    }
  });

  test('goes as deep as interpreted', () => {
    for (let depth = 1; depth < 80; depth++) compareDecoders(nestedClones(depth));
  });

  test('counts byte strings as interpreted', () => {
    for (const count of [2999, 3000, 3001]) {
      const element = [0x12, 0x34, 0, 4, 0, 0, 0, 0];
      const body = Uint8Array.from({ length: 8 * count }, (_, i) => element[i % 8]!);
      const bytes = Uint8Array.from([5, 0, 0, 0, 0, 0, 0, 1, ...body]);
      new DataView(bytes.buffer).setUint16(2, bytes.length);
      compareDecoders(bytes);
    }
  });

  test('reads a message wherever it lies in its buffer', () => {
    for (const bytes of corpus.slice(0, 60)) {
      const chunk = Buffer.alloc(bytes.length + 24, 0xee);
      chunk.set(bytes, 13);
      compareDecoders(chunk.subarray(13, 13 + bytes.length));
      const reader = new Reader(chunk, 13);
      expect(same(message.decode(reader), interpretedMessage.decode(new Reader(chunk, 13)))).toBe(true);
      expect(reader.position).toBe(13 + bytes.length);
    }
  });

  test('where none may be made, messages are interpreted', () => {
    const program = fileURLToPath(new URL('without-generated-code.ts', import.meta.url));
    const out = execFileSync(process.execPath, ['--disallow-code-generation-from-strings', program], {
      encoding: 'utf8',
    });
    expect(out).toBe(`${corpus.length} messages\n`);
  });
});

/** A packet-out with actions `clone` inside one another. */
function nestedClones(depth: number): Uint8Array {
  const size = 16 * depth;
  const bytes = new Uint8Array(24 + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x050d0000 | bytes.length);
  view.setUint16(16, size);
  for (let i = 0; i < depth; i++) {
    view.setUint32(24 + 16 * i, 0xffff0000 + size - 16 * i);
    view.setUint32(28 + 16 * i, 0x2320);
    view.setUint16(32 + 16 * i, 42);
  }
  return bytes;
}
