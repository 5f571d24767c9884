/** Packets that wait for a next hop, the first ones of each and no more than a memory of them all. */

import type { Punted } from './as-sent.ts';

/** Of one next hop, and of all. */
const PACKETS = 16;
const ALL_PACKETS = 2048;
const ALL_BYTES = 4 * 1024 * 1024;

export interface Waiting {
  /** False: there is no room. */
  add(hop: string, packet: Punted): boolean;
  /** Those that waited for it, in their order; they wait no more. */
  take(hop: string): Punted[];
}

export function createWaiting(): Waiting {
  const queues = new Map<string, Punted[]>();
  let packets = 0;
  let bytes = 0;
  return {
    add(hop, { data, inPort, match }) {
      const queue = queues.get(hop) ?? [];
      if (queue.length >= PACKETS || packets >= ALL_PACKETS || bytes + data.length > ALL_BYTES) return false;
      queue.push({ data: Uint8Array.from(data), inPort, match });
      queues.set(hop, queue);
      packets++;
      bytes += data.length;
      return true;
    },
    take(hop) {
      const queue = queues.get(hop) ?? [];
      queues.delete(hop);
      packets -= queue.length;
      for (const { data } of queue) bytes -= data.length;
      return queue;
    },
  };
}
