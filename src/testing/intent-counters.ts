/** What flows count, by the intents for which they are there. */

import type { SwitchSite } from '../app/switch-site.ts';
import { flowIdentity } from '../flow/flow-bytes.ts';
import type { LabSwitch } from './lab-network.ts';
import { unknown } from './place.ts';

export interface Counts {
  packets: number;
  bytes: number;
}

export interface IntentCounters {
  /** Of all switches; of flows that stand. Throws where nothing of that intent stands. */
  of(intent: string): Counts;
}

export function createIntentCounters(
  switches: ReadonlyMap<string, LabSwitch>,
  site: (dpid: string) => SwitchSite | undefined,
): IntentCounters {
  return {
    of(wanted) {
      const sum: Counts = { packets: 0, bytes: 0 };
      const known = new Set<string>();
      for (const { dpid, sim } of switches.values()) {
        const at = site(dpid);
        for (const { tableId, priority, match, cookie, packets, bytes } of sim.flows()) {
          const desired = at?.reconciler.desired(flowIdentity({ tableId, priority, match }));
          const intent = (desired ?? at?.learned(cookie))?.intent;
          if (intent !== undefined) known.add(intent.text);
          if (intent?.text !== wanted || intent.counts === false) continue;
          sum.packets += packets;
          sum.bytes += bytes;
        }
      }
      if (!known.has(wanted)) throw unknown('flow with the intent', wanted, known);
      return sum;
    },
  };
}
