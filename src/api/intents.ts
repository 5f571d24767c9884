/** Flows summed by why they exist: one row per app, intent and line of the file, over all switches. */

import { integer, type JsonSchemas, list, number, object, orNull, text } from './shapes/schema.ts';
import type { CounterStatus, FlowStatus } from './snapshot.ts';

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

/** `counted`: what intents have counted in all, by flows that are gone too. */
export function sumIntents(flows: FlowStatus[], counted: readonly CounterStatus[] = []): IntentStatus[] {
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
  for (const [key, { packets, bytes }] of sumsByIntent(counted)) {
    const sum = sums.get(key);
    if (sum === undefined) continue;
    sum.packets = Math.max(sum.packets, packets);
    sum.bytes = Math.max(sum.bytes, bytes);
  }
  return [...sums.values()];
}

/** Flows with a timeout, and those without, have cookies of their own for the same intent. */
function sumsByIntent(counted: readonly CounterStatus[]): Map<string, { packets: number; bytes: number }> {
  const sums = new Map<string, { packets: number; bytes: number }>();
  for (const { app, intent, source, counts } of counted) {
    const key = JSON.stringify([app, intent, source]);
    const sum = sums.get(key) ?? { packets: 0, bytes: 0 };
    sums.set(key, { packets: sum.packets + (counts.packets ?? 0), bytes: sum.bytes + (counts.bytes ?? 0) });
  }
  return sums;
}

export const intentSchemas: JsonSchemas = {
  IntentStatus: object<IntentStatus>({
    app: orNull(text),
    intent: orNull(text),
    source: orNull(text),
    flows: integer,
    switches: list(text),
    packets: integer,
    bytes: integer,
    packetRate: number,
    bitRate: number,
  }),
};
