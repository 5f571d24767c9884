/** What is wrong with the user's file: where, what, and what to do about it; and how it is printed. */

import type { Source } from './source.ts';

export interface Problem {
  /** `flowloom.yaml:12:7`; only the file's name where there is no line (it cannot be read). */
  source: Source;
  message: string;
  fix: string;
}

/** One line each: what to mend, how, and where it stands. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.message}: ${problem.fix} (${problem.source})\n`).join('');
}

export function formatWarnings(warnings: readonly Problem[]): string {
  return warnings.map((warning) => `warning: ${formatProblems([warning])}`).join('');
}
