/** Port, group, meter, queue and table numbers with a meaning of their own (OpenFlow 1.4, 7.2.1 and 7.3.4). */

import type { Infer } from '../wire/codec.ts';
import { enumeration } from '../wire/enumeration.ts';
import { u8, u32 } from '../wire/scalars.ts';

export const RESERVED_PORTS = {
  inPort: 0xfffffff8,
  table: 0xfffffff9,
  normal: 0xfffffffa,
  flood: 0xfffffffb,
  all: 0xfffffffc,
  controller: 0xfffffffd,
  local: 0xfffffffe,
  any: 0xffffffff,
} as const;

/** A port: its number, or a reserved port by name. */
export const portNumber = enumeration(u32, RESERVED_PORTS);
export type PortNumber = Infer<typeof portNumber>;

export const groupNumber = enumeration(u32, { all: 0xfffffffc, any: 0xffffffff });

/** Meters that the switch uses of itself: for packets on its slow path, and to the controller. */
export const meterNumber = enumeration(u32, { slowpath: 0xfffffffd, controller: 0xfffffffe, all: 0xffffffff });

export const queueNumber = enumeration(u32, { all: 0xffffffff });

export const tableNumber = enumeration(u8, { all: 0xff });

/** OFP_NO_BUFFER: the packet is in the message, not in the switch. */
export const NO_BUFFER = 0xffffffff;

/** OFPCML_NO_BUFFER: the whole packet goes to the controller. */
export const WHOLE_PACKET = 0xffff;
