/** OFPT_PACKET_OUT (OpenFlow 1.4, 7.3.6): a packet, and what the switch does with it. */

import { type Infer, structure } from '../wire/codec.ts';
import { rest, u32 } from '../wire/scalars.ts';
import { lengthOf, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { actions } from './action.ts';
import { portNumber } from './reserved-numbers.ts';

export const packetOut = structure(
  'ofp_packet_out',
  struct(
    {
      bufferId: u32,
      inPort: portNumber,
      actionsLength: lengthOf('actions'),
      pad: padding(6),
      actions,
      /** The packet, where it is not in a buffer of the switch. */
      data: rest,
    },
    'packetOut',
  ),
);
export type PacketOut = Infer<typeof packetOut>;
