// One action, or a few, as ovs-ofctl's text and as our value; and how the lists of them are written.
import type { Action } from '../../proto/openflow/action.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';

export interface ActionCase {
  /** ovs-ofctl's text of what the flow matches: some actions need it. */
  flow: string;
  text: string;
  actions: Action[];
  /** Where Open vSwitch prints it otherwise than it was given. */
  printed?: string;
  /** Where its dump has something else in their place. */
  dumped?: Instruction[];
}

export const bytes = (...list: number[]) => Uint8Array.from(list);
export const kase = (text: string, actions: Action | Action[], printed?: string): ActionCase => ({
  flow: 'tcp',
  text,
  actions: [actions].flat(),
  ...(printed === undefined ? {} : { printed }),
});
/** Which Open vSwitch stores as these. */
export const as = (given: ActionCase, ...actions: Action[]): ActionCase => ({
  ...given,
  dumped: [{ type: 'applyActions', actions }],
});
/** On a flow of its own. */
export const on = (flow: string, given: ActionCase): ActionCase => ({ ...given, flow });
