/**
 * Flow monitors (OpenFlow 1.4, 7.3.5.17): a controller is told of every change of the flows that it asks for. The reply
 * to the request has the flows that there are, if they are asked for; updates are more replies, with an xid of 0.
 *
 * Where Open vSwitch 3.1 differs:
 * - NO_ABBREV is a bad flag to it, and no flag of add, removed and modify is one too.
 * - ONLY_OWN means what NO_ABBREV should: own changes come in full, and others' as ever.
 * - A removed flow's instructions come too, and a change's reason is 0 where nothing was removed.
 * - A refused request is answered with an error of version 1 and an xid of 0, in the numbers of OpenFlow 1.0.
 */

import { type AnyCodec, type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u8, u16, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { instructions } from './instruction.ts';
import { match } from './match.ts';
import { FLOW_REMOVED_REASONS } from './reasons.ts';
import { groupNumber, portNumber, tableNumber } from './reserved-numbers.ts';

export const flowMonitorRequest = structure(
  'ofp_flow_monitor_request',
  struct({
    /** The controller's own choice; unique on its connection. */
    monitorId: u32,
    outPort: portNumber,
    outGroup: groupNumber,
    flags: flags(u16, {
      /** When there are updates: of the flows at the start, then of those that come, go and change. */
      initial: 1 << 0,
      add: 1 << 1,
      removed: 1 << 2,
      modify: 1 << 3,
      /** What is in them: instructions; changes by this controller in full; no changes by other controllers. */
      instructions: 1 << 4,
      noAbbrev: 1 << 5,
      onlyOwn: 1 << 6,
    }),
    tableId: tableNumber,
    command: enumeration(u8, { add: 0, modify: 1, delete: 2 }),
    match,
  }),
);
export type FlowMonitorRequest = Infer<typeof flowMonitorRequest>;

const reasons = enumeration(u8, FLOW_REMOVED_REASONS);

/** `reason` means something only where a flow was removed. */
function full<const T extends string, const R extends AnyCodec>(type: T, reason: R) {
  return structure(
    'ofp_flow_update_full',
    struct(
      {
        tableId: u8,
        reason,
        idleTimeout: u16,
        hardTimeout: u16,
        priority: u16,
        zeros: padding(4),
        cookie: u64,
        match,
        instructions,
      },
      type,
    ),
  );
}

export const flowUpdate = structure(
  'ofp_flow_update_header',
  tagged(
    {
      initial: [0, full('initial', u8)],
      added: [1, full('added', u8)],
      removed: [2, full('removed', reasons)],
      modified: [3, full('modified', u8)],
      /** A change that this controller's message with the xid made. */
      abbrev: [4, structure('ofp_flow_update_abbrev', struct({ xid: u32 }, 'abbrev'))],
      /** The switch has more to tell than the connection takes: no updates until `resumed`, and then all that is left. */
      paused: [5, structure('ofp_flow_update_paused', struct({ zeros: padding(4) }, 'paused'))],
      resumed: [6, structure('ofp_flow_update_paused', struct({ zeros: padding(4) }, 'resumed'))],
    },
    { padding: 'included', lengthFirst: true },
  ),
);
