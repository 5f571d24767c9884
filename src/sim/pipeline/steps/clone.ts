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
      if (isCopied) inCopy(translation, () => aside(translation, () => runToTheEnd(translation, steps)));
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

/** What follows in its own list sees the bit; what follows the list does not: Open vSwitch does each way apart. */
export function checkPacketLarger(of: Action, length: number, to: Subfield, fields: TlvTable): Step | undefined {
  const run = runOfBits(to, fields);
  if (run === undefined) return undefined;
  const put = writer(run);
  return {
    of,
    needsHeaders: true,
    run: () => undefined,
    runRest(translation, rest) {
      if (rest.length === 0) return;
      commit(translation);
      const isLarger = translation.length() > length;
      const run = () => {
        put(translation, [isLarger ? 1 : 0]);
        runToTheEnd(translation, rest);
      };
      inCopy(translation, () => aside(translation, run));
    },
  };
}
