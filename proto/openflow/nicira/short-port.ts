/** Ports as Nicira's actions have them: 16 bits, the reserved ones as in OpenFlow 1.0 (nicira-ext.h). */

import type { Infer } from '../../wire/codec.ts';
import { enumeration } from '../../wire/enumeration.ts';
import { u16 } from '../../wire/scalars.ts';

/** Named as the ports of 32 bits are. */
const SHORT_PORTS = {
  inPort: 0xfff8,
  table: 0xfff9,
  normal: 0xfffa,
  flood: 0xfffb,
  all: 0xfffc,
  controller: 0xfffd,
  local: 0xfffe,
  any: 0xffff,
} as const;

export const shortPort = enumeration(u16, SHORT_PORTS);
export type ShortPort = Infer<typeof shortPort>;
