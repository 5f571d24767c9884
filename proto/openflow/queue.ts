/** Queues of ports: statistics (OpenFlow 1.4, 7.3.5.9) and description (7.3.5.10). */

import { type Infer, structure } from '../wire/codec.ts';
import { u16, u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { properties } from './properties.ts';
import { portNumber, queueNumber } from './reserved-numbers.ts';

export const queueStatsRequest = structure(
  'ofp_queue_stats_request',
  struct({ portNo: portNumber, queueId: queueNumber }),
);

export const queueStats = structure(
  'ofp_queue_stats',
  struct({
    length: ownLength,
    pad: padding(6),
    portNo: portNumber,
    queueId: u32,
    txBytes: u64,
    txPackets: u64,
    /** Packets that found the queue full. */
    txErrors: u64,
    durationSec: u32,
    durationNsec: u32,
    properties: properties({}, 'ofp_queue_stats_prop_experimenter'),
  }),
);
export type QueueStats = Infer<typeof queueStats>;

export const queueDescRequest = structure(
  'ofp_queue_desc_request',
  struct({ portNo: portNumber, queueId: queueNumber }),
);

/** A share of the port's rate in 1/10 of a per cent; above 1000: not in force. */
const minRate = structure('ofp_queue_desc_prop_min_rate', struct({ rate: u16, pad: padding(2) }, 'minRate'));
const maxRate = structure('ofp_queue_desc_prop_max_rate', struct({ rate: u16, pad: padding(2) }, 'maxRate'));

export const queueDesc = structure(
  'ofp_queue_desc',
  struct({
    portNo: portNumber,
    queueId: u32,
    length: ownLength,
    pad: padding(6),
    properties: properties({ minRate: [1, minRate], maxRate: [2, maxRate] }, 'ofp_queue_desc_prop_experimenter'),
  }),
);
export type QueueDesc = Infer<typeof queueDesc>;
