/** Instructions (OpenFlow 1.4, 7.2.3): what a flow does with a packet that it matched. */

import { type Infer, structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u8, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { actions } from './action.ts';

export const instruction = structure(
  'ofp_instruction_header',
  tagged(
    {
      gotoTable: [1, structure('ofp_instruction_goto_table', struct({ tableId: u8, pad: padding(3) }, 'gotoTable'))],
      writeMetadata: [
        2,
        structure(
          'ofp_instruction_write_metadata',
          struct({ pad: padding(4), metadata: u64, mask: u64 }, 'writeMetadata'),
        ),
      ],
      writeActions: [3, structure('ofp_instruction_actions', struct({ pad: padding(4), actions }, 'writeActions'))],
      applyActions: [4, structure('ofp_instruction_actions', struct({ pad: padding(4), actions }, 'applyActions'))],
      clearActions: [5, structure('ofp_instruction_actions', struct({ pad: padding(4) }, 'clearActions'))],
      meter: [6, structure('ofp_instruction_meter', struct({ meterId: u32 }, 'meter'))],
      experimenter: [
        0xffff,
        structure('ofp_instruction_experimenter_header', struct({ experimenter: u32, body: rest }, 'experimenter')),
      ],
    },
    { padding: 'included' },
  ),
);
export type Instruction = Infer<typeof instruction>;

export const instructions = list(instruction);
