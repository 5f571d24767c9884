/** OFPT_GROUP_MOD (OpenFlow 1.4, 7.3.4.2): groups of buckets; a bucket's actions are an action set. */

import type { Codec, Infer } from '../wire/codec.ts';
import { DecodeError } from '../wire/decode-error.ts';
import { enumeration } from '../wire/enumeration.ts';
import { list } from '../wire/list.ts';
import { padding, u8, u16, u32 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { type Action, actions } from './action.ts';
import { groupNumber, type PortNumber, portNumber } from './ports.ts';

export interface Bucket {
  /** Share of a select group. */
  weight: number;
  watchPort: PortNumber;
  watchGroup: 'all' | 'any' | number;
  actions: Action[];
}

const head = struct({ weight: u16, watchPort: portNumber, watchGroup: groupNumber, pad: padding(4) });

export const bucket: Codec<Bucket> = {
  encode(writer, value) {
    const start = writer.position;
    writer.u16(0);
    head.encode(writer, value);
    actions.encode(writer, value.actions);
    writer.patchU16(start, writer.position - start);
  },
  decode(reader) {
    const at = reader.position;
    const length = reader.u16();
    if (length < 16) throw new DecodeError(`a bucket of ${length} bytes is shorter than its head`, at, 'length');
    const body = reader.sub(length - 2);
    return { ...head.decode(body), actions: actions.decode(body) };
  },
};

export const groupType = enumeration(u8, { all: 0, select: 1, indirect: 2, fastFailover: 3 });

export const groupMod = struct(
  {
    command: enumeration(u16, { add: 0, modify: 1, delete: 2 }),
    groupType,
    pad: padding(1),
    groupId: groupNumber,
    buckets: list(bucket),
  },
  'groupMod',
);
export type GroupMod = Infer<typeof groupMod>;

/** One group of a group description reply; its length covers it whole, like a bucket's. */
export const groupDesc: Codec<{ groupType: Infer<typeof groupType>; groupId: number; buckets: Bucket[] }> = {
  encode(writer, value) {
    const start = writer.position;
    writer.u16(0);
    groupType.encode(writer, value.groupType);
    writer.zeros(1);
    u32.encode(writer, value.groupId);
    list(bucket).encode(writer, value.buckets);
    writer.patchU16(start, writer.position - start);
  },
  decode(reader) {
    const at = reader.position;
    const length = reader.u16();
    if (length < 8) throw new DecodeError(`a group of ${length} bytes is shorter than its head`, at, 'length');
    const body = reader.sub(length - 2);
    const type = groupType.decode(body);
    body.take(1);
    return { groupType: type, groupId: body.u32(), buckets: list(bucket).decode(body) };
  },
};
