/** What a rule or policy of the firewall becomes in a switch: its verdict, and what passes because of it. */

import { type AppAction, type AppMatch, conjunction, ctState, drop, type Firewall, flow } from '../../src/index.ts';
import { askActions, closerFlows, matchIntent, notPast } from './conditions.ts';
import { establishedFlows } from './established.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { type Clauses, clausesOf, productOf } from './matches.ts';
import type { Flows, Place } from './place.ts';
import { type Verdict, verdictsOf } from './verdict-actions.ts';

const STRAY = 50_000;
/** Both excluded. */
export const RULES = { above: 20_000, below: STRAY };
export const POLICIES = { above: 1, below: 20_001 };

export interface RuleFlows {
  /** Of the table that has the rules. */
  rules: Flows;
  closer: Flows;
}

export function ruleFlows(item: Item, where: FilteredPlace, place: Place): RuleFlows {
  const { key, priority, id, bit, intent } = place;
  const verdicts = verdictsOf(item, where, place);
  const asked = bit === undefined ? verdicts : [{ actions: askActions(item, where, priority) }];
  const why = bit === undefined ? intent : { ...intent, text: matchIntent(item) };
  const flows = clausesOf(item, where, bit === undefined ? {} : notPast(bit))
    .flatMap((clauses) => inFamily(clauses, id))
    .flatMap(({ match, conjunctions }) => {
      const parts: Verdict[] = conjunctions === undefined ? asked : [{ actions: conjunctions }];
      return parts.map((part) => ({
        priority,
        match: { ...match, ...part.match },
        actions: part.actions,
        intent: why,
      }));
    });
  const rules = flows.map((each, i): Flows[number] => [`${where.name} ${key} ${i}`, each]);
  if (rules.length === 0) return { rules, closer: [] };
  if (item.action === 'accept') rules.push(...establishedFlows(item, where, place));
  return { rules, closer: bit === undefined ? [] : closerFlows(item, where, { ...place, bit }, verdicts) };
}

interface Part {
  match: AppMatch;
  /** undefined: it matches alone. */
  conjunctions?: AppAction[];
}

/** Each way to take one match of each clause by itself, or as a conjunction where that is fewer flows. */
function inFamily(all: Clauses, id: number): Part[] {
  const { base, clauses } = all;
  const several = clauses.filter(({ length }) => length > 1);
  const sum = several.reduce((total, { length }) => total + length, 1);
  const product = several.reduce((total, { length }) => total * length, 1);
  if (several.length < 2 || product <= sum) return productOf(all).map((match) => ({ match }));
  const single = productOf({ base, clauses: clauses.filter(({ length }) => length === 1) })[0]!;
  return [
    { match: { ethType: base.ethType!, conjId: id } },
    ...several.flatMap((clause, i) =>
      clause.map((match) => ({
        match: { ...single, ...match },
        conjunctions: [conjunction({ id, clause: i + 1, of: several.length })],
      })),
    ),
  ];
}

/** What belongs to a connection that no rule allows any more, and what no policy names. */
export function restFlows({ source }: Firewall, { name: router, base }: FilteredPlace): Flows {
  const stray = (what: string, state: string): Flows[number] => [
    `${router}, ${what}`,
    flow({
      priority: STRAY,
      match: { ...base, ctState: ctState(state) },
      actions: drop(),
      intent: { text: `${what} of connections that no rule allows`, source },
    }),
  ];
  const intent = { text: 'what no policy names is dropped', source };
  return [
    stray('replies', '+rpl+trk'),
    stray('related', '+rel+trk'),
    [`${router}, rest`, flow({ priority: 1, match: base, actions: drop(), intent })],
  ];
}
