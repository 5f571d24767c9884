/**
 * What a flow's instructions refer to: ports, groups, meters, and flows that it makes others learn (OpenFlow 1.4,
 * 7.3.4.1).
 */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Learn, Learn2 } from '../../../proto/openflow/nicira/learn.ts';
import { RESERVED_PORTS } from '../../../proto/openflow/reserved-numbers.ts';

/** All actions of a list, those inside `ct` and `clone` too. */
export function* eachAction(actions: readonly Action[]): Generator<Action> {
  for (const action of actions) {
    yield action;
    if (action.type === 'ct' || action.type === 'clone') yield* eachAction(nestedIn(action));
  }
}

/** Of `ct` and `clone`. */
function nestedIn(action: Action): readonly Action[] {
  return (action as unknown as { actions: readonly Action[] }).actions;
}

function* eachOf(instructions: readonly Instruction[]): Generator<Action> {
  for (const each of instructions) {
    if (each.type === 'applyActions' || each.type === 'writeActions') yield* eachAction(each.actions as Action[]);
  }
}

/** The number of a port that may have a name. */
export function portNumberOf(port: unknown): number {
  return typeof port === 'number' ? port : (RESERVED_PORTS[port as keyof typeof RESERVED_PORTS] ?? RESERVED_PORTS.any);
}

/** Whether some action outputs to the port by its number, as the filter `out_port` asks. */
export function outputsTo(instructions: readonly Instruction[], port: number): boolean {
  for (const action of eachOf(instructions)) {
    if (action.type === 'output' && portNumberOf((action as { port: unknown }).port) === port) return true;
    if ((action.type === 'controller' || action.type === 'controller2') && port === RESERVED_PORTS.controller)
      return true;
  }
  return false;
}

export function groupsIn(instructions: readonly Instruction[]): number[] {
  let found: number[] | undefined;
  for (const each of instructions) {
    if (each.type !== 'applyActions' && each.type !== 'writeActions') continue;
    for (const action of eachAction(each.actions as Action[])) {
      if (action.type !== 'group') continue;
      found ??= [];
      found.push((action as { groupId: number }).groupId);
    }
  }
  return found ?? NONE;
}

export function metersIn(instructions: readonly Instruction[]): number[] {
  let found: number[] | undefined;
  for (const each of instructions) {
    if (each.type !== 'meter') continue;
    found ??= [];
    found.push(each.meterId);
  }
  return found ?? NONE;
}

/** Those whose learned flows go when the last flow that has such an action goes (NX_LEARN_F_DELETE_LEARNED). */
export function learnsToDelete(instructions: readonly Instruction[]): (Learn | Learn2)[] {
  const found: (Learn | Learn2)[] = [];
  for (const action of eachOf(instructions)) {
    if (action.type !== 'learn' && action.type !== 'learn2') continue;
    const learn = action as Learn | Learn2;
    if ((learn.flags as readonly unknown[]).includes('deleteLearned')) found.push(learn);
  }
  return found;
}

const NONE: number[] = [];
