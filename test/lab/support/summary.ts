/** The table at the end of a run of labs. */
import type { LabResult } from './run-labs.ts';

/** One line for each lab, then one for all. */
export function summary(results: readonly LabResult[], seconds: number): string {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failures.length, 0);
  const all = `${results.length} lab${results.length > 1 ? 's' : ''} in ${seconds} s`;
  const last = `\n${all}: ${passed} checks passed, ${failed} failed\n`;
  if (results.length < 2) return last;
  const width = Math.max(...results.map(({ name }) => name.length));
  const row = (name: string, ...cells: (string | number)[]) =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}\n`;
  const rows = results.map(({ name, passed, failures, seconds }) => row(name, passed, failures.length, seconds));
  return `\n${row('lab', 'passed', 'failed', 'seconds')}${rows.join('')}${last}`;
}
