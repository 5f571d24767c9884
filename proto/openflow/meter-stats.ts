/** Meters as a switch has them (OpenFlow 1.4, 7.3.5.14 to 7.3.5.16): statistics, configuration, and what meters it can have. */

import { type Infer, structure } from '../wire/codec.ts';
import { flags } from '../wire/flags.ts';
import { list } from '../wire/list.ts';
import { u8, u32, u64 } from '../wire/scalars.ts';
import { ownLength, padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { meterBands } from './meter-band.ts';
import { METER_FLAGS, meterFlags } from './meter-mod.ts';
import { meterNumber } from './reserved-numbers.ts';

/** Of statistics and of configuration. */
export const meterRequest = structure('ofp_meter_multipart_request', struct({ meterId: meterNumber, pad: padding(4) }));

const meterBandStats = structure('ofp_meter_band_stats', struct({ packetBandCount: u64, byteBandCount: u64 }));

export const meterStats = structure(
  'ofp_meter_stats',
  struct({
    meterId: meterNumber,
    length: ownLength,
    pad: padding(6),
    /** Flows that name it. */
    flowCount: u32,
    packetInCount: u64,
    byteInCount: u64,
    durationSec: u32,
    durationNsec: u32,
    /** One for each band, in their order. */
    bandStats: list(meterBandStats),
  }),
);
export type MeterStats = Infer<typeof meterStats>;

export const meterConfig = structure(
  'ofp_meter_config',
  struct({ length: ownLength, flags: meterFlags, meterId: meterNumber, bands: meterBands }),
);
export type MeterConfig = Infer<typeof meterConfig>;

export const meterFeatures = structure(
  'ofp_meter_features',
  struct({
    maxMeter: u32,
    /** Of bands with the number n: bit n. */
    bandTypes: flags(u32, { drop: 1 << 1, dscpRemark: 1 << 2 }),
    capabilities: flags(u32, METER_FLAGS),
    /** Per meter. */
    maxBands: u8,
    maxColor: u8,
    pad: padding(2),
  }),
);
export type MeterFeatures = Infer<typeof meterFeatures>;
