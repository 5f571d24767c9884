/** NXAST_RESUBMIT_TABLE: looks the packet up in another table and comes back (nicira-ext.h). Ports have 16 bits here. */

import type { Infer } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { u8, u16 } from '../../wire/scalars.ts';
import { padding } from '../../wire/silent.ts';
import { struct } from '../../wire/struct.ts';

export const resubmit = struct(
  {
    /** `inPort` keeps the packet's own. */
    inPort: enumeration(u16, { inPort: 0xfff8 }),
    /** 255: the current table. */
    table: u8,
    pad: padding(3),
  },
  'resubmit',
);
export type Resubmit = Infer<typeof resubmit>;
