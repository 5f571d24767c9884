/** What a rule or policy of the firewall becomes in a switch: its verdict, and what passes because of it. */

import {
  type AppAction,
  type AppMatch,
  actions,
  conjunction,
  ctState,
  drop,
  type Firewall,
  flow,
  hash32,
  type Intent,
  punt,
  set,
} from '../../src/index.ts';
import { askActions, closerFlows, matchIntent, notPast } from './conditions.ts';
import { establishedFlows } from './established.ts';
import type { FilteredPlace } from './filtered-place.ts';
import type { Item } from './item.ts';
import { AGAIN, AGAIN_BYTES } from './judged-again.ts';
import { type Clauses, clausesOf, productOf } from './matches.ts';
import { AGAIN_METER } from './meters.ts';
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
  const rules: Flows = [];
  function add(what: string, also: AppMatch, number: number, verdicts: readonly Verdict[], why: Intent): void {
    const parts = clausesOf(item, where, also).flatMap((clauses) => inFamily(clauses, where, number));
    const flows = parts.flatMap(({ match, conjunctions }) => {
      const each: readonly Verdict[] = conjunctions === undefined ? verdicts : [{ actions: conjunctions }];
      return each.map((one) => ({ priority, match: { ...match, ...one.match }, actions: one.actions, intent: why }));
    });
    for (const [i, flow] of flows.entries()) rules.push([`${where.name} ${key} ${what}${i}`, flow]);
  }

  if (bit === undefined) add('', {}, id, verdicts, intent);
  else {
    const isLimit = item.over === undefined;
    const ask = [{ actions: askActions(item, where, priority) }];
    add('', { ...notPast(bit), ...(isLimit ? { 'firewall.allowed': 0 } : {}) }, id, ask, {
      ...intent,
      text: matchIntent(item),
    });
    // A connection that is judged again, for the rules are others, is none that begins.
    if (isLimit) add('again ', { 'firewall.allowed': 1 }, hash32(`${id} again`), verdicts, intent);
  }
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
function inFamily(all: Clauses, { base: place }: FilteredPlace, id: number): Part[] {
  const { base, clauses } = all;
  const several = clauses.filter(({ length }) => length > 1);
  const sum = several.reduce((total, { length }) => total + length, 1);
  const product = several.reduce((total, { length }) => total * length, 1);
  if (several.length < 2 || product <= sum) return productOf(all).map((match) => ({ match }));
  const single = productOf({ base, clauses: clauses.filter(({ length }) => length === 1) })[0]!;
  return [
    // The other routers of the bridge have the same rule, with the same number.
    { match: { ...place, ethType: base.ethType!, conjId: id } },
    ...several.flatMap((clause, i) =>
      clause.map((match) => ({
        match: { ...single, ...match },
        conjunctions: [conjunction({ id, clause: i + 1, of: several.length })],
      })),
    ),
  ];
}

/** What belongs to a connection that no rule allows any more, or none by this number, and what no policy names. */
export function restFlows({ source }: Firewall, { name: router, base }: FilteredPlace): Flows {
  const stray = (what: string, state: string, action: AppAction[]): Flows[number] => [
    `${router}, ${what}`,
    flow({
      priority: STRAY,
      match: { ...base, ctState: ctState(state) },
      actions: action,
      intent: { text: `${what} of connections that no rule allows`, source },
    }),
  ];
  const intent = { text: 'what no policy names is dropped', source };
  const again = actions(set({ 'firewall.verdict': AGAIN }), punt(AGAIN_BYTES, { meter: AGAIN_METER }));
  return [
    stray('replies', '+rpl-rel+trk', again),
    stray('related', '+rel+trk', drop()),
    [`${router}, rest`, flow({ priority: 1, match: base, actions: drop(), intent })],
  ];
}
