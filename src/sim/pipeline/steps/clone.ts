/** NXAST_CLONE and NXAST_CHECK_PKT_LARGER (nicira-ext.h), which both do a list of actions and come back to where they were. */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { Subfield } from '../../../../proto/openflow/subfield.ts';
import type { TlvTable } from '../../key/tlv-table.ts';
import type { DatapathAction } from '../datapath-action.ts';
import type { Step } from '../program.ts';
import { commit, finishFreezing, runSteps, type Translation } from '../translation.ts';
import { runOfBits, writer } from './run-of-bits.ts';
import { runActionSet } from './tables.ts';

/** What can't be undone by writing the old headers again: of these alone the datapath makes a copy. */
const FINAL: ReadonlySet<string> = new Set(['ct', 'outputTrunc', 'encap', 'decap', 'decNshTtl']);

export function clone(of: Action, steps: readonly Step[]): Step {
  const isCopied = steps.some((step) => FINAL.has(step.of.type));
  return {
    of,
    needsHeaders: true,
    run(translation) {
      translation.watcher?.enter();
      if (isCopied && !translation.isLast)
        inCopy(translation, () => aside(translation, () => runToTheEnd(translation, steps)));
      else {
        aside(translation, () => runToTheEnd(translation, steps));
        translation.dirty = true;
      }
      translation.watcher?.leave();
    },
  };
}

function inCopy(translation: Translation, run: () => void): void {
  commit(translation);
  const outside = translation.actions;
  const { wasMpls } = translation;
  const actions: DatapathAction[] = [];
  translation.actions = actions;
  run();
  translation.wasMpls = wasMpls;
  translation.actions = outside;
  translation.dirty = false;
  if (actions.length > 0) outside.push({ type: 'clone', actions });
}

/** The list, and then what the action set says, as at the end of the tables. */
function runToTheEnd(translation: Translation, steps: readonly Step[]): void {
  runSteps(translation, steps);
  if (!translation.freezing) runActionSet(translation);
  if (translation.freezing) finishFreezing(translation);
}

/** What happens meanwhile to the packet is undone; an `exit` within ends what is outside, too. */
function aside(translation: Translation, run: () => void): void {
  const { stack, actionSet, conntracked } = translation;
  const key = translation.key.slice();
  translation.stack = [...stack];
  translation.actionSet = [...actionSet];
  run();
  translation.key.set(key);
  Object.assign(translation, { stack, actionSet, conntracked });
}

/**
 * Open vSwitch translates the rest of the list for both answers, and the datapath takes one: flows of both count, and learn.
 * The action set is done at the end of the first, and of the whole; what the list is part of does not see the bit.
 */
export function checkPacketLarger(of: Action, length: number, to: Subfield, fields: TlvTable): Step | undefined {
  const run = runOfBits(to, fields);
  if (run === undefined) return undefined;
  const put = writer(run);
  return {
    of,
    needsHeaders: true,
    run: () => undefined,
    runRest(translation, rest) {
      commit(translation);
      const isLarger = translation.length() > length;
      const { actions: outside, actionSet, watcher } = translation;
      translation.actionSet = [...actionSet];
      for (const larger of [true, false]) {
        const actions: DatapathAction[] = [];
        Object.assign(translation, { actions, exit: false, watcher: larger === isLarger ? watcher : undefined });
        alone(translation, () => {
          put(translation, [larger ? 1 : 0]);
          runToTheEnd(translation, rest);
        });
        if (larger === isLarger && actions.length > 0) outside.push({ type: 'clone', actions });
      }
      Object.assign(translation, { actions: outside, actionSet, watcher, dirty: false });
    },
  };
}

/** What happens meanwhile to the key and what goes with it is undone. */
function alone(translation: Translation, run: () => void): void {
  const { stack, conntracked, wasMpls } = translation;
  const key = translation.key.slice();
  translation.stack = [...stack];
  translation.dirty = false;
  run();
  translation.key.set(key);
  Object.assign(translation, { stack, conntracked, wasMpls });
}
