/**
 * Flows by messages of Nicira's that OpenFlow 1.4 made superfluous and Open vSwitch still takes over it (nicira-ext.h):
 * NXT_FLOW_MOD, NXT_FLOW_REMOVED, NXT_FLOW_MOD_TABLE_ID and NXT_FLOW_AGE. Their fields are
 * NXM, their ports 16 bits, the flow-mod's actions in instructions, as OpenFlow 1.4 has them.
 */

import { structure } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { flags } from '../../wire/flags.ts';
import { u8, u16, u32, u64 } from '../../wire/scalars.ts';
import { alignment, lengthOf, padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';
import { instructions } from '../instruction.ts';
import { nxmFields } from '../match.ts';
import { FLOW_REMOVED_REASONS } from '../reasons.ts';

export const niciraFlowMod = structure(
  'nx_flow_mod',
  struct(
    {
      cookie: u64,
      /** With NXT_FLOW_MOD_TABLE_ID its upper byte is the table. */
      command: enumeration(u16, { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 }),
      idleTimeout: u16,
      hardTimeout: u16,
      priority: u16,
      bufferId: u32,
      outPort: enumeration(u16, { none: 0xffff }),
      flags: flags(u16, { sendFlowRem: 1, checkOverlap: 2, emerg: 4 }),
      matchLength: lengthOf('match'),
      pad: padding(6),
      match: nxmFields,
      pad2: alignment(8),
      instructions,
    },
    'niciraFlowMod',
  ),
);

export const niciraFlowRemoved = structure(
  'nx_flow_removed',
  struct(
    {
      cookie: u64,
      priority: u16,
      reason: enumeration(u8, FLOW_REMOVED_REASONS),
      /** The table's id and one; 0: not told. */
      tableId: u8,
      durationSec: u32,
      durationNsec: u32,
      idleTimeout: u16,
      matchLength: lengthOf('match'),
      packetCount: u64,
      byteCount: u64,
      match: nxmFields,
      pad: alignment(8),
    },
    'niciraFlowRemoved',
  ),
);

/** Whether NXT_FLOW_MOD's command holds a table's id. */
export const flowModTableId = structure('nx_flow_mod_table_id', struct({ set: u8, pad: padding(7) }, 'flowModTableId'));

/** Without a body, and without an effect in any switch. */
export const flowAge = struct({}, 'flowAge');
