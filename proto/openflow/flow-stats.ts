/** Flow statistics (OpenFlow 1.4, 7.3.5.2 and 7.3.5.3): the flows of a switch and their counters, one by one or summed up. */

import { type Infer, structure } from '../wire/codec.ts';
import { u8, u16, u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { flowFlags } from './flow-mod.ts';
import { instructions } from './instruction.ts';
import { match } from './match.ts';
import { groupNumber, portNumber, tableNumber } from './reserved-numbers.ts';

/** Which flows are meant; those that output to a port or a group, where one is given. */
const selection = struct({
  tableId: tableNumber,
  pad: padding(3),
  outPort: portNumber,
  outGroup: groupNumber,
  pad2: padding(4),
  cookie: u64,
  cookieMask: u64,
  match,
});

export const flowStatsRequest = structure('ofp_flow_stats_request', selection);

export const flowStats = structure(
  'ofp_flow_stats',
  struct({
    length: ownLength,
    tableId: u8,
    pad: padding(1),
    durationSec: u32,
    durationNsec: u32,
    priority: u16,
    idleTimeout: u16,
    hardTimeout: u16,
    flags: flowFlags,
    importance: u16,
    pad2: padding(2),
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
    match,
    instructions,
  }),
);
export type FlowStats = Infer<typeof flowStats>;

export const aggregateStatsRequest = structure('ofp_aggregate_stats_request', selection);

export const aggregateStatsReply = structure(
  'ofp_aggregate_stats_reply',
  struct({ packetCount: u64, byteCount: u64, flowCount: u32, pad: padding(4) }),
);
export type AggregateStats = Infer<typeof aggregateStatsReply>;
