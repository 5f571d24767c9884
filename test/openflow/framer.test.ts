/** The framer: however a stream is cut, the same messages; what is no OpenFlow ends it once. */

import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { createFramer, type Fault } from '../../src/openflow/framer.ts';

function frames(chunks: Uint8Array[]): { frames: string[]; broken: string[]; faults: Fault[] } {
  const seen: ReturnType<typeof frames> = { frames: [], broken: [], faults: [] };
  const framer = createFramer({
    frame: (bytes) => seen.frames.push(Buffer.from(bytes).toString('hex')),
    broken(fault) {
      seen.broken.push(fault.reason);
      seen.faults.push(fault);
    },
  });
  for (const chunk of chunks) framer.push(chunk);
  return seen;
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.slice(at[index], end));
}

afterEach(() => {
  vi.restoreAllMocks();
});

const aMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('barrierReply' as const), xid: fc.nat(0xffffffff) }),
  fc.record({ type: fc.constant('echoRequest' as const), data: fc.uint8Array({ maxLength: 80 }), xid: fc.nat() }),
);

test('however a stream is cut, the same messages', () => {
  fc.assert(
    fc.property(fc.array(aMessage, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (messages, places) => {
      const encoded = messages.map(encodeMessage);
      const seen = frames(cut(Buffer.concat(encoded), places));
      expect(seen.frames).toEqual(encoded.map((bytes) => Buffer.from(bytes).toString('hex')));
      expect(seen.broken).toEqual([]);
    }),
  );
});

const echo = (size: number, xid: number) =>
  Buffer.from(encodeMessage({ type: 'echoRequest', data: Uint8Array.from({ length: size }, (_, i) => i), xid }));
const bytewise = (bytes: Uint8Array) => [...bytes].map((byte) => Uint8Array.of(byte));

test('cut at every byte, and at every two', () => {
  const messages = [echo(0, 1), echo(5, 2), echo(0, 3), echo(9, 4)];
  const stream = Buffer.concat(messages);
  const expected = messages.map((message) => message.toString('hex'));
  for (let i = 0; i <= stream.length; i++) {
    for (let j = i; j <= stream.length; j++) {
      const chunks = [stream.subarray(0, i), stream.subarray(i, j), stream.subarray(j)];
      expect(frames(chunks).frames, `${i} ${j}`).toEqual(expected);
    }
  }
  expect(frames(bytewise(stream)).frames).toEqual(expected);
});

test('a message whole in a chunk is that chunk; one in several is put together once', () => {
  const got: Uint8Array[] = [];
  const framer = createFramer({
    frame: (bytes) => got.push(bytes),
    broken: ({ reason }) => expect.fail(reason),
  });
  const two = new Uint8Array(Buffer.concat([echo(30, 1), echo(40, 2)]));
  framer.push(two);
  expect(got.map((each) => each.buffer)).toEqual([two.buffer, two.buffer]);

  // The largest there is, byte by byte: each byte is copied once, the head's once more.
  const large = echo(0xffff - 8, 3);
  const set = vi.spyOn(Uint8Array.prototype, 'set');
  for (let i = 0; i < large.length; i++) framer.push(large.subarray(i, i + 1));
  const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  set.mockRestore();
  expect(copied).toBe(0xffff + 4);
  expect(got[2]?.buffer.byteLength).toBe(0xffff);
  expect(large.equals(got[2]!)).toBe(true);
});

test('what was handed on is not written into later', () => {
  const got: Uint8Array[] = [];
  const framer = createFramer({ frame: (bytes) => got.push(bytes), broken: () => undefined });
  for (const xid of [1, 2]) for (const byte of echo(8, xid)) framer.push(Uint8Array.of(byte));
  expect(got.map((bytes) => bytes[7])).toEqual([1, 2]);
});

test('ended in the middle of a chunk, it hands on nothing more', () => {
  const got: number[] = [];
  const framer = createFramer({
    frame(bytes) {
      got.push(bytes[7]!);
      framer.end();
    },
    broken: () => expect.fail('it is sound'),
  });
  framer.push(Buffer.concat([echo(0, 1), echo(0, 2)]));
  framer.push(echo(0, 3));
  expect(got).toEqual([1]);
});

test('any bytes: ends at most once, never throws, hands out whole messages only', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (chunks) => {
      const seen = frames(chunks);
      expect(seen.broken.length).toBeLessThan(2);
      for (const frame of seen.frames) expect(frame.length / 2).toBe(Number.parseInt(frame.slice(4, 8), 16));
    }),
  );
});

test.for([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 'badVersion', 'version byte 71 is not OpenFlow'],
  ['TLS', Buffer.from('1603010200010001', 'hex'), 'badVersion', 'version byte 22'],
  ['version 0', Buffer.from('0000000800000001', 'hex'), 'badVersion', 'version byte 0'],
  ['a hello with the reserved bit', Buffer.from('8000000800000001', 'hex'), 'badVersion', 'version byte 128'],
  ['a packet-in of OpenFlow 1.3', Buffer.from('040a002000000001', 'hex'), 'badVersion', 'version byte 4 where'],
  ['a type that does not exist', Buffer.from('05ff000800000001', 'hex'), 'badType', 'message type 255'],
  ['a type that OpenFlow 1.4 has no more', Buffer.from('0516000800000001', 'hex'), 'badType', 'message type 22'],
  ['a type of OpenFlow 1.5', Buffer.from('0523000800000001', 'hex'), 'badType', 'message type 35'],
  ['a length below the header', Buffer.from('0502000700000001', 'hex'), 'badLen', '7 bytes is shorter'],
  ['a length of 0', Buffer.from('0502000000000001', 'hex'), 'badLen', '0 bytes is shorter'],
] as const)('%s is told from OpenFlow, once, and nothing after it is framed', ([, garbage, code, reason]) => {
  const good = encodeMessage({ type: 'barrierReply', xid: 7 });
  for (const chunks of [
    [Buffer.concat([good, garbage, good])],
    [good, garbage, good],
    bytewise(Buffer.concat([good, garbage])),
  ]) {
    const seen = frames([...chunks, good]);
    expect(seen.frames).toEqual([Buffer.from(good).toString('hex')]);
    expect(seen.faults).toEqual([{ code, reason: expect.stringContaining(reason), offender: expect.anything() }]);
    const { offender } = seen.faults[0]!;
    expect(offender.length).toBeGreaterThanOrEqual(4);
    expect(garbage.subarray(0, 4).equals(offender.subarray(0, 4))).toBe(true);
  }
});

test('hello, error and echo of any version are framed', () => {
  const sound = [
    '0600000800000001',
    '7f00000800000001',
    '0101000c0000000100010001',
    '0102000800000001',
    '0403000800000001',
  ];
  const seen = frames(sound.map((hex) => Buffer.from(hex, 'hex')));
  expect(seen).toEqual({ frames: sound, broken: [], faults: [] });
});
