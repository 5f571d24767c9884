/**
 * Whatever a controller sends, in whatever pieces, the simulated switch answers or ends the connection: nothing throws.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../proto/openflow/message.ts';
import { createSimulatedSwitch } from '../../src/sim/simulated-switch.ts';
import { ACTION_CASES } from './oracle/action-cases.ts';
import { turnsOf } from './oracle/cases.ts';
import { MATCH_CASES } from './oracle/match-cases.ts';
import { MESSAGE_CASES } from './oracle/message-cases.ts';
import { MODIFICATION_CASES } from './oracle/modification-cases.ts';
import { encoded, HELLO_MESSAGE } from './oracle/peer.ts';

const HELLO = 0;
const ERROR = 1;

/** What a switch writes, and whether it ends the connection. */
function connect() {
  const written: Uint8Array[] = [];
  const state = { ended: undefined as string | undefined };
  const device = createSimulatedSwitch({
    dpid: 1n,
    ports: [{ portNo: 1 }, { portNo: 2 }],
    clock: { now: () => 0 },
    transmit: () => undefined,
  });
  const connection = device.connect({
    write: (bytes) => void written.push(bytes),
    end(reason) {
      state.ended = reason;
    },
  });
  return { device, connection, written, state };
}

const SEEDS: readonly Buffer[] = [...MESSAGE_CASES, ...MATCH_CASES, ...ACTION_CASES, ...MODIFICATION_CASES].flatMap(
  (each) => turnsOf(each).flatMap(([, ...messages]) => messages.map((message, i) => encoded(message, i + 1))),
);

test('messages with changed bytes are answered or end the connection', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  const message = fc.tuple(fc.constantFrom(...SEEDS), changes).map(([seed, list]) => {
    const bytes = Buffer.from(seed);
    // The length stays: what follows would be read from its middle.
    for (const [at, value] of list) if (at % bytes.length > 3) bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (list) => {
      const { connection, written } = connect();
      connection.receive(HELLO_MESSAGE);
      for (const each of list) connection.receive(each);
      for (const each of written) expect(() => decodeMessage(each)).not.toThrow();
    }),
    { numRuns: 3000 },
  );
});

test('any bytes at all', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 }), (chunks) => {
      const { connection } = connect();
      connection.receive(HELLO_MESSAGE);
      for (const chunk of chunks) connection.receive(chunk);
    }),
    { numRuns: 2000 },
  );
});

test('the pieces that a stream comes in make no difference', () => {
  const stream = Buffer.concat([HELLO_MESSAGE, ...SEEDS.filter((bytes) => bytes.readUInt16BE(2) === bytes.length)]);
  const whole = connect();
  whole.connection.receive(stream);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 9 }), (sizes) => {
      const pieces = connect();
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]!;
        pieces.connection.receive(stream.subarray(at, at + size));
        at += size;
      }
      expect(Buffer.concat(pieces.written).equals(Buffer.concat(whole.written))).toBe(true);
      expect(pieces.state).toEqual(whole.state);
    }),
    { numRuns: 10 },
  );
});

const hello = (version: number, versions?: readonly number[]) =>
  encodeMessage({
    type: 'hello',
    elements: versions === undefined ? [] : [{ type: 'versionBitmap', versions }],
    xid: 1,
    version,
  });

test.for([
  ['a bitmap with 1.4', hello(6, [1, 5, 6]), true],
  ['a bitmap without', hello(6, [1, 4, 6]), false],
  ['no bitmap, and 1.4', hello(5), true],
  ['no bitmap, and 1.5', hello(6), true],
  ['no bitmap, and 1.3', hello(4), false],
] as const)('a hello with %s', ([, bytes, isTaken]) => {
  const { connection, written, state } = connect();
  connection.receive(bytes);
  connection.receive(encodeMessage({ type: 'barrierRequest', xid: 9 }));
  expect(written[0]?.[1]).toBe(HELLO);
  expect(state.ended === undefined).toBe(isTaken);
  if (isTaken) expect(written[1]?.[1]).toBe(21);
  else
    expect(decodeMessage(written[1]!)).toMatchObject({ type: 'error', errorType: 'helloFailed', code: 'incompatible' });
});

test('what comes before the hello ends the connection, without an error', () => {
  const { connection, written, state } = connect();
  connection.receive(encodeMessage({ type: 'featuresRequest', xid: 1 }));
  expect(state.ended).toBeDefined();
  expect(written.filter((bytes) => bytes[1] === ERROR)).toEqual([]);
});
