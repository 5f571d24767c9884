// Arbitrary values of match fields, matches and actions, made from the table of fields (OpenFlow 1.4, 7.2.3 and 7.2.4).
import fc from 'fast-check';
import type { Action } from '../../proto/openflow/action.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { FIELD_NAMES, type FieldName, type FieldValue, fieldRow } from '../../proto/openflow/oxm-fields.ts';
import { RESERVED_PORTS } from '../../proto/openflow/ports.ts';
import type { Subfield } from '../../proto/openflow/subfield.ts';
import { hexText, ipv4Text, ipv6Text, macText } from '../../proto/wire/address.ts';

export const u8 = fc.integer({ min: 0, max: 0xff });
export const u16 = fc.integer({ min: 0, max: 0xffff });
export const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
export const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

export const mac = exactly(6).map((value) => macText(value));
export const ipv4 = u32.map(ipv4Text);
export const ipv6 = exactly(16).map((value) => ipv6Text(value));

/** Names, or a number that has none. */
export function named<const N extends string>(codes: Readonly<Record<N, number>>, number: fc.Arbitrary<number>) {
  const taken = new Set<number>(Object.values(codes));
  return fc.oneof(
    fc.constantFrom(...(Object.keys(codes) as N[])),
    number.filter((value) => !taken.has(value)),
  );
}

/** Names in the order of their bits, and at the end a number of the bits without one. */
export function flags<const N extends string>(names: readonly N[], others: number) {
  return fc
    .tuple(fc.subarray([...names]), fc.constantFrom(0, others))
    .map(([some, rest]): (N | number)[] => (rest === 0 ? some : [...some, rest]));
}

export const port = named(RESERVED_PORTS, u32);
export const group = named({ all: 0xfffffffc, any: 0xffffffff }, u32);

export function fieldValue(name: FieldName): fc.Arbitrary<FieldValue> {
  const { kind, bits } = fieldRow(name);
  switch (kind) {
    case 'number':
      return fc.integer({ min: 0, max: 2 ** bits - 1 });
    case 'bigint':
      return u64;
    case 'hex':
      return fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }).map((value) => `0x${value.toString(16)}`);
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
  const masked = fc.record({ value, mask: value }, { noNullPrototype: true });
  return fc.tuple(fc.constant<string>(name), fieldRow(name).maskable ? fc.oneof(value, masked) : value);
});

/** Fields that no table has: their bytes are kept. */
const unknownEntry = fc
  .tuple(fc.constantFrom('oxm:8003:2a', 'oxm:1:7f', 'oxm:ffff:1:1234', 'oxm:8000:2d'), fc.integer({ min: 0, max: 20 }))
  .chain(([name, length]) => {
    const value = exactly(length).map(hexText);
    return fc.tuple(fc.constant(name), fc.oneof(value, fc.record({ value, mask: value }, { noNullPrototype: true })));
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
const shortSubfield = subfield.filter(({ field }) => field !== 'actsetOutput');

const below = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });

const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(shape, { noNullPrototype: true });
const is = <const T extends string>(type: T) => fc.constant(type);
const alone = <const T extends string>(...types: T[]) => fc.constantFrom(...types).map((type) => ({ type }));

const learnSpec = fc.integer({ min: 1, max: 128 }).chain((bits) => {
  const source = fc.oneof(record({ field: fieldName, offset: u16 }), record({ immediate: below(bits) }));
  return fc.oneof(
    record({ type: fc.constantFrom('match', 'load'), bits: fc.constant(bits), source, field: fieldName, offset: u16 }),
    record({ type: is('output'), bits: fc.constant(bits), source }),
  );
});

const nat = fc.record(
  {
    type: is('nat'),
    flags: flags(['src', 'dst', 'persistent', 'protoHash', 'protoRandom'], 0x100),
    ipv4Min: ipv4,
    ipv4Max: ipv4,
    ipv6Min: ipv6,
    ipv6Max: ipv6,
    protoMin: u16,
    protoMax: u16,
  },
  { requiredKeys: ['type', 'flags'], noNullPrototype: true },
);

const flat = fc.oneof(
  record({ type: is('output'), port, maxLen: u16 }),
  alone('copyTtlOut', 'copyTtlIn', 'decMplsTtl', 'popVlan', 'decNwTtl', 'popPbb', 'ctClear'),
  record({ type: fc.constantFrom('setMplsTtl', 'setNwTtl'), ttl: u8 }),
  record({ type: fc.constantFrom('pushVlan', 'pushMpls', 'popMpls', 'pushPbb'), ethertype: u16 }),
  record({ type: is('setQueue'), queueId: u32 }),
  record({ type: is('group'), groupId: group }),
  fieldName.chain((field) => record({ type: is('setField'), field: fc.constant(field), value: fieldValue(field) })),
  shortSubfield.chain((to) => record({ type: is('regLoad'), to: fc.constant(to), value: below(to.bits) })),
  fc
    .tuple(fieldName, fieldName)
    .chain(([from, to]) =>
      fc
        .integer({ min: 1, max: 8 * Math.min(fieldRow(from).bytes, fieldRow(to).bytes) })
        .chain((bits) => record({ type: is('regMove'), from: runOf(from, bits), to: runOf(to, bits) })),
    ),
  record({ type: is('resubmit'), inPort: named({ inPort: 0xfff8 }, u16), table: u8 }),
  record({
    type: is('learn'),
    idleTimeout: u16,
    hardTimeout: u16,
    priority: u16,
    cookie: u64,
    flags: flags(['sendFlowRem', 'deleteLearned', 'writeResult'], 8),
    table: u8,
    finIdleTimeout: u16,
    finHardTimeout: u16,
    specs: fc.array(learnSpec, { maxLength: 5 }),
  }),
  nat,
  fc.integer({ min: 0, max: 3 }).chain((words) =>
    fc.oneof(
      record({
        type: is('experimenter'),
        experimenter: fc.integer({ min: 0x3000, max: 0xffff }),
        body: exactly(8 * words),
      }),
      record({ type: is('unknown'), code: fc.integer({ min: 100, max: 200 }), body: exactly(8 * words + 4) }),
    ),
  ),
) as fc.Arbitrary<Action>;

const nesting = (inner: fc.Arbitrary<Action>) =>
  fc.oneof(
    { arbitrary: flat, weight: 8 },
    { arbitrary: record({ type: is('clone'), actions: fc.array(inner, { maxLength: 3 }) }), weight: 1 },
    {
      arbitrary: fc.record(
        {
          type: is('ct'),
          flags: flags(['commit', 'force'], 4),
          zone: fc.oneof(u16, shortSubfield),
          table: fc.integer({ min: 0, max: 254 }),
          alg: u16,
          actions: fc.array(inner, { maxLength: 3 }),
        },
        { requiredKeys: ['type', 'flags', 'zone', 'alg', 'actions'], noNullPrototype: true },
      ),
      weight: 1,
    },
  ) as fc.Arbitrary<Action>;

export const action: fc.Arbitrary<Action> = nesting(nesting(flat));
export const actions = fc.array(action, { maxLength: 5 });
