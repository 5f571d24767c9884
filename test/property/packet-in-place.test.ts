// A packet-in read where it lies is what the interpreted codec reads, whatever the bytes; what it can't read is that codec's.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage, interpretedMessage } from '../../proto/openflow/message.ts';
import type { PacketIn } from '../../proto/openflow/packet-in.ts';
import { createPacketInPlace, locatePacketIn, placeDecoded } from '../../proto/openflow/packet-in-place.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { mutate } from '../fuzz/mutate.ts';
import { createRandom } from '../fuzz/random.ts';
import { labMessages } from '../oracle/lab-messages.ts';
import { MESSAGE_KINDS } from './openflow-messages.ts';

const PACKET_IN = 10;
const anyPacketIn = MESSAGE_KINDS.find(([name]) => name === 'packetIn')![1];

const plain = fc.record({
  type: fc.constant('packetIn' as const),
  bufferId: fc.nat(0xffff_ffff),
  totalLen: fc.nat(0xffff),
  reason: fc.constantFrom('applyAction' as const, 'tableMiss' as const, 77),
  tableId: fc.nat(0xff),
  cookie: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  match: fc.record({ inPort: fc.nat(0xffff_ffff) }),
  data: fc.uint8Array({ maxLength: 100 }),
  xid: fc.nat(0xffff_ffff),
});

/** Somewhere inside a chunk; true: it was read in place, and as the interpreted codec reads it. */
function isRead(bytes: Uint8Array): boolean {
  const chunk = Buffer.concat([Uint8Array.of(1, 2, 3), bytes, Uint8Array.of(4, 5)]);
  const place = createPacketInPlace();
  if (!locatePacketIn(place, chunk, 3, 3 + bytes.length)) return false;
  const reader = new Reader(bytes);
  const message = interpretedMessage.decode(reader);
  reader.expectEnd();
  const other = createPacketInPlace();
  placeDecoded(other, message as PacketIn, bytes);
  const common = { bytes: 0, start: 0, end: 0, dataStart: 0 };
  expect({ ...place, ...common }).toEqual({ ...other, ...common });
  expect(chunk.subarray(place.dataStart, place.end)).toEqual(Buffer.from((message as PacketIn).data));
  return true;
}

test('every packet-in whose match is its port alone is read in place', () => {
  fc.assert(
    fc.property(plain, (message) => {
      expect(isRead(encodeMessage(message))).toBe(true);
    }),
  );
});

test('any other is what its codec says, or is left to it', () => {
  fc.assert(fc.property(anyPacketIn, (message) => void isRead(encodeMessage(message))));
  const ofLabs = labMessages().filter((bytes) => bytes[1] === PACKET_IN);
  expect(ofLabs.length).toBeGreaterThan(0);
  for (const bytes of ofLabs) isRead(bytes);
});

test('hostile bytes: what is read in place can be read', () => {
  let read = 0;
  fc.assert(
    fc.property(plain, fc.nat(), (message, seed) => {
      const bytes = mutate(encodeMessage(message).slice(), encodeMessage(message).slice(), createRandom(seed));
      // The framer sees to the header.
      const length = bytes.length < 4 ? 0 : (bytes[2]! << 8) | bytes[3]!;
      if (bytes[0] !== 5 || bytes[1] !== PACKET_IN || length !== bytes.length) return;
      if (isRead(bytes)) read++;
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(100);
});
