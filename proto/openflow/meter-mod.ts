/** OFPT_METER_MOD (OpenFlow 1.4, 7.3.4.4): meters, which limit the rate of the flows that name them. */

import { type Infer, structure } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { flags } from '../wire/flags.ts';
import { u16 } from '../wire/scalars.ts';
import { struct } from '../wire/struct.ts';
import { meterBands } from './meter-band.ts';
import { meterNumber } from './reserved-numbers.ts';

/** Of a meter, and of what meters a switch can have. */
export const METER_FLAGS = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const;

export const meterFlags = flags(u16, METER_FLAGS);

export const meterMod = structure(
  'ofp_meter_mod',
  struct(
    {
      command: enumeration(u16, { add: 0, modify: 1, delete: 2 }),
      flags: meterFlags,
      meterId: meterNumber,
      bands: meterBands,
    },
    'meterMod',
  ),
);
export type MeterMod = Infer<typeof meterMod>;
