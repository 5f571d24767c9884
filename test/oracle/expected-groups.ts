// Groups as Open vSwitch prints them: messages, descriptions, statistics and features.
import fc from 'fast-check';
import { u16, u32 } from '../property/arbitrary.ts';
import type { SoundAction } from './action-kind.ts';
import { ACTION_WORDS, type MessageKind, messageKind, partKind, seconds } from './expected.ts';
import { soundActions } from './sound-action.ts';

const TYPES = { all: 'all', select: 'select', indirect: 'indirect', fastFailover: 'ff' } as const;
type GroupType = keyof typeof TYPES;

const groupId = fc.integer({ min: 0, max: 0xffff_ff00 });
const watch = fc.oneof(fc.integer({ min: 1, max: 0xfeff }), fc.constant('any'));

interface Bucket {
  weight: number;
  watchPort: number | string;
  watchGroup: number | string;
  actions: SoundAction[];
}

const bucket = fc.record({
  weight: fc.oneof(u16, fc.constant(1)),
  watchPort: watch,
  watchGroup: fc.oneof(groupId, fc.constant('any')),
  actions: soundActions('any', true),
});

const groupType = fc.constantFrom(...(Object.keys(TYPES) as GroupType[]));

/** One that fails over needs something to watch; only that one and one that selects may have it. */
function watched(type: GroupType): fc.Arbitrary<Bucket> {
  if (type === 'fastFailover') return bucket.map((each) => ({ ...each, watchPort: 7 }));
  return type === 'select' ? bucket : bucket.map((each) => ({ ...each, watchPort: 'any', watchGroup: 'any' }));
}

/** A type, and as many buckets as it takes. */
const group = groupType.chain((type) =>
  fc.tuple(
    fc.constant(type),
    groupId,
    fc.array(watched(type), { minLength: type === 'indirect' ? 1 : 0, maxLength: type === 'indirect' ? 1 : 3 }),
  ),
);

/** Only a group that selects has weights. */
function weightOf(type: GroupType, { weight }: Bucket): number {
  return type === 'select' ? weight : 0;
}

const bucketsOf = (type: GroupType, buckets: readonly Bucket[]) =>
  buckets.map((each) => ({
    ...each,
    weight: weightOf(type, each),
    actions: each.actions.map(({ action }) => action),
  }));

function groupText(type: GroupType, id: number, buckets: readonly Bucket[]): string {
  const shown = buckets.map((each) => {
    const about = [
      ...(type === 'select' && each.weight !== 1 ? [`weight:${each.weight}`] : []),
      ...(each.watchPort === 'any' ? [] : [`watch_port:${each.watchPort}`]),
      ...(each.watchGroup === 'any' ? [] : [`watch_group:${each.watchGroup}`]),
      `actions=${each.actions.length === 0 ? 'drop' : each.actions.map(({ text }) => text).join(',')}`,
    ];
    return `bucket=${about.join(',')}`;
  });
  return [`group_id=${id}`, `type=${TYPES[type]}`, ...shown].join(',');
}

const COMMANDS = { add: 'ADD', modify: 'MOD', delete: 'DEL' } as const;

const groupMod = messageKind(
  fc.tuple(fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])), group),
  ([command, [type, id, buckets]]) => ({
    type: 'groupMod',
    command,
    groupType: type,
    groupId: id,
    buckets: command === 'delete' ? [] : bucketsOf(type, buckets),
  }),
  ([command, [type, id, buckets]]) =>
    `${COMMANDS[command]} ${groupText(type, id, command === 'delete' ? [] : buckets)}`,
);

const groupDesc = partKind(
  'reply',
  'groupDesc',
  fc.array(group, { maxLength: 2 }),
  (groups) => groups.map(([type, id, buckets]) => groupText(type, id, buckets)).join(' '),
  undefined,
  (groups) =>
    groups.map(([type, id, buckets]) => ({ groupType: type, groupId: id, buckets: bucketsOf(type, buckets) })),
);

/** A bucket whose packets were not counted is not printed. */
const counted = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_fffen });
const counters = { packetCount: counted, byteCount: counted };
/** All ones: not known. */
const duration = { durationSec: fc.integer({ min: 0, max: 0xffff_fffe }), durationNsec: u32 };
const groupStats = partKind(
  'reply',
  'group',
  fc.array(
    fc.record({
      groupId,
      refCount: u32,
      ...counters,
      ...duration,
      bucketStats: fc.array(fc.record(counters), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
  (all) =>
    all
      .map((each) =>
        [
          `group_id=${each.groupId}`,
          `duration=${seconds(each)}`,
          `ref_count=${each.refCount}`,
          `packet_count=${each.packetCount}`,
          `byte_count=${each.byteCount}`,
          ...each.bucketStats.map((one, i) => `bucket${i}:packet_count=${one.packetCount},byte_count=${one.byteCount}`),
        ].join(','),
      )
      .join(' '),
);

const actionTypes = fc.subarray(Object.keys(ACTION_WORDS) as (keyof typeof ACTION_WORDS)[]);
const each = <T>(value: fc.Arbitrary<T>) =>
  fc.record({ all: value, select: value, indirect: value, fastFailover: value });
const CAPABILITIES = { selectWeight: 1, selectLiveness: 2, chaining: 4, chainingChecks: 8 } as const;
const TYPE_BITS = { all: 1, select: 2, indirect: 4, fastFailover: 8 } as const;
const TYPE_NAMES = { all: 'all', select: 'select', indirect: 'indirect', fastFailover: 'fast failover' } as const;

const sum = <N extends string>(names: readonly N[], bits: Readonly<Record<N, number>>) =>
  names.reduce((total, name) => total + bits[name], 0);

const groupFeatures = partKind(
  'reply',
  'groupFeatures',
  fc.record({
    types: fc.subarray(Object.keys(TYPE_BITS) as GroupType[]),
    capabilities: fc.subarray(Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[]),
    maxGroups: each(u32),
    actions: each(actionTypes),
  }),
  ({ types, capabilities, maxGroups, actions }) =>
    [
      `Group table: Types: ${sum(types, TYPE_BITS)} Capabilities: ${sum(capabilities, CAPABILITIES)}`,
      ...types.map((type) => {
        const some = actions[type].map((name) => ACTION_WORDS[name]);
        const shown = some.length === 0 ? '<none>' : some.join(' ');
        return `${TYPE_NAMES[type]} group: max_groups=${maxGroups[type]} actions: ${shown}`;
      }),
    ].join(' '),
);

const groupRequest = partKind('request', 'group', fc.record({ groupId }), (request) => `group_id=${request.groupId}`);

export const GROUP_KINDS: Readonly<Record<string, MessageKind>> = {
  groupMod,
  'multipartRequest group': groupRequest,
  'multipartReply group': groupStats,
  'multipartReply groupDesc': groupDesc,
  'multipartReply groupFeatures': groupFeatures,
};
