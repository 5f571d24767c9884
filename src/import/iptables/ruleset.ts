/** iptables-save(8)'s output as tables of chains, and the chains that call others written out. */

import type { Draft } from '../draft.ts';
import { both, type Conditions, type IptablesRule, parseRule } from './rule.ts';

export interface Chain {
  /** `-` in a chain that is called by others. */
  policy: string;
  line: number;
  rules: IptablesRule[];
}

export type Table = Map<string, Chain>;

/** A rule with the conditions of the chains that lead to it. */
export interface Leaf {
  rule: IptablesRule;
  conditions: Conditions;
}

/** Chains may call each other this deep; the kernel refuses loops. */
const DEEPEST = 32;
/** Rules of a hook that are looked at, those of called chains as often as they are called: so many, and a multiple of all. */
const STEPS = 2000;
const TIMES = 4;
/** What never leaves a segment needs no exemption. */
const NEVER_ROUTED = /^(224\.0\.0\.0\/(4|24)|255\.255\.255\.255\/32|ff00::\/8|ff02::\/16)$/;

export function readRuleset(text: string, draft: Draft): Map<string, Table> {
  const tables = new Map<string, Table>();
  /** undefined: none that is read. */
  let table: Table | undefined;
  let why = 'it stands in no table: this is no line of iptables-save';
  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    const written = line.trim().replace(/^\[\d+:\d+\]\s*/, '');
    if (written === '' || written.startsWith('#') || written === 'COMMIT') continue;
    const chain = /^:(\S+)\s+(\S+)/.exec(written);
    if (written.startsWith('*')) {
      const name = written.slice(1);
      table = tables.has(name) ? undefined : new Map();
      why = `this is a second table \`${name}\`: import the output of iptables-save and of ip6tables-save each alone`;
      if (table !== undefined) tables.set(name, table);
    } else if (table === undefined) draft.unmapped.push({ place: `line ${number}`, text: written, why });
    else if (chain !== null) {
      const [, called = '', policy = ''] = chain;
      const before = table.get(called);
      if (before !== undefined && before.policy !== '-') {
        const again = { place: `line ${before.line}`, text: `:${called} ${before.policy}` };
        draft.needless.push({ ...again, why: `line ${number} says its policy again` });
      }
      table.set(called, { policy, line: number, rules: before?.rules ?? [] });
    } else if (/^(-A|--append)\s/.test(written)) {
      const rule = parseRule(written, number);
      const own = table.get(rule.chain) ?? { policy: '-', line: number, rules: [] };
      table.set(rule.chain, own);
      own.rules.push(rule);
    } else draft.unmapped.push({ place: `line ${number}`, text: written, why: 'this is no line of iptables-save' });
  }
  return tables;
}

/** The rules that a packet in the chain meets, in their order; what cannot be taken is told. `isNat`: RETURN translates nothing. */
export function leavesOf(table: Table, name: string, draft: Draft, isNat = false): Leaf[] {
  const leaves: Leaf[] = [];
  let steps = 0;
  const most = STEPS + TIMES * [...table.values()].reduce((sum, { rules }) => sum + rules.length, 0);
  const tell = (rule: IptablesRule, why: string) => tellOf(draft, rule, why);

  /** `isLast`: after the chain nothing comes any more. */
  function walk(chain: Chain, around: Conditions, depth: number, isLast: boolean): void {
    for (const [i, rule] of chain.rules.entries()) {
      if (++steps > most) {
        tell(rule, `chains call each other into more than ${most} rules`);
        return;
      }
      rule.isMet = true;
      const conditions = rule.unknown ?? both(around, rule.conditions);
      if (conditions === undefined) continue;
      if (typeof conditions === 'string') {
        tell(rule, conditions);
        if (rule.target !== 'RETURN' || depth === 0) continue;
        // What comes after it is for some packets only, and nobody can say for which.
        for (const left of chain.rules.slice(i + 1)) tell(left, `line ${rule.line} leaves its chain under a condition`);
        return;
      }
      if (rule.target === 'RETURN' && depth > 0 && !(isNat && (isLast || isNeverRouted(rule)))) {
        if (Object.keys(rule.conditions).length > 0) {
          for (const left of chain.rules.slice(i)) tell(left, `line ${rule.line} leaves its chain under a condition`);
        } else tellNeedless(draft, rule, 'its chain ends here');
        return;
      }
      const called = table.get(rule.target);
      if (rule.target === '') tellNeedless(draft, rule, 'it only counts, and every rule of the file has its counters');
      else if (called === undefined) leaves.push({ rule, conditions });
      else if (depth === DEEPEST) tell(rule, `chains call each other more than ${DEEPEST} deep`);
      else if (rule.isGoto && !isDecisive(called))
        tell(rule, `\`-g\`: chain ${rule.target} does not decide everything`);
      else walk(called, conditions, depth + 1, isLast && i === chain.rules.length - 1);
    }
  }

  const chain = table.get(name);
  if (chain !== undefined) walk(chain, {}, 0, true);
  return leaves;
}

export function tellOf(draft: Draft, { line, text }: IptablesRule, why: string): void {
  draft.unmapped.push({ place: `line ${line}`, text, why });
}

export function tellNeedless(draft: Draft, { line, text }: IptablesRule, why: string): void {
  draft.needless.push({ place: `line ${line}`, text, why });
}

/** Which Flowloom never translates anyhow. */
export function isNeverRouted({ conditions }: Pick<IptablesRule, 'conditions'>): boolean {
  return NEVER_ROUTED.test(conditions.destination ?? '');
}

/** Its last rule takes all that comes so far. */
function isDecisive({ rules }: Chain): boolean {
  const last = rules.at(-1);
  return last !== undefined && Object.keys(last.conditions).length === 0 && /^(ACCEPT|DROP|REJECT)$/.test(last.target);
}
