/** Port statistics (OpenFlow 1.4, 7.3.5.6). */

import { type Infer, structure } from '../wire/codec.ts';
import { u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { portNumber } from './ports.ts';
import { properties } from './properties.ts';

export const portStatsRequest = structure('ofp_port_stats_request', struct({ portNo: portNumber, pad: padding(4) }));

const ethernet = structure(
  'ofp_port_stats_prop_ethernet',
  struct({ pad: padding(4), rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 }, 'ethernet'),
);

/** A counter that the switch does not keep is all ones. */
export const portStats = structure(
  'ofp_port_stats',
  struct({
    length: ownLength,
    pad: padding(2),
    portNo: portNumber,
    durationSec: u32,
    durationNsec: u32,
    rxPackets: u64,
    txPackets: u64,
    rxBytes: u64,
    txBytes: u64,
    rxDropped: u64,
    txDropped: u64,
    rxErrors: u64,
    txErrors: u64,
    properties: properties({ ethernet: [0, ethernet] }, 'ofp_port_stats_prop_experimenter'),
  }),
);
export type PortStats = Infer<typeof portStats>;
