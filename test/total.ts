// What a part of `.ci/run` tells it at its end: its total, and what failed, so that both stand at the end of the output.
import { appendFileSync } from 'node:fs';

/** One line of the totals' file. */
export interface Total {
  of: 'tests' | 'labs';
  passed: number;
  failed: number;
}

/** Writes the total and the failures into the files that `.ci/run` names; does nothing outside it. */
export function tellTotal(total: Total, failures: readonly string[]): void {
  const { FLOWLOOM_TOTALS: totals, FLOWLOOM_FAILURES: told } = process.env;
  if (told !== undefined) appendFileSync(told, failures.map((failure) => `FAILED ${failure}\n`).join(''));
  if (totals !== undefined) appendFileSync(totals, `${JSON.stringify(total)}\n`);
}
