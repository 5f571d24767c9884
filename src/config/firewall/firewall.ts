/** Reads `firewall`: zones of router interfaces, policies and rules in the file's order. */

import type { Findings } from '../findings.ts';
import type { Firewall, FirewallPolicy, Router } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';
import { readWords } from '../short-form.ts';
import { readRules } from './rules.ts';
import { policyForm } from './schema.ts';
import { refusesLater, type ZoneLookup } from './words.ts';
import { FW, readZones } from './zones.ts';

export function readFirewall(form: FileForm, routers: readonly Router[], findings: Findings): Firewall | undefined {
  if (form.firewall === undefined || form.firewall === null) return undefined;
  const zones = readZones(form.firewall, routers, findings);
  const declared = findings.declared('firewall', 'zones');
  const lookup: ZoneLookup = (name, path) => {
    if (name === 'all') return { ref: undefined };
    if (name === 'fw') return { ref: { name, number: FW } };
    if (!findings.known(path, 'zone', name, ['fw', 'all', ...declared], 'firewall.zones')) return undefined;
    return { ref: { name, number: zones.find((zone) => zone.name === name)?.number ?? 0 } };
  };
  return {
    source: findings.source(['firewall']),
    zones,
    policy: readPolicy(form.firewall, lookup, findings),
    rules: readRules(form.firewall, lookup, findings),
  };
}

type FirewallForm = NonNullable<FileForm['firewall']>;

function readPolicy(form: FirewallForm, lookup: ZoneLookup, findings: Findings): FirewallPolicy[] {
  const policy: FirewallPolicy[] = [];
  (form.policy ?? []).forEach((entry, i) => {
    const path: Path = ['firewall', 'policy', i];
    if (typeof entry === 'string' && refusesLater(entry, path, findings)) return;
    const given =
      typeof entry === 'string'
        ? readWords(entry, 'ZONE to ZONE accept|drop', policyWords, policyForm, path, findings)
        : entry;
    if (given === undefined) return;
    const at = (key: string): Path => (typeof entry === 'string' ? path : [...path, key]);
    const from = lookup(given.from, at('from'));
    const to = lookup(given.to, at('to'));
    if (from === undefined || to === undefined) return;
    const text = `${given.from} to ${given.to} ${given.action}`;
    const covering = policy.find(
      (other) =>
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
    policy.push({ source: findings.source(path), text, action: given.action, from: from.ref, to: to.ref });
  });
  return policy;
}

function policyWords(words: readonly string[]): Record<string, string> | undefined {
  const [from = '', to, target = '', action = '', ...rest] = words;
  return to === 'to' && rest.length === 0 ? { from, to: target, action } : undefined;
}
