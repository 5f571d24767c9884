/** One change to a switch, with the message that makes it: of a flow, a group or a meter; and the order of many. */

import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { MessageBody } from '../../proto/openflow/message.ts';
import type { ActualFlow } from './diff.ts';
import { flowAdd, flowDelete, groupDelete, groupMod, meterDelete, meterMod } from './messages.ts';
import type { DesiredMeter } from './meter.ts';
import type { DesiredFlow, DesiredGroup } from './weaver.ts';

/** One of them besides the message. */
export interface Change {
  message: MessageBody;
  flow?: DesiredFlow;
  group?: DesiredGroup;
  meter?: DesiredMeter;
  removed?: ActualFlow;
  removedGroup?: number;
  removedMeter?: number;
}

type Named = Omit<Change, 'message'>;

export const setFlow = (flow: DesiredFlow): Change => ({ message: flowAdd(flow), flow });
export const removeFlow = (removed: ActualFlow): Change => ({ message: flowDelete(removed), removed });
export const setGroup = (command: 'add' | 'modify', group: DesiredGroup): Change => ({
  message: groupMod(command, group),
  group,
});
export const removeGroup = (removedGroup: number): Change => ({ message: groupDelete(removedGroup), removedGroup });
export const setMeter = (command: 'add' | 'modify', meter: DesiredMeter): Change => ({
  message: meterMod(command, meter),
  meter,
});
export const removeMeter = (removedMeter: number): Change => ({ message: meterDelete(removedMeter), removedMeter });

/** What is changed, and the content that it is to get. */
export function nameOf(change: Named): [name: string, content: string] {
  if (change.flow !== undefined) return [change.flow.identity, change.flow.content];
  if (change.group !== undefined) return [`group ${change.group.app}/${change.group.key}`, change.group.content];
  if (change.meter !== undefined) return [`meter ${change.meter.app}/${change.meter.key}`, change.meter.content];
  if (change.removed !== undefined) return [`delete ${change.removed.identity}`, ''];
  if (change.removedGroup !== undefined) return [`delete group ${change.removedGroup}`, ''];
  return [`delete meter ${change.removedMeter}`, ''];
}

/** For people. */
export function describeChange(change: Named): string {
  return change.flow !== undefined ? describe(change.flow) : nameOf(change)[0];
}

/** `firewall: accept http (flowloom.yaml:40)` */
export function describe(flow: DesiredFlow): string {
  const source = flow.intent.source === undefined ? '' : ` (${flow.intent.source})`;
  return `${flow.app}: ${flow.intent.text}${source}`;
}

/** The groups and meters that a flow's packets go through. */
export interface Uses {
  groups: number[];
  meters: number[];
}

export function usesOf(instructions: readonly Instruction[]): Uses {
  const uses: Uses = { groups: [], meters: [] };
  for (const each of instructions) {
    if (each.type === 'meter') addNumber(uses.meters, each.meterId);
    else if (each.type === 'applyActions' || each.type === 'writeActions') collect(each.actions, uses);
  }
  return uses;
}

function collect(actions: readonly Action[], uses: Uses): void {
  for (const action of actions) {
    if (action.type === 'group') addNumber(uses.groups, action.groupId);
    else if (action.type === 'clone' || action.type === 'ct') collect(action.actions, uses);
    else if (action.type === 'controller2') {
      for (const property of action.properties) if (property.type === 'meterId') uses.meters.push(property.meterId);
    }
  }
}

/** A number that the standard reserves is nobody's group or meter. */
function addNumber(list: number[], id: number | string): void {
  if (typeof id === 'number') list.push(id);
}

/** Those that others send packets on to come first. */
export function inOrderOfUse(groups: readonly DesiredGroup[]): DesiredGroup[] {
  const waiting = new Map(groups.map((group) => [group.groupId, group]));
  const ordered: DesiredGroup[] = [];
  const visit = (group: DesiredGroup) => {
    if (!waiting.delete(group.groupId)) return;
    for (const { actions } of group.buckets) {
      const uses: Uses = { groups: [], meters: [] };
      collect(actions, uses);
      for (const id of uses.groups) {
        const used = waiting.get(id);
        if (used !== undefined) visit(used);
      }
    }
    ordered.push(group);
  };
  for (const group of groups) visit(group);
  return ordered;
}
