/**
 * The actions of OpenFlow 1.1 (5.8) whose place set-field took in 1.2. Open vSwitch still takes them over 1.4, tells its
 * log that they are deprecated, and sends set-field instead. Numbers that 1.4 leaves free.
 */

import { ipv4, mac, u8, u16, u32 } from '../wire/scalars.ts';
import { padding } from '../wire/silent.ts';
import { struct } from '../wire/struct.ts';

export const OLDER_ACTIONS = {
  setVlanVid: [1, struct({ vlanVid: u16, pad: padding(2) }, 'setVlanVid')],
  setVlanPcp: [2, struct({ vlanPcp: u8, pad: padding(3) }, 'setVlanPcp')],
  setDlSrc: [3, struct({ dlAddr: mac, pad: padding(6) }, 'setDlSrc')],
  setDlDst: [4, struct({ dlAddr: mac, pad: padding(6) }, 'setDlDst')],
  setNwSrc: [5, struct({ nwAddr: ipv4 }, 'setNwSrc')],
  setNwDst: [6, struct({ nwAddr: ipv4 }, 'setNwDst')],
  /** The whole byte; its lowest two bits, which are ECN, stay as they are. */
  setNwTos: [7, struct({ nwTos: u8, pad: padding(3) }, 'setNwTos')],
  setNwEcn: [8, struct({ nwEcn: u8, pad: padding(3) }, 'setNwEcn')],
  setTpSrc: [9, struct({ tpPort: u16, pad: padding(2) }, 'setTpSrc')],
  setTpDst: [10, struct({ tpPort: u16, pad: padding(2) }, 'setTpDst')],
  setMplsLabel: [13, struct({ mplsLabel: u32 }, 'setMplsLabel')],
  setMplsTc: [14, struct({ mplsTc: u8, pad: padding(3) }, 'setMplsTc')],
} as const;
