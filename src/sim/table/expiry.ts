/** When flows end (idle_timeout, hard_timeout: OpenFlow 1.4, 5.5): a heap, so that nobody walks flows that stay. */

import type { FlowEntry } from './flow-entry.ts';

export interface Expiry {
  /** A flow with a timeout has come, or its timeouts have been shortened. */
  schedule(flow: FlowEntry): void;
  forget(flow: FlowEntry): void;
  /** Those that are over at `now`, each with why. */
  due(now: number): { flow: FlowEntry; reason: 'idleTimeout' | 'hardTimeout' }[];
  /** No flow ends before; undefined: none ever does. */
  next(): number | undefined;
}

interface Entry {
  due: number;
  flow: FlowEntry;
}

const SLACK = 64;

/** Milliseconds; Infinity: never. Open vSwitch counts hard timeouts from the last change, too. */
export function endOf({ hardTimeout, idleTimeout, modified, used }: FlowEntry): number {
  const hard = hardTimeout === 0 ? Number.POSITIVE_INFINITY : modified + hardTimeout * 1000;
  const idle = idleTimeout === 0 ? Number.POSITIVE_INFINITY : used + idleTimeout * 1000;
  return Math.min(hard, idle);
}

export function createExpiry(): Expiry {
  /** The one entry of a flow that counts is that with this time. */
  const scheduled = new Map<FlowEntry, number>();
  let heap: Entry[] = [];

  function push(entry: Entry): void {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.due <= entry.due) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  function pop(): void {
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && heap[below + 1]!.due < heap[below]!.due) below++;
      if (heap[below]!.due >= last.due) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }

  function schedule(flow: FlowEntry): void {
    const due = endOf(flow);
    if (due === Number.POSITIVE_INFINITY || scheduled.get(flow) === due) return;
    scheduled.set(flow, due);
    push({ due, flow });
    if (heap.length <= 2 * scheduled.size + SLACK) return;
    heap = [];
    for (const [each, when] of scheduled) push({ due: when, flow: each });
  }

  /** What stands at the top counts. */
  function tidy(): Entry | undefined {
    for (;;) {
      const top = heap[0];
      if (top === undefined || scheduled.get(top.flow) === top.due) return top;
      pop();
    }
  }

  return {
    schedule,
    forget: (flow) => void scheduled.delete(flow),
    due(now) {
      const over: ReturnType<Expiry['due']> = [];
      for (let top = tidy(); top !== undefined && top.due <= now; top = tidy()) {
        const { flow } = top;
        pop();
        scheduled.delete(flow);
        if (endOf(flow) > now) schedule(flow);
        else {
          const { hardTimeout, modified } = flow;
          const hard = hardTimeout > 0 && modified + hardTimeout * 1000 <= now;
          over.push({ flow, reason: hard ? 'hardTimeout' : 'idleTimeout' });
        }
      }
      return over;
    },
    next: () => tidy()?.due,
  };
}
