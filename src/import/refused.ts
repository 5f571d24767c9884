/** Takes out of a draft what `check` would refuse, and tells it in check's words: what is imported is accepted. */

import { parseConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import type { Draft, Sentence } from './draft.ts';
import { fileLines } from './write-file.ts';

export function takeOutRefused(draft: Draft): Draft {
  for (;;) {
    const refused = refusedIn(draft);
    if (refused.size === 0) return draft;
    const isKept = (sentence: Sentence) => !refused.has(sentence);
    draft.routes = draft.routes.filter(isKept);
    draft.nat = draft.nat.filter(isKept);
    if (draft.firewall !== undefined) {
      draft.firewall.policy = draft.firewall.policy.filter(isKept);
      draft.firewall.rules = draft.firewall.rules.filter(isKept);
    }
    for (const [{ text, place }, { message, fix }] of refused) {
      draft.unmapped.push({ place, text, why: `${message}: ${fix}` });
    }
  }
}

/** What is wrong elsewhere is not of one line: it stays in the file, for people to mend. */
function refusedIn(draft: Draft): Map<Sentence, Problem> {
  const lines = fileLines(draft, 'imported');
  const loaded = parseConfig(lines.map(({ text }) => text).join('\n'), 'imported');
  const refused = new Map<Sentence, Problem>();
  for (const problem of loaded.ok ? [] : loaded.problems) {
    const [, line] = /:(\d+):\d+$/.exec(problem.source) ?? [];
    const sentence = lines[Number(line) - 1]?.of;
    if (sentence !== undefined && !refused.has(sentence)) refused.set(sentence, problem);
  }
  return refused;
}
