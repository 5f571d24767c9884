/** What a translation comes to: actions on the packet's bytes, in the order in which they are carried out (execute.ts). */

import type { TrackRequest } from '../conntrack/request.ts';
import type { Key } from '../key/key.ts';
import type { PacketForController } from '../switch-state.ts';
import type { Frozen } from './translation.ts';

export type DatapathAction =
  /** The headers are made to say what the key says. */
  | { type: 'apply'; key: Key }
  /** The next output leaves out what is beyond so many bytes of the packet as it is now. */
  | { type: 'truncate'; maxLen: number }
  /** `tunnel`: the key, where the port is a tunnel's. */
  | { type: 'output'; port: number; tunnel: Key | undefined }
  | { type: 'ct'; request: TrackRequest }
  | { type: 'ctClear' }
  /** The packet gets a hash of its addresses and ports, by which a select group chooses when it comes back. */
  | { type: 'hash' }
  /** A copy of the packet begins anew, in a table or where the translation was left. */
  | { type: 'recirculate'; frozen: Frozen }
  | { type: 'meter'; meterId: number }
  | { type: 'controller'; packet: Omit<PacketForController, 'frame'>; resume: Frozen | undefined }
  | { type: 'clone'; actions: DatapathAction[] }
  /** A header before the packet, which makes it a packet of this packet_type. */
  | { type: 'encap'; header: Uint8Array; packetType: number }
  /** The outermost header off it. */
  | { type: 'decap'; packetType: number };
