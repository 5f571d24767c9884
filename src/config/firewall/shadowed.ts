/** Warns of rules and policies that never apply, because rules above decide all that they are about, alone or together. */

import { parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../path.ts';
import { covers, type MembersOf } from './covers.ts';
import type { Firewall, FirewallAddresses, FirewallPolicy, FirewallRule, Service } from './model.ts';
import { createRuleIndex, type RuleIndex } from './rule-index.ts';

const DONE = { accept: 'accepts', drop: 'drops', reject: 'rejects' } as const;
/** Parts of a rule that are looked at one by one, and ports of them that different rules may decide. */
const MOST_PARTS = 64;
/** Rules that are named. */
const NAMED = 3;

type Given = Pick<Firewall, 'rules' | 'policy' | 'sets'>;

export function warnOfShadowed({ rules, policy, sets }: Given, findings: Findings): void {
  const members = new Map(
    sets.map(({ name, members }) => [name, members.map(({ prefix }) => parseIpPrefix(prefix)!)] as const),
  );
  const membersOf: MembersOf = (set) => members.get(set) ?? [];
  const above = createRuleIndex();
  const check = (path: Path, rule: FirewallRule) => {
    const one = coveredBy(rule, above, membersOf);
    const found = one === undefined ? coveredTogether(rule, above, membersOf) : [one];
    if (found.length > 0) warn(path, rule, found, findings);
  };
  for (const [i, rule] of rules.entries()) {
    check(['firewall', 'rules', i], rule);
    // Of one with a limit some packets go on.
    if (rule.limit?.kind !== 'connections') above.add(rule);
  }
  for (const [i, each] of policy.entries()) check(['firewall', 'policy', i], asRule(each));
}

function asRule(policy: FirewallPolicy): FirewallRule {
  return { ...policy, fromAddresses: undefined, toAddresses: undefined, services: undefined, over: undefined };
}

function warn(path: Path, rule: FirewallRule, found: readonly FirewallRule[], findings: Findings): void {
  const isSame = found.every(({ action }) => action === rule.action);
  const named = found.slice(0, NAMED).map(({ text, source }) => `\`${text}\` (${source})`);
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : '';
  const [first] = found;
  const what =
    found.length === 1 ? `${DONE[first!.action]} the same packets first` : 'decide the same packets first, together';
  findings.warning(
    path,
    `\`${rule.text}\` never applies: ${named.join(', ')}${more} ${what}`,
    isSame ? 'remove it, it changes nothing' : 'move it up, or remove one of them',
  );
}

function coveredBy(rule: FirewallRule, above: RuleIndex, membersOf: MembersOf): FirewallRule | undefined {
  return above.candidates(rule).find((earlier) => covers(earlier, rule, membersOf));
}

/** Each of its services, from each address to each, by one rule or another; none: something is left to it. */
function coveredTogether(rule: FirewallRule, above: RuleIndex, membersOf: MembersOf): FirewallRule[] {
  const { services, fromAddresses, toAddresses } = rule;
  const parts = (services?.flatMap(partsOf) ?? [undefined]).flatMap((service) =>
    addressParts(fromAddresses).flatMap((from) =>
      addressParts(toAddresses).map((to) => ({ service, rule: { ...rule, fromAddresses: from, toAddresses: to } })),
    ),
  );
  if (parts.length > MOST_PARTS) return [];
  const [only, second] = parts;
  if (second === undefined && only?.service?.ports.every(([first, last]) => first === last) !== false) return [];
  const found = new Set<FirewallRule>();
  for (const { service, rule: part } of parts) {
    const by = service === undefined ? coveredBy(part, above, membersOf) : undefined;
    const all = service === undefined ? (by === undefined ? [] : [by]) : coversOfPorts(part, service, above, membersOf);
    if (all.length === 0) return [];
    for (const each of all) found.add(each);
  }
  return [...found];
}

/** A range of ports from its first on, as far as each rule goes. */
function coversOfPorts(rule: FirewallRule, service: Service, above: RuleIndex, membersOf: MembersOf): FirewallRule[] {
  const [[first, last] = [0, 0]] = service.ports;
  const within = (from: number, to: number): FirewallRule => {
    const ports: Service['ports'] = service.ports.length === 0 ? [] : [[from, to]];
    return { ...rule, services: [{ ...service, ports }] };
  };
  const found: FirewallRule[] = [];
  let at = first;
  while (at <= last && found.length < MOST_PARTS) {
    const by = coveredBy(within(at, at), above, membersOf);
    if (by === undefined) return [];
    found.push(by);
    const ends = [last, ...(by.services ?? []).flatMap(({ ports }) => ports.map(([, end]) => end))];
    const far = ends.filter((end) => end > at && end <= last && covers(by, within(at, end), membersOf));
    at = Math.max(at, ...far) + 1;
  }
  return at > last ? found : [];
}

function partsOf(service: Service): Service[] {
  const { ports, types } = service;
  if (ports.length + types.length === 0) return [service];
  return [
    ...ports.map((each) => ({ ...service, ports: [each] })),
    ...types.map((type) => ({ ...service, types: [type] })),
  ];
}

/** A set stands for all of its members. */
function addressParts(addresses: FirewallAddresses | undefined): (FirewallAddresses | undefined)[] {
  if (addresses === undefined) return [undefined];
  return [
    ...addresses.prefixes.map((prefix) => ({ prefixes: [prefix], sets: [] })),
    ...addresses.sets.map((set) => ({ prefixes: [], sets: [set] })),
  ];
}
