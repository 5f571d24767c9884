/** Reads `firewall.sets`: addresses and prefixes by a name, `admins: [10.66.66.8, 10.77.0.0/24]`. */

import { networkText, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { FirewallSet } from '../model.ts';
import type { Path } from '../path.ts';
import type { FileForm } from '../schema-file.ts';

export function readSets(form: NonNullable<FileForm['firewall']>, findings: Findings): FirewallSet[] {
  return Object.entries(form.sets ?? {}).map(([name, given]): FirewallSet => {
    const path = ['firewall', 'sets', name];
    const members = new Map<string, FirewallSet['members'][number]>();
    for (const [i, text] of (given ?? []).entries()) {
      const at = [...path, i];
      const prefix = readPrefix(text, at, findings);
      if (prefix === undefined) continue;
      if (members.has(prefix)) findings.warning(at, `set ${name}: ${text} stands twice`, 'keep one of them');
      else members.set(prefix, { prefix, source: findings.source(at) });
    }
    return { name, source: findings.source(path), members: [...members.values()] };
  });
}

/** `10.66.66.8` → `10.66.66.8/32`. undefined: it is none, which is reported. */
export function readPrefix(text: string, path: Path, findings: Findings): string | undefined {
  const prefix = parseIpPrefix(text);
  if (prefix === undefined) {
    findings.problem(
      path,
      `\`${text}\` is not an IP address or prefix`,
      'write it like 10.66.66.67, 10.66.66.0/24 or 2001:db8::/64',
    );
    return undefined;
  }
  const network = networkText(prefix);
  if (prefix.number === parseIpPrefix(network)!.number) return network;
  findings.problem(path, `\`${text}\` has bits set beyond its length`, `write ${network}`);
  return undefined;
}
