/** Which flows that stand in a switch are those of a template, set by an earlier run: by their bytes. */

import type { Instruction } from '../../../proto/openflow/instruction.ts';
import { encodeMessage } from '../../../proto/openflow/message.ts';
import type { TableFlow } from '../flow.ts';
import { flowAdd } from '../reconcile/messages.ts';
import { type TemplateBytes, takeSlots } from './template.ts';

/** `misled`: it is one but for the table that it goes on to, there were others when it was set. */
export type Recognised = 'as it is' | 'misled' | 'another';

/** Its numbers go into `values`. `like`: any flow of the template, as they are now. */
export function recognise(
  flow: TableFlow,
  { bytes, like }: { bytes: TemplateBytes; like(): TableFlow },
  values: Float64Array,
): Recognised {
  const isOne = (instructions: readonly Instruction[]) =>
    takeSlots(bytes, encodeMessage({ ...flowAdd(flow), instructions, xid: 0 }), values);
  if (isOne(flow.instructions)) return 'as it is';
  const others = flow.instructions.filter((each) => !isGoto(each));
  return isOne([...others, ...like().instructions.filter(isGoto)]) ? 'misled' : 'another';
}

function isGoto({ type }: Instruction): boolean {
  return type === 'gotoTable';
}
