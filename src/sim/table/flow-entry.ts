/** A flow as it stands in a table (OpenFlow 1.4, 5.2): its match and instructions, what it counts, when it ends. */

import type { FlowMod } from '../../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Match } from '../../../proto/openflow/match.ts';
import type { MaskedKey } from '../key/masked-key.ts';
import type { Program } from '../pipeline/program.ts';
import type { Classified } from './classifier.ts';

export interface FlowEntry extends Classified<FlowEntry> {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  readonly masked: MaskedKey;
  readonly cookie: bigint;
  readonly instructions: readonly Instruction[];
  /** The instructions, ready to be carried out. */
  readonly program: Program;
  /** Seconds; 0: for ever. */
  idleTimeout: number;
  hardTimeout: number;
  readonly flags: FlowMod['flags'];
  readonly importance: number;
  /** Milliseconds of the switch's clock: made; last changed or, by `learn`, refreshed; last met by a packet. */
  readonly created: number;
  modified: number;
  used: number;
  packets: number;
  bytes: number;
  /** It is in its table no more. */
  removed: boolean;
}
