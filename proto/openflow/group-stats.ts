/** Groups as a switch has them (OpenFlow 1.4, 7.3.5.11 to 7.3.5.13): statistics, descriptions, and what groups it can have. */

import { type Infer, structure } from '../wire/codec.ts';
import { flags } from '../wire/flags.ts';
import { list } from '../wire/list.ts';
import { u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { bucket, groupType } from './group-mod.ts';
import { groupNumber } from './reserved-numbers.ts';

export const groupStatsRequest = structure(
  'ofp_group_stats_request',
  struct({ groupId: groupNumber, pad: padding(4) }),
);

const bucketCounter = structure('ofp_bucket_counter', struct({ packetCount: u64, byteCount: u64 }));

export const groupStats = structure(
  'ofp_group_stats',
  struct({
    length: ownLength,
    pad: padding(2),
    groupId: u32,
    /** Flows and groups that send to it; Open vSwitch counts flows alone. */
    refCount: u32,
    pad2: padding(4),
    packetCount: u64,
    byteCount: u64,
    durationSec: u32,
    durationNsec: u32,
    /** One for each bucket, in their order. */
    bucketStats: list(bucketCounter),
  }),
);
export type GroupStats = Infer<typeof groupStats>;

export const groupDesc = structure(
  'ofp_group_desc',
  struct({ length: ownLength, groupType, pad: padding(1), groupId: u32, buckets: list(bucket) }),
);
export type GroupDesc = Infer<typeof groupDesc>;

/** Of actions with the number n: bit n. */
const actionTypes = flags(u32, {
  output: 1 << 0,
  copyTtlOut: 1 << 11,
  copyTtlIn: 1 << 12,
  setMplsTtl: 1 << 15,
  decMplsTtl: 1 << 16,
  pushVlan: 1 << 17,
  popVlan: 1 << 18,
  pushMpls: 1 << 19,
  popMpls: 1 << 20,
  setQueue: 1 << 21,
  group: 1 << 22,
  setNwTtl: 1 << 23,
  decNwTtl: 1 << 24,
  setField: 1 << 25,
  pushPbb: 1 << 26,
  popPbb: 1 << 27,
});

export const groupFeatures = structure(
  'ofp_group_features',
  struct({
    types: flags(u32, { all: 1 << 0, select: 1 << 1, indirect: 1 << 2, fastFailover: 1 << 3 }),
    capabilities: flags(u32, {
      selectWeight: 1 << 0,
      selectLiveness: 1 << 1,
      chaining: 1 << 2,
      chainingChecks: 1 << 3,
    }),
    /** The specification's max_groups[4] and actions[4]: an entry for each type of group, in the order of their numbers. */
    maxGroups: struct({ all: u32, select: u32, indirect: u32, fastFailover: u32 }),
    actions: struct({ all: actionTypes, select: actionTypes, indirect: actionTypes, fastFailover: actionTypes }),
  }),
);
export type GroupFeatures = Infer<typeof groupFeatures>;
