/** One change to a switch: of a flow, a group or a meter; the message that makes it, and the order of many. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { GroupMod } from '../../../proto/openflow/group-mod.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { MeterMod } from '../../../proto/openflow/meter-mod.ts';
import type { Writer } from '../../../proto/wire/writer.ts';
import { describeIdentity } from '../flow-bytes.ts';
import type { DesiredMeter } from '../meter.ts';
import type { DesiredFlow, DesiredGroup } from '../weave/weaver.ts';
import type { ActualFlow } from './diff.ts';
import { putFlowMod } from './flow-mod-bytes.ts';
import { flowAdd, flowDelete, groupDelete, groupMod, meterDelete, meterMod } from './messages.ts';

/** One of them. */
export interface Change {
  flow?: DesiredFlow;
  group?: DesiredGroup;
  meter?: DesiredMeter;
  removed?: ActualFlow;
  removedGroup?: number;
  removedMeter?: number;
  /** The group or meter is there and is another. */
  modify?: boolean;
}

/** Made when it is sent: those of 100,000 flows would need more room than all else. */
export function messageOf(change: Change): FlowMod | GroupMod | MeterMod {
  const { flow, group, meter, removed, removedGroup, removedMeter } = change;
  const command = change.modify === true ? 'modify' : 'add';
  if (flow !== undefined) return flowAdd(flow);
  if (removed !== undefined) return flowDelete(removed);
  if (group !== undefined) return groupMod(command, group);
  if (meter !== undefined) return meterMod(command, meter);
  return removedGroup !== undefined ? groupDelete(removedGroup) : meterDelete(removedMeter ?? 0);
}

/** The same as bytes; false: it does not lie ready. */
export function putChange(writer: Writer, xid: number, { flow, removed }: Change): boolean {
  if (flow !== undefined) putFlowMod(writer, xid, 'add', flow);
  else if (removed !== undefined) putFlowMod(writer, xid, 'deleteStrict', removed);
  return flow !== undefined || removed !== undefined;
}

/** What is changed, and the content that it is to get. */
export function nameOf(change: Change): [name: string, content: string] {
  if (change.flow !== undefined) return [change.flow.identity, change.flow.content];
  if (change.group !== undefined) return [`group ${change.group.app}/${change.group.key}`, change.group.content];
  if (change.meter !== undefined) return [`meter ${change.meter.app}/${change.meter.key}`, change.meter.content];
  if (change.removed !== undefined) return [`delete ${change.removed.identity}`, ''];
  if (change.removedGroup !== undefined) return [`delete group ${change.removedGroup}`, ''];
  return [`delete meter ${change.removedMeter}`, ''];
}

/** For people. */
export function describeChange(change: Change): string {
  if (change.flow !== undefined) return describe(change.flow);
  return change.removed === undefined ? nameOf(change)[0] : `delete ${describeIdentity(change.removed.identity)}`;
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
