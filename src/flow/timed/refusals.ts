/** What was refused of the flows with a timeout, in words for people: each told once in a while, the last ones kept. */

import type { Intent } from '../flow.ts';

export interface Refusals {
  tell(app: string, intent: Intent, reason: string): void;
  /** Those of late. */
  lines(): string[];
}

/** What was refused is told again after so long, and is a problem until then. */
const PROBLEM_MS = 60_000;
const MOST_PROBLEMS = 32;

/** `refused`: called once for each reason. */
export function createRefusals(refused: (text: string) => void): Refusals {
  /** By when they were told. */
  const problems = new Map<string, number>();
  return {
    tell(app, { text, source }, reason) {
      const where = source === undefined ? '' : ` (${source})`;
      const line = `${app}: ${text}${where}: ${reason}`;
      const now = performance.now();
      for (const [old, at] of problems) if (now - at > PROBLEM_MS) problems.delete(old);
      if (problems.has(line) || problems.size >= MOST_PROBLEMS) return;
      problems.set(line, now);
      refused(line);
    },
    lines: () => [...problems].filter(([, at]) => performance.now() - at <= PROBLEM_MS).map(([line]) => line),
  };
}
