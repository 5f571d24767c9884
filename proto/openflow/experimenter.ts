/** Experimenters' numbers (OpenFlow 1.4, 7.5.5): whose extension it is. */

/** Nicira's, which Open vSwitch has. */
export const NICIRA = 0x00002320;

/** The Open Networking Foundation's. */
export const ONF = 0x4f4e4600;
