/** Who asks for the history of a flow is taken to look at its table for a while: who asks again finds one. */

import type { Clock } from '../clock.ts';
import type { Demand } from '../telemetry/counters/demand.ts';
import { WATCHED } from '../telemetry/counters/schedule.ts';

export interface FlowLookers {
  /** `dpid/table/…`, as flows are named. */
  lookAt(id: string): void;
  close(): void;
}

export function createFlowLookers(
  isConnected: (dpid: string) => boolean,
  want: (demand: Demand) => () => void,
  clock: Clock,
  lingerMs: number,
): FlowLookers {
  /** By `dpid/table`: how to stop looking. */
  const leases = new Map<string, { stop(): void; cancel(): void }>();
  return {
    lookAt(id) {
      const [dpid = '', table = ''] = id.split('/');
      const place = `${dpid}/${table}`;
      if (!isConnected(dpid) || !/^\d{1,3}$/.test(table)) return;
      const known = leases.get(place);
      const stop = known?.stop ?? want({ kinds: ['flow'], dpid, tables: [Number(table)], every: WATCHED });
      known?.cancel();
      const cancel = clock.after(lingerMs, () => {
        leases.delete(place);
        stop();
      });
      leases.set(place, { stop, cancel });
    },
    close() {
      for (const { cancel } of leases.values()) cancel();
    },
  };
}
