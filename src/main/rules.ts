/** The rules of the file in force with what they have counted, by the intents of their flows. */

import type { RuleStatus } from '../api/snapshot.ts';
import type { Config } from '../config/model.ts';
import { rateOf, type Sum } from '../telemetry/counters/intent-sums.ts';
import type { Counters } from './counters.ts';
import type { Switches } from './switches.ts';

export interface RuleParts {
  counters: Pick<Counters, 'intents' | 'ownerOf' | 'isAside'>;
  switches: Pick<Switches, 'connected'>;
}

type Rule = Pick<RuleStatus, 'kind' | 'text' | 'source' | 'action' | 'from' | 'to'>;

/** More problems are in `status`, and no rule's alone. */
const MOST_PROBLEMS = 200;

/** In the order of the file. */
export function ruleStatuses({ counters, switches }: RuleParts, config: Config | undefined): RuleStatus[] {
  const rules = rulesOf(config);
  if (rules.length === 0) return [];
  const sums = sumsByRule(counters);
  const sites = [...switches.connected.values()].map(({ site }) => site);
  const names = new Map(sites.map((site) => [site.dpid, site.name()]));
  const problems = sites.flatMap((site) =>
    [...site.reconciler.problems(), ...site.timed.problems()].map((line) => `${site.name()}: ${line}`),
  );
  const told = problems.slice(0, MOST_PROBLEMS);
  return rules.map((rule) => {
    const why = keyOf(rule.text, rule.source);
    return { id: `${rule.kind} ${why}`, ...rule, ...figuresOf(sums.get(why) ?? [], counters, names, told, why) };
  });
}

function rulesOf(config: Config | undefined): Rule[] {
  const { policy = [], rules = [] } = config?.firewall ?? {};
  const zones = (item: { from?: { name: string } | undefined; to?: { name: string } | undefined }) => ({
    ...{ from: item.from?.name ?? null, to: item.to?.name ?? null },
  });
  const all: Rule[] = [
    ...policy.map((item) => ({ ...ruleOf('policy', item), action: item.action, ...zones(item) })),
    ...rules.map((item) => ({ ...ruleOf('firewall', item), action: item.action, ...zones(item) })),
    ...(config?.nat ?? []).map((item) => ruleOf('nat', item)),
  ];
  return all.toSorted((one, other) => lineOf(one.source) - lineOf(other.source));
}

/** A rule of NAT begins with what it does. */
function ruleOf(kind: Rule['kind'], { text, source }: { text: string; source: string }): Rule {
  return { kind, text, source, action: text.slice(0, text.indexOf(' ')), from: null, to: null };
}

function lineOf(source: string): number {
  return Number(/:(\d+)(?::\d+)?$/.exec(source)?.[1] ?? 0);
}

/** As problems of flows name it. */
function keyOf(text: string, source: string): string {
  return `${text} (${source})`;
}

/** Flows with and without a timeout, of one app and of another, have cookies of their own for the same rule. */
function sumsByRule(counters: RuleParts['counters']): Map<string, Sum[]> {
  const sums = new Map<string, Sum[]>();
  for (const sum of counters.intents.values()) {
    const { intent, source } = counters.ownerOf(sum.key);
    if (intent === null || source === null) continue;
    const key = keyOf(intent, source);
    const known = sums.get(key);
    if (known === undefined) sums.set(key, [sum]);
    else known.push(sum);
  }
  return sums;
}

function figuresOf(
  all: readonly Sum[],
  counters: RuleParts['counters'],
  names: ReadonlyMap<string, string>,
  problems: readonly string[],
  why: string,
): Omit<RuleStatus, 'id' | keyof Rule> {
  const counted = all.filter(({ key }) => !counters.isAside(key));
  const rates = counted.map(rateOf);
  const total = (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0);
  const hits = counted.flatMap(({ hitAt }) => hitAt ?? []);
  const dpids = new Set(all.flatMap(({ parts }) => [...parts].map(({ dpid }) => dpid)));
  return {
    packets: total(counted.map(({ packets }) => packets)),
    bytes: total(counted.map(({ bytes }) => bytes)),
    packetRate: total(rates.map(([packets]) => packets)),
    bitRate: total(rates.map(([, bytes]) => bytes)) * 8,
    lastHit: hits.length === 0 ? null : new Date(Math.max(...hits)).toISOString(),
    flows: total(all.map(({ flows }) => flows)),
    switches: [...dpids].flatMap((dpid) => names.get(dpid) ?? []).sort(),
    problems: problems.filter((line) => line.includes(why)),
    counter: counted.toSorted((one, other) => other.packets - one.packets)[0]?.key ?? null,
  };
}
