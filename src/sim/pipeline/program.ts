/** What a flow does, ready to be carried out: its instructions as a list of steps in Open vSwitch's order. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Conjunction } from '../table/conjunction.ts';
import type { Translation } from './translation.ts';

export interface Step {
  /** Actions and instructions alike; for people, and for those who look for what a flow refers to. */
  readonly of: Action | Instruction;
  /** True: the rest of the list is not done. What it returns else means nothing. */
  run(translation: Translation): unknown;
  /** Instead of `run`: the steps behind it are its own. */
  runRest?(translation: Translation, rest: readonly Step[]): void;
  /** What looks at headers: where the last MPLS label was taken off, the packet is read anew before it. */
  readonly needsHeaders: boolean;
}

export interface Program {
  readonly steps: readonly Step[];
  readonly conjunctions: readonly Conjunction[] | undefined;
}
