// Groups and meters as Open vSwitch prints them: messages, descriptions, statistics and features.
import fc from 'fast-check';
import { record, u8, u16, u32, u64 } from '../property/arbitrary.ts';
import type { SoundAction } from './action-kind.ts';
import { count, type MessageKind, messageKind, named, partKind, seconds, words } from './expected.ts';
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

const groups = fc.array(group, { maxLength: 2 });
type Group = [GroupType, number, Bucket[]];
const groupDesc: MessageKind = partKind('reply', 'groupDesc', groups, (all) =>
  (all as Group[]).map(([type, id, buckets]) => groupText(type, id, buckets)).join(' '),
);
const groupDescReply: MessageKind = {
  ...groupDesc,
  expectation: groupDesc.expectation.map(({ message, text }) => {
    const all = (message as unknown as { reply: Group[] }).reply;
    const reply = all.map(([type, id, buckets]) => ({
      groupType: type,
      groupId: id,
      buckets: bucketsOf(type, buckets),
    }));
    return { message: { ...message, reply } as never, text };
  }),
};

const counters = { packetCount: u64, byteCount: u64 };
const duration = { durationSec: u32, durationNsec: u32 };
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
          `packet_count=${count(each.packetCount)}`,
          `byte_count=${count(each.byteCount)}`,
          ...each.bucketStats.map(
            (one, i) => `bucket${i}:packet_count=${count(one.packetCount)},byte_count=${count(one.byteCount)}`,
          ),
        ].join(','),
      )
      .join(' '),
);

const meterNumber = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_0000 }),
  fc.constantFrom('slowpath', 'controller', 'all'),
);
const METER_FLAGS = { kbps: 'kbps', pktps: 'pktps', burst: 'burst', stats: 'stats' };

const limits = { rate: u32, burstSize: u32 };
const bands = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('drop' as const), ...limits }),
    fc.record({ type: fc.constant('dscpRemark' as const), ...limits, precLevel: u8 }),
  ),
  { minLength: 1, maxLength: 3 },
);
type Bands = typeof bands extends fc.Arbitrary<infer T> ? T : never;

const meter = fc.record({
  flags: fc
    .tuple(fc.constantFrom('kbps', 'pktps'), fc.subarray(['burst', 'stats']))
    .map(([unit, rest]) => [unit, ...rest]),
  meterId: meterNumber,
  bands,
});
type Meter = typeof meter extends fc.Arbitrary<infer T> ? T : never;

function bandText(band: Bands[number], burst: boolean): string {
  const size = burst ? ` burst_size=${band.burstSize}` : '';
  const level = band.type === 'dscpRemark' ? ` prec_level=${band.precLevel}` : '';
  return `type=${band.type === 'drop' ? 'drop' : 'dscp_remark'} rate=${band.rate}${size}${level}`;
}

function meterText({ flags, meterId, bands: all }: Meter): string {
  const burst = flags.includes('burst');
  return [`meter=${meterId}`, words(flags, METER_FLAGS), 'bands=', ...all.map((each) => bandText(each, burst))].join(
    ' ',
  );
}

const meterMod = messageKind(
  fc.tuple(fc.constantFrom('add' as const, 'modify' as const), meter),
  ([command, each]) => ({ type: 'meterMod', command, ...each }),
  ([command, each]) => `${COMMANDS[command]} ${meterText(each)}`,
);

const meterConfig = partKind('reply', 'meterConfig', fc.array(meter, { maxLength: 2 }), (all) =>
  all.map(meterText).join(' '),
);

const meterStats = partKind(
  'reply',
  'meter',
  fc.array(
    fc.record({
      meterId: meterNumber,
      flowCount: u32,
      packetInCount: u64,
      byteInCount: u64,
      ...duration,
      bandStats: fc.array(fc.record({ packetBandCount: u64, byteBandCount: u64 }), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
  (all) =>
    all
      .map((each) =>
        [
          `meter:${each.meterId} flow_count:${each.flowCount} packet_in_count:${each.packetInCount}`,
          `byte_in_count:${each.byteInCount} duration:${seconds(each)} bands:`,
          ...each.bandStats.map(
            (one, i) => `${i}: packet_count:${one.packetBandCount} byte_count:${one.byteBandCount}`,
          ),
        ].join(' '),
      )
      .join(' '),
);

const meterFeatures = partKind(
  'reply',
  'meterFeatures',
  fc.record({
    maxMeter: u32,
    bandTypes: fc.subarray(['drop', 'dscpRemark']),
    capabilities: fc.subarray(Object.keys(METER_FLAGS)),
    maxBands: u8,
    maxColor: u8,
  }),
  (each) =>
    [
      `max_meter:${each.maxMeter} max_bands:${each.maxBands} max_color:${each.maxColor}`,
      `band_types: ${words(each.bandTypes, { drop: 'drop', dscpRemark: 'dscp_remark' })}`,
      `capabilities: ${words(each.capabilities, METER_FLAGS)}`,
    ].join(' '),
);

/** Actions as Open vSwitch names them in features, in its order; it knows no other. */
const ACTION_WORDS = [
  ['output', 'output'],
  ['group', 'group'],
  ['setField', 'set_field'],
  ['popVlan', 'strip_vlan'],
  ['pushVlan', 'push_vlan'],
  ['setNwTtl', 'mod_nw_ttl'],
  ['decNwTtl', 'dec_ttl'],
  ['setMplsTtl', 'set_mpls_ttl'],
  ['decMplsTtl', 'dec_mpls_ttl'],
  ['pushMpls', 'push_mpls'],
  ['popMpls', 'pop_mpls'],
  ['setQueue', 'set_queue'],
] as const;

const actionTypes = fc.subarray(ACTION_WORDS.map(([type]) => type));
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
        const some = ACTION_WORDS.filter(([name]) => actions[type].includes(name)).map(([, word]) => word);
        const shown = some.length === 0 ? '<none>' : some.join(' ');
        return `${TYPE_NAMES[type]} group: max_groups=${maxGroups[type]} actions: ${shown}`;
      }),
    ].join(' '),
);

const groupRequest = partKind(
  'request',
  'group',
  record({ groupId }) as fc.Arbitrary<{ groupId: number }>,
  (request) => `group_id=${request.groupId}`,
);
const meterRequest = (kind: string) =>
  partKind(
    'request',
    kind,
    fc.record({ meterId: meterNumber }),
    ({ meterId }) => `meter=${named(meterId).toLowerCase()}`,
  );

export const GROUP_KINDS: Readonly<Record<string, MessageKind>> = {
  groupMod,
  meterMod,
  'multipartRequest group': groupRequest,
  'multipartReply group': groupStats,
  'multipartReply groupDesc': groupDescReply,
  'multipartReply groupFeatures': groupFeatures,
  'multipartRequest meter': meterRequest('meter'),
  'multipartReply meter': meterStats,
  'multipartRequest meterConfig': meterRequest('meterConfig'),
  'multipartReply meterConfig': meterConfig,
  'multipartReply meterFeatures': meterFeatures,
};
