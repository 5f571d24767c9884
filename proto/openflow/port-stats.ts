/** Port statistics (OpenFlow 1.4, 7.3.5.6). */

import type { Infer } from '../wire/codec.ts';
import { lengthFirst, list } from '../wire/list.ts';
import { padding, rest, u32, u64 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';
import { portNumber } from './ports.ts';

export const portStatsRequest = struct({ portNo: portNumber, pad: padding(4) });

const property = tagged(
  {
    ethernet: [
      0,
      struct({ pad: padding(4), rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 }, 'ethernet'),
    ],
    experimenter: [0xffff, struct({ experimenter: u32, body: rest }, 'experimenter')],
  },
  { padding: 'excluded' },
);

/** A counter that the switch does not keep is all ones. */
export const portStats = lengthFirst(
  struct({
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
    properties: list(property),
  }),
);
export type PortStats = Infer<typeof portStats>;
