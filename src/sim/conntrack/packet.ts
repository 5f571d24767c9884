/** A packet as conntrack takes it and gives it back. */

import type { ConntrackState } from './state.ts';

/** A frame on its way; its bytes are changed in place by NAT, never its length. */
export interface TrackedPacket {
  frame: Uint8Array;
  /** Offset of the IP header. */
  l3: number;
  /** Of what is at `l3`, VLAN tags passed: 0x0800, 0x86dd or else. */
  ethType: number;
  /** Of the last `ct`; undefined before any, and after `ct_clear`. */
  ct: ConntrackState | undefined;
}
