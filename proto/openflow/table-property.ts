/** A table's configuration (OpenFlow 1.4, 7.3.3): eviction of flows when it is full, and warnings before it is. */

import { structure } from '../wire/codec.ts';
import { flags } from '../wire/flags.ts';
import { u8, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';
import { properties } from './properties.ts';

/** Bits 0 and 1 (OFPTC_DEPRECATED_MASK) have no meaning any more. */
export const tableConfig = flags(u32, { eviction: 4, vacancyEvents: 8 });

const eviction = structure(
  'ofp_table_mod_prop_eviction',
  /** By what the switch chooses the flow that goes. */
  struct({ flags: flags(u32, { other: 1, importance: 2, lifetime: 4 }) }, 'eviction'),
);

/** Of free entries, in per cent. */
const vacancy = structure(
  'ofp_table_mod_prop_vacancy',
  struct(
    {
      vacancyDown: u8,
      vacancyUp: u8,
      /** As it is now; 0 in a table-mod. */
      vacancy: u8,
      pad: padding(1),
    },
    'vacancy',
  ),
);

export const tableProperties = properties(
  { eviction: [2, eviction], vacancy: [3, vacancy] },
  'ofp_table_mod_prop_experimenter',
);
