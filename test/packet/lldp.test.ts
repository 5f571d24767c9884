/** LLDP: what is built reads back the same; a switch's own frame is read; hostile bytes never throw. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildLldp, parseLldp } from '../../src/packet/lldp.ts';

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const id = fc.record({ subtype: fc.nat(255), id: bytes(1, 255) });
const lldp = fc.record({
  chassisId: id,
  portId: id,
  ttl: fc.nat(0xffff),
  own: fc.array(fc.record({ oui: fc.nat(0xffffff), subtype: fc.nat(255), value: bytes(0, 507) }), { maxLength: 3 }),
  others: fc.array(fc.record({ type: fc.integer({ min: 4, max: 126 }), value: bytes(0, 511) }), { maxLength: 3 }),
});

test('what is built reads back the same, wherever it begins and whatever follows', () => {
  fc.assert(
    fc.property(lldp, bytes(0, 20), bytes(0, 50), (given, before, after) => {
      const frame = Uint8Array.from([...before, ...buildLldp(given), ...after]);
      expect(parseLldp(frame, before.length)).toEqual(given);
    }),
  );
});

test('ids by MAC address, optional TLVs, and those of IEEE 802.3', () => {
  const captured = Buffer.from(
    '020704525400123456040703525400123457060200780a04686f73740c0444656269' +
      '0e0400140010fe0600120f02a40dfe0900120f01036c1100100000',
    'hex',
  );
  expect(parseLldp(captured)).toMatchObject({
    chassisId: { subtype: 4 },
    portId: { subtype: 3 },
    ttl: 120,
    own: [
      { oui: 0x00120f, subtype: 2 },
      { oui: 0x00120f, subtype: 1 },
    ],
  });
});

test('what is cut, out of order or without its end is not sound', () => {
  const sound = { chassisId: { subtype: 7, id: Uint8Array.of(1) }, portId: { subtype: 7, id: Uint8Array.of(2) } };
  const built = buildLldp({ ...sound, ttl: 3, own: [{ oui: 1, subtype: 2, value: Uint8Array.of(3) }], others: [] });
  expect(parseLldp(built)).toBeDefined();
  for (let length = 0; length < built.length; length++) expect(parseLldp(built.subarray(0, length))).toBeUndefined();
  const [chassis, port, ttl] = [built.subarray(0, 4), built.subarray(4, 8), built.subarray(8, 12)];
  const end = Uint8Array.of(0, 0);
  const joined = (...parts: Uint8Array[]) => parseLldp(Uint8Array.from(parts.flatMap((part) => [...part])));
  expect(joined(chassis, port, ttl, end)).toBeDefined();
  expect(joined(port, chassis, ttl, end)).toBeUndefined();
  expect(joined(chassis, port, end)).toBeUndefined();
  expect(joined(chassis, port, ttl, ttl, end)).toBeUndefined();
  expect(joined(chassis, port, ttl, Uint8Array.of(0xfe, 3, 1, 2, 3), end)).toBeUndefined();
  expect(joined(chassis, port, ttl, Uint8Array.of(0, 1, 0))).toBeUndefined();
  expect(parseLldp(built, built.length + 1)).toBeUndefined();
  expect(parseLldp(built, -1)).toBeUndefined();
});

test('hostile bytes never throw, and what is read lies within them', () => {
  const header = fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 127, 126), fc.nat(511), bytes(0, 30))
    .map(([type, length, value]) => [(type << 1) | (length >> 8), length & 0xff, ...value]);
  const hostile = fc.oneof(
    bytes(0, 600),
    fc.array(header, { maxLength: 12 }).map((parts) => Uint8Array.from(parts.flat())),
    fc.tuple(lldp, fc.nat(1000), fc.nat(255)).map(([given, at, value]) => {
      const built = buildLldp(given);
      built[at % built.length] = value;
      return built;
    }),
  );
  fc.assert(
    fc.property(hostile, fc.integer({ min: -2, max: 40 }), (input, offset) => {
      const read = parseLldp(input, offset);
      if (read === undefined) return;
      const sizes = [read.chassisId.id, read.portId.id, ...[...read.own, ...read.others].map(({ value }) => value)];
      expect(sizes.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(input.length);
    }),
    { numRuns: 5_000 },
  );
});
