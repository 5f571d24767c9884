/** What a port can do (OpenFlow 1.4, 7.2.1.2): ofp_port_features of Ethernet ports, ofp_optical_port_features of optical ones. */

import { flags } from '../wire/flags.ts';
import { u32 } from '../wire/scalars.ts';

/** Rates (HD: half duplex, FD: full duplex), medium and negotiation. */
export const portFeatures = flags(u32, {
  '10mbHd': 1 << 0,
  '10mbFd': 1 << 1,
  '100mbHd': 1 << 2,
  '100mbFd': 1 << 3,
  '1gbHd': 1 << 4,
  '1gbFd': 1 << 5,
  '10gbFd': 1 << 6,
  '40gbFd': 1 << 7,
  '100gbFd': 1 << 8,
  '1tbFd': 1 << 9,
  /** A rate that is not in the list. */
  other: 1 << 10,
  copper: 1 << 11,
  fiber: 1 << 12,
  autoneg: 1 << 13,
  pause: 1 << 14,
  pauseAsym: 1 << 15,
});

export const opticalPortFeatures = flags(u32, {
  rxTune: 1 << 0,
  txTune: 1 << 1,
  txPwr: 1 << 2,
  /** Frequencies, not wavelengths, are given. */
  useFreq: 1 << 3,
});
