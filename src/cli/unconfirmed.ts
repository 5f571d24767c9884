/** What is said of a file in force that nobody has confirmed yet. */

import type { Unconfirmed } from '../api/apply.ts';

/** `file`: the one that waits. */
export function describeUnconfirmed(file: string, { until, back }: Unconfirmed): string {
  const left = Math.max(0, Math.round((until - Date.now()) / 1000));
  const before = back === file ? 'the file before it' : back;
  return `${file} is not confirmed: ${before} comes back in ${left} s unless you say "flowloom apply --confirmed"`;
}
