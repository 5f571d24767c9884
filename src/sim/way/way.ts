/** A packet's way through a switch, as plain data: which tables and flows it met, what was done to it, where it left. */

import type { Action } from '../../../proto/openflow/action.ts';
import type { Instruction } from '../../../proto/openflow/instruction.ts';
import type { Watcher } from '../pipeline/watcher.ts';
import type { FlowEntry } from '../table/flow-entry.ts';

/** In the order in which they came; `depth`: inside how many flows, buckets and clones. */
export type WayEntry = { depth: number } /** The packet comes in, or comes back, out of conntrack for instance. */ & (
  | { type: 'begin'; again: boolean }
  /** No flow: nothing matched; `isMiss`: which ends the packet's way, as after a resubmit it does not. */
  | { type: 'table'; tableId: number; inPort: number; flow: FlowEntry | undefined; isMiss: boolean }
  | { type: 'step'; of: Action | Instruction }
  | { type: 'note'; text: string }
  | { type: 'output'; port: number; frame: Uint8Array }
  /** `state`: bits of ct_state. */
  | { type: 'tracked'; state: number; zone: number }
  | { type: 'controller'; reason: string; tableId: number }
);

export interface WayRecorder extends Watcher {
  readonly entries: readonly WayEntry[];
}

export function recordWay(): WayRecorder {
  const entries: WayEntry[] = [];
  let depth = 0;
  return {
    entries,
    begin(_, again) {
      depth = 0;
      entries.push({ type: 'begin', again, depth });
    },
    table: (tableId, inPort, flow, isMiss) =>
      void entries.push({ type: 'table', tableId, inPort, flow, isMiss, depth }),
    enter() {
      depth++;
    },
    leave() {
      depth--;
    },
    step: ({ of }) => void entries.push({ type: 'step', of, depth }),
    note: (text) => void entries.push({ type: 'note', text, depth }),
    // A copy: the same bytes may be changed for what leaves next.
    output: (port, frame) => void entries.push({ type: 'output', port, frame: frame.slice(), depth }),
    tracked: (state, zone) => void entries.push({ type: 'tracked', state, zone, depth }),
    controller: (reason, tableId) => void entries.push({ type: 'controller', reason, tableId, depth }),
  };
}
