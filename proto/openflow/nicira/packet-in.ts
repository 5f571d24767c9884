/**
 * Packets to the controller, Nicira's way (nicira-ext.h): NXT_SET_PACKET_IN_FORMAT chooses between OFPT_PACKET_IN,
 * NXT_PACKET_IN and NXT_PACKET_IN2. The last alone carries the userdata of `controller2`, and what NXT_RESUME gives
 * back for a packet that was paused. Fields in NXT_PACKET_IN are NXM, in NXT_PACKET_IN2 those of the connection's version.
 */

import { type Infer, structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { list } from '../../wire/list.ts';
import { rest, u8, u16, u32, u64 } from '../../wire/scalars.ts';
import { alignment, lengthOf, padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { tagged } from '../../wire/tagged.ts';
import { nxmFields, oxmFields } from '../match.ts';
import { PACKET_IN_REASONS } from '../reasons.ts';

const reason = enumeration(u8, PACKET_IN_REASONS);

export const setPacketInFormat = structure(
  'nx_set_packet_in_format',
  struct({ format: enumeration(u32, { standard: 0, packetIn: 1, packetIn2: 2 }) }, 'setPacketInFormat'),
);

export const niciraPacketIn = structure(
  'nx_packet_in',
  struct(
    {
      bufferId: u32,
      totalLen: u16,
      reason,
      tableId: u8,
      /** All ones where no flow sent it. */
      cookie: u64,
      matchLength: lengthOf('match'),
      pad: padding(6),
      /** Where it stood in the pipeline. */
      match: nxmFields,
      pad2: alignment(8),
      pad3: padding(2),
      data: rest,
    },
    'niciraPacketIn',
  ),
);

/**
 * What a packet-in2 may say; only the packet must be there, each at most once. Of a paused packet Open vSwitch 3.1 names
 * the table and the cookie of the flow that it met first.
 */
const properties = list(
  tagged(
    {
      packet: [0, struct({ data: rest }, 'packet')],
      /** How long the packet was, where `packet` is not all of it. */
      fullLen: [1, struct({ fullLen: u32 }, 'fullLen')],
      bufferId: [2, struct({ bufferId: u32 }, 'bufferId')],
      tableId: [3, struct({ tableId: u8 }, 'tableId')],
      cookie: [4, struct({ pad: padding(4), cookie: u64 }, 'cookie')],
      reason: [5, struct({ reason }, 'reason')],
      /** Where it stood in the pipeline: inPort, metadata, registers, tunnel. */
      metadata: [6, struct({ match: oxmFields }, 'metadata')],
      /** As the action `controller2` had it. */
      userdata: [7, struct({ data: rest }, 'userdata')],
      /** Of a packet that the action paused: private to the switch, for NXT_RESUME. */
      continuation: [8, struct({ pad: padding(4), data: rest }, 'continuation')],
    },
    { padding: 'excluded' },
  ),
);

export const packetIn2 = structure('nx_packet_in2', struct({ properties }, 'packetIn2'));
export type PacketIn2 = Infer<typeof packetIn2>;

/** The paused packet goes on from where it stopped, with the packet and the fields as they stand here. */
export const resume = struct({ properties }, 'resume');
export type Resume = Infer<typeof resume>;

/** What lets the packet of a packet-in2 go on: all of it but the userdata. */
export function resumeOf(packetIn: PacketIn2): Resume {
  return { type: 'resume', properties: packetIn.properties.filter((property) => property.type !== 'userdata') };
}
