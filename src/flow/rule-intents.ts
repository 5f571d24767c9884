/** Why the flows of rules exist: each rule's text and line, and of several with one text which it is. */

import type { Intent } from './flow.ts';

/** In the order of the file, one for each. */
export function ruleIntents(rules: readonly { text: string; source: string }[]): Intent[] {
  const counts = new Map<string, number>();
  return rules.map(({ text, source }) => {
    const ordinal = (counts.get(text) ?? 0) + 1;
    counts.set(text, ordinal);
    return ordinal === 1 ? { text, source } : { text, source, ordinal };
  });
}
