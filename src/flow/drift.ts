/** What somebody else did to what is ours, as it was found and repaired: named, counted, the last ones kept. */

import type { ActualFlow } from './diff.ts';

export interface Drift {
  /** Milliseconds since 1970. */
  time: number;
  /** For people: whose intent, and what was found. */
  text: string;
  app: string | null;
  intent: string | null;
  /** The line of the file that it serves. */
  source: string | null;
}

export interface DriftLog {
  /** How many there were, those no longer kept too. */
  readonly count: number;
  /** Newest last. */
  readonly entries: readonly Drift[];
  add(entry: Drift): void;
}

const MOST_KEPT = 200;

export function createDriftLog(): DriftLog {
  const entries: Drift[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    entries,
    add(entry) {
      count++;
      entries.push(entry);
      if (entries.length > MOST_KEPT) entries.shift();
    },
  };
}

/** Of one that no app declared. */
export function unknownFlow(flow: ActualFlow): string {
  return `a flow with our cookie that no app declared stood in table ${flow.tableId}`;
}
