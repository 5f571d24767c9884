/** When the switches' flows were used last, as `flowloom run` knows it from their counters. */

import { flowIdentity } from '../flow/flow-bytes.ts';
import { matchOnWire } from '../sim/openflow/wire-form.ts';
import type { SimulatedSwitch } from '../sim/simulated-switch.ts';

export function usesOf(
  simOf: (dpid: string) => Pick<SimulatedSwitch, 'flows' | 'flowCount'> | undefined,
  now: () => number,
): (dpid: string, flow: string) => number | undefined {
  /** Of one moment: who asks for one flow asks for many. */
  let read = { dpid: '', at: -1, count: 0, uses: new Map<string, number>() };
  return (dpid, flow) => {
    const sim = simOf(dpid);
    if (sim === undefined) return undefined;
    const count = sim.flowCount();
    if (read.dpid !== dpid || read.at !== now() || read.count !== count) {
      read = { dpid, at: now(), count, uses: new Map() };
      for (const { tableId, priority, match, packets, created, used } of sim.flows())
        read.uses.set(flowIdentity({ tableId, priority, match: matchOnWire(match) }), packets > 0 ? used : created);
    }
    return read.uses.get(flow);
  };
}
