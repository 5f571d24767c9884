/** One change to a switch, with the message that makes it: of a flow, a group or a meter. */

import type { MessageBody } from '../../proto/openflow/message.ts';
import type { ActualFlow, FlowDifference, GroupDifference } from './diff.ts';
import { flowAdd, flowDelete, groupDelete, groupMod } from './messages.ts';
import type { DesiredFlow, DesiredGroup } from './weaver.ts';

/** One of them besides the message. */
export interface Change {
  message: MessageBody;
  flow?: DesiredFlow;
  group?: DesiredGroup;
  removed?: ActualFlow;
  removedGroup?: number;
}

/** Make before break: groups and new flows first, deletes last. */
export function changesOf(flows: FlowDifference, groups: GroupDifference): Change[] {
  const changes: Change[] = [];
  for (const group of groups.add) changes.push({ message: groupMod('add', group), group });
  for (const group of groups.modify) changes.push({ message: groupMod('modify', group), group });
  for (const flow of flows.add) changes.push({ message: flowAdd(flow), flow });
  for (const flow of flows.remove) changes.push({ message: flowDelete(flow), removed: flow });
  for (const groupId of groups.remove) changes.push({ message: groupDelete(groupId), removedGroup: groupId });
  return changes;
}

/** What is changed, and the content that it is to get. */
export function nameOf(change: Omit<Change, 'message'>): [name: string, content: string] {
  if (change.flow !== undefined) return [change.flow.identity, change.flow.content];
  if (change.group !== undefined) return [`group ${change.group.app}/${change.group.key}`, change.group.content];
  if (change.removed !== undefined) return [`delete ${change.removed.identity}`, ''];
  return [`delete group ${change.removedGroup}`, ''];
}

/** For people. */
export function describeChange(change: Change): string {
  return change.flow !== undefined ? describe(change.flow) : nameOf(change)[0];
}

/** `firewall: accept http (flowloom.yaml:40)` */
export function describe(flow: DesiredFlow): string {
  const source = flow.intent.source === undefined ? '' : ` (${flow.intent.source})`;
  return `${flow.app}: ${flow.intent.text}${source}`;
}
