/** What leads from table to table: goto-table, write-metadata, the action set (OpenFlow 1.4, 5.9), resubmit, exit (nicira-ext.h). */

import type { Action } from '../../../../proto/openflow/action.ts';
import type { Instruction } from '../../../../proto/openflow/instruction.ts';
import { RESERVED_PORTS } from '../../../../proto/openflow/reserved-numbers.ts';
import { WORD } from '../../key/layout.ts';
import { orderActionSet } from '../action-set.ts';
import type { Step } from '../program.ts';
import { enterTable, runSteps, type Translation } from '../translation.ts';

const CURRENT_TABLE = 0xff;
/** OFPP_UNSET: the action set outputs to no port. */
export const NO_OUTPUT = 0xffff_fff7;

export function gotoTable(of: Instruction, tableId: number): Step {
  return {
    of,
    needsHeaders: true,
    run: (translation) => enterTable(translation, tableId, translation.key[WORD.inPort]!, true),
  };
}

export function writeMetadata(of: Action | Instruction, metadata: bigint, mask: bigint): Step {
  const half = (value: bigint, shift: bigint) => Number((value >> shift) & 0xffff_ffffn);
  const parts = [32n, 0n].map((shift) => ({ value: half(metadata & mask, shift), mask: half(mask, shift) }));
  return {
    of,
    needsHeaders: false,
    run({ key }) {
      for (const [i, each] of parts.entries()) {
        key[WORD.metadata + i] = (key[WORD.metadata + i]! & ~each.mask) | each.value;
      }
    },
  };
}

/** A group is stronger than an output, of which the last counts. */
export function writeActions(of: Instruction, steps: readonly Step[]): Step {
  return {
    of,
    needsHeaders: false,
    run(translation) {
      const { actionSet, key } = translation;
      for (const step of steps) {
        const hasGroup = actionSet.some((each) => each.of.type === 'group');
        actionSet.push(step);
        if (step.of.type === 'group') key[WORD.actsetOutput] = NO_OUTPUT;
        else if (step.of.type === 'output' && !hasGroup) {
          const { port } = step.of;
          key[WORD.actsetOutput] = typeof port === 'number' ? port : RESERVED_PORTS[port];
        }
      }
    },
  };
}

export function clearActions(of: Instruction): Step {
  return {
    of,
    needsHeaders: false,
    run(translation) {
      translation.actionSet = [];
      translation.key[WORD.actsetOutput] = NO_OUTPUT;
    },
  };
}

/** At the end of the tables. */
export function runActionSet(translation: Translation): void {
  const steps = orderActionSet(translation.actionSet);
  translation.actionSet = [];
  if (steps.length === 0) return;
  const before = translation.inActionSet;
  translation.inActionSet = true;
  runSteps(translation, steps);
  translation.inActionSet = before;
}

export function exit(of: Action): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      translation.exit = true;
    },
  };
}

/** `withOriginal`: the flow is looked up by the addresses and ports that conntrack saw first. */
export function resubmit(of: Action, inPort: number, table: number, withOriginal: boolean): Step {
  return {
    of,
    needsHeaders: true,
    run(translation) {
      const { key } = translation;
      const port = inPort === RESERVED_PORTS.inPort ? key[WORD.inPort]! : inPort;
      const tableId = table === CURRENT_TABLE ? translation.tableId : table;
      enterTable(translation, tableId, port, false, withOriginal);
    },
  };
}
