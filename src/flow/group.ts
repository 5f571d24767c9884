/** Groups (OpenFlow 1.4, 5.6) as they stand in a switch; ids follow from the app and its own key, so they last. */

import { createHash } from 'node:crypto';
import type { Action } from '../../proto/openflow/action.ts';
import { actions as actionsCodec } from '../../proto/openflow/action.ts';
import type { GroupMod } from '../../proto/openflow/group-mod.ts';
import { Writer } from '../../proto/wire/writer.ts';

export interface TableGroup {
  groupId: number;
  groupType: GroupMod['groupType'];
  buckets: readonly { weight: number; actions: readonly Action[] }[];
}

/** Ids of ours have the top byte 0x4c; OFPG_MAX is 0xffffff00. */
const OURS = 0x4c;

export function groupIdOf(app: string, key: string): number {
  const digest = createHash('sha256').update(`${app}\n${key}`).digest();
  return OURS * 0x1000000 + (digest.readUInt32BE() >>> 8);
}

export function isOurGroup(groupId: number): boolean {
  return groupId >>> 24 === OURS;
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
