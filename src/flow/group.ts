/** Groups (OpenFlow 1.4, 5.6) as they stand in a switch. */

import type { Action } from '../../proto/openflow/action.ts';
import { actions as actionsCodec } from '../../proto/openflow/action.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import { Writer } from '../../proto/wire/writer.ts';

export interface TableGroup {
  groupId: number;
  groupType: GroupMod['groupType'];
  buckets: readonly { weight: number; actions: readonly Action[] }[];
}

const writer = new Writer(256);

/** All of a group but its id, as text that is equal where the groups are. */
export function groupContent(group: Pick<TableGroup, 'groupType' | 'buckets'>): string {
  const buckets = group.buckets.map(({ weight, actions }) => {
    writer.position = 0;
    actionsCodec.encode(writer, actions);
    return `${weight}:${Buffer.from(writer.finish()).toString('base64')}`;
  });
  return `${group.groupType}/${buckets.join()}`;
}
