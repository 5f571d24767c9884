/** Which rules of the networks some packet has met, and how it went with the others. */

import { tellNat } from './model-nat.ts';
import type { Network } from './network.ts';

export interface Coverage {
  /** How many packets each kind of rule or way has decided. */
  ways: Map<string, number>;
  /** Of each kind of rule, how many there were, and how many decided a packet. */
  kinds: Map<string, { all: number; met: number }>;
}

export function noCoverage(): Coverage {
  return { ways: new Map(), kinds: new Map() };
}

export function addCoverage({ ways, kinds }: Coverage, network: Network, met: ReadonlyMap<string, number>): void {
  for (const [what, count] of met) {
    const way = what.replace(/ \{.*\}/, '');
    if (way !== 'rule' && way !== 'policy' && !way.startsWith('nat')) ways.set(way, (ways.get(way) ?? 0) + count);
  }
  const add = (kind: string, ...names: string[]) => {
    const known = kinds.get(kind) ?? { all: 0, met: 0 };
    const isMet = names.some((name) => met.has(name));
    kinds.set(kind, { all: known.all + 1, met: known.met + (isMet ? 1 : 0) });
  };
  for (const rule of network.nat) {
    const name = tellNat(rule);
    if (rule.kind === 'oneToOne') {
      add('one-to-one, in', `${name} in`);
      add('one-to-one, out', `${name} out`);
    } else add(rule.kind, name, `${name} in`);
  }
  for (const rule of network.firewall?.rules ?? []) {
    const with_ = [
      rule.over && 'over',
      rule.limit && 'limit',
      rule.from.set || rule.to.set ? 'set' : undefined,
      rule.log && 'log',
    ];
    add(`rule: ${rule.action}`, `rule ${JSON.stringify(rule)}`);
    for (const each of with_) if (each) add(`rule with ${each}`, `rule ${JSON.stringify(rule)}`);
  }
  for (const policy of network.firewall?.policy ?? []) add('policy', `policy ${JSON.stringify(policy)}`);
}

export function coverageText({ ways, kinds }: Coverage): string {
  const lines = [...kinds].toSorted().map(([kind, { all, met }]) => `${kind}: ${met} of ${all} met`);
  const others = [...ways].toSorted().map(([way, count]) => `${count} × ${way}`);
  return [...lines, ...others].join('\n');
}
