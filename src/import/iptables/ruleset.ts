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

export function readRuleset(text: string, draft: Draft): Map<string, Table> {
  const tables = new Map<string, Table>();
  let table: Table = new Map();
  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    const written = line.trim().replace(/^\[\d+:\d+\]\s*/, '');
    if (written === '' || written.startsWith('#') || written === 'COMMIT') continue;
    const chain = /^:(\S+)\s+(\S+)/.exec(written);
    if (written.startsWith('*')) {
      table = new Map();
      tables.set(written.slice(1), table);
    } else if (chain !== null) table.set(chain[1]!, { policy: chain[2]!, line: number, rules: [] });
    else if (/^(-A|--append)\s/.test(written)) {
      const rule = parseRule(written, number);
      const own = table.get(rule.chain) ?? { policy: '-', line: number, rules: [] };
      table.set(rule.chain, own);
      own.rules.push(rule);
    } else draft.unmapped.push({ place: `line ${number}`, text: written, why: 'this is no line of iptables-save' });
  }
  return tables;
}

/** The rules that a packet in the chain meets, in their order; what cannot be taken is told. */
export function leavesOf(table: Table, name: string, draft: Draft): Leaf[] {
  const leaves: Leaf[] = [];
  const tell = ({ line, text }: IptablesRule, why: string) =>
    void draft.unmapped.push({ place: `line ${line}`, text, why });

  function walk(chain: Chain, around: Conditions, depth: number): void {
    for (const [i, rule] of chain.rules.entries()) {
      const conditions = rule.unknown ?? both(around, rule.conditions);
      if (conditions === undefined) continue;
      if (typeof conditions === 'string') {
        tell(rule, conditions);
        continue;
      }
      if (rule.target === 'RETURN' && depth > 0 && !isNat(rule)) {
        if (Object.keys(rule.conditions).length === 0) return;
        for (const left of chain.rules.slice(i)) tell(left, `line ${rule.line} leaves its chain under a condition`);
        return;
      }
      const called = table.get(rule.target);
      if (called === undefined) leaves.push({ rule, conditions });
      else if (depth === DEEPEST) tell(rule, `chains call each other more than ${DEEPEST} deep`);
      else if (rule.isGoto && !isDecisive(called))
        tell(rule, `\`-g\`: chain ${rule.target} does not decide everything`);
      else walk(called, conditions, depth + 1);
    }
  }

  const chain = table.get(name);
  if (chain !== undefined) walk(chain, {}, 0);
  return leaves;
}

/** Its last rule takes all that comes so far. */
function isDecisive({ rules }: Chain): boolean {
  const last = rules.at(-1);
  return last !== undefined && Object.keys(last.conditions).length === 0 && /^(ACCEPT|DROP|REJECT)$/.test(last.target);
}

/** There RETURN says that nothing is translated. */
function isNat({ chain }: IptablesRule): boolean {
  return /PRT|POSTROUTING|PREROUTING/.test(chain);
}
