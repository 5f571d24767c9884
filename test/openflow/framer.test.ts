/** The framer: however a stream is cut, the same messages; what is no OpenFlow ends it once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage, type Message } from '../../proto/openflow/message.ts';
import { createFramer } from '../../src/openflow/framer.ts';

function frames(chunks: Uint8Array[]): { frames: string[]; broken: string[] } {
  const seen: { frames: string[]; broken: string[] } = { frames: [], broken: [] };
  const framer = createFramer({
    frame: (bytes) => seen.frames.push(Buffer.from(bytes).toString('hex')),
    broken: (reason) => seen.broken.push(reason),
  });
  for (const chunk of chunks) framer.push(chunk);
  return seen;
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.slice(at[index], end));
}

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

test('byte by byte', () => {
  const bytes = Buffer.from(encodeMessage({ type: 'echoRequest', data: new Uint8Array(20), xid: 1 }));
  expect(frames([...bytes].map((byte) => Uint8Array.of(byte))).frames).toEqual([bytes.toString('hex')]);
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
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 'version byte 71 is not OpenFlow'],
  ['TLS', Buffer.from('1603010200010001', 'hex'), 'version byte 22'],
  ['version 0', Buffer.from('0000000800000001', 'hex'), 'version byte 0'],
  ['a type that does not exist', Buffer.from('05ff000800000001', 'hex'), 'message type 255'],
  ['a length below the header', Buffer.from('0502000700000001', 'hex'), '7 bytes is shorter'],
] as const)('%s is told from OpenFlow, once, and nothing after it is framed', ([, garbage, reason]) => {
  const good = encodeMessage({ type: 'barrierReply', xid: 7 });
  const seen = frames([Buffer.concat([good, garbage, good]), garbage, good]);
  expect(seen.frames).toEqual([Buffer.from(good).toString('hex')]);
  expect(seen.broken).toEqual([expect.stringContaining(reason)]);
});
