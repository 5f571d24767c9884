/** Reads `firewall.sets`: addresses and prefixes by a name, `admins: [10.66.66.8, 10.77.0.0/24]`. */

import type { Findings } from '../findings.ts';
import type { FirewallSet } from '../model.ts';
import type { FileForm } from '../schema-file.ts';
import { readAddresses } from './addresses.ts';

export function readSets(form: NonNullable<FileForm['firewall']>, findings: Findings): FirewallSet[] {
  return Object.entries(form.sets ?? {}).map(([name, given]): FirewallSet => {
    const path = ['firewall', 'sets', name];
    const members = new Map<string, FirewallSet['members'][number]>();
    for (const [i, text] of (given ?? []).entries()) {
      const at = [...path, i];
      const prefixes = readAddresses(text, at, findings);
      if (prefixes === undefined) continue;
      const isKnown = prefixes.every((prefix) => members.has(prefix));
      if (isKnown) findings.warning(at, `set ${name}: ${text} stands twice`, 'keep one of them');
      for (const prefix of prefixes) {
        if (!members.has(prefix)) members.set(prefix, { prefix, source: findings.source(at) });
      }
    }
    return { name, source: findings.source(path), members: [...members.values()] };
  });
}
