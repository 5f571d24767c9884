/** Why a switch sends an asynchronous message: the field `reason` of each kind (OpenFlow 1.4, 7.4), and masks of reasons (7.3.10). */

import { flags } from '../wire/flags.ts';
import { u32 } from '../wire/scalars.ts';

/** ofp_packet_in_reason */
export const PACKET_IN_REASONS = {
  tableMiss: 0,
  applyAction: 1,
  invalidTtl: 2,
  actionSet: 3,
  group: 4,
  packetOut: 5,
} as const;

/** ofp_port_reason */
export const PORT_REASONS = { add: 0, delete: 1, modify: 2 } as const;

/** ofp_flow_removed_reason */
export const FLOW_REMOVED_REASONS = {
  idleTimeout: 0,
  hardTimeout: 1,
  delete: 2,
  groupDelete: 3,
  meterDelete: 4,
  eviction: 5,
} as const;

/** ofp_controller_role_reason */
export const ROLE_REASONS = { masterRequest: 0, config: 1, experimenter: 2 } as const;

/** ofp_table_reason */
export const TABLE_REASONS = { vacancyDown: 3, vacancyUp: 4 } as const;

/** ofp_requestforward_reason */
export const REQUESTFORWARD_REASONS = { groupMod: 0, meterMod: 1 } as const;

/** The reasons for which a message is wanted: reason n is bit n. */
export function reasonMask<const N extends string>(reasons: Readonly<Record<N, number>>) {
  const bits = Object.entries<number>(reasons).map(([name, reason]) => [name, 1 << reason]);
  return flags(u32, Object.fromEntries(bits) as Record<N, number>);
}
