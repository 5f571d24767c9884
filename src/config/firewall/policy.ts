/** Reads the firewall's policies: `net to all drop log info`, in the file's order. */

import type { Findings } from '../findings.ts';
import type { FirewallPolicy } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { policyForm } from './schema.ts';
import { END_FORM, endText, endWords, readEnd, type ZoneLookup } from './words.ts';

const GRAMMAR = { form: `ZONE to ZONE accept|drop|reject ${END_FORM}`, example: 'net to all drop log' };

export function readPolicy(
  form: NonNullable<FileForm['firewall']>,
  lookup: ZoneLookup,
  findings: Findings,
): FirewallPolicy[] {
  const policy: FirewallPolicy[] = [];
  (form.policy ?? []).forEach((entry, i) => {
    const path: Path = ['firewall', 'policy', i];
    const given =
      typeof entry === 'string' ? readWords(entry, GRAMMAR, policyWords, policyForm, path, findings) : entry;
    if (given === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const from = lookup(given.from, at('from'));
    const to = lookup(given.to, at('to'));
    const end = readEnd(given, at, findings);
    if (from === undefined || to === undefined || end === undefined) return;
    const text = `${given.from} to ${given.to} ${given.action}${endText(end)}`;
    const covering = policy.find(
      (other) =>
        other.limit?.kind !== 'connections' &&
        (other.from === undefined || other.from.name === from.ref?.name) &&
        (other.to === undefined || other.to.name === to.ref?.name),
    );
    if (covering !== undefined) {
      const report =
        covering.from?.name === from.ref?.name && covering.to?.name === to.ref?.name
          ? findings.problem
          : findings.warning;
      report(
        path,
        `policy \`${text}\` never applies: \`${covering.text}\` (${covering.source}) comes first`,
        'move it up, or remove it',
      );
    }
    const { limit, log } = end;
    policy.push({ source: findings.source(path), text, action: given.action, from: from.ref, to: to.ref, limit, log });
  });
  return policy;
}

function policyWords(words: readonly string[]): Record<string, unknown> | undefined {
  const [from = '', to, target = '', action = '', ...rest] = words;
  const end = endWords(rest);
  return to === 'to' && end !== undefined && !('over' in end) ? { from, to: target, action, ...end } : undefined;
}
