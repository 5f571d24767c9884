// A check of a lab: one line, PASS or FAIL, and on failure the evidence.
import type { Lab } from './lab.ts';
import { haltIfStopping } from './shell.ts';

/** What a check found not to be so. */
export class CheckFailed extends Error {}

/** Runs one check. A failure is told and counted, and the lab goes on. */
export async function check(lab: Lab, what: string, body: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  const failure = await body().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  await haltIfStopping();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (failure === undefined) {
    lab.passed++;
    lab.say(`  PASS  ${what} (${seconds} s)\n`);
    return;
  }
  lab.failures.push(`${what}\n${indent(failure)}`);
  lab.say(`  FAIL  ${what} (${seconds} s)\n${indent(failure)}\n`);
}

/** Fails the check unless `condition`; the evidence is made only then. */
export function expect(condition: boolean, what: string, evidence: () => string = () => ''): asserts condition {
  if (condition) return;
  const text = evidence();
  throw new CheckFailed(text === '' ? what : `${what}\n${text}`);
}

function indent(text: string): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(0, 40).map((line) => `        ${line.slice(0, 400)}`);
  if (lines.length > shown.length) shown.push(`        … and ${lines.length - shown.length} lines more`);
  return shown.join('\n');
}
