// Arbitrary fields without values, as table features name them: a codec of its own.
import fc from 'fast-check';
import { FIELD_NAMES, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { oxmId } from '../../proto/openflow/oxm-id.ts';
import type { AnyCodec } from '../../proto/wire/codec.ts';
import { type Custom, u8 } from './arbitrary.ts';

const known = fc
  .tuple(fc.constantFrom(...FIELD_NAMES), fc.boolean(), fc.option(u8, { nil: undefined, freq: 5 }))
  .map(([field, hasMask, length]) => {
    const { bytes, header } = fieldRow(field);
    const usual = (hasMask ? 2 * bytes : bytes) + (header.experimenter === undefined ? 0 : 4);
    return length === undefined || length === usual ? { field, hasMask } : { field, hasMask, length };
  });

const name = fc.oneof(
  fc.tuple(fc.integer({ min: 0x4000, max: 0x7fff }), fc.integer({ min: 0, max: 0x7f })),
  fc.tuple(fc.constant(0xffff), fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 1, max: 0xffff })),
);

const unknown = fc.record(
  {
    field: name.map((numbers) => `oxm:${numbers.map((number) => number.toString(16)).join(':')}`),
    hasMask: fc.boolean(),
    length: u8,
  },
  { noNullPrototype: true },
);

export const ID_CUSTOMS: ReadonlyMap<AnyCodec, Custom> = new Map<AnyCodec, Custom>([
  [oxmId, () => fc.oneof({ arbitrary: known, weight: 4 }, { arbitrary: unknown, weight: 1 })],
]);
