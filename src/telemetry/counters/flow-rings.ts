/** Histories of single flows, while somebody watches: of all flows of a switch together so many bytes, and no more. */

import { createRing, FLOW_STEPS, type Ring, ringBytes } from './ring.ts';

export interface FlowRings {
  /** What a flow has counted from then until now. */
  record(flow: WithRing, from: number, at: number, packets: number, bytes: number): void;
  drop(flow: WithRing): void;
}

export interface WithRing {
  ring: Ring | undefined;
}

const MOST_BYTES = 8 << 20;
/** Packets and bytes. */
const COUNTERS = 2;

export function createFlowRings(): FlowRings {
  const each = ringBytes(COUNTERS, FLOW_STEPS);
  let used = 0;
  return {
    record(flow, from, at, packets, bytes) {
      if (flow.ring === undefined) {
        if (used + each > MOST_BYTES) return;
        used += each;
        flow.ring = createRing(COUNTERS, from, FLOW_STEPS);
      }
      flow.ring.add(from, at, [packets, bytes]);
    },
    drop(flow) {
      if (flow.ring === undefined) return;
      used -= each;
      flow.ring = undefined;
    },
  };
}
