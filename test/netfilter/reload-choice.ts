/** Reloads among the steps: a rule or a policy goes, comes, moves, or says another thing. */

import type { Random } from '../fuzz/random.ts';
import { makeFirewall, withoutCounts } from './firewall-choice.ts';
import type { Action, Network, Side, Step } from './network.ts';

type Filter = NonNullable<Network['firewall']>;

/** The first of the steps that may be a reload, and one of how many of those that stay is. */
const FIRST = 12;
const EVERY = 3;
const ACTIONS: readonly Action[] = ['accept', 'drop', 'reject'];

export function withReloads(random: Random, network: Network, steps: readonly Step[]): Step[] {
  let firewall = network.firewall!;
  return steps.map((step, i) => {
    if (i < FIRST) return step;
    // What has begun before is to go on, or to end.
    if (random.below(2) === 0) {
      const kind = random.pick(['again', 'again', 'reply', 'error'] as const);
      const to = random.below(i);
      return kind === 'error' ? { kind, to, by: 'itself' } : { kind, to, payload: 8 };
    }
    if (random.below(EVERY) > 0) return step;
    firewall = changed(random, network, firewall);
    return { kind: 'reload', firewall };
  });
}

function changed(random: Random, network: Network, { rules, policy }: Filter): Filter {
  const at = random.below(Math.max(1, rules.length));
  switch (random.below(5)) {
    case 0:
      return { rules: rules.toSpliced(at, 1), policy };
    case 1: {
      // Sets stay as they are.
      const plain = ({ zone, prefixes }: Side): Side => (prefixes === undefined ? { zone } : { zone, prefixes });
      const other = withoutCounts(makeFirewall(random, network))
        .rules.slice(0, 1)
        .map((each) => ({ ...each, from: plain(each.from), to: plain(each.to) }));
      // One that says the same as a policy takes its connections over, and ends them when it goes.
      const isBroad = ({ from, to, service }: (typeof other)[number]) =>
        service === undefined && from.prefixes === undefined && to.prefixes === undefined;
      const isKnown = ({ from, to, service }: (typeof other)[number]) =>
        rules.some(
          (each) => JSON.stringify([each.from, each.to, each.service]) === JSON.stringify([from, to, service]),
        );
      return { rules: rules.toSpliced(at, 0, ...other.filter((each) => !isKnown(each) && !isBroad(each))), policy };
    }
    case 2:
      return { rules: rules.map((each, i) => (i === at ? { ...each, action: random.pick(ACTIONS) } : each)), policy };
    case 3:
      return { rules: rules.toReversed(), policy };
    default: {
      const which = random.below(policy.length);
      return {
        rules,
        policy: policy.map((each, i) => (i === which ? { ...each, action: random.pick(ACTIONS) } : each)),
      };
    }
  }
}
