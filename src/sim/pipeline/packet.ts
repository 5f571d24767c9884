/** A packet between two passes: its bytes, and what the datapath remembers of it beside them. */

import type { ConntrackState } from '../conntrack/state.ts';
import type { Frame } from '../frame/frame.ts';
import type { Key } from '../key/key.ts';

export interface Packet {
  frame: Frame;
  /** What the bytes said when they were last read or written. */
  base: Key;
  /** Of the frame when the pass began: conntrack looks at IP even where a label was put before it since. */
  ethType: number;
  /** undefined: conntrack has not seen it, or it has been cleared. */
  ct: ConntrackState | undefined;
  /** So many bytes at its end do not leave by the next port. */
  cut: number;
  /** What dp_hash says; 0: it has not been made. */
  hash: number;
}
