// Arbitrary values of the actions that are code of their own (OpenFlow 1.4, 7.2.4; nicira-ext.h): CUSTOMS of them.
import fc from 'fast-check';
import { action } from '../../proto/openflow/action.ts';
import { copyField } from '../../proto/openflow/copy-field.ts';
import { bitOfField } from '../../proto/openflow/nicira/check-pkt-larger.ts';
import { decTtlCntIds } from '../../proto/openflow/nicira/dec-ttl-cnt-ids.ts';
import { deleteField } from '../../proto/openflow/nicira/delete-field.ts';
import { encapProperty } from '../../proto/openflow/nicira/encap.ts';
import { portBundle, portBundleLoad } from '../../proto/openflow/nicira/hashed.ts';
import { learn2 } from '../../proto/openflow/nicira/learn.ts';
import { learnSpecs } from '../../proto/openflow/nicira/learn-spec.ts';
import { nat } from '../../proto/openflow/nicira/nat.ts';
import { outputReg2 } from '../../proto/openflow/nicira/output.ts';
import { regLoad, regLoad2, regMove } from '../../proto/openflow/nicira/register.ts';
import { shortPort } from '../../proto/openflow/nicira/short-port.ts';
import { stackSubfield } from '../../proto/openflow/nicira/stack.ts';
import type { NamedField } from '../../proto/openflow/oxm.ts';
import { FIELD_NAMES, type FieldName, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { setField } from '../../proto/openflow/set-field.ts';
import { fieldHeader, packedSubfield, type Subfield, shortFieldHeader } from '../../proto/openflow/subfield.ts';
import { type AnyCodec, lazy } from '../../proto/wire/codec.ts';
import { schemasInside } from '../../proto/wire/walk.ts';
import { type AnyArbitrary, below, type Custom, ipv4, ipv6, record, u8, u16, u32, u64 } from './arbitrary.ts';
import { fieldName, fieldValue, unknownField } from './openflow-fields.ts';

const is = fc.constant;
const few = (item: AnyArbitrary) => fc.array(item, { maxLength: 5 });

const isShort = (name: FieldName) =>
  fieldRow(name).nxm !== undefined || fieldRow(name).header.experimenter === undefined;
const named = (names: readonly FieldName[]): fc.Arbitrary<NamedField> =>
  fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 123 }), fc.boolean()).map(([field, width, narrow]) => {
    return narrow && fieldRow(field).kind === 'octets' ? { field, width } : { field };
  });
const anyField = named(FIELD_NAMES);
/** Where an action has no room for a header with an experimenter. */
const shortField = named(FIELD_NAMES.filter(isShort));
const widthOf = ({ field, width }: NamedField) => 8 * (width ?? fieldRow(field).bytes);

function runOf(field: NamedField, bits: number): fc.Arbitrary<Subfield> {
  return fc.integer({ min: 0, max: widthOf(field) - bits }).map((offset) => ({ ...field, offset, bits }));
}

/** Runs of at most so many bits. */
const runs = (fields: fc.Arbitrary<NamedField>, most: number) =>
  fields.chain((field) =>
    fc.integer({ min: 1, max: Math.min(most, widthOf(field)) }).chain((bits) => runOf(field, bits)),
  );
const packed = runs(shortField, 64);
const bit = runs(anyField, 1);

const moves = (type: string) =>
  fc
    .tuple(anyField, anyField)
    .chain(([from, to]) =>
      fc
        .integer({ min: 1, max: Math.min(widthOf(from), widthOf(to)) })
        .chain((bits) => record({ type: is(type), from: runOf(from, bits), to: runOf(to, bits) })),
    );

const fieldSet = fieldName.chain((field) =>
  record({ type: is('setField'), field: is(field), value: fieldValue(field) }),
);

const maskedLoads = fieldName.chain((field) => {
  const value = fieldValue(field);
  const masked = record({ value, mask: value });
  return record({ type: is('regLoad2'), field: is(field), value: fc.oneof(value, masked) });
});

const learnSpec = fc.tuple(shortField, shortField, fc.integer({ min: 1, max: 1023 })).chain(([from, to, wanted]) => {
  const bits = Math.min(wanted, widthOf(from), widthOf(to));
  const place = runOf(from, bits).map(({ bits: _, ...rest }) => rest);
  const source = fc.oneof(place, record({ immediate: below(bits) }));
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('match', 'load'), runOf(to, bits), source)
      .map(([type, run, value]) => ({ type, ...run, source: value })),
    record({ type: is('output'), bits: is(bits), source: place }),
  );
});

const learning = {
  type: is('learn2'),
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  cookie: u64,
  table: u8,
  finIdleTimeout: u16,
  finHardTimeout: u16,
  limit: u32,
  specs: few(learnSpec),
};
const learns = fc
  .subarray(['sendFlowRem', 'deleteLearned'])
  .chain((flags) =>
    fc.oneof(
      record({ ...learning, flags: is(flags) }),
      record({ ...learning, flags: is([...flags, 'writeResult']), resultDst: bit }),
      record({ ...learning, flags: is([...flags, 'writeResult', 0x100]), resultDst: bit }),
    ),
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

const cts = (actions: AnyArbitrary) =>
  fc.record(
    {
      type: is('ct'),
      flags: fc.subarray(['commit', 'force']),
      zone: fc.oneof(u16, packed),
      table: fc.integer({ min: 0, max: 254 }),
      alg: u16,
      actions: fc.array(actions, { maxLength: 3 }),
    },
    { requiredKeys: ['type', 'flags', 'zone', 'alg', 'actions'], noNullPrototype: true },
  );

const bundles = (type: string, members: AnyArbitrary, more: Record<string, AnyArbitrary> = {}) =>
  record({
    type: is(type),
    algorithm: fc.oneof(fc.constantFrom('activeBackup', 'hrw'), fc.integer({ min: 2, max: 0xffff })),
    fields: fc.oneof(fc.constantFrom('ethSrc', 'symmetricL4', 'symmetricL3'), fc.integer({ min: 7, max: 0xffff })),
    basis: u16,
    members: few(members),
    ...more,
  });

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

export const ACTION_CUSTOMS: ReadonlyMap<AnyCodec, Custom> = new Map<AnyCodec, Custom>([
  [fieldHeader, () => anyField],
  [shortFieldHeader, () => shortField],
  [packedSubfield, () => packed],
  [stackSubfield, () => runs(anyField, 0xffff)],
  [bitOfField, () => bit],
  [
    setField,
    () =>
      fc.oneof(
        fieldSet,
        unknownField.map(([field, value]) => ({ type: 'setField', field, value })),
      ),
  ],
  [regLoad, () => packed.chain((to) => record({ type: is('regLoad'), to: is(to), value: below(to.bits) }))],
  [regLoad2, () => maskedLoads],
  [regMove, () => moves('regMove')],
  [copyField, () => moves('copyField')],
  [outputReg2, () => record({ type: is('outputReg2'), from: runs(anyField, 64), maxLen: u16 })],
  [portBundle, (inner) => bundles('bundle', inner(shortPort)!)],
  [portBundleLoad, (inner) => bundles('bundleLoad', inner(shortPort)!, { to: packed })],
  [deleteField, () => anyField.map((field) => ({ type: 'deleteField', ...field }))],
  [decTtlCntIds, () => record({ type: is('decTtlCntIds'), ids: few(u16) })],
  [encapProperty, () => record({ propClass: u16, propType: u8, data: fc.uint8Array({ maxLength: 251 }) })],
  [learnSpecs, () => few(learnSpec)],
  [learn2, () => learns],
  [nat, () => nats],
  [
    variantOf(action, 'ct'),
    (inner) => {
      const actions = inner(nested);
      return actions === undefined ? undefined : cts(actions);
    },
  ],
]);
