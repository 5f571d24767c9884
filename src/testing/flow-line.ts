/** A flow as one line, in the words of ovs-ofctl, its table by its name. */

import type { Instruction } from '../../proto/openflow/instruction.ts';
import type { Match } from '../../proto/openflow/match.ts';
import { formatMatch } from '../flow/text/format-match.ts';
import { formatInstructions } from '../flow/text/instructions.ts';

export interface LinedFlow {
  tableId: number;
  priority: number;
  match: Match;
  instructions: readonly Instruction[];
}

/** In the order in which packets meet them: by table, the higher priority first. */
export function flowLines(flows: readonly LinedFlow[], tableName: (tableId: number) => string): string[] {
  return flows
    .toSorted((a, b) => a.tableId - b.tableId || b.priority - a.priority)
    .map(({ tableId, priority, match, instructions }) => {
      const parts = [`priority=${priority}`, formatMatch(match)].filter((part) => part !== '');
      return `${tableName(tableId)} ${parts.join(',')} actions=${formatInstructions(instructions)}`;
    });
}
