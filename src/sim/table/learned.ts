/** Flows that `learn` makes or refreshes (nicira-ext.h, NXAST_LEARN), as Open vSwitch does: one that is there already only lives on. */

import { isDeepStrictEqual } from 'node:util';
import type { Action } from '../../../proto/openflow/action.ts';
import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { LearnedFlow } from '../switch-state.ts';
import type { FlowEntry } from './flow-entry.ts';
import type { FlowTables, PreparedFlowMod } from './flow-tables.ts';

/** With the timeouts that a connection's end brings, where there are some: they are an action of the learned flow's. */
export function learnedFlowMod({ mod, finIdleTimeout, finHardTimeout }: LearnedFlow): FlowMod {
  if (finIdleTimeout === 0 && finHardTimeout === 0) return mod;
  const fin: Action = { type: 'finTimeout', finIdleTimeout, finHardTimeout };
  const applied = mod.instructions.find((each) => each.type === 'applyActions');
  const actions = applied?.type === 'applyActions' ? (applied.actions as readonly Action[]) : [];
  return { ...mod, instructions: [{ type: 'applyActions', actions: [fin, ...actions] }] };
}

/** Whether there are not `limit` flows yet with its cookie in its table; one that is there already makes none more. */
export function hasRoomToLearn(tables: FlowTables, { selection, priority }: PreparedFlowMod, limit: number): boolean {
  const { flows } = tables.table(selection.tableId);
  if (limit === 0 || flows.find(selection.masked, priority) !== undefined) return true;
  let count = 0;
  for (const flow of flows.entries()) if (flow.cookie === selection.cookie && ++count >= limit) return false;
  return true;
}

export function learnFlow(tables: FlowTables, mod: PreparedFlowMod, now: number): void {
  const { selection, priority } = mod;
  const before = tables.table(selection.tableId).flows.find(selection.masked, priority);
  if (before !== undefined && isSame(before, mod)) {
    before.modified = now;
    tables.shortened(before);
    return;
  }
  const pending = tables.begin({ ...mod, command: before === undefined ? 'add' : 'modifyStrict' }, selection.cookie);
  if (!('errorType' in pending)) tables.finish(pending, undefined);
}

function isSame(flow: FlowEntry, mod: PreparedFlowMod): boolean {
  return (
    flow.cookie === mod.selection.cookie &&
    flow.idleTimeout === mod.idleTimeout &&
    flow.hardTimeout === mod.hardTimeout &&
    flow.flags.join() === mod.flags.join() &&
    isDeepStrictEqual(flow.instructions, mod.instructions)
  );
}
