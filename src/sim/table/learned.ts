/**
 * Flows that `learn` makes or refreshes (nicira-ext.h, NXAST_LEARN), as Open vSwitch does: one that is there already
 * only lives on.
 */

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

/**
 * Whether there are not `limit` flows yet with its cookie in its table; where there are, none of them is changed
 * either.
 */
export function hasRoomToLearn(
  tables: FlowTables,
  mod: PreparedFlowMod,
  limit: number,
  pending: readonly PreparedFlowMod[],
): boolean {
  const { selection, priority } = mod;
  const { flows } = tables.table(selection.tableId);
  const standing = flows.find(selection.masked, priority);
  // One that is just so lives on.
  if (limit === 0 || (standing !== undefined && isSame(standing, mod))) return true;
  const fresh = pending.filter((each) => flows.find(each.selection.masked, each.priority) === undefined);
  let count = new Set(fresh.map(placeText)).size;
  if (count >= limit) return false;
  for (const flow of flows.entries()) if (flow.cookie === selection.cookie && ++count >= limit) return false;
  return true;
}

/** Equal for flows that take one another's place. */
function placeText({ priority, selection: { masked } }: PreparedFlowMod): string {
  return `${priority} ${masked.maskText}${masked.values.join()}`;
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
