/** OFPT_PACKET_IN (OpenFlow 1.4, 7.4.1): a packet that a flow or a miss sent to the controller. */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { rest, u8, u16, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { match } from './match.ts';
import { PACKET_IN_REASONS } from './reasons.ts';

export const packetIn = structure(
  'ofp_packet_in',
  struct(
    {
      bufferId: u32,
      totalLen: u16,
      reason: enumeration(u8, PACKET_IN_REASONS),
      tableId: u8,
      cookie: u64,
      /** Where it stood in the pipeline: inPort, metadata, registers, tunnel. */
      match,
      pad: padding(2),
      data: rest,
    },
    'packetIn',
  ),
);
export type PacketIn = Infer<typeof packetIn>;
