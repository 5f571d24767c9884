/** Port statistics (OpenFlow 1.4, 7.3.5.7). */

import { type Infer, structure } from '../wire/codec.ts';
import { flags } from '../wire/flags.ts';
import { u16, u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { properties } from './properties.ts';
import { portNumber } from './reserved-numbers.ts';

export const portStatsRequest = structure('ofp_port_stats_request', struct({ portNo: portNumber, pad: padding(4) }));

const ethernet = structure(
  'ofp_port_stats_prop_ethernet',
  struct({ pad: padding(4), rxFrameErr: u64, rxOverErr: u64, rxCrcErr: u64, collisions: u64 }, 'ethernet'),
);

const optical = structure(
  'ofp_port_stats_prop_optical',
  struct(
    {
      pad: padding(4),
      /** Which of the values that follow are valid. */
      flags: flags(u32, {
        rxTune: 1 << 0,
        txTune: 1 << 1,
        txPwr: 1 << 2,
        rxPwr: 1 << 4,
        txBias: 1 << 5,
        txTemp: 1 << 6,
      }),
      /** Frequencies in MHz or wavelengths in nm * 100, as the port's description says. */
      txFreqLmda: u32,
      txOffset: u32,
      txGridSpan: u32,
      rxFreqLmda: u32,
      rxOffset: u32,
      rxGridSpan: u32,
      /** Powers in dBm * 10, the bias current in mA * 10, the laser's temperature in degrees Celsius * 10. */
      txPwr: u16,
      rxPwr: u16,
      biasCurrent: u16,
      temperature: u16,
    },
    'optical',
  ),
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
    properties: properties({ ethernet: [0, ethernet], optical: [1, optical] }, 'ofp_port_stats_prop_experimenter'),
  }),
);
export type PortStats = Infer<typeof portStats>;
