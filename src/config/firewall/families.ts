/** Warns of rules for addresses of a family that nothing in the file has: IPv6 where IPv4 is meant, or the other way. */

import { parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Firewall, FirewallRule } from './model.ts';
import { familiesOf } from './sides.ts';
import type { ZoneScope } from './zones.ts';

type Family = 4 | 6;

export function warnOfFamilies(
  { zones, sets, rules }: Pick<Firewall, 'zones' | 'sets' | 'rules'>,
  { routers, segments }: ZoneScope,
  findings: Findings,
): void {
  // Stations of a segment talk in both, whatever the file says.
  if (zones.some(({ ports, segments: whole }) => ports.length + whole.length > 0) || routers.length === 0) return;
  if (findings.broken(['routers'])) return;
  const there = new Set(
    routers.flatMap(({ interfaces }) =>
      interfaces.flatMap(({ addresses, follow, segment }) => {
        const subnets = segments.find(({ name }) => name === segment)?.subnets ?? [];
        return follow ? [4 as const, ...subnets.map(familyOfPrefix)] : addresses.map(familyOfPrefix);
      }),
    ),
  );
  for (const [i, rule] of rules.entries()) {
    const [only, other] = familiesOfRule(rule, sets);
    if (only === undefined || other !== undefined || there.has(only)) continue;
    findings.warning(
      ['firewall', 'rules', i],
      `\`${rule.text}\` never applies: it is of IPv${only}, and no router has an IPv${only} address`,
      `write it of IPv${only === 4 ? 6 : 4}, or give the interfaces IPv${only} addresses`,
    );
  }
}

function familiesOfRule({ fromAddresses, toAddresses }: FirewallRule, sets: Firewall['sets']): Family[] {
  const to = familiesOf(toAddresses, sets);
  return [...familiesOf(fromAddresses, sets)].filter((family) => to.has(family));
}

function familyOfPrefix(text: string): Family {
  return parseIpPrefix(text)!.family;
}
