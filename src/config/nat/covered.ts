/** Rules held against those before them: twins are refused, and what can never apply is warned about, with both lines. */

import { holds, type IpPrefix, ipText, meet, parseIpPrefix } from '../../../proto/wire/prefix.ts';
import type { Findings } from '../findings.ts';
import type { Forward, NatRule, OneToOne, Router } from '../model.ts';
import type { Path } from '../path.ts';
import type { Placed } from './stations.ts';

export function checkOrder(rules: readonly Placed[], routers: readonly Router[], findings: Findings): Placed[] {
  const kept: Placed[] = [];
  const before: NatRule[] = [];
  for (const placed of rules) {
    const rule = withPrimary(placed.rule, routers);
    if (!judge(rule, placed.path, before, findings)) continue;
    kept.push(placed);
    before.push(rule);
  }
  return kept;
}

/** A forward of an interface's primary address, where the file says which that is. */
function withPrimary(rule: NatRule, routers: readonly Router[]): NatRule {
  if (rule.kind !== 'forward' || rule.address !== 'primary') return rule;
  const place = routers
    .find(({ name }) => name === rule.router)
    ?.interfaces.find(({ name }) => name === rule.interface);
  const primary = place?.addresses
    .map((text) => parseIpPrefix(text)!)
    .find(({ family }) => family === prefix(rule.toAddress).family);
  return primary === undefined ? rule : { ...rule, address: ipText(primary) };
}

/** Whether the rule may stand after those before it. */
function judge(rule: NatRule, path: Path, before: readonly NatRule[], findings: Findings): boolean {
  const { text } = rule;
  for (const other of before) {
    if (other.router !== rule.router) continue;
    const by = `\`${other.text}\` (${other.source})`;
    if (rule.kind === 'one-to-one' && other.kind === 'one-to-one') {
      const side = sharedSide(rule, other);
      if (side === undefined) continue;
      const what = side === 'outside' ? 'public' : 'inside';
      findings.problem(
        path,
        `\`${text}\`: its ${what} addresses are those of ${by} too`,
        'give each address one partner',
      );
      return false;
    }
    if (isSame(rule, other)) {
      findings.problem(path, `\`${text}\` never applies: ${by} takes the same packets`, 'keep one of them');
      return false;
    }
    const taken = takenBy(rule, other);
    if (taken === 'all') {
      findings.warning(path, `\`${text}\` never applies: ${by} takes its packets first`, 'put it above, or remove it');
      return true;
    }
    if (taken !== undefined) findings.warning(path, `\`${text}\`: ${taken} ${by}`, 'put it above, or remove one');
  }
  return true;
}

function sharedSide(a: OneToOne, b: OneToOne): 'outside' | 'inside' | undefined {
  if (meet(prefix(a.outside), prefix(b.outside))) return 'outside';
  return meet(prefix(a.inside), prefix(b.inside)) ? 'inside' : undefined;
}

function isSame(rule: NatRule, other: NatRule): boolean {
  return takenBy(rule, other) === 'all' && takenBy(other, rule) === 'all';
}

/** What an earlier rule takes of a later one: all of its packets, some in words, or undefined for none worth a word. */
function takenBy(rule: NatRule, other: NatRule): string | undefined {
  if (rule.kind === 'forward') {
    if (other.kind === 'forward') return takenByForward(rule, other);
    if (other.kind !== 'one-to-one' || rule.address === 'primary') return undefined;
    return holds(prefix(other.outside), prefix(rule.address)) ? 'all' : undefined;
  }
  if (other.kind === 'forward' || other.interface !== rule.interface) return undefined;
  const inside = insideOf(rule);
  if (!holds(insideOf(other), inside)) return undefined;
  if (other.kind === 'exempt' && other.to !== undefined) {
    const within = rule.kind === 'exempt' && rule.to !== undefined && holds(prefix(other.to), prefix(rule.to));
    return within ? 'all' : undefined;
  }
  return rule.kind === 'one-to-one' ? 'what its stations begin themselves is taken first by' : 'all';
}

function takenByForward(rule: Forward, other: Forward): string | undefined {
  if (rule.protocol !== other.protocol || rule.interface !== other.interface || rule.address !== other.address) {
    return undefined;
  }
  const anybody = other.from === undefined;
  if (!anybody && (rule.from === undefined || !meet(prefix(other.from!), prefix(rule.from)))) return undefined;
  const [first, last] = rule.ports;
  const [otherFirst, otherLast] = other.ports;
  const isWithin = anybody || (rule.from !== undefined && holds(prefix(other.from!), prefix(rule.from)));
  if (isWithin && otherFirst <= first && last <= otherLast) return 'all';
  const isException = first <= otherFirst && otherLast <= last;
  if (isException || last < otherFirst || otherLast < first) return undefined;
  return 'some of its ports are taken first by';
}

function insideOf(rule: Exclude<NatRule, Forward>): IpPrefix {
  return prefix(rule.kind === 'one-to-one' ? rule.inside : rule.from);
}

function prefix(text: string): IpPrefix {
  return parseIpPrefix(text)!;
}
