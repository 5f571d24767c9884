/** Table statistics (OpenFlow 1.4, 7.3.5.4). */

import { type Infer, structure } from '../wire/codec.ts';
import { u8, u32, u64 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';

export const tableStats = structure(
  'ofp_table_stats',
  struct({
    tableId: u8,
    pad: padding(3),
    /** Flows in it. */
    activeCount: u32,
    /** Packets looked up, and those of them that a flow matched. */
    lookupCount: u64,
    matchedCount: u64,
  }),
);
export type TableStats = Infer<typeof tableStats>;
