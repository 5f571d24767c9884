/** What the sentences of policies and rules have in common. */

import type { Findings } from '../findings.ts';
import type { FirewallZoneRef } from '../model.ts';
import type { Path } from '../path.ts';

/** undefined: no such zone, which is then reported; `ref` undefined: any zone. */
export type ZoneLookup = (name: string, path: Path) => { ref: FirewallZoneRef | undefined } | undefined;

/** `log` and `limit` at the end of a sentence are of a later version. */
export function refusesLater(sentence: string, path: Path, findings: Findings): boolean {
  const later = sentence
    .trim()
    .split(/\s+/)
    .slice(3)
    .find((word) => word === 'log' || word === 'limit');
  if (later === undefined) return false;
  findings.problem(
    path,
    `\`${later}\` in \`${sentence}\` is not supported yet`,
    `remove \`${later}\` and what follows it`,
  );
  return true;
}
