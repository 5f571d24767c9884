/** Instructions and actions (OpenFlow 1.4, 7.2.3 and 7.2.4; nicira-ext.h) as steps: what can't be done is refused here. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { TlvTable } from '../key/tlv-table.ts';
import type { Refusal } from '../switch-state.ts';
import { orderActionSet } from './action-set.ts';
import { isRefusal, refuse } from './compile-refusal.ts';
import type { Program, Step } from './program.ts';
import { compileActions } from './step-of.ts';
import { meter } from './steps/plain.ts';
import { clearActions, gotoTable, writeActions, writeMetadata } from './steps/tables.ts';

/** The order in which instructions are carried out (5.9). */
const ORDER = ['meter', 'applyActions', 'clearActions', 'writeActions', 'writeMetadata', 'gotoTable'] as const;

/** Of a group's bucket. */
export function compileActionSet(actions: readonly Action[], fields: TlvTable): Step[] | Refusal {
  const steps = compileActions(actions, fields);
  return isRefusal(steps) ? steps : orderActionSet(steps);
}

export function compileInstructions(
  instructions: readonly Instruction[],
  tableId: number,
  fields: TlvTable,
): Program | Refusal {
  const steps: Step[] = [];
  for (const type of ORDER) {
    for (const instruction of instructions) {
      if (instruction.type !== type) continue;
      const made = instructionSteps(instruction, tableId, fields);
      if (isRefusal(made)) return made;
      steps.push(...made);
    }
  }
  if (instructions.some(({ type }) => !(ORDER as readonly string[]).includes(type))) {
    return refuse('badInstruction', 'unknownInst');
  }
  const conjunctions = steps.flatMap(({ of }) =>
    of.type === 'conjunction' ? [{ id: of.id, clause: of.clause, nClauses: of.nClauses }] : [],
  );
  return { steps, conjunctions: conjunctions.length === 0 ? undefined : conjunctions };
}

function instructionSteps(of: Instruction, tableId: number, fields: TlvTable): Step[] | Refusal {
  switch (of.type) {
    case 'meter':
      return [meter(of, of.meterId)];
    case 'applyActions':
      return compileActions(of.actions, fields);
    case 'clearActions':
      return [clearActions(of)];
    case 'writeActions': {
      const steps = compileActions(of.actions, fields);
      return isRefusal(steps) ? steps : [writeActions(of, steps)];
    }
    case 'writeMetadata':
      return [writeMetadata(of, of.metadata, of.mask)];
    case 'gotoTable':
      return of.tableId <= tableId ? refuse('badInstruction', 'badTableId') : [gotoTable(of, of.tableId)];
    default:
      return refuse('badInstruction', 'unknownInst');
  }
}
