/** Who watches a packet's way: told of each table, flow and step, in the order in which they come (for `trace`). */

import type { Key } from '../key/key.ts';
import type { FlowEntry } from '../table/flow-entry.ts';
import type { Step } from './program.ts';

export interface Watcher {
  /** A pass begins; `again`: the packet comes back, from conntrack for instance. */
  begin(key: Key, again: boolean): void;
  /** `undefined`: no flow matched; `isMiss`: which then ends the packet's way, as after a resubmit it does not. */
  table(tableId: number, inPort: number, flow: FlowEntry | undefined, isMiss: boolean): void;
  /** Around the steps of a flow, of a group's bucket, of a clone. */
  enter(): void;
  leave(): void;
  step(step: Step, key: Key): void;
  note(text: string): void;
  /** The packet leaves, as these bytes. */
  output(port: number, frame: Uint8Array): void;
  /** It goes to the controllers. */
  controller(reason: string, tableId: number): void;
  /** What conntrack said; the packet's bytes before and behind it, which differ where NAT has translated. */
  tracked(state: number, zone: number, before: Uint8Array, behind: Uint8Array): void;
}
