// Arbitrary values of match fields (OpenFlow 1.4, 7.2.2) and of other codecs that are code of their own.
import fc from 'fast-check';
import { versions } from '../../proto/openflow/hello.ts';
import { type Match, match as matchCodec, nxmFields, oxmFields } from '../../proto/openflow/match.ts';
import { FIELD_NAMES, type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import type { AnyCodec } from '../../proto/wire/codec.ts';
import { below, type Custom, hexBytes, ipv4, ipv6, mac, record, u8, u64 } from './arbitrary.ts';

const is = fc.constant;

export function fieldValue(name: FieldName): fc.Arbitrary<FieldValue> {
  const { kind, bits } = fieldRow(name);
  switch (kind) {
    case 'number':
      return fc.integer({ min: 0, max: 2 ** bits - 1 });
    case 'bigint':
      return u64;
    case 'hex':
      return below(bits).map((value) => `0x${value.toString(16)}`);
    case 'octets':
      return hexBytes(12).map((value) => `0x${value}`);
    case 'mac':
      return mac;
    case 'ipv4':
      return ipv4;
    case 'ipv6':
      return ipv6;
  }
}

export const fieldName = fc.constantFrom(...FIELD_NAMES);

const knownEntry = fieldName.chain((name) => {
  const value = fieldValue(name);
  return fc.tuple(is<string>(name), fieldRow(name).maskable ? fc.oneof(value, record({ value, mask: value })) : value);
});

/** Fields that no table has: their bytes are kept. */
const unknown = fc.tuple(
  fc.constantFrom('oxm:8003:2a', 'oxm:1:7f', 'oxm:ffff:1:1234', 'oxm:8000:2d'),
  fc.integer({ min: 0, max: 20 }),
);
export const unknownField = unknown.chain(([name, length]) => fc.tuple(is(name), hexBytes(length)));
const unknownEntry = unknown.chain(([name, length]) => {
  const value = hexBytes(length);
  return fc.tuple(is(name), fc.oneof(value, record({ value, mask: value })));
});

export const match: fc.Arbitrary<Match> = fc
  .uniqueArray(fc.oneof({ arbitrary: knownEntry, weight: 9 }, { arbitrary: unknownEntry, weight: 1 }), {
    maxLength: 8,
    selector: ([name]) => name,
  })
  .map((entries) => Object.fromEntries<unknown>(entries) as Match);

export const CUSTOMS: ReadonlyMap<AnyCodec, Custom> = new Map<AnyCodec, Custom>([
  [matchCodec, () => match],
  [oxmFields, () => match],
  [nxmFields, () => match],
  [versions, () => fc.uniqueArray(u8).map((some) => some.sort((a, b) => a - b))],
]);
