/** A meter's bands (OpenFlow 1.4, 7.3.4.4): what becomes of packets above a rate. */

import { structure } from '../wire/codec.ts';
import { list } from '../wire/list.ts';
import { rest, u8, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { tagged } from '../wire/tagged.ts';

/** In kilobits or packets per second, as the meter's flags say. */
const limits = { rate: u32, burstSize: u32 } as const;

const meterBand = tagged(
  {
    drop: [1, structure('ofp_meter_band_drop', struct({ ...limits, pad: padding(4) }, 'drop'))],
    dscpRemark: [
      2,
      structure(
        'ofp_meter_band_dscp_remark',
        struct(
          {
            ...limits,
            /** By how much the drop precedence rises. */
            precLevel: u8,
            pad: padding(3),
          },
          'dscpRemark',
        ),
      ),
    ],
    experimenter: [
      0xffff,
      structure('ofp_meter_band_experimenter', struct({ ...limits, experimenter: u32, body: rest }, 'experimenter')),
    ],
  },
  { padding: 'included' },
);

export const meterBands = list(structure('ofp_meter_band_header', meterBand));
