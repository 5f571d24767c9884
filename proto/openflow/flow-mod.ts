/** OFPT_FLOW_MOD (OpenFlow 1.4, 7.3.4.1) adds, changes or deletes flows; OFPT_FLOW_REMOVED (7.4.2) tells that one is gone. */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u8, u16, u32, u64 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { instructions } from './instruction.ts';
import { match } from './match.ts';
import { FLOW_REMOVED_REASONS } from './reasons.ts';
import { groupNumber, portNumber, tableNumber } from './reserved-numbers.ts';

export const flowFlags = flags(u16, {
  sendFlowRem: 1,
  checkOverlap: 2,
  resetCounts: 4,
  noPktCounts: 8,
  noBytCounts: 16,
});

export const flowMod = structure(
  'ofp_flow_mod',
  struct(
    {
      cookie: u64,
      cookieMask: u64,
      tableId: tableNumber,
      command: enumeration(u8, { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 }),
      /** Seconds; 0: for ever. */
      idleTimeout: u16,
      hardTimeout: u16,
      priority: u16,
      bufferId: u32,
      /** Deletes only: flows that output here. */
      outPort: portNumber,
      outGroup: groupNumber,
      flags: flowFlags,
      /** Eviction goes by it; 0 elsewhere. */
      importance: u16,
      match,
      instructions,
    },
    'flowMod',
  ),
);
export type FlowMod = Infer<typeof flowMod>;

export const flowRemoved = structure(
  'ofp_flow_removed',
  struct(
    {
      cookie: u64,
      priority: u16,
      reason: enumeration(u8, FLOW_REMOVED_REASONS),
      tableId: u8,
      durationSec: u32,
      durationNsec: u32,
      idleTimeout: u16,
      hardTimeout: u16,
      packetCount: u64,
      byteCount: u64,
      match,
    },
    'flowRemoved',
  ),
);
export type FlowRemoved = Infer<typeof flowRemoved>;
