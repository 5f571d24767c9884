/** Flows summed by why they exist: one row per app, intent and line of the file, over all switches. */
import type { FlowStatus } from './snapshot.ts';

export interface IntentStatus {
  /** null: the sum of all foreign flows. */
  app: string | null;
  intent: string | null;
  source: string | null;
  flows: number;
  /** Names of the switches that hold its flows. */
  switches: string[];
  packets: number;
  bytes: number;
  packetRate: number;
  bitRate: number;
}

export function sumIntents(flows: FlowStatus[]): IntentStatus[] {
  const sums = new Map<string, IntentStatus>();
  for (const flow of flows) {
    const { app, intent, source } = flow;
    const key = JSON.stringify([app, intent, source]);
    const sum = sums.get(key) ?? {
      ...{ app, intent, source, flows: 0, switches: [] },
      ...{ packets: 0, bytes: 0, packetRate: 0, bitRate: 0 },
    };
    sums.set(key, sum);
    sum.flows += 1;
    if (!sum.switches.includes(flow.switch)) sum.switches.push(flow.switch);
    sum.packets += flow.packets;
    sum.bytes += flow.bytes;
    sum.packetRate += flow.packetRate;
    sum.bitRate += flow.bitRate;
  }
  return [...sums.values()];
}
