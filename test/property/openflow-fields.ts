// Arbitrary values of the codecs that are code of their own: match fields (OpenFlow 1.4, 7.2.3) and some actions.
import fc from 'fast-check';
import { action } from '../../proto/openflow/action.ts';
import { versions } from '../../proto/openflow/hello.ts';
import { type Match, match as matchCodec, nxmFields, oxmFields } from '../../proto/openflow/match.ts';
import { learn } from '../../proto/openflow/nicira/learn.ts';
import { nat } from '../../proto/openflow/nicira/nat.ts';
import { regLoad, regMove } from '../../proto/openflow/nicira/register.ts';
import { FIELD_NAMES, type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { setField } from '../../proto/openflow/set-field.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { type AnyCodec, lazy } from '../../proto/wire/codec.ts';
import { schemasInside } from '../../proto/wire/walk.ts';
import { below, type Custom, hexBytes, ipv4, ipv6, mac, record, u8, u16, u64 } from './arbitrary.ts';

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

const fieldName = fc.constantFrom(...FIELD_NAMES);

const knownEntry = fieldName.chain((name) => {
  const value = fieldValue(name);
  return fc.tuple(is<string>(name), fieldRow(name).maskable ? fc.oneof(value, record({ value, mask: value })) : value);
});

/** Fields that no table has: their bytes are kept. */
const unknownEntry = fc
  .tuple(fc.constantFrom('oxm:8003:2a', 'oxm:1:7f', 'oxm:ffff:1:1234', 'oxm:8000:2d'), fc.integer({ min: 0, max: 20 }))
  .chain(([name, length]) => {
    const value = hexBytes(length);
    return fc.tuple(is(name), fc.oneof(value, record({ value, mask: value })));
  });

export const match: fc.Arbitrary<Match> = fc
  .uniqueArray(fc.oneof({ arbitrary: knownEntry, weight: 9 }, { arbitrary: unknownEntry, weight: 1 }), {
    maxLength: 8,
    selector: ([name]) => name,
  })
  .map((entries) => Object.fromEntries<unknown>(entries) as Match);

function runOf(name: FieldName, bits: number): fc.Arbitrary<Subfield> {
  const width = fieldRow(name).bytes * 8;
  return fc.integer({ min: 0, max: width - bits }).map((offset) => ({ field: name, offset, bits }));
}

const subfield = fieldName.chain((name) =>
  fc.integer({ min: 1, max: Math.min(64, fieldRow(name).bytes * 8) }).chain((bits) => runOf(name, bits)),
);

/** Where an action has no room for a header with an experimenter. */
const shortSubfield = subfield.filter(({ field }) => {
  const { nxm, header } = fieldRow(field);
  return nxm !== undefined || header.experimenter === undefined;
});

const learnSpec = fc.integer({ min: 1, max: 128 }).chain((bits) => {
  const source = fc.oneof(record({ field: fieldName, offset: u16 }), record({ immediate: below(bits) }));
  return fc.oneof(
    record({ type: fc.constantFrom('match', 'load'), bits: is(bits), source, field: fieldName, offset: u16 }),
    record({ type: is('output'), bits: is(bits), source }),
  );
});

const regMoves = fc
  .tuple(fieldName, fieldName)
  .chain(([from, to]) =>
    fc
      .integer({ min: 1, max: 8 * Math.min(fieldRow(from).bytes, fieldRow(to).bytes) })
      .chain((bits) => record({ type: is('regMove'), from: runOf(from, bits), to: runOf(to, bits) })),
  );

const nats = fc.record(
  {
    type: is('nat'),
    flags: fc.subarray(['src', 'dst', 'persistent', 'protoHash', 'protoRandom']),
    ipv4Min: ipv4,
    ipv4Max: ipv4,
    ipv6Min: ipv6,
    ipv6Max: ipv6,
    protoMin: u16,
    protoMax: u16,
  },
  { requiredKeys: ['type', 'flags'], noNullPrototype: true },
);

const learns = record({
  type: is('learn'),
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  cookie: u64,
  flags: fc.subarray(['sendFlowRem', 'deleteLearned', 'writeResult']),
  table: u8,
  finIdleTimeout: u16,
  finHardTimeout: u16,
  specs: fc.array(learnSpec, { maxLength: 5 }),
});

const cts = (actions: fc.Arbitrary<unknown>) =>
  fc.record(
    {
      type: is('ct'),
      flags: fc.subarray(['commit', 'force']),
      zone: fc.oneof(u16, shortSubfield),
      table: fc.integer({ min: 0, max: 254 }),
      alg: u16,
      actions: fc.array(actions, { maxLength: 3 }),
    },
    { requiredKeys: ['type', 'flags', 'zone', 'alg', 'actions'], noNullPrototype: true },
  );

/** The codec of a variant by its name, wherever in the schema it stands. */
function variantOf(root: AnyCodec, name: string): AnyCodec {
  for (const { form } of schemasInside(root)) {
    if (form?.kind !== 'tagged') continue;
    const tables = [form.variants, ...form.extensions.map(({ variants }) => variants)];
    const found = tables.find((variants) => name in variants)?.[name];
    if (found !== undefined) return found[1];
  }
  throw new Error(`nothing is called ${name}`);
}

const nested = lazy(() => action);

export const CUSTOMS: ReadonlyMap<AnyCodec, Custom> = new Map<AnyCodec, Custom>([
  [matchCodec, () => match],
  [oxmFields, () => match],
  [nxmFields, () => match],
  [
    setField,
    () => fieldName.chain((field) => record({ type: is('setField'), field: is(field), value: fieldValue(field) })),
  ],
  [regLoad, () => shortSubfield.chain((to) => record({ type: is('regLoad'), to: is(to), value: below(to.bits) }))],
  [regMove, () => regMoves],
  [nat, () => nats],
  [learn, () => learns],
  [
    variantOf(action, 'ct'),
    (inner) => {
      const actions = inner(nested);
      return actions === undefined ? undefined : cts(actions);
    },
  ],
  [
    variantOf(action, 'clone'),
    (inner) => {
      const actions = inner(nested);
      return actions === undefined
        ? undefined
        : record({ type: is('clone'), actions: fc.array(actions, { maxLength: 3 }) });
    },
  ],
  [versions, () => fc.uniqueArray(u8).map((some) => some.sort((a, b) => a - b))],
]);
