/** OFPT_GROUP_MOD (OpenFlow 1.4, 7.3.4.2): groups of buckets; a bucket's actions are an action set. */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { list } from '../wire/list.ts';
import { u8, u16 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { actions } from './action.ts';
import { groupNumber, portNumber } from './reserved-numbers.ts';

export const bucket = structure(
  'ofp_bucket',
  struct({
    length: ownLength,
    /** Share of a select group. */
    weight: u16,
    watchPort: portNumber,
    watchGroup: groupNumber,
    pad: padding(4),
    actions,
  }),
);
export type Bucket = Infer<typeof bucket>;

export const groupType = enumeration(u8, { all: 0, select: 1, indirect: 2, fastFailover: 3 });

export const groupMod = structure(
  'ofp_group_mod',
  struct(
    {
      command: enumeration(u16, { add: 0, modify: 1, delete: 2 }),
      groupType,
      pad: padding(1),
      groupId: groupNumber,
      buckets: list(bucket),
    },
    'groupMod',
  ),
);
export type GroupMod = Infer<typeof groupMod>;
